"""Treatments: what somebody used and from when to when, for the marks in every chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, allowed, require
from core.records.database import reading, transaction
from core.records.eczema_tables import Treatment, TreatmentCreate, TreatmentPublic
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.spots import clean
from core.records.times import not_to_come

KINDS: Mapping[str, str] = {
    "emollient": "Moisturiser",
    "steroid": "Steroid cream or ointment",
    "calcineurin": "Tacrolimus or pimecrolimus",
    "wet_wrap": "Wet wraps or bandages",
    "antihistamine": "Antihistamine",
    "antibiotic": "Antibiotic",
    "light": "Light therapy",
    "systemic": "Tablets or injections",
    "other": "Something else",
}
"""Kinds of treatment in plain words, what most people begin with first."""


def _checked(name: str, kind: str, started_on: date, ended_on: date | None, today: date | None) -> TreatmentCreate:
    if kind not in KINDS:
        raise InvalidInput("There is no such kind of treatment.", "Choose one from the list.")
    not_to_come(started_on, today)
    if ended_on is not None:
        not_to_come(ended_on, today)
        if ended_on < started_on:
            raise InvalidInput("The last day is before the first.", "Correct one of them.")
    try:
        return TreatmentCreate.model_validate({"name": clean(name), "kind": kind, "started_on": started_on, "ended_on": ended_on})
    except ValidationError:
        raise InvalidInput("A treatment needs a name of up to 80 letters.", "Write it as it stands on the tube or box.") from None


def add_treatment(
    actor: Actor, person_id: UUID, name: str, kind: str, started_on: date, ended_on: date | None = None, *, today: date | None = None
) -> TreatmentPublic:
    """A treatment of `kind` (one of KINDS) from `started_on` to `ended_on`, both with that day; None: it goes on.

    `today`: the date on the person's own clock (None: of UTC). InvalidInput for no or too long a name, for days to come
    or in the wrong order; NotAllowed, NotFound, Unavailable.
    """
    require(actor, "change_diary", person_id)
    create = _checked(name, kind, started_on, ended_on, today)
    with transaction() as session:
        row = Treatment.model_validate(create, update={"person_id": person_id})
        session.add(row)
        session.flush()
        return TreatmentPublic.model_validate(row)


def end_treatment(actor: Actor, treatment_id: UUID, day: date | None, *, today: date | None = None) -> TreatmentPublic:
    """Say which day was the last one; None: it goes on after all. InvalidInput for a day to come or before the first."""
    with transaction() as session:
        row = _own(session, actor, treatment_id)
        row.ended_on = _checked(row.name, row.kind, row.started_on, day, today).ended_on
        session.add(row)
        session.flush()
        return TreatmentPublic.model_validate(row)


def list_treatments(actor: Actor, person_id: UUID) -> list[TreatmentPublic]:
    """The person's treatments, by their first day."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    query = select(Treatment).where(Treatment.person_id == person_id).order_by(col(Treatment.started_on), col(Treatment.created_at))
    with reading() as session:
        return [TreatmentPublic.model_validate(row) for row in session.exec(query)]


def delete_treatment(actor: Actor, treatment_id: UUID) -> None:
    """Erase a treatment for good. NotFound when it is not there for the actor."""
    with transaction() as session:
        session.delete(_own(session, actor, treatment_id))
        bury(session, ())
    finish_quietly()


def _own(session: Session, actor: Actor, treatment_id: UUID) -> Treatment:
    row = session.get(Treatment, treatment_id)
    if row is None or not allowed(actor, "change_diary", row.person_id):
        raise NotFound("This treatment does not exist any more.", "Go back to your progress.")
    return row
