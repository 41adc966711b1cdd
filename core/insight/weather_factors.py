"""The factors of the weather that are tried, each with a step that one can picture, and daily values of what is measured by the hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from core.insight.weather_rows import Values

KNOWN_OF_DAY = 0.75
"""A smaller share of a day's hours, and the day has no value: half a day has the range of half a day."""
MAGNUS = 6.112, 17.62, 243.12
"""hPa, one, degrees C: saturation over water from -45 to 60 C (WMO-No. 8, Guide to Instruments and Methods of Observation, annex 4.B)."""
WATER = 216.68
"""g K / J: 100 over the gas constant of water vapour, 0.4615 J/(g K), which makes g/m3 of hPa and kelvin."""


@dataclass(frozen=True)
class Practical:
    """One factor: `name` in plain words, `unit`, the `step` that is spoken of, with sign, in the unit, and the `words` for it."""

    id: str
    name: str
    unit: str
    step: float
    words: str


def _pollen(plant: str) -> Practical:
    name = f"{plant.capitalize()} pollen"
    return Practical(f"pollen_{plant}", name, "grains/m³", 50.0, f"50 grains more {plant} pollen in a cubic metre")


FACTORS: Mapping[str, Practical] = {
    one.id: one
    for one in (
        Practical("temperature", "Temperature", "°C", -5.0, "5 degrees colder"),
        Practical("temperature_range", "Difference between day and night", "°C", 5.0, "5 degrees more between night and day"),
        Practical("humidity", "Humidity", "%", -10.0, "10 points less humidity"),
        Practical("absolute_humidity", "Water in the air", "g/m³", -3.0, "3 g less water in a cubic metre of air"),
        Practical("pressure", "Air pressure", "hPa", 10.0, "10 hPa more air pressure"),
        Practical("uv", "UV index", "", 2.0, "UV index 2 higher"),
        Practical("pm25", "Fine dust (PM2.5)", "µg/m³", 10.0, "10 µg more fine dust (PM2.5) in a cubic metre"),
        Practical("pm10", "Dust (PM10)", "µg/m³", 10.0, "10 µg more dust (PM10) in a cubic metre"),
        *(_pollen(plant) for plant in ("alder", "birch", "grass", "mugwort", "olive", "ragweed")),
    )
}
"""Id to factor. The steps are of a size that a week of weather has; the effect of a step of 2 is twice that of a step of 1."""


def absolute_humidity(temperature: Values, humidity: Values) -> Values:
    """Water in the air in g/m3, of temperature in degrees C (-45 to 60) and relative humidity in % (0-100), any shapes that fit together.

    Vapour pressure by the Magnus formula (constants of the WMO, `MAGNUS`), then the law of ideal gases. NaN where one is not known.
    ValueError where humidity is under 0 or over 100.
    """
    with np.errstate(invalid="ignore"):
        if ((humidity < 0) | (humidity > 100)).any():
            raise ValueError("relative humidity is 0 to 100 %")
    base, factor, middle = MAGNUS
    vapour = humidity / 100 * base * np.exp(factor * temperature / (middle + temperature))
    return np.asarray(WATER * vapour / (temperature + 273.15), np.float64)


@dataclass(frozen=True)
class Daily:
    """What the hours of each day say: `days` (n,) dates in order, without a gap; `mean`, `low`, `high` (n,) float64, NaN for days of which
    too little is known."""

    days: tuple[date, ...]
    mean: Values
    low: Values
    high: Values

    @property
    def range(self) -> Values:
        """From the lowest to the highest hour of the day, (n,)."""
        return self.high - self.low


def daily(hours: tuple[datetime, ...], values: Values) -> Daily:
    """Daily values of an hourly row: `hours` (n,) with the zone of the place, in order; `values` (n,) float64, NaN where not known.

    A day is that of the place: it has 23 or 25 hours when the clock is changed, and all of them count. A day has values where at least
    `KNOWN_OF_DAY` of its hours are known, those that are missing from the row among the others. ValueError for hours without a zone, not
    in order, twice there, or another number of values.
    """
    if len(hours) != len(values) or any(hour.tzinfo is None for hour in hours):
        raise ValueError("every hour has a zone and a value, NaN where it is not known")
    moments = [hour.timestamp() for hour in hours]
    if any(late <= early for early, late in zip(moments, moments[1:], strict=False)):
        raise ValueError("hours come one after the other")
    if not hours:
        nothing = np.empty(0)
        return Daily((), nothing, nothing, nothing)
    first = hours[0].date().toordinal()
    at = np.array([hour.date().toordinal() - first for hour in hours])
    found = np.full((3, int(at[-1]) + 1), np.nan)
    for day in np.unique(at):
        rows = np.flatnonzero(at == day)
        known = values[rows][np.isfinite(values[rows])]
        if len(known) >= KNOWN_OF_DAY * _length(hours[rows[0]]):
            found[:, day] = known.mean(), known.min(), known.max()
    return Daily(tuple(date.fromordinal(first + day) for day in range(found.shape[1])), found[0], found[1], found[2])


def _length(moment: datetime) -> float:
    """Hours of the day of a moment, from midnight to midnight on the clock of its zone."""
    midnight = datetime(moment.year, moment.month, moment.day, tzinfo=moment.tzinfo)
    after = date.fromordinal(moment.toordinal() + 1)
    return (datetime(after.year, after.month, after.day, tzinfo=moment.tzinfo).timestamp() - midnight.timestamp()) / 3600
