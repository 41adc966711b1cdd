"""How many requests a token may make: the generic cell rate algorithm (ITU-T I.371, annex A), which needs one moment per token.

Each request is worth a slice of time, 60 s by the number allowed in a minute. `free_at` is when all requests so far
are paid for; it may run ahead of the clock by a few slices, so that a few requests may come at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

SHARE_AT_ONCE = 4
"""One in so many of a minute's requests may come at once."""


def at_once(per_minute: int) -> int:
    """Requests that may come at the same moment after a pause, at least one."""
    return max(1, per_minute // SHARE_AT_ONCE)


def spend(free_at: datetime | None, moment: datetime, per_minute: int) -> tuple[datetime | None, timedelta]:
    """`free_at` after a request at `moment`, and how long it has to wait; it is unchanged, and the request refused, unless that is 0.

    A `free_at` further ahead than any request brings it was noted by a clock that ran ahead, and does not count.
    """
    slice = timedelta(minutes=1) / per_minute
    most = slice * at_once(per_minute)
    due = max(free_at, moment) if free_at is not None and free_at <= moment + most else moment
    wait = due + slice - most - moment
    return (free_at, wait) if wait > timedelta(0) else (due + slice, timedelta(0))
