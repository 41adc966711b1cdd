"""A network made quick: its operations recorded once, folded together, and run without Python in between.

Batch norms go into the convolutions before them, and oneDNN joins convolutions with what follows them.
What each step gave is in benchmarks/README.md. The module itself stays the reference; a test compares the two.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.vision.networks import Classifier

log = logging.getLogger("carelens.vision")

Run = Callable[[Tensor], Any]
"""Takes normalised images (N, 3, size, size) float32, channels last.

A classifier gives what `Classifier.explain` gives; an outline network the chance per pixel (N, masks, size, size) 0-1.
"""
RUNS = 4
"""Runs until nothing is recorded or joined any more: TorchScript watches the first two."""
_making = threading.Lock()
"""One at a time: what is set while a network is recorded (fusion, which warnings are told) holds for the whole process."""


class Answer(nn.Module):
    """What the engine wants of a network, as one forward pass; see `Run`."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Any:
        """See `Run`."""
        return self.module.explain(x) if isinstance(self.module, Classifier) else self.module(x).sigmoid()


def plain(module: nn.Module) -> Run:
    """The network as it is written: the reference, and what runs where freezing is not possible."""
    return Answer(module).eval()


def frozen(module: nn.Module, views: int, size: int) -> Run:
    """The network quick for `views` images of `size` pixels a side; slower for any other number, never wrong.

    TorchScript is deprecated and no successor works without a compiler on the machine, so where it
    fails (a later PyTorch, another processor) the plain network runs: the same answers, later.
    """
    answer = plain(module)
    x = torch.zeros(views, 3, size, size).contiguous(memory_format=torch.channels_last)
    try:
        # Not in inference mode: what is folded there could not be used in any other.
        with _making, warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.filterwarnings("ignore", "Converting a tensor to a Python (boolean|integer)")  # sizes are those it will run at
            torch.jit.enable_onednn_fusion(True)
            quick: Run = torch.jit.freeze(torch.jit.trace(answer, (x,), check_trace=False))  # type: ignore[no-untyped-call]
        with torch.inference_mode():
            for _ in range(RUNS):
                quick(x)
    except (RuntimeError, AttributeError, NotImplementedError) as error:
        log.warning("a network runs without being frozen: %s", type(error).__name__)
        return answer
    return quick


class Beside:
    """The network made quick once more for a number of threads, at the first use of that number; then it is kept.

    How many threads a layer takes is settled when oneDNN makes it, so a network made for all cores takes them all whatever
    the thread that runs it may have.
    """

    def __init__(self, module: nn.Module, views: int, size: int) -> None:
        self._of = module, views, size
        self._lock = threading.Lock()
        self._made: dict[int, Run] = {}

    def __call__(self, threads: int) -> Run:
        """The network for so many threads. Called by a thread that has as many; the others wait while it is made."""
        with self._lock:
            if threads not in self._made:
                self._made[threads] = frozen(*self._of)
            return self._made[threads]
