"""PyTorch is loaded once for a process, and not while something computes with scipy.

Functions of scipy ask of every array whether it is one of torch's. While another thread is loading torch the module is there and its
classes are not yet, and the question ends in an AttributeError: a page that computes in the first seconds of a server would fail.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.RLock()
_whole = threading.Event()


def load() -> None:
    """Load torch, when nobody computes `aside` of it; at once when it is there."""
    if _whole.is_set():
        return
    with _turn:
        import torch  # noqa: F401

        _whole.set()


@contextmanager
def aside() -> Iterator[None]:
    """Compute with torch loaded whole or not at all: it waits for a loading in progress, and a loading waits for it."""
    if _whole.is_set():
        yield
        return
    with _turn:
        yield
