"""PyTorch and ONNX Runtime on the same networks, in the same process, in turn: a noisy machine is noisy for all of them.

`python -m benchmarks --only engines` measures with one thread and with all cores, each in a process of its own.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnxruntime as ort
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from benchmarks import measure as timing
from benchmarks import stages
from benchmarks.measure import ROOT, Row, row, seconds_of
from core.examinations.registry import examination
from core.photo import read_photo
from core.vision import registry
from core.vision.card import card_ids
from core.vision.engine import prepare
from core.vision.frozen import Run, frozen, plain

WRITTEN, SHIPPED, ONNX = "as it is written", "frozen, oneDNN graph (what runs)", "ONNX Runtime"
ALIKE = 1e-3
"""Chances of two ways may differ by this; a benchmark of unlike things would say nothing."""


def folded(module: nn.Module) -> nn.Module:
    """A copy with every batch norm inside the convolution before it: the same function, fewer passes over memory."""
    module = copy.deepcopy(module)
    for part in [one for one in module.modules() if isinstance(one, nn.Sequential)]:
        before = ""
        for name, child in list(part.named_children()):
            if isinstance(child, nn.BatchNorm2d) and isinstance(conv := getattr(part, before, None), nn.Conv2d):
                setattr(part, before, fuse_conv_bn_eval(conv, child))
                setattr(part, name, nn.Identity())
            before = name
    return module


def only_frozen(module: nn.Module, x: Tensor) -> Run:
    """Recorded and frozen, without joining operations."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", FutureWarning)
        run: Run = torch.jit.freeze(torch.jit.trace(plain(module), (x,), check_trace=False))
        with torch.inference_mode():
            torch.jit.enable_onednn_fusion(False)
            for _ in range(4):  # it is recorded now how it will run for ever
                run(x)
            torch.jit.enable_onednn_fusion(True)
    return run


def compiled(module: nn.Module, x: Tensor) -> Run:
    """`torch.compile` with its own freezing; needs a C++ compiler on the machine and up to a minute the first time."""
    import torch._inductor.config

    torch._inductor.config.freezing = True
    run: Run = torch.compile(plain(module))
    with torch.inference_mode():
        run(x)
    return run


def half(module: nn.Module, x: Tensor) -> Run:
    """In bfloat16: quicker where the processor has it, but its answers are not within ALIKE."""
    low = plain(folded(module)).to(torch.bfloat16)  # type: ignore[attr-defined]

    def run(x: Tensor) -> Any:
        out = low(x.to(torch.bfloat16))
        return tuple(one.float() for one in out) if isinstance(out, tuple) else out.float()

    return run


