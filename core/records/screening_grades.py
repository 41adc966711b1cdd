"""The worklist of the screening desk: results with the grades that people gave beside them, which are never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.examinations.finding import Finding
from core.people.policy import Actor, require
from core.photo import decode_png
from core.records.database import reading, transaction
from core.records.openings import note
from core.records.photos import store
from core.records.pictures import grey_to_heat
from core.records.screening_batches import own_photo
from core.records.screening_patients import public
from core.records.screening_tables import (
    ScreeningGrade,
    ScreeningGradeCreate,
    ScreeningGradePublic,
    ScreeningPatient,
    ScreeningPatientPublic,
    ScreeningPhoto,
    ScreeningPhotoPublic,
    metadata,
)
from core.records.spots import clean
from core.records.tables import Account

SCREENED = "retina"
"""The kind of records that the desk's results are, for a doctor whom a patient lets see some kinds."""
UNGRADABLE = "ungradable"
"""A grade that says the photo cannot be graded."""


@dataclass(frozen=True)
class Listed:
    """A photo with whose it is and the newest grade a person gave; None: not known, none yet."""

    photo: ScreeningPhotoPublic
    patient: ScreeningPatientPublic | None = None
    grade: ScreeningGradePublic | None = None


@dataclass(frozen=True, eq=False)
class OpenPhoto:
    """A photo with its pictures. `finding` None: there is none, `listed.photo.reason` says why. `grades`: the oldest first."""

    listed: Listed
    finding: Finding | None
    photo_bytes: bytes
    media_type: str
    grades: tuple[ScreeningGradePublic, ...]


def list_photos(actor: Actor, batch_id: UUID | None = None, patient_id: UUID | None = None, *, facts: bool = True) -> list[Listed]:
    """The photos of a batch or of a patient (or all), in the order they came, each with the newest grade of a person.

    `facts` False: without the findings, for who only counts; of 2,000 photos they are megabytes.
    """
    require(actor, "read_screening")
    which = [col(ScreeningPhoto.batch_id) == batch_id] if batch_id is not None else []
    return _listed(*which, *([col(ScreeningPhoto.patient_id) == patient_id] if patient_id is not None else []), facts=facts)


def screened(actor: Actor, person_id: UUID) -> list[Listed]:
    """What the desk found of a person of an account, with the newest grade of a person; nothing unless somebody linked them."""
    require(actor, "read_records", person_id, SCREENED)
    note(actor, person_id, "list")
    mine = select(ScreeningPatient.id).where(ScreeningPatient.person_id == person_id)
    return _listed(col(ScreeningPhoto.patient_id).in_(mine), col(ScreeningPhoto.state) == "done")


def _listed(*which: ColumnElement[bool], facts: bool = True) -> list[Listed]:
    told = [name for name in (*ScreeningPhotoPublic.model_fields, "thumbnail_key") if name != "has_photo" and (facts or name != "facts")]
    columns = [metadata.tables["screening_photo"].c[name] for name in told]
    photos = sql_select(*columns).where(*which).order_by(col(ScreeningPhoto.created_at), col(ScreeningPhoto.filename))
    grades = select(ScreeningGrade, Account.name).outerjoin(Account, col(Account.id) == col(ScreeningGrade.account_id))
    grades = grades.join(ScreeningPhoto, col(ScreeningPhoto.id) == col(ScreeningGrade.photo_id)).where(*which)
    grades = grades.order_by(col(ScreeningGrade.created_at))
    with reading() as session:
        known = {row.id: public(row) for row in session.exec(select(ScreeningPatient))}
        newest = {grade.photo_id: _shown(grade, name) for grade, name in session.exec(grades)}
        rows = [dict(row) for row in session.connection().execute(photos).mappings()]
    found = [ScreeningPhotoPublic.model_validate({**row, "has_photo": row["thumbnail_key"] is not None}) for row in rows]
    return [Listed(one, known.get(one.patient_id) if one.patient_id else None, newest.get(one.id)) for one in found]


