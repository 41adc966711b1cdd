"""Download everything: one ZIP with all that is kept of an account and the persons it acts for.

Nothing is held in memory as a whole: rows go through files without a name on the disk, and pictures
from the store into the archive one by one.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from core.errors import NotFound, Unavailable
from core.people.policy import Actor, allowed, require
from core.records.database import reading
from core.records.export_tables import TOLD
from core.records.export_words import FIRST, LAST, ending, readme, row, safe
from core.records.photos import PhotoStore, store
from core.records.record_tables import Record, metadata
from core.records.times import now
from core.settings import settings

log = logging.getLogger("carelens.export")

AT_ONCE = 100
"""Rows taken from the database at a time."""
PICTURES = ("photo_key", "mask_keys", "heat_key")
_DAY = (1980, 1, 1, 0, 0, 0)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Exported:
    """What went into an archive. `missing`: pictures that were not in the store any more. `size` in bytes."""

    findings: int
    pictures: int
    missing: int
    size: int


def aside() -> BinaryIO:
    """A file on the disk of the house that has no name: it is gone when closed, also after a crash. Unavailable when the disk is full."""
    try:
        folder = settings().home
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cast("BinaryIO", tempfile.TemporaryFile(dir=folder))
    except OSError as error:
        raise _full(error) from error


def _full(error: OSError) -> Unavailable:
    log.warning("an archive could not be written: %s", type(error).__name__)
    return Unavailable("There is no room to make your archive now.", "Please try again later, or tell whoever runs CareLens.")


def write_everything(actor: Actor, archive: BinaryIO, progress: Progress | None = None) -> Exported:
    """Write the ZIP of all that is kept of the actor's account and of every person it may read.

    `progress(done, all)` counts findings. The rows are those of one moment; a picture that is deleted
    while the archive is made is left out and counted. Raises NotAllowed, NotFound (the account is gone), Unavailable.
    """
    require(actor, "own_account")
    try:
        with ExitStack() as stack:
            tables, listed, pictures = (stack.enter_context(io.TextIOWrapper(aside(), encoding="utf-8", newline="")) for _ in range(3))
            with reading() as session:
                names, findings = _Rows(session, actor).write(tables, listed, pictures)
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as zipped:
                kept, missing = _put_pictures(zipped, store(), pictures, findings, progress)
                for name, file in (("everything.json", tables), ("findings.csv", listed)):
                    _copy(zipped, name, file)
                zipped.writestr(_entry("README.txt"), readme(actor.email, now(), names, findings, missing))
            return Exported(findings, kept, missing, archive.tell())
    except OSError as error:
        raise _full(error) from error


def _entry(name: str, how: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, max(_DAY, now().timetuple()[:6]))
    made.compress_type = how
    made.external_attr = 0o600 << 16
    return made


def _copy(zipped: zipfile.ZipFile, name: str, file: IO[str]) -> None:
    file.seek(0)
    with zipped.open(_entry(name), "w", force_zip64=True) as target, io.TextIOWrapper(target, encoding="utf-8", newline="") as text:
        if name.endswith(".csv"):
            text.write("\ufeff")  # so that table programs take it for UTF-8
        while piece := file.read(1 << 16):
            text.write(piece)


def _put_pictures(zipped: zipfile.ZipFile, blobs: PhotoStore, listed: IO[str], findings: int, progress: Progress | None) -> tuple[int, int]:
    """The pictures of `listed` (a JSON list of [key, name] per line and finding); returns how many are in and how many were gone."""
    listed.seek(0)
    kept = missing = 0
    for done, line in enumerate(listed):
        if progress is not None:
            progress(done, findings)
        for key, name in json.loads(line):
            try:
                zipped.writestr(_entry(name, zipfile.ZIP_STORED), blobs.get(key))  # packed as they are: JPEG and PNG do not get smaller
                kept += 1
            except NotFound:
                missing += 1
    return kept, missing


class _Rows:
    """The rows of one account in one moment of the database, written as they come."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session, self.actor = session, actor
        may = (id for id in actor.person_ids if allowed(actor, "read_person", id) and allowed(actor, "read_records", id))
        self.owners = {"account": [actor.account_id], "person": sorted(may, key=str)}

    def of(self, table: str) -> Iterator[dict[str, Any]]:
        """What is told of a table, oldest first; with a record the keys of its pictures."""
        told, source = TOLD[table], metadata.tables[table]
        order = [source.c[name] for name in ("taken_at", "created_at", "id") if name in source.c]
        columns = (*told.columns, *PICTURES) if table == "record" else told.columns
        query = select(*(source.c[name] for name in columns)).where(source.c[told.owner].in_(self.owners[told.by])).order_by(*order)
        rows = self.session.connection().execution_options(yield_per=AT_ONCE).execute(query)
        for found in rows.mappings():
            yield dict(found)

    def write(self, tables: IO[str], listed: IO[str], pictures: IO[str]) -> tuple[list[str], int]:
        """Fill the three files; returns the names of the persons and the number of findings. NotFound when the account is gone."""
        people = {one["id"]: one["display_name"] for one in self.of("person")}
        if not list(self.of("account")):
            raise NotFound("This account does not exist any more.", "Please sign up again.")
        naming = _Names(people, {one["id"]: one["name"] for one in self.of("spot")})
        classes = self._classes()
        table = csv.writer(listed)
        table.writerow([*FIRST, *(f"Chance of {name}" for name in classes), *LAST])
        tables.write('{\n"made_at": ' + json.dumps(_plain(now())))
        findings = 0
        for name in TOLD:
            tables.write(f",\n{json.dumps(name)}: [")
            for number, found in enumerate(self.of(name)):
                if name == "record":
                    findings += 1
                    files = _files(found, naming.stem(found, findings), pictures)
                    table.writerow(row(found, people[found["person_id"]], naming.spots.get(found["spot_id"], ""), classes, files))
                    found["files"] = files
                tables.write((",\n" if number else "\n") + json.dumps(found, default=_plain, ensure_ascii=False))
            tables.write("]")
        tables.write("\n}\n")
        return list(people.values()), findings

    def _classes(self) -> list[str]:
        seen: dict[str, None] = {}
        for found in self.of("record"):
            seen.update(dict.fromkeys(found["facts"].get("probabilities", {})))
        return list(seen)


