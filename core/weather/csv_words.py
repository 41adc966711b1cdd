"""What people and weather stations call the columns, units and days of a CSV of weather."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from core.weather.daily import FACTORS

LOWEST, HIGHEST = "lowest", "highest"
"""Columns that are no factors themselves: their difference is `temperature_range`."""

DAYS = frozenset(("date", "day", "datum", "tag", "time", "timestamp", "datetime", "fecha", "dia", "data", "giorno", "jour", "dag", "päivä"))
"""Names of the column with the days."""

_POLLEN = {
    "birch": "birch birke betula abedul bouleau koivu",
    "grass": "grass grasses gräser graeser poaceae gramineas graminées",
    "alder": "alder erle alnus aliso aulne",
    "mugwort": "mugwort beifuss beifuß artemisia artemisa armoise",
    "olive": "olive olea olivo",
    "ragweed": "ragweed ambrosia traubenkraut",
}
_NAMES: Mapping[str, str] = {
    "temperature": "temperature temp tavg tmean t2m temperature_mean mean_temperature temperature_2m temperature_2m_mean temperatur tmk",
    LOWEST: "tmin temperature_min min_temperature temperature_2m_min tnk temp_min",
    HIGHEST: "tmax temperature_max max_temperature temperature_2m_max txk temp_max",
    "temperature_range": "temperature_range range diurnal_range dtr",
    "humidity": "humidity rh rhum relative_humidity humidity_mean relative_humidity_mean relative_humidity_2m relative_humidity_2m_mean "
    "luftfeuchtigkeit luftfeuchte relative_feuchte upm",
    "absolute_humidity": "absolute_humidity abs_humidity ah absolute_feuchte",
    "pressure": "pressure pres press pressure_msl pressure_msl_mean sea_level_pressure slp luftdruck air_pressure surface_pressure "
    "surface_pressure_mean",
    "uv": "uv uvi uv_index uv_index_max uv_max",
    "pm25": "pm25 pm2_5 pm2.5 pm2,5 pm2_5_mean fine_particles",
    "pm10": "pm10 pm10_mean",
}
NAMES: Mapping[str, str] = {name: id for id, names in _NAMES.items() for name in names.split()} | {
    name: f"pollen_{plant}"
    for plant, names in _POLLEN.items()
    for word in names.split()
    for name in (word, f"{word}_pollen", f"pollen_{word}", f"{word}pollen")
}
"""Name of a column, as `plain` writes it, to what it holds: an id of `daily.FACTORS`, LOWEST or HIGHEST."""
assert set(NAMES.values()) == {*FACTORS, LOWEST, HIGHEST}


@dataclass(frozen=True)
class Unit:
    """A unit as a number of ours: `value * scale + offset`."""

    scale: float = 1.0
    offset: float = 0.0


_OURS = Unit()
_CELSIUS = {"c": _OURS, "°c": _OURS, "celsius": _OURS, "degc": _OURS, "f": Unit(5 / 9, -160 / 9), "°f": Unit(5 / 9, -160 / 9)}
_CELSIUS |= {"fahrenheit": Unit(5 / 9, -160 / 9), "degf": Unit(5 / 9, -160 / 9), "k": Unit(1, -273.15), "kelvin": Unit(1, -273.15)}
_PARTICLES = {"ug/m3": _OURS, "mg/m3": Unit(1000)}
_GRAINS = dict.fromkeys(("grains/m3", "grain/m3", "pollen/m3", "p/m3", "/m3", "1/m3"), _OURS)
_PRESSURE = {"hpa": 1.0, "mbar": 1.0, "mb": 1.0, "pa": 0.01, "kpa": 10.0, "mmhg": 1.333224, "inhg": 33.86389}
UNITS: Mapping[str, Mapping[str, Unit]] = {
    **dict.fromkeys(("temperature", LOWEST, HIGHEST), _CELSIUS),
    "temperature_range": {unit: Unit(one.scale) for unit, one in _CELSIUS.items()},
    "humidity": {"%": _OURS, "percent": _OURS},
    "absolute_humidity": {"g/m3": _OURS, "kg/m3": Unit(1000)},
    "pressure": {unit: Unit(scale) for unit, scale in _PRESSURE.items()},
    "uv": {"index": _OURS, "uvi": _OURS, "": _OURS},
    **dict.fromkeys(("pm25", "pm10"), _PARTICLES),
    **dict.fromkeys((id for id in FACTORS if id.startswith("pollen_")), _GRAINS),
}
"""Units that each kind of column may be in, as `plain` writes them."""

GAPS = frozenset(("", "-", "--", "–", "—", "na", "n/a", "nan", "null", "none", "missing", "-999", "-9999"))
"""What stands in a cell for nothing, in small letters."""


def plain(word: str) -> str:
    """A name or a unit in small letters, NFKC, without superscripts, u for the micro sign, and _ for spaces and dashes."""
    folded = unicodedata.normalize("NFKC", word).casefold().replace("\u03bc", "u").replace("^", "").replace("**", "")
    return re.sub(r"[\s_-]+", "_", folded.strip())


def column(heading: str) -> tuple[str | None, Unit | None]:
    """What a column holds (an id of NAMES' values, `date`, or None for what we do not know) and its unit; None for a unit we do not know.

    The unit stands in brackets after the name, or is not given: then it is ours.
    """
    found = re.fullmatch(r"(.+?)\s*[(\[]\s*(.*?)\s*[)\]]", heading.strip(), re.DOTALL)
    name, unit = (plain(found[1]), plain(found[2])) if found else (plain(heading), None)
    if name in DAYS:
        return "date", Unit()
    if name not in NAMES:
        return None, None
    if unit is None:
        return NAMES[name], Unit()
    return NAMES[name], UNITS[NAMES[name]].get(unit)
