"""The files of one record as they are stored, one at a time: for programs, which fetch the one they want."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.errors import NotFound
from core.people.policy import Actor
from core.records.database import reading
from core.records.findings import own_record
from core.records.openings import note
from core.records.outlines import Newest, newest, shown
from core.records.photos import store
from core.records.record_tables import Record, RecordPublic


@dataclass(frozen=True)
class Described:
    """A record and which pictures it has, without any of them. `masks`: names of its outlines."""

    record: RecordPublic
    masks: tuple[str, ...]
    has_heat: bool


def _opened(actor: Actor, record_id: UUID) -> tuple[Record, Newest]:
    """The record's row and its corrected outlines, for whoever may read it. The one way in, for all below: what a doctor opens is noted."""
    with reading() as session:
        row = own_record(session, actor, record_id, "read_records")
        corrected = newest(session, record_id)
    note(actor, row.person_id, "finding", record_id)
    return row, corrected


def describe(actor: Actor, record_id: UUID) -> Described:
    """The record with its newest numbers. NotFound for anyone who may not read it."""
    row, corrected = _opened(actor, record_id)
    return Described(shown(row, corrected), tuple({**row.mask_keys, **corrected}), row.heat_key is not None)


def photo_file(actor: Actor, record_id: UUID) -> tuple[bytes, str]:
    """The photo as it is stored, upright or with its orientation in it, and its media type. NotFound, Unavailable."""
    row, _ = _opened(actor, record_id)
    return store().get(row.photo_key), row.media_type


def mask_file(actor: Actor, record_id: UUID, name: str) -> bytes:
    """An outline as PNG (grey, 0 or 255), the person's newest where they corrected it. NotFound, Unavailable."""
    row, corrected = _opened(actor, record_id)
    key = corrected[name].mask_key if name in corrected else row.mask_keys.get(name)
    if key is None:
        raise NotFound("This finding has no outline of that name.", f"It has: {', '.join(row.mask_keys) or 'none'}.")
    return store().get(key)


def heat_file(actor: Actor, record_id: UUID) -> bytes:
    """The heat map as PNG (grey, 255 for 1.0). NotFound, Unavailable."""
    row, _ = _opened(actor, record_id)
    if row.heat_key is None:
        raise NotFound("This finding has no heat map.")
    return store().get(row.heat_key)
