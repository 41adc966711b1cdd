"""The factors of the weather that are tried, each with a step that one can picture; their daily values come from `core.weather.daily`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
