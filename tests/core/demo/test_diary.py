"""The made-up half year: its truth is as its generator says, and the app finds the two causes and not the third."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.demo import diary as made
from core.insight.diary_series import series
from core.insight.triggers import triggers
from core.insight.weather import Factor, effects
from core.records.diary import list_days
from core.records.times import now
from core.records.weather import weather_of
from core.weather.daily import FACTORS, possible
from tests.core.house import embedded, own, somebody

LAST = date(2026, 11, 28)


def test_it_is_the_same_on_every_day_and_has_what_it_says() -> None:
    one, other = made.made_up(LAST), made.made_up(LAST + timedelta(days=40))
    assert [row.values for row in one.weather] == [row.values for row in other.weather]
    assert [day.entry.severity for day in one.diary] == [day.entry.severity for day in other.diary]
    assert one.weather[-1].day == LAST and len(one.weather) == made.DAYS + made.BEFORE
    assert one.diary[0].entry.day >= LAST - timedelta(days=made.DAYS - 1) and 0.9 * made.DAYS < len(one.diary) < made.DAYS
    for id in FACTORS:
        values = np.array([row.values.get(id, np.nan) for row in one.weather])
        assert (np.isfinite(possible(id, values)) == np.isfinite(values)).all(), id


@embedded
def test_the_two_causes_are_found_and_the_third_is_not(house: Path) -> None:
    ana = somebody()
    made.seed_diary(ana)
    made.seed_diary(ana)  # what is there stays as it is
    yesterday = now().date() - timedelta(days=1)
    known = series(list_days(ana, own(ana)))
    assert known is not None and known.last <= yesterday
    told = triggers(known.day, known.values["severity"], known.exposures, known.treatments, known.kinds)
    said = {known.names[one.id]: one for one in told}
    assert said["Wool"].verdict == "evidence" and said["Wool"].low > 1
    assert said["Chocolate"].verdict == "none" and said["Stress"].verdict == "none"
    table = weather_of(ana, own(ana), known.first, known.last)
    factors = (Factor("absolute_humidity", table.factor("absolute_humidity"), -3.0), Factor("pressure", table.factor("pressure"), 10.0))
    water, pressure = effects(known.day, known.values["severity"], factors, known.treatments)
    assert (water.verdict, water.lag) == ("evidence", made.LAG) and pressure.verdict == "none"
    assert water.low <= 3 * made.DRY <= water.high or water.effect == pytest.approx(3 * made.DRY, rel=0.3)
