"""The file of a backup: a ZIP with `blobs/KEY`, `tables/NAME.jsonl` and, last, `manifest.json`.

Every member's sha256 and the kind of every column stand in the manifest, so that the file can be checked before
anything is put back, and put back into another database than it came from.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from core.errors import InvalidInput, Unavailable
from core.records.photos import place
from core.records.times import UtcDateTime, now

FORMAT = 1
Row = dict[str, Any]

_TYPES: dict[str, Any] = {
    "uuid": sa.Uuid(), "moment": UtcDateTime(), "day": sa.Date(), "json": sa.JSON(none_as_null=True), "bool": sa.Boolean(),
    "int": sa.BigInteger(), "float": sa.Float(), "text": sa.Text(), "bytes": sa.LargeBinary(),
}  # fmt: skip
_KINDS = {
    UUID: "uuid",
    datetime: "moment",
    date: "day",
    object: "json",
    bool: "bool",
    int: "int",
    float: "float",
    str: "text",
    bytes: "bytes",
}


def kinds(table: sa.Table) -> dict[str, str]:
    """Column name to the kind of what is in it, a word of `_TYPES`."""
    return {column.name: _KINDS[getattr(column.type, "impl_instance", column.type).python_type] for column in table.columns}


def table_of(name: str, columns: Mapping[str, str]) -> sa.Table:
    """A table to put rows into, as the manifest describes it, whatever the code's own tables are by now."""
    return sa.Table(name, sa.MetaData(), *[sa.Column(column, _TYPES[kind]) for column, kind in columns.items()])


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # and datetime, which is one
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


_BACK: dict[str, Any] = {"uuid": UUID, "moment": datetime.fromisoformat, "day": date.fromisoformat, "bytes": bytes.fromhex}
_AS_IT_IS: dict[str, Any] = {"bool": bool, "int": int, "float": int | float, "text": str, "json": object}


def _back(value: Any, kind: str) -> Any:
    if value is None or isinstance(value, _AS_IT_IS.get(kind, ())):  # SQLite itself would take a word for a number
        return value
    return _BACK[kind](value)


class Writer:
    """A backup being written. It appears under its name only when it is whole; nobody but the owner may read it."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.blobs: dict[str, str] = {}
        """Key to sha256 of what is in so far."""
        self._tables: dict[str, dict[str, Any]] = {}

    def blob(self, key: str, data: bytes) -> None:
        """Add a picture, once."""
        if key not in self.blobs:
            self._file.writestr(f"blobs/{key}", data)
            self.blobs[key] = hashlib.sha256(data).hexdigest()

    def table(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Add the rows of a table."""
        lines = "".join(json.dumps({name: _plain(value) for name, value in row.items()}, allow_nan=False) + "\n" for row in rows)
        self._file.writestr(f"tables/{table.name}.jsonl", lines, zipfile.ZIP_DEFLATED)
        digest = hashlib.sha256(lines.encode()).hexdigest()
        self._tables[table.name] = {"columns": kinds(table), "rows": len(rows), "sha256": digest}

    def finish(self, revision: str) -> None:
        """Add the manifest. `revision`: of the tables."""
        manifest = {"format": FORMAT, "made_at": now().isoformat(), "revision": revision, "tables": self._tables, "blobs": self.blobs}
        self._file.writestr("manifest.json", json.dumps(manifest), zipfile.ZIP_DEFLATED)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new backup at `path`. InvalidInput when something is there already, Unavailable when it cannot be written."""
    if path.exists():
        raise InvalidInput("There is already a file of this name.", "Give the backup another name.")
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w") as file:
                yield Writer(file)
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(path)
    except OSError as error:
        raise Unavailable(f"The backup cannot be written there: {error.strerror}.", "Choose a place that is there and has room.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


class Reader:
    """A backup to be put back."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        manifest = json.loads(file.read("manifest.json"))
        if manifest["format"] != FORMAT:
            raise InvalidInput("This backup was made by a newer CareLens.", "Install that version, or a newer one.")
        self.revision = str(manifest["revision"])
        self.tables: dict[str, dict[str, Any]] = manifest["tables"]
        self.blobs: dict[str, str] = manifest["blobs"]
        if not isinstance(self.tables, dict) or not isinstance(self.blobs, dict):
            raise broken()

    def blob(self, key: str) -> bytes:
        """The bytes of a picture, checked."""
        place(key)
        return self._checked(f"blobs/{key}", self.blobs[key])

    def rows(self, name: str) -> list[Row]:
        """The rows of a table, checked."""
        entry = self.tables[name]
        lines = self._checked(f"tables/{name}.jsonl", entry["sha256"]).decode().splitlines()
        if len(lines) != entry["rows"]:
            raise broken()
        columns = entry["columns"]
        return [{column: _back(value, columns[column]) for column, value in json.loads(line).items()} for line in lines]

    def _checked(self, member: str, sha256: str) -> bytes:
        data = self._file.read(member)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise broken()
        return data

    def check(self) -> None:
        """Read everything once. Raises what `opened` turns into InvalidInput when anything is not as it was written."""
        for name in self.tables:
            self.rows(name)
        for key in self.blobs:
            self.blob(key)


def broken() -> InvalidInput:
    """What is said of a file that cannot be put back."""
    return InvalidInput("This backup is damaged or no backup at all, so nothing was changed.", "Try another one.")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """A backup that was read once from end to end and is as it was written; else InvalidInput."""
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise InvalidInput("There is no file of this name.", "Give the name of a backup.") from None
    except Exception:  # noqa: BLE001 - see below
        raise broken() from None
    with file:
        try:
            reader = Reader(file)
            reader.check()
        except InvalidInput:
            raise
        except Exception:  # noqa: BLE001 - changed bytes show as whatever ZIP, zlib, JSON or a date stumble over
            raise broken() from None
        yield reader
