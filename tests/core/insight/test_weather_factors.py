"""The practical factors, and daily values of hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.weather_factors import FACTORS, absolute_humidity, daily

BERLIN = ZoneInfo("Europe/Berlin")


def hours_of(first: datetime, many: int) -> tuple[datetime, ...]:
    return tuple((first.astimezone(UTC) + timedelta(hours=at)).astimezone(BERLIN) for at in range(many))


def test_every_factor_has_words_and_a_step_of_the_same_direction() -> None:
    for id_, factor in FACTORS.items():
        assert factor.id == id_ and factor.step and f"{abs(factor.step):g}" in factor.words
        less = any(word in factor.words for word in ("less", "colder"))
        assert less == (factor.step < 0) and less != any(word in factor.words for word in ("more", "higher"))
    pollen = {f"pollen_{plant}" for plant in ["birch", "grass", "alder", "mugwort", "olive", "ragweed"]}
    other = {"temperature", "temperature_range", "humidity", "absolute_humidity", "pressure", "uv", "pm25", "pm10"}
    assert set(FACTORS) == pollen | other


@pytest.mark.parametrize(("temperature", "grams"), [(-20, 1.07), (-10, 2.36), (0, 4.85), (10, 9.40), (20, 17.30), (30, 30.37), (40, 51.2)])
def test_saturated_air_holds_what_tables_of_physics_say(temperature: float, grams: float) -> None:
    assert absolute_humidity(np.array(temperature), np.array(100.0)) == pytest.approx(grams, rel=0.012)
    assert absolute_humidity(np.array(temperature), np.array(50.0)) == pytest.approx(grams / 2, rel=0.012)


@given(st.floats(-40, 50), st.floats(1, 99), st.floats(0.1, 5))
def test_warmer_air_of_the_same_humidity_and_more_humid_air_hold_more_water(temperature: float, humidity: float, more: float) -> None:
    def grams(t: float, h: float) -> float:
        return float(absolute_humidity(np.array(t), np.array(h)))

    now, damper = grams(temperature, humidity), min(100, humidity + more)
    assert grams(temperature + more, humidity) > now
    assert grams(temperature, damper) == pytest.approx(now * damper / humidity)


def test_what_is_not_known_stays_so_and_what_cannot_be_is_refused() -> None:
    assert np.isnan(absolute_humidity(np.array([np.nan, 10.0]), np.array([50.0, np.nan]))).all()
    for wrong in (-1.0, 101.0):
        with pytest.raises(ValueError, match="0 to 100"):
            absolute_humidity(np.array([10.0]), np.array([wrong]))


@pytest.mark.parametrize(("day", "many"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_a_day_has_all_the_hours_of_its_clock(day: date, many: int) -> None:
    first = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    values = np.concatenate((np.full(24, -5.0), np.arange(many), np.full(24, 99.0)))
    found = daily(hours_of(first - timedelta(days=1), len(values)), values)
    assert found.days[1] == day and len(found.days) == 3
    assert found.mean == pytest.approx([-5, (many - 1) / 2, 99]) and found.range == pytest.approx([0, many - 1, 0])


@pytest.mark.parametrize(("known", "told"), [(24, True), (18, True), (17, False), (0, False)])
def test_a_day_of_which_too_little_is_known_has_no_value(known: int, told: bool) -> None:
    hours = hours_of(datetime(2026, 7, 1, tzinfo=BERLIN), 24)
    values = np.where(np.arange(24) < known, 20.0, np.nan)
    gap = tuple(hour for hour, value in zip(hours, values, strict=True) if not np.isnan(value))
    assert np.isfinite(daily(hours, values).mean[0]) == told
    if gap:
        assert np.isfinite(daily(gap, np.full(len(gap), 20.0)).mean[0]) == told


def test_days_that_are_missing_stand_between_the_others() -> None:
    hours = hours_of(datetime(2026, 7, 1, tzinfo=BERLIN), 24 * 4)
    found = daily(hours[:24] + hours[72:], np.arange(48.0))
    assert [day.day for day in found.days] == [1, 2, 3, 4] and np.isnan(found.mean).tolist() == [False, True, True, False]
    assert found.low[3] == 24 and found.high[3] == 47 and daily((), np.empty(0)).days == ()


def test_hours_without_a_zone_or_out_of_order_are_refused() -> None:
    hours = hours_of(datetime(2026, 7, 1, tzinfo=BERLIN), 3)
    for wrong in (hours[::-1], (*hours[:2], hours[1]), tuple(hour.replace(tzinfo=None) for hour in hours), hours[:2]):
        with pytest.raises(ValueError, match="hour"):
            daily(wrong, np.zeros(3))