def onnx(module: nn.Module, x: Tensor, folder: Path, threads: int) -> Run:
    """The same network in ONNX Runtime, called as the engine calls it."""
    path = folder / "network.onnx"
    with torch.no_grad():
        torch.onnx.export(plain(module), (x.contiguous(),), path, dynamo=True, external_data=False, verbose=False)
    how = ort.SessionOptions()
    how.intra_op_num_threads, how.log_severity_level = threads, 3
    session = ort.InferenceSession(path, how, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(x: Tensor) -> Any:
        out = [torch.from_numpy(one) for one in session.run(None, {name: x.contiguous().numpy()})]
        return out if len(out) > 1 else out[0]

    return run


def ways(id: str, picture: Any, threads: int, more: bool, folder: Path) -> tuple[Tensor, dict[str, Run]]:
    """The input of one network, and every way to run it. Raises RuntimeError when one of them does not say the same."""
    known = registry.network(id)
    x = torch.from_numpy(prepare(picture, known.card.input))[None]
    x = x.repeat(registry.views(known.card), 1, 1, 1).contiguous(memory_format=torch.channels_last)
    exact: dict[str, Run] = {
        WRITTEN: plain(known.module),
        "folded": plain(folded(known.module)),
        "frozen": only_frozen(known.module, x),
        SHIPPED: frozen(known.module, len(x), x.shape[-1]),
        ONNX: onnx(known.module, x, folder, threads),
    }
    if more:
        exact["torch.compile, frozen (needs a compiler)"] = compiled(known.module, x)
    with torch.inference_mode():
        truth = chances(exact[WRITTEN](x))
        for name, run in exact.items():
            if (off := float((chances(run(x)) - truth).abs().max())) > ALIKE:
                raise RuntimeError(f"{id}: {name} differs by {off:.4f}")
    return x, exact | ({"folded, bfloat16 (not within 0.001)": half(known.module, x)} if more else {})


def chances(out: Any) -> Tensor:
    """Probabilities, of a classifier's answer or an outline network's."""
    return out[0].softmax(1) if isinstance(out, (tuple, list)) else out


def in_turn(what: dict[str, Callable[[], object]], n: int) -> dict[str, list[float]]:
    """Seconds of each, one after the other, `n` times round after three rounds that do not count."""
    times: dict[str, list[float]] = {name: [] for name in what}
    for turn in range(n + 3):
        for name, do in what.items():
            seconds = seconds_of(do)
            if turn >= 3:
                times[name].append(seconds)
    return times


def child(n: int, threads: int, more: bool) -> list[Row]:
    """All rows for one number of threads, in this process."""
    torch.set_num_threads(threads)
    rows: list[Row] = []
    said = f"{threads} thread{'s' if threads > 1 else ''}"
    file, context, _ = stages.examined_file()
    picture = read_photo(file).pixels
    runs: dict[str, dict[str, Run]] = {}
    together: dict[str, list[list[float]]] = {}
    with TemporaryDirectory() as folder, torch.inference_mode():
        for id in sorted(card_ids(), key=lambda id: id != "photo_kind"):
            with torch.inference_mode(False):
                x, runs[id] = ways(id, picture, threads, more, Path(folder))
            times = in_turn({name: partial(run, x) for name, run in runs[id].items()}, n)
            rows += [row(f"{id} ({len(x)} x {x.shape[-1]} px), {said}", name, seconds) for name, seconds in times.items()]
            for name, seconds in times.items():
                together.setdefault(name, []).append(seconds)
    rows += [row(f"all networks, {said}", name, (sum(one) for one in zip(*times, strict=True))) for name, times in together.items()]

    skin = examination("skin")

    def finding(name: str) -> None:
        for id, (files, known) in list(registry._loaded.items()):
            if known.run is not runs[id][name]:
                registry._loaded[id] = files, replace(known, run=runs[id][name])
        skin.words(skin.run(read_photo(file), context))

    times = in_turn({name: partial(finding, name) for name in (WRITTEN, SHIPPED, ONNX)}, n)
    return rows + [row(f"12-megapixel file to finding in words, {said}", name, seconds) for name, seconds in times.items()]


def measure(n: int, more: bool = False) -> list[Row]:
    """All rows, with one thread and with as many as there are cores."""
    rows: list[Row] = []
    for threads in sorted({1, timing.cores()}):
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.engines", "--threads", str(threads), "--repeats", str(n)]
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "CARELENS_THREADS": str(threads)}
        done = subprocess.run([*command, *["--more"] * more], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
        rows += [Row(**one) for one in json.loads(done.stdout.splitlines()[-1])]
    return rows


def factor(rows: list[Row]) -> str:
    """How many times quicker ONNX Runtime is than what runs, for every group that has both."""
    by = {(one.group, one.name): one.p50_ms for one in rows}
    lines = [f"  {group}: {by[group, SHIPPED] / by[group, ONNX]:.2f}" for group, name in by if name == ONNX]
    return "\n".join(["ONNX Runtime is so many times quicker than what runs (p50; under 1: slower)", *lines])


def main() -> None:
    """One process of `measure`: prints the rows as JSON on the last line."""
    line = argparse.ArgumentParser(prog="python -m benchmarks.engines")
    line.add_argument("--threads", type=int, required=True)
    line.add_argument("--repeats", type=int, default=30)
    line.add_argument("--more", action="store_true", help="with torch.compile and bfloat16 too")
    asked = line.parse_args()
    logging.disable(logging.WARNING)
    with stages.demo_house():
        rows = child(asked.repeats, asked.threads, asked.more)
    sys.stdout.write("\n" + json.dumps(timing.as_json(rows, {})["rows"]) + "\n")


if __name__ == "__main__":
    main()
