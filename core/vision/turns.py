"""Whose photo is next: a few at a time, in the order they came, and whoever waits is told how many are before them.

Without it fifty people at once would have fifty photos decoded side by side: more memory than there may
be, and an answer for nobody until all are nearly done.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

MOST = 4
"""Photos at once on a large machine; each then has its share of the cores (`core.vision.runners`)."""
EVERY = 1.0
"""Seconds between two words to somebody who waits."""


class Turns:
    """`places` at a time; the others wait in line, first come first served."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._busy = 0

    @contextmanager
    def turn(self, tell: Callable[[int], None] | None = None) -> Iterator[None]:
        """Wait for a place, keep it for the length of the `with` block.

        `tell(before)` is called at once and then every second while waiting, with the number of photos before
        this one, and with 0 when the waiting is over; never when there was none. What it raises ends the
        waiting (a page that was closed leaves the line).
        """
        mine, waited = threading.Event(), False
        with self._lock:
            self._line.append(mine)
            self._call_next()
        try:
            while not mine.wait(0 if tell else None):
                if tell is not None and (before := self._before(mine)):
                    waited = True
                    tell(before)
                    mine.wait(EVERY)
            if tell is not None and waited:
                tell(0)
            yield
        finally:
            with self._lock:
                if mine.is_set():
                    self._busy -= 1
                else:
                    self._line.remove(mine)
                self._call_next()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._line)

    @property
    def crowded(self) -> bool:
        """More than one photo is being examined, or waits to be."""
        return self._busy + len(self._line) > 1

    def _before(self, mine: threading.Event) -> int:
        with self._lock:
            return self._busy + self._line.index(mine) if mine in self._line else 0

    def _call_next(self) -> None:
        while self._line and self._busy < self.places:
            self._line.popleft().set()
            self._busy += 1


@cache
def turns() -> Turns:
    """The line of this process."""
    return Turns(min(MOST, os.cpu_count() or 1))
