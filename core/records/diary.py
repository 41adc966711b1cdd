"""The diary: one entry a day, written in the evening or later, and what was met that day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, delete, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, allowed, require
from core.records import triggers
from core.records.database import reading, transaction
from core.records.diary_tables import (
    DiaryDay,
    DiaryDayCreate,
    DiaryDayPublic,
    Exposure,
    ExposureCreate,
    ExposurePublic,
    Trigger,
)
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.times import not_to_come, now
from core.records.treatments import KINDS
from core.words import one_line

MEASURES = ("itch", "sleep", "severity")
"""What is told from 0 to 10, in the order in which it is asked."""
EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True)
class Met:
    """A trigger met, by its group and name, for days that come from a table. `hour` 0-23; None: not said."""

    kind: str
    name: str
    hour: int | None = None


@dataclass(frozen=True)
class Written:
    """What a table says of one day. `columns`: measures, `treatments`, `note` and groups of triggers that it has at all; None: all.

    Of what it has no column for, it says nothing: that stays as it is when the day takes the place of another.
    """

    entry: DiaryDayCreate
    met: tuple[Met, ...] = ()
    columns: frozenset[str] | None = None


@dataclass(frozen=True)
class Imported:
    """What became of the days of a table: so many were new, stood there already word for word, or took the place of another."""

    new: int = 0
    same: int = 0
    replaced: int = 0
    kept: int = 0


def checked(entry: dict[str, Any], today: date | None = None) -> DiaryDayCreate:
    """An entry that may be saved. InvalidInput for a day to come or before EARLIEST, numbers not whole or not 0-10, a long note."""
    try:
        made = DiaryDayCreate.model_validate({**entry, "note": one_line(str(entry.get("note") or ""))}, strict=False)
    except ValidationError as error:
        at = str(error.errors()[0]["loc"][0])
        if at in MEASURES:
            raise InvalidInput("Itch, sleep and severity are whole numbers from 0 to 10.", "Leave out what you do not know.") from None
        if at == "note":
            raise InvalidInput("The note is longer than 500 letters.", "Shorten it.") from None
        raise InvalidInput("This day cannot be read.", "Write it as 2026-03-14.") from None
    not_to_come(made.day, today)
    if made.day < EARLIEST:
        raise InvalidInput("This day is too long ago.", f"The first that can be kept is {EARLIEST.isoformat()}.")
    if set(made.treatments) - set(KINDS):
        raise InvalidInput("There is no such kind of treatment.", "Choose from the list.")
    made.treatments = [kind for kind in KINDS if kind in made.treatments]
    return made


def save_day(
    actor: Actor, person_id: UUID, entry: DiaryDayCreate, met: Sequence[ExposureCreate] = (), *, today: date | None = None
) -> DiaryDayPublic:
    """Save a day as it is now; what was there of it is replaced. `today`: the date on the person's own clock (None: of UTC).

    InvalidInput as `checked` says, for a trigger that is not the person's, or when nothing was said at all; NotAllowed, NotFound.
    """
    require(actor, "change_diary", person_id)
    entry = checked(entry.model_dump(), today)
    if not met and entry.silent:
        raise InvalidInput("Nothing was said of this day.", "Say at least one thing.")
    with transaction() as session:
        row = _put(session, person_id, entry)
        wanted = {one.trigger_id: one.hour for one in met}
        mine = select(Trigger).where(Trigger.person_id == person_id, col(Trigger.id).in_(wanted), col(Trigger.same_as_id).is_(None))
        if len(session.exec(mine).all()) != len(wanted):
            raise InvalidInput("A trigger of this day does not exist any more.", "Choose it again.")
        _meet(session, row, wanted)
        return _public(session, [row])[0]


def import_days(
    actor: Actor, person_id: UUID, days: Iterable[Written], *, replace: bool = False, today: date | None = None
) -> Imported:
    """Add days from a table, all or none. A day that is there already and says something else stays, unless `replace`.

    Triggers are made where the person has none of that name. Importing the same table twice changes nothing.
    """
    require(actor, "change_diary", person_id)
    counts = dict.fromkeys(("new", "same", "replaced", "kept"), 0)
    with transaction() as session:
        there = {row.day: row for row in session.exec(select(DiaryDay).where(DiaryDay.person_id == person_id))}
        shown = {one.day: one for one in _public(session, list(there.values()))}
        for one in days:
            entry = checked(one.entry.model_dump(), today)
            wanted = {triggers.known(session, person_id, met.kind, met.name).id: met.hour for met in one.met}
            old = shown.get(entry.day)
            if old is not None and one.columns is not None:
                before, hours = _says(old)
                silent = {name: getattr(before, name) for name in (*MEASURES, "treatments", "note") if name not in one.columns}
                entry = entry.model_copy(update=silent)
                wanted |= {met.trigger_id: hours[met.trigger_id] for met in old.met if met.kind not in one.columns}
            if old is not None and _says(old) == (entry, wanted):
                counts["same"] += 1
                continue
            if old is not None and not replace:
                counts["kept"] += 1
                continue
            _meet(session, _put(session, person_id, entry, there.get(entry.day)), wanted)
            counts["new" if old is None else "replaced"] += 1
    return Imported(**counts)


def list_days(actor: Actor, person_id: UUID, since: date | None = None, until: date | None = None) -> list[DiaryDayPublic]:
    """The days of `since` to `until` (both with that day), oldest first, with what was met."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    query = select(DiaryDay).where(DiaryDay.person_id == person_id).order_by(col(DiaryDay.day))
    if since is not None:
        query = query.where(DiaryDay.day >= since)
    if until is not None:
        query = query.where(DiaryDay.day <= until)
    with reading() as session:
        return _public(session, session.exec(query).all())


