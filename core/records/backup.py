"""Backup and restore: every row and every picture in one file, while the app goes on running.

The rows are of one moment. Pictures are written before the rows that name them and removed after them, so every
picture of that moment is there; only what somebody deletes while the backup runs is left out, row and picture.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError
from tqdm import tqdm

from core.errors import InvalidInput, NotFound, Unavailable
from core.records.archive import Reader, Row, Writer, broken, opened, table_of, writing
from core.records.database import alembic_config, migrating, reading, rows_of_nothing, run_migrations
from core.records.eczema_tables import Correction
from core.records.message_tables import Message
from core.records.photos import PhotoStore, store
from core.records.pictures import drop
from core.records.record_tables import Record, metadata
from core.records.screening_tables import ScreeningPhoto

log = logging.getLogger("carelens.backup")

_BATCH = 500


@dataclass(frozen=True)
class Done:
    """What a backup holds or a restore put back. `damaged`: pictures that were missing or not what was saved, at the backup."""

    rows: int
    pictures: int
    damaged: int = 0


def backup(path: Path) -> Done:
    """Write a backup of everything to `path`, a new file. It holds all that was saved when it was begun.

    The rows are held in memory meanwhile, the pictures of one finding at a time. Raises InvalidInput when the
    file is there already, Unavailable when the database, the store or the file cannot be used.
    """
    with writing(path) as archive:
        revision, rows = _snapshot()
        kept, damaged = [], 0
        for row in tqdm(rows["record"], desc="Findings", unit="", disable=None):
            wrong = _pictures(archive, store(), row)
            if wrong is not None:
                damaged += wrong
                kept.append(row)
        rows["record"] = kept
        _leave_out_orphans(rows)
        damaged += _corrected(archive, store(), rows)
        damaged += _sent(archive, store(), rows)
        damaged += _screened(archive, store(), rows)
        for table in metadata.sorted_tables:
            archive.table(table, rows[table.name])
        archive.finish(revision)
    return Done(sum(len(of_table) for of_table in rows.values()), len(archive.blobs), damaged)


def _snapshot() -> tuple[str, dict[str, list[Row]]]:
    """The revision of the tables and every row of them, all of one moment."""
    with reading() as session:
        connection = session.connection()
        revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
        if revision != head():
            raise Unavailable("The database is not of this version of CareLens.", "First run: python -m core.admin migrate.")
        return revision, {
            table.name: [dict(row) for row in connection.execute(_in_order(table)).mappings()] for table in metadata.sorted_tables
        }


def _in_order(table: sa.Table) -> sa.Select[Any]:
    """The rows as they came: one that hangs on another of its table, as an amendment on its note, after that one."""
    return select(table).order_by(table.c.created_at) if "created_at" in table.c else select(table)


def head() -> str:
    """The newest revision of the tables that this version knows."""
    return str(_revisions().get_current_head())


def _revisions() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def _pictures(archive: Writer, blobs: PhotoStore, row: Row) -> int | None:
    """Add a finding's pictures and return how many are not right; None, with none added, when it was deleted meanwhile."""
    found: dict[str, bytes] = {}
    wrong = 0
    keys = Record(**row).blobs()
    for key in keys:
        try:
            found[key] = blobs.get(key)
        except NotFound:
            wrong += 1
    if wrong and not _still_there(Record, row):
        return None
    photo = found.get(row["photo_key"])
    if photo and hashlib.sha256(photo).hexdigest() != row["photo_sha256"]:
        wrong += 1
    for key, data in found.items():
        archive.blob(key, data)
    return wrong


def _corrected(archive: Writer, blobs: PhotoStore, rows: dict[str, list[Row]]) -> int:
    """Add the corrected outlines and return how many are missing; those that were taken back meanwhile are left out, rows and all."""
    kept, wrong = [], 0
    for row in rows["correction"]:
        try:
            archive.blob(row["mask_key"], blobs.get(row["mask_key"]))
        except NotFound:
            if not _still_there(Correction, row):
                continue
            wrong += 1
        kept.append(row)
    rows["correction"] = kept
    return wrong


def _sent(archive: Writer, blobs: PhotoStore, rows: dict[str, list[Row]]) -> int:
    """Add the photos of messages and return how many are not right; what was erased meanwhile is left out, rows and all."""
    kept, wrong = [], 0
    for row in rows["message"]:
        found: dict[str, bytes] = {}
        lacking = 0
        for key in Message(**row).blobs():
            try:
                found[key] = blobs.get(key)
            except NotFound:
                lacking += 1
        if lacking and not _still_there(Message, row):
            continue
        photo = found.get(row["photo_key"] or "")
        wrong += lacking + bool(photo and hashlib.sha256(photo).hexdigest() != row["photo_sha256"])
        for key, data in found.items():
            archive.blob(key, data)
        kept.append(row)
    rows["message"] = kept
    _leave_out_orphans(rows)
    return wrong


