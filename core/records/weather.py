"""The weather of a person's days: from the services by way of their town, and from files that they loaded (`weather_loaded`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Literal
from uuid import UUID
from weakref import WeakValueDictionary

import numpy as np
from sqlmodel import Session, select

from core.errors import InvalidInput, Unavailable
from core.people.policy import Actor, require
from core.records import weather_cache as cache
from core.records.database import reading
from core.records.openings import note
from core.records.times import now
from core.records.weather_tables import LoadedDay, PersonPlace, WeatherDay
from core.weather.client import MOST_DAYS, Service, fetch, last_to_come
from core.weather.daily import AIR, FACTORS, WEATHER, Table
from core.weather.towns import Place

ARCHIVE_AFTER = 7
"""Days after which the archive is asked and not the forecast any more; it is about 5 late."""
Group = Literal["weather", "air"]

_turns: WeakValueDictionary[tuple[int, int], Lock] = WeakValueDictionary()
_taking = Lock()


@dataclass(frozen=True)
class Missing:
    """Days of which the services have told nothing yet, and may: not of those of which they are known to have nothing.

    `since`: the first of those that are missing without a gap up to the last day, or today; None: that one is there.
    """

    days: tuple[date, ...] = ()
    since: date | None = None


@dataclass(frozen=True)
class Refreshed:
    """What came of asking. `answered`: the services that were asked, each once, and told something; `missing` of each group.

    `reason`, `hint`: why something did not come, in sentences for people; both empty when all was told that was asked for.
    """

    answered: tuple[Service, ...]
    missing: dict[Group, Missing]
    reason: str = ""
    hint: str = ""


def weather_of(actor: Actor, person_id: UUID, first: date, last: date) -> Table:
    """What is kept of each day from `first` to `last`: every factor of `daily.FACTORS`, NaN where missing. Nobody is asked.

    InvalidInput for days in the wrong order or more than five years; NotAllowed, Unavailable.
    """
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    days = _span(first, last)
    with reading() as session:
        place = _place(session, person_id)
        told = cache.days_of(session, place.tenths, first, last) if place else {}
        query = select(LoadedDay).where(LoadedDay.person_id == person_id, LoadedDay.day >= first, LoadedDay.day <= last)
        loaded = {row.day: row for row in session.exec(query)}
    values, sources = np.full((len(days), len(FACTORS)), np.nan), []
    for at, day in enumerate(days):
        known, of_day = _day(told.get(day), loaded.get(day))
        values[at] = [known.get(id, np.nan) for id in FACTORS]
        sources.append(of_day)
    return Table(np.array([day.toordinal() for day in days], np.int64), FACTORS, values, tuple(sources))


def _day(told: WeatherDay | None, loaded: LoadedDay | None) -> tuple[dict[str, float], tuple[str, ...]]:
    """The values of one day, and who gave something of it."""
    theirs, own = told.factors if told else {}, loaded.factors if loaded else {}
    mine = {id for id in own if id not in theirs or (loaded and id in loaded.replaces)}
    values = theirs | {id: own[id] for id in mine}
    used = theirs.keys() - mine
    said = [told.weather_from] if told and used & WEATHER.keys() else []
    said += ["air_quality"] if used & AIR.keys() else []
    return values, (*said, *(["loaded"] if mine else []))


def refresh(actor: Actor, person_id: UUID, first: date, last: date, *, at: datetime | None = None) -> Refreshed:
    """Ask the services for what is not kept yet of the person's town, each in one question for all days. `at`: aware, for now.

    Days more than a week ahead are not asked for. Never raises for the network: what did not come is told. InvalidInput as `weather_of`;
    NotAllowed; Unavailable without the database.
    """
    require(actor, "change_diary", person_id)
    _span(first, last)
    at = at or now()
    with reading() as session:
        place = _place(session, person_id)
    if place is None:
        nothing: dict[Group, Missing] = {"weather": Missing(), "air": Missing()}
        return Refreshed((), nothing, "No town was chosen yet.", "Choose one, or load a CSV file of the weather.")
    today = at.astimezone(place.zone).date()
    days = _days(first, min(last, last_to_come(today)))
    with _turn(place.tenths):
        wanted = _wanted(place, days, today, at)
        troubles = _ask(place, wanted, at)
    answered = tuple(service for service in wanted if service not in troubles)
    missing = _missing(place, [day for day in days if day <= today])
    trouble = next(iter(troubles.values()), None)
    return Refreshed(answered, missing, trouble.reason, trouble.hint) if trouble else Refreshed(answered, missing)


def _wanted(place: Place, days: Sequence[date], today: date, at: datetime) -> dict[Service, list[date]]:
    """Which service is to be asked about which days."""
    wanted: dict[Service, list[date]] = {}
    for day, group, asked, had in _asked(place, days):
        if cache.due(asked, had, day, place.zone, at):
            old = (today - day).days > ARCHIVE_AFTER
            wanted.setdefault("air_quality" if group == "air" else "archive" if old else "forecast", []).append(day)
    return wanted


def _asked(place: Place, days: Sequence[date]) -> Iterator[tuple[date, Group, datetime | None, bool]]:
    """Of each day and group: when it was asked about last, and whether something came."""
    if not days:
        return
    with reading() as session:
        rows = cache.days_of(session, place.tenths, days[0], days[-1])
    for day in days:
        row = rows.get(day)
        yield day, "weather", row.weather_at if row else None, bool(row and row.factors.keys() & WEATHER.keys())
        yield day, "air", row.air_at if row else None, bool(row and row.factors.keys() & AIR.keys())


def _ask(place: Place, wanted: dict[Service, list[date]], at: datetime) -> dict[Service, Unavailable]:
    """Ask all at the same time, keep what comes, and return why something did not."""

    def one(service: Service) -> Unavailable | None:
        days = wanted[service]
        try:
            told = fetch(service, place, days[0], days[-1], at)
        except Unavailable as error:
            return error
        cache.keep(place.tenths, service, days[0], told, days, at)
        return None

    if not wanted:
        return {}
    with ThreadPoolExecutor(len(wanted)) as pool:
        return {service: trouble for service, trouble in zip(wanted, pool.map(one, wanted), strict=True) if trouble}


def _missing(place: Place, days: Sequence[date]) -> dict[Group, Missing]:
    found: dict[Group, list[date]] = {"weather": [], "air": []}
    for day, group, asked, had in _asked(place, days):
        if not cache.settled(asked, had, day, place.zone):
            found[group].append(day)
    return {group: Missing(tuple(of), _since(of, days)) for group, of in found.items()}


def _since(missing: Iterable[date], days: Sequence[date]) -> date | None:
    since, gone = None, set(missing)
    for day in reversed(days):
        if day not in gone:
            break
        since = day
    return since


@contextmanager
def _turn(tenths: tuple[int, int]) -> Iterator[None]:
    """One after the other for a place, so that two pages at once do not both ask for it."""
    with _taking:
        turn = _turns.setdefault(tenths, Lock())
    with turn:
        yield


def _place(session: Session, person_id: UUID) -> Place | None:
    row = session.exec(select(PersonPlace).where(PersonPlace.person_id == person_id)).first()
    return None if row is None else Place(row.name, row.region, row.country, row.lat10 / 10, row.lon10 / 10, row.timezone)


def _span(first: date, last: date) -> list[date]:
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInput("The weather is shown for 1 day to 5 years.", "Choose other days.")
    return _days(first, last)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
