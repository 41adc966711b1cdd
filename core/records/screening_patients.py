"""Patients of the screening desk: made, imported, linked to the person of an account, erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, require
from core.people.secrets import code_hash, new_code
from core.records.database import reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.screening_tables import ScreeningPatient, ScreeningPatientCreate, ScreeningPatientPublic, ScreeningPhoto
from core.records.spots import clean
from core.records.times import not_to_come, now

LINK_LIFE = timedelta(days=30)
"""How long a code for linking works: until the patient is home and has an account."""


def code_key(code: str) -> str:
    """What two ways of writing the same number have in common: capitals and spaces at the ends do not count."""
    return clean(code).casefold()


def checked_patient(code: str, name: str = "", birth_date: date | None = None) -> ScreeningPatientCreate:
    """What a patient may be, with single spaces. InvalidInput for no or too long a number, too long a name, a birthday to come."""
    if birth_date is not None:
        not_to_come(birth_date)
        if birth_date.year < 1890:
            raise InvalidInput("This year of birth is too long ago.", "Write it as 1956-03-14.")
    try:
        return ScreeningPatientCreate.model_validate({"code": clean(code), "name": clean(name), "birth_date": birth_date})
    except ValidationError:
        raise InvalidInput("A patient needs a number of up to 60 letters; a name has up to 100.", "Correct it and try again.") from None


def add_patient(actor: Actor, code: str, name: str = "", birth_date: date | None = None) -> ScreeningPatientPublic:
    """A new patient. InvalidInput for what cannot be accepted or a number that somebody has already; NotAllowed, Unavailable."""
    require(actor, "manage_screening")
    create = checked_patient(code, name, birth_date)
    try:
        with transaction() as session:
            row = _new(session, create)
            return public(row)
    except IntegrityError:
        raise InvalidInput("There is a patient of this number already.", "Choose that one from the list.") from None


def add_patients(actor: Actor, wanted: Iterable[ScreeningPatientCreate]) -> tuple[int, list[str]]:
    """Many at once; returns how many are new, and the numbers that were there already and stayed as they are."""
    require(actor, "manage_screening")
    made, there = 0, []
    with transaction() as session:
        known = set(session.exec(select(ScreeningPatient.code_key)))
        for create in wanted:
            if code_key(create.code) in known:
                there.append(create.code)
                continue
            known.add(code_key(create.code))
            _new(session, create)
            made += 1
    return made, there


def _new(session: Session, create: ScreeningPatientCreate) -> ScreeningPatient:
    row = ScreeningPatient.model_validate(create, update={"code_key": code_key(create.code)})
    session.add(row)
    session.flush()
    return row


def public(row: ScreeningPatient) -> ScreeningPatientPublic:
    """The patient as the desk shows them."""
    return ScreeningPatientPublic.model_validate(row)


def list_patients(actor: Actor) -> list[ScreeningPatientPublic]:
    """Every patient of the desk, by their number."""
    require(actor, "read_screening")
    with reading() as session:
        return [public(row) for row in session.exec(select(ScreeningPatient).order_by(col(ScreeningPatient.code_key)))]


def own_patient(session: Session, patient_id: UUID) -> ScreeningPatient:
    """The patient's row; NotFound when it was erased."""
    row = session.get(ScreeningPatient, patient_id)
    if row is None:
        raise NotFound("This patient is not on the list any more.", "Load the page anew.")
    return row


def change_patient(actor: Actor, patient_id: UUID, code: str, name: str, birth_date: date | None) -> ScreeningPatientPublic:
    """Correct number, name or birthday. InvalidInput as for `add_patient`."""
    require(actor, "manage_screening")
    create = checked_patient(code, name, birth_date)
    try:
        with transaction() as session:
            row = own_patient(session, patient_id)
            row.sqlmodel_update({**create.model_dump(), "code_key": code_key(create.code)})
            session.add(row)
            session.flush()
            return public(row)
    except IntegrityError:
        raise InvalidInput("There is a patient of this number already.", "Choose another number.") from None


def erase_patient(actor: Actor, patient_id: UUID) -> int:
    """Erase a patient with every photo, result and grade for good; returns how many photos."""
    require(actor, "manage_screening")
    with transaction() as session:
        row = own_patient(session, patient_id)
        photos = session.exec(select(ScreeningPhoto).where(ScreeningPhoto.patient_id == patient_id)).all()
        bury(session, [key for photo in photos for key in photo.blobs()])
        for photo in photos:
            session.delete(photo)
        session.flush()
        session.delete(row)
    finish_quietly()
    return len(photos)


def make_link_code(actor: Actor, patient_id: UUID) -> str:
    """A code such as `K7PM-2WXR-9QAC`, with which somebody links this patient to a person of their account.

    One that was made before works no more.
    """
    require(actor, "manage_screening")
    code = new_code()
    with transaction() as session:
        row = own_patient(session, patient_id)
        row.link_hash, row.link_expires_at = _hashed(code), now() + LINK_LIFE
        session.add(row)
    return code


def _hashed(code: str) -> str:
    return code_hash("screening link", code)


def link_patient(actor: Actor, person_id: UUID, code: str) -> None:
    """Let a person of the actor's account see what the desk found under this code. InvalidInput for one that does not work (any more)."""
    require(actor, "change_person", person_id)
    with transaction() as session:
        row = session.exec(select(ScreeningPatient).where(ScreeningPatient.link_hash == _hashed(code))).first()
        if row is None or row.link_expires_at is None or row.link_expires_at <= now():
            raise InvalidInput("This code does not work.", "Check every letter. It works once, for 30 days; ask the clinic for a new one.")
        row.person_id, row.link_hash, row.link_expires_at = person_id, None, None
        session.add(row)


def unlink_patient(actor: Actor, patient_id: UUID) -> None:
    """Take the link to a person back: the desk's results are not shown in that account any more."""
    require(actor, "manage_screening")
    with transaction() as session:
        row = own_patient(session, patient_id)
        row.person_id = None
        session.add(row)
