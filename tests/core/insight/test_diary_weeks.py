"""The diary a week at a time: every day in one week, means of what was told alone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from core.insight.diary_weeks import MEASURES, weeks
from core.records.diary_tables import DiaryDayPublic, ExposurePublic
from core.records.times import now


def day(on: date, met: tuple[str, ...] = (), **values: int | None) -> DiaryDayPublic:
    seen = tuple(ExposurePublic(trigger_id=uuid4(), kind="food", name=name) for name in met)
    return DiaryDayPublic(id=uuid4(), person_id=uuid4(), day=on, created_at=now(), changed_at=now(), met=seen, **values)


def test_a_week_is_summed_up_from_monday_to_sunday() -> None:
    monday = date(2026, 12, 28)  # its Sunday is in the next year
    found = weeks(
        [
            day(monday + timedelta(days=7), itch=9),
            day(monday, ("Milk",), severity=2, itch=4),
            day(monday + timedelta(days=6), ("Milk", "Egg"), severity=5),
        ]
    )
    assert [(week.monday, week.days) for week in found] == [(monday, 2), (monday + timedelta(days=7), 1)]
    first = found[0]
    assert (first.told["severity"].mean, first.told["severity"].low, first.told["severity"].high) == (3.5, 2, 5)
    assert first.told["itch"].days == 1 and "sleep" not in first.told and first.met == (("Milk", 2), ("Egg", 1))
    assert first.last.day == monday + timedelta(days=6) and weeks([]) == []


@given(st.dictionaries(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.tuples(*[st.none() | st.integers(0, 10)] * 3), max_size=40))
def test_every_day_is_in_one_week_and_nothing_is_lost(told) -> None:
    found = weeks([day(on, **dict(zip(MEASURES, values, strict=True))) for on, values in told.items()])
    assert sum(week.days for week in found) == len(told) and len({week.monday for week in found}) == len(found)
    for at, name in enumerate(MEASURES):
        values = [value[at] for value in told.values() if value[at] is not None]
        assert round(sum(week.told[name].mean * week.told[name].days for week in found if name in week.told)) == sum(values)
