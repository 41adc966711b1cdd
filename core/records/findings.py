"""Records: a finding, its photo, outlines and heat map, saved together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import InvalidInput, NotFound, Unavailable
from core.examinations.finding import Finding
from core.people.policy import Action, Actor, allowed, kinds_of, require
from core.photo import Photo, decode_png
from core.records.database import reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.outlines import newest, newest_of_person, pictures_of, shown
from core.records.photos import PhotoStore, store
from core.records.pictures import drop, grey_to_heat, put_all
from core.records.places import checked_place
from core.records.record_tables import Record, RecordCreate, RecordPublic, Spot
from core.records.spots import checked_spot, clean, own_spot

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class OpenRecord:
    """A record with its pictures. `photo_bytes`: the file as stored, of `media_type`; `finding` holds masks and heat."""

    record: RecordPublic
    finding: Finding
    photo_bytes: bytes
    media_type: str


def save_finding(
    actor: Actor,
    person_id: UUID,
    photo: Photo,
    finding: Finding,
    *,
    site: str | None = None,
    spot_id: UUID | None = None,
    new_spot: str | None = None,
    outline_accepted: bool | None = None,
    taken_at: datetime | None = None,
    token: UUID | None = None,
    region: str | None = None,
    side: str | None = None,
    whole_region: bool = False,
) -> RecordPublic:
    """Save a finding of `person_id` and return its record, once everything would survive a crash.

    `taken_at`: aware; None: now. `token`: saving again with the same token returns the first record.
    `site`: None with a spot: the spot's. `new_spot`: the name of a spot to be made at `site` together with
    the record, which is then its first (without `spot_id`). `region`, `side`, `whole_region`: see RecordBase.
    The pictures are written before the row, and the row is what lists show: whatever happens in between, no
    half record is ever seen, and a failure takes the pictures away again. Raises NotAllowed, NotFound (spot),
    InvalidInput (site or name of the spot too long or missing, region and side that do not fit), Unavailable.
    """
    require(actor, "save_record", person_id)
    made_spot = None
    if new_spot is not None and spot_id is None:
        require(actor, "change_spots", person_id)
        made_spot = checked_spot(site or "", new_spot)
    place = checked_place(region, side, whole_region)
    create = _create(photo, finding, site, taken_at, {"spot_id": spot_id, "outline_accepted": outline_accepted, "token": token, **place})
    with reading() as session:
        if token is not None and (known := _by_token(session, person_id, token)):
            return shown(known, newest(session, known.id))
        if spot_id is not None:
            create = _at_spot(session, actor, person_id, create)
    blobs = store()
    keys: list[str] = []
    record_id = uuid4()
    try:
        pictures = put_all(blobs, keys, photo, finding)
        with transaction() as session:
            if spot_id is not None:
                _at_spot(session, actor, person_id, create)
            if made_spot is not None:
                spot = Spot.model_validate(made_spot, update={"person_id": person_id})
                session.add(spot)
                session.flush()
                create = create.model_copy(update={"spot_id": spot.id})
            row = Record.model_validate(create, update={"id": record_id, "person_id": person_id, **pictures})
            session.add(row)
            session.flush()
            return RecordPublic.model_validate(row)
    except BaseException as error:
        saved = _after_failure(record_id, person_id, token, blobs, keys)
        if saved is not None and isinstance(error, Unavailable | IntegrityError):
            return saved
        raise


def _after_failure(record_id: UUID, person_id: UUID, token: UUID | None, blobs: PhotoStore, keys: list[str]) -> RecordPublic | None:
    """What became of a save that failed; its pictures are removed unless they belong to a row.

    A connection lost while committing leaves open whether the row is there, so it is looked up. The
    same token may also have been saved by somebody else in the meantime: then theirs is the record.
    When the database cannot tell, the pictures stay: unseen, and `core.records.check` finds them later.
    """
    try:
        with reading() as session:
            row = session.get(Record, record_id)
            if row is None:
                drop(blobs, keys)
                row = _by_token(session, person_id, token) if token is not None else None
            return None if row is None else shown(row, newest(session, row.id))
    except Unavailable:
        return None


def _create(photo: Photo, finding: Finding, site: str | None, taken_at: datetime | None, as_given: Mapping[str, Any]) -> RecordCreate:
    if taken_at is not None and taken_at.tzinfo is None:
        raise ValueError("taken_at needs a time zone")
    given: dict[str, Any] = {
        "examination": finding.examination,
        "status": finding.status,
        "label": finding.label,
        "step": finding.step,
        "refer": finding.refer,
        "facts": finding.facts(),
        "site": clean(site or "") or None,
        **as_given,
        "width": photo.size[0],
        "height": photo.size[1],
        "photo_tags": dict(photo.tags),
    }
    if taken_at is not None:
        given["taken_at"] = taken_at
    try:
        return RecordCreate.model_validate(given)
    except ValidationError as error:
        if any(problem["loc"] == ("site",) for problem in error.errors()):
            raise InvalidInput("The name of the place on the body is too long.", "Use at most 60 letters.") from None
        raise


def _at_spot(session: Session, actor: Actor, person_id: UUID, create: RecordCreate) -> RecordCreate:
    """The record at its spot, which must be this very person's."""
    assert create.spot_id is not None
    spot = own_spot(session, actor, create.spot_id, "save_record")
    if spot.person_id != person_id:
        raise NotFound("This spot does not exist any more.", "Choose another one.")
    return create if create.site else create.model_copy(update={"site": spot.site})


