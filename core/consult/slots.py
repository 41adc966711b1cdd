"""Which times are free: from a doctor's weekly times, exceptions and appointments. Pure; the clock on the wall is the doctor's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

DAY = 1440
"""Minutes of a day on the wall."""


class Weekly(Protocol):
    """What is read of a weekly time; see `core.records.appointment_tables.OfferBase`."""

    weekday: int
    starts: int
    ends: int
    length: int
    zone: str
    place: str
    confirm: bool
    from_day: date
    until_day: date | None


class Except(Protocol):
    """What is read of an exception."""

    day: date
    starts: int
    ends: int


@dataclass(frozen=True, order=True)
class Slot:
    """A time that can be taken: aware, UTC. `confirm`: the doctor has to say yes."""

    starts_at: datetime
    ends_at: datetime
    zone: str = "UTC"
    place: str = "clinic"
    confirm: bool = False


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime | None:
    """A minute of a day on the clock of `zone`, in UTC; None for one that this clock leaves out in spring; of two, the first."""
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    found = local.astimezone(UTC)
    return found if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _of_day(one: Weekly, day: date, exceptions: Iterable[Except]) -> Iterator[Slot]:
    zone = ZoneInfo(one.zone)
    off = [(away.starts, away.ends) for away in exceptions if away.day == day]
    for minute in range(one.starts, one.ends - one.length + 1, one.length):
        if any(start < minute + one.length and minute < end for start, end in off):
            continue
        starts_at = moment(day, minute, zone)
        if starts_at is not None:
            yield Slot(starts_at, starts_at + timedelta(minutes=one.length), one.zone, one.place, one.confirm)


def overlap(a_start: datetime, a_end: datetime, b_start: datetime, b_end: datetime) -> bool:
    """Whether two times have a moment in common; one may begin when the other ends."""
    return a_start < b_end and b_start < a_end


def free(
    offers: Iterable[Weekly],
    exceptions: Iterable[Except],
    taken: Iterable[tuple[datetime, datetime]],
    first: datetime,
    last: datetime,
) -> list[Slot]:
    """The times that can be taken and begin between `first` and `last` (aware; `last` not included), in order, none of them overlapping.

    Of two weekly times that overlap, the slot that begins first stays.
    """
    exceptions, taken = list(exceptions), list(taken)
    found: set[Slot] = set()
    for one in offers:
        zone = ZoneInfo(one.zone)
        day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
        while day <= end:
            if day.weekday() == one.weekday and one.from_day <= day and (one.until_day is None or day <= one.until_day):
                found.update(_of_day(one, day, exceptions))
            day += timedelta(days=1)
    kept: list[Slot] = []
    for slot in sorted(found):
        there = first <= slot.starts_at < last and not any(overlap(slot.starts_at, slot.ends_at, *one) for one in taken)
        if there and (not kept or kept[-1].ends_at <= slot.starts_at):
            kept.append(slot)
    return kept
