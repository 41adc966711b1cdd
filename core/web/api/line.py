"""Photos of the API wait in a line of their own, in no thread, so that pages and sign-ins never wait behind them for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request

from core.errors import Unavailable
from core.vision.turns import turns

MOST_WAITING = 64
"""Requests that may wait; one more is told to come again."""
T = TypeVar("T")


class Line:
    """As many photos at once as `core.vision.turns` has places; the others wait, first come first served.

    Each then takes its turn among those of the pages. A photo that waits lies on the disk, not in memory.
    """

    def __init__(self) -> None:
        self.places = turns().places
        self.inside = 0
        self._places = anyio.Semaphore(self.places)
        self._threads = anyio.CapacityLimiter(self.places)

    async def run(self, request: Request, work: Callable[[], T]) -> T:
        """What `work` gives, done in a thread. Unavailable when too many wait, or whoever asked has gone meanwhile."""
        if self.inside >= self.places + MOST_WAITING:
            raise Unavailable("Too many photos wait just now.", "Please send this one again in a moment.")
        self.inside += 1
        try:
            async with self._places:
                if await request.is_disconnected():
                    raise Unavailable("The connection ended before it was this photo's turn.")
                return await run_sync(lambda: _in_turn(work), limiter=self._threads)
        finally:
            self.inside -= 1


def _in_turn(work: Callable[[], T]) -> T:
    with turns().turn():
        return work()
