"""The weather services: a town by its name, and a place's weather and air by days.

They speak as Open-Meteo's do: `/v1/search` for towns, `/v1/archive` for days past (about 5 days late), `/v1/forecast` for the last and
the next days, `/v1/air-quality` for UV, particulates and pollen. UV is taken from there and not from the forecast, which forgets it after
three months: one source for the whole time, so that no step in it comes from a change of models.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, Field, FiniteFloat

from core.errors import InvalidInput
from core.settings import settings
from core.weather.asking import UNCLEAR, ask, no_answer
from core.weather.daily import AIR, WEATHER, Values, by_days, starts
from core.weather.towns import Place
from core.words import one_line

Service = Literal["archive", "forecast", "air_quality"]
SERVICES: tuple[Service, ...] = ("archive", "forecast", "air_quality")

MOST_DAYS = 1830
"""Days of one question, five years."""
MOST_TOWNS = 10
_LONGEST = 100
_EARLIEST: Mapping[Service, date] = {"archive": date(1940, 1, 1), "air_quality": date(2013, 1, 1)}
_BACK: Mapping[Service, int] = {"forecast": 90}
_AHEAD: Mapping[Service, int] = {"archive": 0, "forecast": 14, "air_quality": 4}
"""Days before and after today that a service knows; it refuses a question that goes beyond, whole."""
_PATH: Mapping[Service, str] = {"archive": "/v1/archive", "forecast": "/v1/forecast", "air_quality": "/v1/air-quality"}
_HOURLY: Mapping[Service, Mapping[str, str]] = {
    # At sea level: that at the ground hangs on the height which each service's own model gives the place.
    "archive": {"temperature_2m": "temperature", "relative_humidity_2m": "humidity", "pressure_msl": "pressure"},
    "forecast": {"temperature_2m": "temperature", "relative_humidity_2m": "humidity", "pressure_msl": "pressure"},
    "air_quality": {
        "uv_index": "uv", "pm2_5": "pm25", "pm10": "pm10", "birch_pollen": "pollen_birch", "grass_pollen": "pollen_grass",
        "alder_pollen": "pollen_alder", "mugwort_pollen": "pollen_mugwort", "olive_pollen": "pollen_olive",
        "ragweed_pollen": "pollen_ragweed",
    },
}  # fmt: skip


class _Town(BaseModel):
    """A town as the service tells it, which leaves out what is empty or 0."""

    name: str
    latitude: FiniteFloat = 0.0
    longitude: FiniteFloat = 0.0
    timezone: str = ""
    country: str = ""
    admin1: str = ""


class _Towns(BaseModel):
    results: list[_Town] = []


class _Hours(BaseModel):
    hourly: dict[str, Annotated[list[FiniteFloat | None], Field(max_length=24 * (MOST_DAYS + 4))]]


def search(name: str, language: str = "en") -> tuple[Place, ...]:
    """Up to MOST_TOWNS towns of this name, likeliest first, each rounded to a tenth of a degree; none where there is none.

    `language`: two letters, for the names of region and country. InvalidInput for a name of less than 2 or more than 100 letters, or
    another kind of language; Unavailable as `ask`.
    """
    name = one_line(name)
    if not 2 <= len(name) <= _LONGEST or not (len(language) == 2 and language.isascii() and language.isalpha()):
        raise InvalidInput("A town's name has 2 to 100 letters.", "Write it as it is on a map, such as: Oulu.")
    wanted = {"name": name, "count": str(MOST_TOWNS), "language": language.lower(), "format": "json"}
    answer = ask(_base("geocoding_url"), "/v1/search", wanted, _Towns)
    towns = (_place(town) for town in answer.results[:MOST_TOWNS])
    return tuple(dict.fromkeys(town for town in towns if town is not None))


def _place(town: _Town) -> Place | None:
    """None for what has no clock of its own (a country, a continent) or cannot be on the earth."""
    name, region, country = (one_line(word)[:_LONGEST] for word in (town.name, town.admin1, town.country))
    try:
        return Place(name, region, country, town.latitude, town.longitude, town.timezone) if name else None
    except InvalidInput:
        return None


def fetch(service: Service, place: Place, first: date, last: date, at: datetime | None = None) -> dict[str, Values]:
    """What a service has of each day, `first` to `last` by the place's own clock, in one question: factor to (days,), NaN where missing.

    Of `archive` and `forecast` the factors of `daily.WEATHER`, of `air_quality` those of `daily.AIR`. `at`: aware, for now. A service
    that can know none of the days is not asked. InvalidInput for more than MOST_DAYS or none; Unavailable as `ask`.
    """
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput("The weather can be asked for 1 day to 5 years at once.", "Choose other days.")
    factors = AIR if service == "air_quality" else WEATHER
    nothing = {factor: np.full(days, np.nan) for factor in factors}
    begin, end = starts(place.zone, first, last)[[0, -1]]
    today = (at or datetime.now(UTC)).astimezone(UTC).date()
    earliest = today - timedelta(days=_BACK[service]) if service in _BACK else _EARLIEST[service]
    from_day = max(datetime.fromtimestamp(int(begin), UTC).date(), earliest)
    until_day = min(datetime.fromtimestamp(int(end) - 1, UTC).date(), today + timedelta(days=_AHEAD[service]))
    if until_day < from_day:
        return nothing
    wanted = {
        "latitude": f"{place.latitude:.1f}",
        "longitude": f"{place.longitude:.1f}",
        "start_date": from_day.isoformat(),
        "end_date": until_day.isoformat(),
        "hourly": ",".join(_HOURLY[service]),
        "timezone": "GMT",
        "timeformat": "unixtime",
    }
    told = ask(_base(f"{service}_url"), _PATH[service], wanted, _Hours).hourly
    hours = np.array(told.get("time", []), np.float64)
    series = {factor: np.array(told.get(its, [None] * len(hours)), np.float64) for its, factor in _HOURLY[service].items()}
    if not np.isfinite(hours).all() or (np.diff(hours) <= 0).any() or any(len(values) != len(hours) for values in series.values()):
        raise no_answer(UNCLEAR)
    return nothing | by_days(hours.astype(np.int64), series, place.zone, first, last)


def _base(name: str) -> str:
    """The address of a service in the settings; empty where none is to be asked."""
    return str(getattr(settings(), name)) if settings().weather else ""


def last_to_come(today: date) -> date:
    """The last day that is worth asking for: a week from `today`, as far as a forecast says something."""
    return today + timedelta(days=7)
