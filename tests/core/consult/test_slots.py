"""Free times against a count of minutes done another way, and the clocks of spring and autumn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.consult.slots import free, moment, overlap

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Week:
    weekday: int = 6
    starts: int = 0
    ends: int = 300
    length: int = 30
    zone: str = "Europe/Berlin"
    place: str = "clinic"
    confirm: bool = False
    from_day: date = date(2026, 1, 1)
    until_day: date | None = None


@dataclass
class Away:
    day: date
    starts: int = 0
    ends: int = 1440


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def local(found) -> list[str]:
    return [f"{one.starts_at.astimezone(BERLIN):%H:%M}" for one in found]


def test_an_hour_that_the_clock_leaves_out_is_not_offered_and_one_that_comes_twice_is_once() -> None:
    spring = free([Week()], [], [], at(28, 12), at(29, 12))  # 29 March 2026: from 02:00 to 03:00
    assert local(spring) == ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]
    assert spring[0].starts_at == at(28, 23) and spring[-1].ends_at == at(29, 3)
    autumn = free([Week()], [], [], at(24, 12, month=10), at(25, 12, month=10))  # 25 October: 02:00 to 03:00 twice
    assert local(autumn) == [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 300, 30)]
    assert autumn[0].starts_at == at(24, 22, month=10) and autumn[-1].ends_at == at(25, 4, month=10)
    assert moment(date(2026, 3, 29), 150, BERLIN) is None


def test_nine_on_the_wall_stays_nine_whatever_the_season() -> None:
    found = free([Week(weekday=0, starts=540, ends=570)], [], [], at(20, 0), at(7, 0, month=4))
    assert [one.starts_at for one in found] == [at(23, 8), at(30, 7), at(6, 7, month=4)]


def test_exceptions_and_the_days_of_a_pattern() -> None:
    week = Week(weekday=0, starts=540, ends=660, from_day=date(2026, 3, 9), until_day=date(2026, 3, 23))
    away = [Away(date(2026, 3, 16)), Away(date(2026, 3, 23), 570, 615)]
    found = free([week], away, [], at(1, 0), at(31, 0))
    assert [(one.starts_at.day, f"{one.starts_at.astimezone(BERLIN):%H:%M}") for one in found] == [
        (9, "09:00"), (9, "09:30"), (9, "10:00"), (9, "10:30"), (23, "09:00"), (23, "10:30"),
    ]  # fmt: skip


@given(
    starts=st.integers(0, 1200), span=st.integers(5, 239), length=st.integers(5, 60),
    taken=st.lists(st.tuples(st.integers(-60, 1500), st.integers(1, 120)), max_size=6),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_what_is_free_is_offered_whole_and_nothing_else(starts: int, span: int, length: int, taken: list[tuple[int, int]]) -> None:
    """Minute by minute on a clock without seasons: no free slot touches a minute that is taken, and none that does not is missing."""
    midnight = at(2, 0)
    week = Week(weekday=0, starts=starts, ends=min(1440, starts + span), length=length, zone="UTC")
    busy = {minute for start, long in taken for minute in range(start, start + long)}
    spans = [(midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + long)) for start, long in taken]
    expected = []
    minute = starts
    while minute + length <= week.ends:
        if not busy & set(range(minute, minute + length)):
            expected.append(minute)
        minute += length
    found = free([week], [], spans, midnight, midnight + timedelta(days=1))
    assert [(one.starts_at - midnight).total_seconds() / 60 for one in found] == expected
    assert not any(overlap(a.starts_at, a.ends_at, b.starts_at, b.ends_at) for a in found for b in found if a is not b)
