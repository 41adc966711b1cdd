"""The weather that a person loaded from files, for where there is no network, or no service knows.

A loaded value stands where the services have none. It stands before theirs only where the person said so when they loaded it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlmodel import col, select

from core.errors import InvalidInput
from core.people.policy import Actor, require
from core.records.database import changed, reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.weather_tables import LoadedDay
from core.weather.daily import FACTORS, possible
from core.weather.weather_csv import Row


@dataclass(frozen=True)
class LoadedSpan:
    """How many days somebody loaded, with the first and the last."""

    days: int
    first: date
    last: date


def load_weather(actor: Actor, person_id: UUID, rows: Sequence[Row], *, replace: bool = False) -> int:
    """Keep what a person loaded (`weather_csv.read`); returns how many days. `replace`: it counts before what the services say.

    Of a day and factor that was loaded before, the new value counts. InvalidInput for a factor or a value that cannot be.
    """
    require(actor, "change_diary", person_id)
    if not rows:
        return 0
    for row in rows:
        if any(id not in FACTORS or not np.isfinite(possible(id, np.array(value))) for id, value in row.values.items()):
            raise InvalidInput("This weather cannot be.", "Load it from a CSV file.")
    with transaction() as session:
        there = {row.day: row for row in session.exec(select(LoadedDay).where(LoadedDay.person_id == person_id))}
        for row in rows:
            kept = there.setdefault(row.day, LoadedDay(person_id=person_id, day=row.day))
            kept.factors = {**kept.factors, **row.values}
            kept.replaces = sorted({*kept.replaces} | {*row.values} if replace else {*kept.replaces} - {*row.values})
            session.add(kept)
    return len({row.day for row in rows})


def loaded_span(actor: Actor, person_id: UUID) -> LoadedSpan | None:
    """What was loaded, in short; None: nothing."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    with reading() as session:
        query = sa.select(col(LoadedDay.day)).where(col(LoadedDay.person_id) == person_id).order_by(col(LoadedDay.day))
        days = session.scalars(query).all()
    return LoadedSpan(len(days), days[0], days[-1]) if days else None


def remove_loaded(actor: Actor, person_id: UUID) -> int:
    """Erase all that a person loaded, for good; returns how many days."""
    require(actor, "change_diary", person_id)
    with transaction() as session:
        gone = changed(session, sa.delete(LoadedDay).where(col(LoadedDay.person_id) == person_id))
        bury(session, ())
    finish_quietly()
    return gone
