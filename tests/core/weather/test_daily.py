"""Days of a place's own clock out of hours, against the same by hand; absolute humidity against another formula and printed tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.weather.daily import FACTORS, RANGES, Table, absolute_humidity, by_days, possible, starts

HELSINKI = ZoneInfo("Europe/Helsinki")
DAY = timedelta(days=1)


def hours_of(first: date, days: int) -> list[datetime]:
    """Every hour of some days in UTC, and a day before and after."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - DAY
    return [begin + timedelta(hours=n) for n in range(24 * (days + 2))]


def seconds(hours: list[datetime]) -> np.ndarray:
    return np.array([int(hour.timestamp()) for hour in hours], np.int64)


def noise(hours: list[datetime], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-10, 25, len(hours))


@given(
    st.dates(date(1975, 1, 1), date(2037, 1, 1)),
    st.sampled_from(
        ["Europe/Helsinki", "America/New_York", "America/Havana", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut"]
        + ["Atlantic/Azores", "Pacific/Chatham", "America/St_Johns", "America/Sao_Paulo", "UTC"]
    ),
)
@example(date(2000, 10, 27), "America/St_Johns")  # at 00:01 on the 29th it was 23:01 again
def test_a_day_is_its_hours_on_the_clock_of_the_place(first: date, name: str) -> None:
    zone, hours = ZoneInfo(name), hours_of(first, 3)
    values = noise(hours, first.toordinal())
    told = by_days(seconds(hours), {"temperature": values}, zone, first, first + 2 * DAY)
    for at in range(3):
        of_day = [value for hour, value in zip(hours, values, strict=True) if hour.astimezone(zone).date() == first + at * DAY]
        assert told["temperature"][at] == pytest.approx(np.mean(of_day), abs=6e-4)
        assert told["temperature_range"][at] == pytest.approx(max(of_day) - min(of_day), abs=6e-4)


@pytest.mark.parametrize(
    ("zone", "day", "long"),
    [
        ("Europe/Helsinki", date(2026, 3, 29), 23),
        ("Europe/Helsinki", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/Havana", date(2026, 3, 8), 23),  # there is no midnight
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kathmandu", date(2026, 4, 5), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),  # there was no such day
    ],
)
def test_days_are_as_long_as_they_are(zone: str, day: date, long: float) -> None:
    assert np.diff(starts(ZoneInfo(zone), day, day)) == long * 3600
    hours = hours_of(day, 1)
    told = by_days(seconds(hours), {"pm10": np.ones(len(hours))}, ZoneInfo(zone), day, day)["pm10"]
    assert told.tolist() == [1.0] if long else np.isnan(told).all()


@pytest.mark.parametrize(("zone", "day", "least"), [(HELSINKI, date(2026, 1, 5), 18), (HELSINKI, date(2026, 3, 29), 18)])
def test_a_day_needs_three_quarters_of_its_hours(zone: ZoneInfo, day: date, least: int) -> None:
    hours = hours_of(day, 1)
    mine = [n for n, hour in enumerate(hours) if hour.astimezone(zone).date() == day]
    for known in (least - 1, least):
        values = np.full(len(hours), np.nan)
        values[mine[:known]] = 7.0
        assert np.isnan(by_days(seconds(hours), {"uv": values}, zone, day, day)["uv"][0]) == (known < least)
    assert np.isnan(by_days(seconds([]), {"uv": np.array([])}, zone, day, day)["uv"]).all()


def test_uv_is_the_highest_and_what_cannot_be_does_not_count() -> None:
    hours = hours_of(date(2026, 1, 5), 1)
    values = np.array([5.0 if hour.hour == 12 else 0.5 for hour in hours])
    values[30] = 1e9
    assert by_days(seconds(hours), {"uv": values}, ZoneInfo("UTC"), date(2026, 1, 5), date(2026, 1, 5))["uv"] == [5.0]
    for factor, (low, high) in RANGES.items():
        kept = possible(factor, np.array([low, high, np.nextafter(low, -np.inf), np.nextafter(high, np.inf), np.nan, np.inf]))
        assert kept[:2].tolist() == [low, high] and np.isnan(kept[2:]).all()


def test_absolute_humidity_is_that_of_printed_tables() -> None:
    """Water that air holds at saturation, g/m3, as physics handbooks print it."""
    table = {-10: 2.36, 0: 4.85, 10: 9.40, 20: 17.3, 30: 30.4, 40: 51.1}
    told = absolute_humidity(np.array(list(table), float), np.full(len(table), 100.0))
    assert told == pytest.approx(list(table.values()), rel=0.006)


@given(st.floats(-45, 60), st.floats(0, 100))
def test_absolute_humidity_by_another_formula(t: float, humidity: float) -> None:
    """Murphy and Koop (2005), equation 10, over liquid water."""
    k = t + 273.15
    log = 54.842763 - 6763.22 / k - 4.210 * np.log(k) + 0.000367 * k
    log += np.tanh(0.0415 * (k - 218.8)) * (53.878 - 1331.22 / k - 9.44523 * np.log(k) + 0.014025 * k)
    expected = 1000 * np.exp(log) * humidity / 100 / (8.314462618 / 0.01801528 * k)
    assert float(absolute_humidity(np.array(t), np.array(humidity))) == pytest.approx(expected, rel=0.008, abs=1e-9)


def test_the_mean_of_the_day_is_of_its_hours_and_not_of_its_means() -> None:
    hours = hours_of(date(2026, 7, 5), 1)
    warm = np.array([30.0 if 9 <= hour.hour < 21 else 10.0 for hour in hours])
    dry = np.array([30.0 if 9 <= hour.hour < 21 else 90.0 for hour in hours])
    told = by_days(seconds(hours), {"temperature": warm, "humidity": dry}, ZoneInfo("UTC"), date(2026, 7, 5), date(2026, 7, 5))
    by_hand = (absolute_humidity(np.array(30.0), np.array(30.0)) + absolute_humidity(np.array(10.0), np.array(90.0))) / 2
    assert told["absolute_humidity"][0] == pytest.approx(float(by_hand), abs=6e-4)
    assert np.isnan(absolute_humidity(np.array([np.nan, 5.0]), np.array([50.0, np.nan]))).all()


def test_a_column_of_the_table_by_name() -> None:
    table = Table(np.array([1]), FACTORS, np.arange(len(FACTORS), dtype=float)[None], ((),))
    assert table.factor("pressure") == [FACTORS.index("pressure")]
    with pytest.raises(KeyError):
        table.factor("mood")