def delete_day(actor: Actor, day_id: UUID) -> None:
    """Erase a day for good. NotFound when it is not there for the actor."""
    with transaction() as session:
        row = session.get(DiaryDay, day_id)
        if row is None or not allowed(actor, "change_diary", row.person_id):
            raise NotFound("This day is not in the diary any more.", "Go back to your diary.")
        session.execute(delete(Exposure).where(col(Exposure.day_id) == row.id))
        session.delete(row)
        bury(session, ())
    finish_quietly()


def _says(day: DiaryDayPublic) -> tuple[DiaryDayCreate, dict[UUID, int | None]]:
    entry = DiaryDayCreate.model_validate(day.model_dump(include=set(DiaryDayCreate.model_fields)))
    return entry, {met.trigger_id: met.hour for met in day.met}


def _put(session: Session, person_id: UUID, entry: DiaryDayCreate, row: DiaryDay | None = None) -> DiaryDay:
    row = row or session.exec(select(DiaryDay).where(DiaryDay.person_id == person_id, DiaryDay.day == entry.day)).first()
    if row is None:
        row = DiaryDay.model_validate(entry, update={"person_id": person_id})
    else:
        row.sqlmodel_update({**entry.model_dump(), "changed_at": now()})
    session.add(row)
    session.flush()
    return row


def _meet(session: Session, row: DiaryDay, wanted: dict[UUID, int | None]) -> None:
    session.execute(delete(Exposure).where(col(Exposure.day_id) == row.id))
    session.add_all(Exposure(day_id=row.id, trigger_id=id, hour=hour) for id, hour in wanted.items())
    session.flush()


def _public(session: Session, rows: Sequence[DiaryDay]) -> list[DiaryDayPublic]:
    if not rows:
        return []
    mine = select(DiaryDay.id).where(DiaryDay.person_id == rows[0].person_id)
    if len(rows) == 1:
        mine = mine.where(DiaryDay.id == rows[0].id)
    query = (
        select(Exposure, Trigger)
        .join(Trigger, col(Trigger.id) == col(Exposure.trigger_id))
        .where(col(Exposure.day_id).in_(mine))
        .order_by(col(Trigger.key), col(Trigger.id))
    )
    met: dict[UUID, list[ExposurePublic]] = {}
    for one, trigger in session.exec(query):
        shown = ExposurePublic(trigger_id=trigger.id, kind=trigger.kind, name=trigger.name, hour=one.hour)
        met.setdefault(one.day_id, []).append(shown)
    return [DiaryDayPublic.model_validate(row, update={"met": tuple(met.get(row.id, ()))}) for row in rows]
