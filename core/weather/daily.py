"""The weather by days: which factors there are, and days of a place's own clock from hours of the services.

The services know one offset from UTC for a whole answer, that of today (their `timezone` and `daily`), so with them half of the year's
days would begin an hour off. Hours are therefore asked for in UTC and put into days here, of 23 or 25 hours where the clocks change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

WEATHER: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "temperature": (-95.0, 60.0),  # °C, mean
        "temperature_range": (0.0, 70.0),  # °C, highest less lowest
        "humidity": (0.0, 100.0),  # %, mean
        "absolute_humidity": (0.0, 60.0),  # g/m3, mean
        "pressure": (450.0, 1100.0),  # hPa, mean, of the services at sea level
    }
)
"""Factors of the archive and of the forecast, with what can be on the earth; the least: of a town at 5,000 m, not at sea level."""
AIR: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "uv": (0.0, 50.0),  # UV index, highest
        "pm25": (0.0, 10_000.0),  # µg/m3, mean
        "pm10": (0.0, 20_000.0),  # µg/m3, mean
        "pollen_birch": (0.0, 50_000.0),  # grains/m3, mean
        "pollen_grass": (0.0, 50_000.0),
        "pollen_alder": (0.0, 50_000.0),
        "pollen_mugwort": (0.0, 50_000.0),
        "pollen_olive": (0.0, 50_000.0),
        "pollen_ragweed": (0.0, 50_000.0),
    }
)
"""Factors of the air-quality service, likewise."""
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType({**WEATHER, **AIR})
"""Every factor and what it can be, in the order in which they are shown."""
FACTORS = tuple(RANGES)

ENOUGH = 0.75
"""Share of a day's hours that must be known for the day to be (the rule for means of a day in Directive 2008/50/EC, annex XI)."""
DIGITS = 3
"""Digits after the point that are kept."""
_HOUR = 3600


@dataclass(frozen=True)
class Table:
    """Weather by days, one after the other. `days` (days,) int64: `date.toordinal`; `values` (days, factors) float64, NaN where missing.

    `factors`: ids in the order of the columns. `sources`: of each day, who gave something of it, of `archive`, `forecast`,
    `air_quality` and `loaded`.
    """

    days: NDArray[np.int64]
    factors: tuple[str, ...]
    values: Values
    sources: tuple[tuple[str, ...], ...]

    def factor(self, id: str) -> Values:
        """One column (days,). KeyError for a factor that is not in the table."""
        if id not in self.factors:
            raise KeyError(id)
        return self.values[:, self.factors.index(id)]


def absolute_humidity(temperature: Values, humidity: Values) -> Values:
    """Water in the air, g/m3, of temperature in °C and relative humidity in percent, of any one shape; NaN where either is.

    Pressure of saturation by Magnus' formula over water with the coefficients of WMO-No. 8 (Guide to Instruments and Methods of
    Observation, annex 4.B): e = 6.112 exp(17.62 t / (243.12 + t)) hPa; then the law of ideal gases with 461.5 J/(kg K) for vapour.
    From -45 to 60 °C within 0.8 % of Murphy and Koop (2005), equation 10.
    """
    t = np.asarray(temperature, np.float64)
    pressure = 6.112 * np.exp(17.62 * t / (243.12 + t)) * np.asarray(humidity, np.float64)  # hPa times percent: pascal
    return np.asarray(1000 * pressure / (461.5 * (t + 273.15)), np.float64)


def possible(factor: str, values: Values) -> Values:
    """The values with NaN for those that cannot be on the earth."""
    low, high = RANGES[factor]
    return np.where((values >= low) & (values <= high), values, np.nan)


def starts(zone: ZoneInfo, first: date, last: date) -> NDArray[np.int64]:
    """When each day begins on the clock of `zone`, seconds since 1970 UTC (days + 1,): the last one is the end of `last`."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 2))
    return np.array([int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) for day in days], np.int64)


def _dates(hours: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """The number of the day (`date.toordinal`) of each moment on the clock of `zone`."""
    return np.array([datetime.fromtimestamp(hour, zone).toordinal() for hour in hours.tolist()], np.int64)


def by_days(hours: NDArray[np.int64], series: Mapping[str, Values], zone: ZoneInfo, first: date, last: date) -> dict[str, Values]:
    """Factors of each day from `first` to `last`, (days,) each, out of values by the hour.

    `hours` (hours,): seconds since 1970 UTC, growing. `series`: factor to its values (hours,); of `temperature` and `humidity`
    follow `temperature_range` and `absolute_humidity`. NaN for a day of which less than ENOUGH of the hours are known.
    """
    series = {factor: possible(factor, values) for factor, values in series.items()}
    edges = first.toordinal() + np.arange((last - first).days + 2)
    begin, end = starts(zone, first, last)[[0, -1]]
    full = np.arange(begin // _HOUR - 2, end // _HOUR + 3) * _HOUR
    whole = np.histogram(_dates(full, zone), edges - 0.5)[0]  # full hours in each day
    # Each hour by its own date: where clocks go back over midnight (Newfoundland until 2011), a day is not one piece.
    dates = _dates(hours, zone)
    order = np.argsort(dates, kind="stable")
    series = {factor: values[order] for factor, values in series.items()}
    cuts = np.searchsorted(dates[order], edges)

    def each(values: Values, of: str) -> Values:
        out = np.full(len(whole), np.nan)
        for at, (begin, end) in enumerate(pairwise(cuts)):
            known = values[begin:end][np.isfinite(values[begin:end])]
            if len(known) and len(known) >= ENOUGH * whole[at]:
                out[at] = known.max() if of == "max" else np.ptp(known) if of == "range" else known.mean()
        return out

    told = {factor: each(values, "max" if factor == "uv" else "mean") for factor, values in series.items()}
    if "temperature" in series:
        told["temperature_range"] = each(series["temperature"], "range")
        if "humidity" in series:
            told["absolute_humidity"] = each(absolute_humidity(series["temperature"], series["humidity"]), "mean")
    return {factor: np.round(possible(factor, values), DIGITS) for factor, values in told.items()}