def _files(record: dict[str, Any], stem: str, listed: IO[str]) -> dict[str, Any]:
    """Take the keys of a record's pictures out of it and note them in `listed`; returns the names of its files."""
    photo, masks, heat = (record.pop(name) for name in PICTURES)
    names: dict[str, Any] = {
        "photo": f"{stem}_photo{ending(record['media_type'])}",
        "outlines": {
            mask: f"{stem}_outline-{safe(mask, 'spot')}{f'-{number}' if number > 1 else ''}.png" for number, mask in enumerate(masks, 1)
        },
        "heat": f"{stem}_heat.png" if heat else None,
    }
    wanted = [(photo, names["photo"]), *((masks[mask], name) for mask, name in names["outlines"].items())]
    listed.write(json.dumps([*wanted, (heat, names["heat"])] if heat else wanted) + "\n")
    return names


class _Names:
    """File names that say whose, when and what, and are never the same twice."""

    def __init__(self, people: Mapping[UUID, str], spots: Mapping[UUID, str]) -> None:
        self.spots = spots
        self.folders = {id: f"photos/{number}-{safe(name, 'person')}" for number, (id, name) in enumerate(people.items(), 1)}

    def stem(self, record: Mapping[str, Any], number: int) -> str:
        what = safe(self.spots.get(record["spot_id"]) or record["site"] or "", "spot")
        return f"{self.folders[record['person_id']]}/{record['taken_at']:%Y-%m-%d}_{what}_{number:04d}"


def count_findings(actor: Actor) -> int:
    """How many findings the archive would have."""
    with reading() as session:
        owners = [id for id in actor.person_ids if allowed(actor, "read_records", id)]
        return int(session.execute(select(func.count()).where(col(Record.person_id).in_(owners))).scalar_one())


def archive_name(actor: Actor) -> str:
    """What the file is called: `carelens-ana-ruiz-2026-11-20.zip`."""
    return f"carelens-{safe(actor.name, 'account').casefold()}-{now():%Y-%m-%d}.zip"


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not plain JSON")