def _by_token(session: Session, person_id: UUID, token: UUID) -> Record | None:
    return session.exec(select(Record).where(Record.person_id == person_id, Record.token == token)).first()


def _filtered(
    query: SelectOfScalar[_T], actor: Actor, person_id: UUID, examination: str | None, spot_id: UUID | None, region: str | None
) -> SelectOfScalar[_T]:
    """Those of a person that the actor may read. NotAllowed where that is none, whatever there is."""
    kinds = kinds_of(actor, "read_records", person_id)
    query = query.where(Record.person_id == person_id)
    if kinds is not None:
        query = query.where(col(Record.examination).in_(kinds))
    if examination is not None:
        query = query.where(Record.examination == examination)
    if spot_id is not None:
        query = query.where(Record.spot_id == spot_id)
    if region is not None:
        query = query.where(Record.region == region)
    return query


def list_records(
    actor: Actor,
    person_id: UUID,
    *,
    examination: str | None = None,
    spot_id: UUID | None = None,
    region: str | None = None,
    limit: int = 50,
    offset: int = 0,
    newest_first: bool = True,
    since: datetime | None = None,
) -> list[RecordPublic]:
    """A page of the person's records by the time they were taken, those of one time in the order they were saved.

    `since` (aware): those taken then or later. Of a person who let a doctor see some kinds of records, those. NotAllowed for a person
    the actor does not act for.
    """
    kinds_of(actor, "read_records", person_id)
    note(actor, person_id, "list")
    times = (col(Record.taken_at), col(Record.created_at), col(Record.id))
    order = [time.desc() for time in times] if newest_first else times
    query = _filtered(select(Record), actor, person_id, examination, spot_id, region).order_by(*order).limit(limit).offset(offset)
    if since is not None:
        query = query.where(Record.taken_at >= since)
    with reading() as session:
        corrected = newest_of_person(session, person_id)
        return [shown(row, corrected.get(row.id, {})) for row in session.exec(query)]


def count_records(
    actor: Actor, person_id: UUID, *, examination: str | None = None, spot_id: UUID | None = None, region: str | None = None
) -> int:
    """How many records `list_records` has in all."""
    query = _filtered(select(func.count()).select_from(Record), actor, person_id, examination, spot_id, region)
    with reading() as session:
        return session.exec(query).one()


def own_record(session: Session, actor: Actor, record_id: UUID, action: Action) -> Record:
    """The record's row; NotFound when there is none or the actor may not do `action` with it."""
    row = session.get(Record, record_id)
    if row is None or not allowed(actor, action, row.person_id, row.examination):
        raise NotFound("This finding does not exist any more.", "Go back to your history.")
    return row


def open_record(actor: Actor, record_id: UUID, *, as_found: bool = False) -> OpenRecord:
    """A record with its photo, masks (uint8, 0 or 255) and heat (float32 0-1, in steps of 1/255).

    Masks that a person corrected come in their newest version, and the numbers with them; `as_found`: as the network left it.
    """
    with reading() as session:
        row = own_record(session, actor, record_id, "read_records")
        corrected = {} if as_found else newest(session, record_id)
    note(actor, row.person_id, "finding", record_id)
    blobs = store()
    keys = {**row.mask_keys, **{name: one.mask_key for name, one in corrected.items()}}
    masks = {name: decode_png(blobs.get(key)) for name, key in keys.items()}
    heat = None if row.heat_key is None else grey_to_heat(decode_png(blobs.get(row.heat_key)))
    record = shown(row, corrected)
    return OpenRecord(record, Finding.from_facts(record.facts, masks, heat), blobs.get(row.photo_key), row.media_type)


def thumbnail(actor: Actor, record_id: UUID) -> bytes:
    """A JPEG of the photo, longer side at most 480 pixels."""
    with reading() as session:
        row = own_record(session, actor, record_id, "read_records")
    note(actor, row.person_id, "photos")
    return store().get(row.thumbnail_key)


def accept_outline(actor: Actor, record_id: UUID, accepted: bool | None) -> RecordPublic:
    """Note whether the outline is right in the person's eyes."""
    return _change(actor, record_id, {"outline_accepted": accepted})


def move_record(actor: Actor, record_id: UUID, spot_id: UUID | None) -> RecordPublic:
    """Put a record to another spot of the same person, or to none."""
    return _change(actor, record_id, {"spot_id": spot_id})


def place_record(actor: Actor, record_id: UUID, region: str | None, side: str | None = None, whole_region: bool = False) -> RecordPublic:
    """Say, later, where on the body the photo is from and whether it shows the whole region. InvalidInput when they do not fit together."""
    return _change(actor, record_id, checked_place(region, side, whole_region))


def _change(actor: Actor, record_id: UUID, values: dict[str, Any]) -> RecordPublic:
    with transaction() as session:
        row = own_record(session, actor, record_id, "change_record")
        if values.get("spot_id") and own_spot(session, actor, values["spot_id"], "change_record").person_id != row.person_id:
            raise NotFound("This spot does not exist any more.", "Choose another one.")
        row.sqlmodel_update(values)
        session.add(row)
        session.flush()
        return shown(row, newest(session, record_id))


def delete_record(actor: Actor, record_id: UUID) -> None:
    """Remove a record and its pictures. NotFound when it is not there for the actor."""
    with transaction() as session:
        row = own_record(session, actor, record_id, "delete_record")
        bury(session, pictures_of(session, [row]))
        session.delete(row)
    finish_quietly()  # after the row, so that no list ever shows a record without its photo