def _shown(row: ScreeningGrade, name: str | None) -> ScreeningGradePublic:
    return ScreeningGradePublic.model_validate(row, update={"by": name or ""})


def give_grade(actor: Actor, photo_id: UUID, grade: str, reason: str, *, labels: tuple[str, ...]) -> ScreeningGradePublic:
    """Put a person's grade beside the network's: one of `labels`, the examination's own, or UNGRADABLE.

    A grade other than the network's needs a reason. InvalidInput, NotFound (no photo to look at), NotAllowed, Unavailable.
    """
    require(actor, "grade_screening")
    if grade not in (*labels, UNGRADABLE):
        raise InvalidInput("There is no such grade.", "Choose one from the list.")
    with transaction() as session:
        row = own_photo(session, photo_id)
        if not row.has_photo:
            raise NotFound("There is no picture to grade yet.", "Wait until it was read.")
        network = network_grade(row)
        reason = "" if grade == network else clean(reason)
        if grade != network and network and not reason:
            raise InvalidInput("Say in a few words why your grade is another one.", "Such as: new vessels at the disc.")
        told = {"grade": grade, "network": network, "reason": reason, "role": actor.role}
        try:
            create = ScreeningGradeCreate.model_validate(told)
        except ValidationError:
            raise InvalidInput("The reason has up to 300 letters.", "Make it shorter.") from None
        made = ScreeningGrade.model_validate(create, update={"photo_id": photo_id, "account_id": actor.account_id})
        session.add(made)
        session.flush()
        return _shown(made, actor.name)


def network_grade(photo: ScreeningPhoto | ScreeningPhotoPublic) -> str:
    """What the network said as a grade: its label, UNGRADABLE where it could not tell, empty while it has not looked."""
    if photo.state != "done":
        return ""
    return photo.label if photo.status == "ok" else UNGRADABLE


def open_photo(actor: Actor, photo_id: UUID) -> OpenPhoto:
    """A photo with its pictures, result and every grade. NotFound when there is no picture of it; NotAllowed, Unavailable."""
    require(actor, "read_screening")
    with reading() as session:
        row = own_photo(session, photo_id)
        patient = session.get(ScreeningPatient, row.patient_id) if row.patient_id else None
        grades = tuple(_grades(session, photo_id))
    if row.photo_key is None:
        raise NotFound("There is no picture of this file.", row.reason)
    listed = Listed(ScreeningPhotoPublic.model_validate(row), public(patient) if patient else None, grades[-1] if grades else None)
    return OpenPhoto(listed, _finding(row), store().get(row.photo_key), row.media_type or "image/jpeg", grades)


def _grades(session: Session, photo_id: UUID) -> list[ScreeningGradePublic]:
    query = select(ScreeningGrade, Account.name).outerjoin(Account, col(Account.id) == col(ScreeningGrade.account_id))
    rows = session.exec(query.where(ScreeningGrade.photo_id == photo_id).order_by(col(ScreeningGrade.created_at)))
    return [_shown(grade, name) for grade, name in rows]


def _finding(row: ScreeningPhoto) -> Finding | None:
    if not row.facts:
        return None
    blobs = store()
    masks = {name: decode_png(blobs.get(key)) for name, key in (row.mask_keys or {}).items()}
    heat = None if row.heat_key is None else grey_to_heat(decode_png(blobs.get(row.heat_key)))
    return Finding.from_facts(row.facts, masks, heat)


def thumbnail(actor: Actor, photo_id: UUID) -> bytes:
    """A JPEG of the photo, longer side at most 480 pixels. NotFound when there is no picture of it."""
    require(actor, "read_screening")
    with reading() as session:
        row = own_photo(session, photo_id)
    if row.thumbnail_key is None:
        raise NotFound("There is no picture of this file.", row.reason)
    return store().get(row.thumbnail_key)
