"""A diary as rows of numbers: every entry on its day, treatments by the day and over a time."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.insight.diary_series import MEASURES, series
from core.records.diary_tables import DiaryDayPublic, ExposurePublic
from core.records.eczema_tables import TreatmentPublic
from core.records.times import now

MONDAY = date(2026, 3, 2)
ONE = timedelta(days=1)


def day(on: date, met=(), treatments=(), **values: int | None) -> DiaryDayPublic:
    return DiaryDayPublic(
        id=uuid4(), person_id=uuid4(), day=on, created_at=now(), changed_at=now(), met=met, treatments=list(treatments), **values
    )


def treatment(kind: str, start: date, end: date | None) -> TreatmentPublic:
    return TreatmentPublic(id=uuid4(), person_id=uuid4(), name=kind, kind=kind, started_on=start, ended_on=end, created_at=now())


def test_entries_gaps_triggers_and_treatments() -> None:
    milk = uuid4()
    seen = [ExposurePublic(trigger_id=milk, kind="food", name="Milk", hour=hour) for hour in (8, None)]
    told = [day(MONDAY + 4 * ONE, (seen[1],), severity=7), day(MONDAY, (seen[0],), ["steroid"], severity=3, itch=0)]
    given = [treatment("steroid", MONDAY + 3 * ONE, None), treatment("emollient", MONDAY - 9 * ONE, MONDAY + ONE)]
    found = series(told, [*given, treatment("light", MONDAY - 9 * ONE, MONDAY - ONE)])
    assert (found.first, found.last) == (MONDAY, MONDAY + 4 * ONE) and (np.diff(found.day) == 1).all()
    np.testing.assert_array_equal(found.values["severity"], [3, np.nan, np.nan, np.nan, 7])
    np.testing.assert_array_equal(found.values["itch"], [0, *[np.nan] * 4])
    assert found.kinds == ("steroid", "emollient") and found.names == {str(milk): "Milk"}
    np.testing.assert_array_equal(found.treatments.T, [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    (exposure,) = found.exposures
    assert exposure.id == str(milk) and list(exposure.day) == [found.day[0], found.day[4]]
    np.testing.assert_array_equal(exposure.hour, [8, np.nan])
    assert series(told, since=MONDAY + ONE).first == MONDAY + 4 * ONE and series(told, since=MONDAY + 5 * ONE) is series([]) is None


@given(st.dictionaries(st.integers(0, 400), st.tuples(*[st.none() | st.integers(0, 10)] * 3), min_size=1, max_size=30))
def test_every_number_is_on_its_day_and_there_are_no_others(told) -> None:
    found = series([day(MONDAY + at * ONE, **dict(zip(MEASURES, values, strict=True))) for at, values in told.items()])
    first = min(told)
    for at, name in enumerate(MEASURES):
        back = {int(place) + first: int(found.values[name][place]) for place in np.flatnonzero(np.isfinite(found.values[name]))}
        assert back == {place: values[at] for place, values in told.items() if values[at] is not None}
    assert len(found.day) == max(told) - first + 1 and found.treatments.shape == (len(found.day), 0)


def test_a_missed_day_is_no_stop_and_two_of_one_name_are_told_apart() -> None:
    grass = [ExposurePublic(trigger_id=uuid4(), kind=kind, name="Grass") for kind in ("allergy", "contact")]
    told = [day(MONDAY, (grass[0],), ["emollient"]), day(MONDAY + 2 * ONE, (grass[1],), ["emollient"]), day(MONDAY + 4 * ONE)]
    found = series(told)
    assert list(found.treatments[:, 0]) == [1, 1, 1, 1, 0]
    assert sorted(found.names.values()) == ["Grass (allergies)", "Grass (on the skin)"]
