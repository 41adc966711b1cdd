"""Several who do the same thing at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(times: int, work: Callable[[int], T]) -> list[T]:
    """What `work(0)` to `work(times - 1)` give, each in a thread of its own, begun together; what one raises is raised."""
    start = threading.Barrier(times)

    def one(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