def _screened(archive: Writer, blobs: PhotoStore, rows: dict[str, list[Row]]) -> int:
    """Add the pictures of the screening desk and return how many are not right.

    A file that was graded while the backup ran is not there any more as it was sent: its row is taken as it is now.
    """
    kept, wrong = [], 0
    for row in tqdm(rows["screening_photo"], desc="Screening", unit="", disable=None):
        found, lacking = _got(blobs, row)
        if lacking:
            with reading() as session:
                now = session.get(ScreeningPhoto, row["id"])
            if now is None:
                continue
            row = {**now.model_dump(), "patient_id": row["patient_id"]}  # who was added since is not in this backup
            found, lacking = _got(blobs, row)
        photo = found.get(row["photo_key"] or "")
        wrong += lacking + bool(photo and hashlib.sha256(photo).hexdigest() != row["photo_sha256"])
        for key, data in found.items():
            archive.blob(key, data)
        kept.append(row)
    rows["screening_photo"] = kept
    _leave_out_orphans(rows)
    return wrong


def _got(blobs: PhotoStore, row: Row) -> tuple[dict[str, bytes], int]:
    """The pictures of a row of the screening desk that are there, and how many are not."""
    found, lacking = {}, 0
    for key in ScreeningPhoto(**row).blobs():
        try:
            found[key] = blobs.get(key)
        except NotFound:
            lacking += 1
    return found, lacking


def _still_there(table: type[Record] | type[Correction] | type[Message], row: Row) -> bool:
    with reading() as session:
        return session.get(table, row["id"]) is not None


def _leave_out_orphans(rows: dict[str, list[Row]]) -> None:
    """Take out what hangs on a finding that was left out, as the database itself would have done."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            there = {row[key.column.name] for row in rows[key.column.table.name]} | {None}
            column = key.parent.name
            if key.ondelete == "SET NULL":
                rows[table.name] = [row if row[column] in there else {**row, column: None} for row in rows[table.name]]
            else:
                rows[table.name] = [row for row in rows[table.name] if row[column] in there]


def restore(path: Path) -> Done:
    """Put a backup back into a database without rows and a store without pictures; nothing is ever written over.

    The whole file is checked first. Rows are put back in one transaction, after the pictures: a restore that
    fails can be run again. An older backup is brought to this version on the way. Raises InvalidInput when the
    file will not do or the place is not empty, Unavailable.
    """
    with opened(path) as archive:
        if archive.revision not in {one.revision for one in _revisions().walk_revisions()}:
            raise InvalidInput("This backup was made by a newer CareLens.", "Install that version, or a newer one.")
        blobs = store()
        before = blobs.keys()
        with reading() as session:
            empty = _is_empty(session.connection())
        if not empty or before - archive.blobs.keys():
            raise _not_empty()
        put: list[str] = []
        try:
            for key in tqdm(archive.blobs, desc="Pictures", unit="", disable=None):
                put.append(key)
                blobs.put(archive.blob(key), key)
            count = _put_back_rows(archive)
        except BaseException:
            drop(blobs, [key for key in put if key not in before])
            raise
    return Done(count, len(put))


def _put_back_rows(archive: Reader) -> int:
    count = 0
    with migrating() as connection:
        if not _is_empty(connection):
            raise _not_empty()
        run_migrations(connection, "base")
        run_migrations(connection, archive.revision)
        known = {name: {column["name"] for column in columns} for (_, name), columns in sa.inspect(connection).get_multi_columns().items()}
        for name, entry in archive.tables.items():
            if not entry["columns"].keys() <= known.get(name, set()):
                raise broken()
            rows, table = archive.rows(name), table_of(name, entry["columns"])
            for start in range(0, len(rows), _BATCH):
                _insert(connection, table, rows[start : start + _BATCH])
            count += len(rows)
        if rows_of_nothing(connection):
            raise broken()
        run_migrations(connection, "head")
    return count


def _insert(connection: Connection, table: sa.Table, rows: list[Row]) -> None:
    try:
        connection.execute(table.insert(), rows)
    except OperationalError:
        raise  # the database's own trouble
    except Exception as error:  # noqa: BLE001 - twice the same row, a word for a number: a row that nobody saved is refused in many ways
        raise broken() from error


def _is_empty(connection: Connection) -> bool:
    names = [name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"]
    tables: list[Any] = [sa.table(name) for name in names]
    return not any(connection.execute(select(sa.literal(1)).select_from(table).limit(1)).first() for table in tables)


def _not_empty() -> InvalidInput:
    return InvalidInput(
        "There is something in this database or photo store already, so nothing was changed.",
        "Restore into an empty place: set CARELENS_HOME, or CARELENS_DATABASE_URL and CARELENS_PHOTO_STORE, to a new one.",
    )
