"""Allergies and medicines of a person: the patient and the doctors who see the chart keep them together."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, allowed, require
from core.records.chart import checked
from core.records.chart_tables import Allergy, AllergyCreate, AllergyPublic, Medicine, MedicineCreate, MedicinePublic
from core.records.database import reading, transaction
from core.records.openings import note
from core.records.spots import clean
from core.records.times import not_to_come, now


def add_medicine(actor: Actor, person_id: UUID, name: str, dose: str = "", started_on: date | None = None) -> MedicinePublic:
    """A medicine that is taken now. NotAllowed, InvalidInput (no or too long a name), NotFound, Unavailable."""
    require(actor, "change_medicines", person_id)
    values = {"name": clean(name), "dose": clean(dose), "started_on": started_on}
    create = checked(MedicineCreate, values, "A medicine needs a name of up to 100 letters.", "Write it as it stands on the box.")
    with transaction() as session:
        row = Medicine.model_validate(create, update={"person_id": person_id, "account_id": actor.account_id, "role": actor.role})
        session.add(row)
        session.flush()
        return MedicinePublic.model_validate(row)


def end_medicine(actor: Actor, medicine_id: UUID, day: date, *, today: date | None = None) -> MedicinePublic:
    """Say which day was the last one. InvalidInput for a day to come or before the first; NotFound."""
    not_to_come(day, today)
    with transaction() as session:
        row = session.get(Medicine, medicine_id)
        if row is None or not allowed(actor, "change_medicines", row.person_id):
            raise NotFound("This medicine is not here any more.", "Load the page anew.")
        if row.started_on is not None and day < row.started_on:
            raise InvalidInput("The last day is before the first.", "Correct one of them.")
        row.ended_on = day
        session.add(row)
        session.flush()
        return MedicinePublic.model_validate(row)


def list_medicines(actor: Actor, person_id: UUID) -> list[MedicinePublic]:
    """Every medicine of a person, those taken now first."""
    require(actor, "read_chart", person_id)
    note(actor, person_id, "chart")
    query = select(Medicine).where(Medicine.person_id == person_id).order_by(col(Medicine.created_at), col(Medicine.id))
    with reading() as session:
        found = [MedicinePublic.model_validate(row) for row in session.exec(query)]
    return sorted(found, key=lambda one: one.ended_on is not None)


def add_allergy(actor: Actor, person_id: UUID, substance: str, reaction: str = "") -> AllergyPublic:
    """An allergy. NotAllowed, InvalidInput (nothing or too much said), NotFound, Unavailable."""
    require(actor, "change_medicines", person_id)
    values = {"substance": clean(substance), "reaction": clean(reaction)}
    create = checked(AllergyCreate, values, "An allergy needs a name of up to 100 letters.", "Say to what, and what happens then.")
    with transaction() as session:
        row = Allergy.model_validate(create, update={"person_id": person_id, "account_id": actor.account_id, "role": actor.role})
        session.add(row)
        session.flush()
        return AllergyPublic.model_validate(row)


def strike_allergy(actor: Actor, allergy_id: UUID) -> None:
    """Say that it is none: it is not listed any more. NotFound."""
    with transaction() as session:
        row = session.get(Allergy, allergy_id)
        if row is None or not allowed(actor, "change_medicines", row.person_id):
            raise NotFound("This allergy is not here any more.", "Load the page anew.")
        row.struck_at = row.struck_at or now()
        session.add(row)


def list_allergies(actor: Actor, person_id: UUID) -> list[AllergyPublic]:
    """The allergies of a person, oldest first."""
    require(actor, "read_chart", person_id)
    note(actor, person_id, "chart")
    query = select(Allergy).where(Allergy.person_id == person_id, col(Allergy.struck_at).is_(None))
    with reading() as session:
        return [AllergyPublic.model_validate(row) for row in session.exec(query.order_by(col(Allergy.created_at), col(Allergy.id)))]
