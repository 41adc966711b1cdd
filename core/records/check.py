"""Looking for what crashes and mishaps left behind, and sweeping what may go."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core.records.backup import head
from core.records.database import reading, rows_of_nothing
from core.records.eczema_tables import Correction
from core.records.erase import finish_erasures
from core.records.message_tables import Message
from core.records.photos import store
from core.records.pictures import drop
from core.records.record_tables import Erasure, Record
from core.records.screening_tables import ScreeningPhoto
from core.records.tables import Person

DAY = 86400.0
"""Seconds. What is younger may belong to a finding that is just being saved."""


@dataclass(frozen=True)
class Missing:
    """A finding, or a message, of which a picture is not in the store.

    `what`: `photo`, `thumbnail`, `outline`, `heat map` or `corrected outline`.
    """

    record_id: UUID
    what: str


@dataclass(frozen=True)
class Report:
    """What was found. `swept`: the leftovers were removed; not so, even where asked for, in a database without anybody.

    `pictures`: in the store, old enough, and part of no finding (photos, thumbnails, outlines, heat maps).
    `half_written`: begun and never finished. `unfinished`: pictures of erased findings that still wait to go.
    `missing`: these are never removed, somebody may find the picture again. `damage`: what the database
    says of itself, in sentences.
    """

    pictures: int
    half_written: int
    unfinished: int
    missing: tuple[Missing, ...]
    damage: tuple[str, ...]
    swept: bool

    @property
    def sound(self) -> bool:
        """Nothing is left to be done."""
        return not self.missing and not self.damage and (self.swept or not (self.pictures or self.half_written or self.unfinished))


def check(repair: bool = False, older_than_seconds: float = DAY) -> Report:
    """Compare the store with the tables; with `repair`, remove leftovers older than `older_than_seconds`. Raises Unavailable.

    It may run while the app does. A row is never removed, and no picture while the database has nobody in it:
    it may be a new one beside the pictures of one that was lost, or of one that the settings do not name.
    """
    blobs = store()
    with reading() as session:
        damage = _damage(session)
        unfinished = [key for key in session.exec(select(Erasure.blob_key)) if key is not None]
    if repair:
        finish_erasures()
    # First the store, then the rows: what was saved in between is named by a row, not taken for a leftover.
    old = set(blobs.older_than(older_than_seconds))
    with reading() as session:
        named = _named(session)
        nobody = all(session.exec(select(table.id).limit(1)).first() is None for table in (Person, ScreeningPhoto))
    lost = sorted(old - named.keys() - set(unfinished))
    if nobody and lost:
        repair = False
        damage += ("There are pictures but nobody in the database, so they stay. Is it the right one? If it was lost, restore a backup.",)
    half = blobs.half_written(older_than_seconds, remove=repair)
    if repair:
        drop(blobs, lost)
        with reading() as session:
            if session.exec(select(Erasure).where(col(Erasure.blob_key).in_(unfinished))).first():
                damage += ("Some pictures of erased findings could not be removed from the store yet.",)
    there = blobs.keys()
    missing = [one for key, one in named.items() if key not in there]
    if missing:  # unless it was deleted while we looked
        with reading() as session:
            still = _named(session)
        missing = [one for key, one in still.items() if key in named and key not in there]
    return Report(len(lost), half, len(unfinished), tuple(missing), damage, repair)


def _named(session: Session) -> dict[str, Missing]:
    """The key of every picture that a row names, and what is told when it is not there."""
    found: dict[str, Missing] = {}
    for row in session.exec(select(Record)):
        of_row = [(row.photo_key, "photo"), (row.thumbnail_key, "thumbnail"), *((key, "outline") for key in row.mask_keys.values())]
        if row.heat_key:
            of_row.append((row.heat_key, "heat map"))
        found |= {key: Missing(row.id, what) for key, what in of_row}
    for record_id, key in session.exec(select(Correction.record_id, Correction.mask_key)):
        found[key] = Missing(record_id, "corrected outline")
    for message in session.exec(select(Message).where(col(Message.photo_key).is_not(None))):
        found |= {key: Missing(message.id, what) for key, what in zip(message.blobs(), ("photo", "thumbnail"), strict=True)}
    for photo in session.exec(select(ScreeningPhoto)):
        found |= {key: Missing(photo.id, what) for key, what in photo.named()}
    return found


def _damage(session: Session) -> tuple[str, ...]:
    connection = session.connection()
    said = []
    if connection.execute(text("SELECT version_num FROM alembic_version")).scalar() != head():
        said.append("The tables are not of this version of CareLens; run: python -m core.admin migrate.")
    if connection.dialect.name == "sqlite":
        if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            said.append("The file of the database is damaged; restore a backup.")
        if rows_of_nothing(connection):
            said.append("There are rows that belong to nothing; restore a backup.")
    return tuple(said)
