"""The weather of places as the services told it, kept so that nothing is asked twice. It says nothing of persons.

A day is asked about again only
- when it was not over at the time: what came was a forecast, for it or for a part of it. A day later, or as soon as it is over;
- when it was over, and the service had nothing: a day later, for as long as it was asked within PATIENCE of its end. Then it is known to
  have nothing, for good.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import and_, delete, exists
from sqlmodel import Session, col, select

from core.records.database import transaction
from core.records.weather_tables import PersonPlace, WeatherDay
from core.weather.client import Service
from core.weather.daily import AIR, WEATHER, Values, starts

AGAIN = timedelta(days=1)
PATIENCE = timedelta(days=14)
"""The archive is about 5 days late, and has been 12."""


def due(asked: datetime | None, had: bool, day: date, zone: ZoneInfo, at: datetime) -> bool:
    """Whether a day is to be asked about at `at` (aware), when it was at `asked` (None: never) and the service `had` something or not."""
    if asked is None:
        return True
    over = datetime.fromtimestamp(int(starts(zone, day, day)[1]), UTC)
    if asked < over:
        return at >= min(over, asked + AGAIN)
    return not had and asked < over + PATIENCE and at >= asked + AGAIN


def settled(asked: datetime | None, had: bool, day: date, zone: ZoneInfo) -> bool:
    """Whether there is something, or it is known that there is nothing."""
    return had or (asked is not None and not due(asked, had, day, zone, datetime.max.replace(tzinfo=UTC)))


def days_of(session: Session, tenths: tuple[int, int], first: date, last: date) -> dict[date, WeatherDay]:
    """The rows of a place from `first` to `last`, by day."""
    lat10, lon10 = tenths
    query = select(WeatherDay).where(WeatherDay.lat10 == lat10, WeatherDay.lon10 == lon10, WeatherDay.day >= first, WeatherDay.day <= last)
    return {row.day: row for row in session.exec(query)}


def keep(
    tenths: tuple[int, int], service: Service, first: date, told: Mapping[str, Values], wanted: Collection[date], at: datetime
) -> None:
    """Keep what a service `told` of the days from `first`, of those that were wanted. Nothing, for a place that nobody has any more.

    Those who write take turns, so of two who asked the same at once the second finds the rows of the first.
    """
    lat10, lon10 = tenths
    group = AIR if service == "air_quality" else WEATHER
    with transaction() as session:
        if session.exec(select(PersonPlace.id).where(PersonPlace.lat10 == lat10, PersonPlace.lon10 == lon10)).first() is None:
            return
        rows = days_of(session, tenths, min(wanted), max(wanted))
        for day in sorted(wanted):
            row = rows.get(day) or WeatherDay(lat10=lat10, lon10=lon10, day=day)
            values = {id: float(of_days[(day - first).days]) for id, of_days in told.items()}
            others = {id: value for id, value in row.factors.items() if id not in group}
            row.factors = others | {id: value for id, value in values.items() if np.isfinite(value)}
            if service == "air_quality":
                row.air_at = at
            else:
                row.weather_at, row.weather_from = at, service
            session.add(row)


def forget_places(session: Session) -> None:
    """Delete the days of places that nobody has any more."""
    had = and_(col(PersonPlace.lat10) == col(WeatherDay.lat10), col(PersonPlace.lon10) == col(WeatherDay.lon10))
    session.execute(delete(WeatherDay).where(~exists().where(had)).execution_options(synchronize_session=False))
