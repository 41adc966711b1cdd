"""How often one account may knock at a door of this process, beside the pages: see `core.people.rate`."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from datetime import datetime, timedelta

from core.people import rate
from core.records.times import now

MOST = 10_000
"""Accounts that are remembered; then those are forgotten that may knock again anyway."""


class Pace:
    """So many a minute for each key, a quarter of them at once. In memory: what it guards against is a page that runs wild."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._free_at: dict[Hashable, datetime] = {}
        self._lock = threading.Lock()

    def spend(self, key: Hashable, moment: datetime | None = None) -> timedelta:
        """Count a knock; how long it has to wait, and then it is not counted: nothing, when it may come in."""
        moment = moment or now()
        with self._lock:
            if len(self._free_at) >= MOST:
                self._free_at = {known: free for known, free in self._free_at.items() if free > moment}
            free_at, wait = rate.spend(self._free_at.get(key), moment, self.per_minute)
            if free_at is not None:
                self._free_at[key] = free_at
            return wait
