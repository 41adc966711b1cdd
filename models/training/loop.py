"""The training loop: cosine rate, moving average of the weights, checkpoints to resume from."""

from __future__ import annotations

import copy
import logging
import math
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

log = logging.getLogger("carelens.training")

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def device() -> torch.device:
    """CUDA when there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast() -> torch.autocast:
    """bf16 where the device computes in it; elsewhere it is emulated, seven times slower than plain floats, and stays off."""
    where, able = device(), torch.cpu.get_capabilities()
    return torch.autocast(where.type, torch.bfloat16, enabled=where.type == "cuda" or bool(able.get("avx512_bf16") or able.get("amx_bf16")))


WORTH_COMPILING = 200
"""Steps from which a run repays the minute or two that compiling its network takes; a step is then a third quicker."""


def compiled(network: nn.Module, steps: int) -> nn.Module:
    """The network as `torch.compile` makes it when so many steps are worth it and a compiler is there, else itself."""
    if steps < WORTH_COMPILING or not (shutil.which("g++") or shutil.which("clang++")):
        return network
    return torch.compile(network, dynamic=False)  # type: ignore[return-value]


def normalise(images: Tensor) -> Tensor:
    """ImageNet normalisation of (N, 3, H, W) values 0-1."""
    mean, std = (torch.tensor(v).to(images)[None, :, None, None] for v in (IMAGENET_MEAN, IMAGENET_STD))
    return (images - mean) / std


@dataclass
class Plan:
    """One training run.

    `stages` are (image size, steps) in order: sizes grow. The rate falls by half a cosine over all steps, or,
    with `restarts` (step, peak), once up to each restart and again from it (Loshchilov & Hutter 2017).
    `frozen`: so many first blocks of the encoder stay as they start, statistics too: quicker, and steadier on few photos.
    """

    stages: list[tuple[int, int]]
    rate: float = 1e-3
    weight_decay: float = 0.02
    average: float = 0.998
    restarts: tuple[tuple[int, float], ...] = ()
    warmup: int = 60
    seed: int = 1
    frozen: int = 0
    checkpoint_seconds: float = 240
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        return sum(n for _, n in self.stages)

    def size_at(self, step: int) -> int:
        for size, n in self.stages:
            if step < n:
                return size
            step -= n
        return self.stages[-1][0]


def rate_at(step: int, plan: Plan) -> float:
    """Linear warm-up, then half a cosine to one percent of the peak; again from each restart."""
    begins = [(0, plan.rate), *plan.restarts]
    cycle = max(i for i, (start, _) in enumerate(begins) if start <= step)
    start, peak = begins[cycle]
    end = begins[cycle + 1][0] if cycle + 1 < len(begins) else plan.steps
    step -= start
    if step < plan.warmup:
        return peak * (step + 1) / plan.warmup
    done = (step - plan.warmup) / max(1, end - start - plan.warmup)
    return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, done))) / 2)


def fit(
    network: nn.Module,
    batch_loss: Callable[[nn.Module, int, torch.Generator], Tensor],
    plan: Plan,
    work: Path,
    evaluate: Callable[[nn.Module], str] | None = None,
    evaluate_every: int = 500,
) -> nn.Module:
    """Train and return the averaged network, resuming from `work/checkpoint.pt` when it is there.

    `batch_loss(network, size, rng)` draws its own batch with `rng` (seeded from the step, so a
    resumed run sees the same batches) and returns the loss; it runs under `autocast`.
    """
    work.mkdir(parents=True, exist_ok=True)
    where = device()
    network.to(where, memory_format=torch.channels_last)
    average = copy.deepcopy(network).requires_grad_(False)
    still = list(network.features[: plan.frozen]) if plan.frozen else []  # type: ignore[index]
    for block in still:
        block.requires_grad_(False)
    learned = [p for p in network.parameters() if p.requires_grad]
    decay = [p for p in learned if p.ndim > 1]
    plain = [p for p in learned if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decay, "weight_decay": plan.weight_decay}, {"params": plain, "weight_decay": 0.0}], lr=plan.rate
    )
    checkpoint, start = work / "checkpoint.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=where, weights_only=True)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        start = saved["step"]
        log.info("resumed at step %d of %d", start, plan.steps)

    def save(step: int) -> None:
        state = {"network": network.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
        part = checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(checkpoint)

    quick = compiled(network, plan.steps - start)
    last_save = began = time.monotonic()
    running = 0.0
    for step in range(start, plan.steps):
        rng = torch.Generator().manual_seed(plan.seed * 1_000_003 + step)
        torch.manual_seed(plan.seed * 1_000_003 + step)  # dropout
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, plan)
        network.train()
        for block in still:
            block.eval()
        with autocast():
            loss = batch_loss(quick, plan.size_at(step), rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 5.0)
        optimiser.step()
        keep = min(plan.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for a, b in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
                if a.is_floating_point():
                    a.lerp_(b, 1 - keep)
                else:
                    a.copy_(b)
        running = loss.item() if step == start else 0.95 * running + 0.05 * loss.item()
        if (step + 1) % 25 == 0:
            pace = (time.monotonic() - began) / (step + 1 - start)
            log.info(
                "step %d/%d size %d loss %.3f, %.2f s a step, %.0f min left",
                step + 1,
                plan.steps,
                plan.size_at(step),
                running,
                pace,
                pace * (plan.steps - step - 1) / 60,
            )
        if time.monotonic() - last_save > plan.checkpoint_seconds:
            save(step + 1)
            last_save = time.monotonic()
        if evaluate and ((step + 1) % evaluate_every == 0 or step + 1 == plan.steps):
            average.eval()
            log.info("step %d: %s", step + 1, evaluate(average))
    save(plan.steps)
    return average.eval()
