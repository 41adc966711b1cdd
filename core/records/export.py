"""Download everything: one ZIP with all that is kept of an account and the persons it acts for.

Nothing is held in memory as a whole: rows go through files without a name on the disk, and pictures
from the store into the archive one by one.
"""

from __future__ import annotations

import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from sqlalchemy import func, select
from sqlmodel import col

from core.errors import NotFound, Unavailable
from core.people.policy import Actor, allowed, require
from core.records.database import reading
from core.records.export_rows import FILES, PICTURES, Rows
from core.records.export_words import readme, safe
from core.records.photos import PhotoStore, store
from core.records.record_tables import Record
from core.records.times import now
from core.settings import settings

log = logging.getLogger("carelens.export")

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
        raise full(error) from error


def full(error: OSError) -> Unavailable:
    """What a person is told when a file cannot be written."""
    log.warning("an archive could not be written: %s", type(error).__name__)
    return Unavailable("There is no room to make your file now.", "Please try again later, or tell whoever runs CareLens.")


def write_everything(actor: Actor, archive: BinaryIO, progress: Progress | None = None) -> Exported:
    """Write the ZIP of all that is kept of the actor's account and of every person it may read.

    `progress(done, all)` counts findings. The rows are those of one moment; a picture that is deleted
    while the archive is made is left out and counted. Raises NotAllowed, NotFound (the account is gone), Unavailable.
    """
    require(actor, "own_account")
    try:
        with ExitStack() as stack:
            files = {name: stack.enter_context(io.TextIOWrapper(aside(), encoding="utf-8", newline="")) for name in FILES}
            with reading() as session:
                names, findings = Rows(session, actor).write(files)
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as zipped:
                kept, missing = _put_pictures(zipped, store(), files[PICTURES], findings, progress)
                for name, file in files.items():
                    if name != PICTURES:
                        _copy(zipped, name, file)
                zipped.writestr(_entry("README.txt"), readme(actor.email, now(), names, findings, missing))
            return Exported(findings, kept, missing, archive.tell())
    except OSError as error:
        raise full(error) from error


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
        if progress is not None and findings:
            progress(min(done, findings - 1), findings)  # photos of the screening desk come after them, and are few
        for key, name in json.loads(line):
            try:
                zipped.writestr(_entry(name, zipfile.ZIP_STORED), blobs.get(key))  # packed as they are: JPEG and PNG do not get smaller
                kept += 1
            except NotFound:
                missing += 1
    return kept, missing


def count_findings(actor: Actor) -> int:
    """How many findings the archive would have."""
    with reading() as session:
        owners = [id for id in actor.person_ids if allowed(actor, "read_records", id)]
        return int(session.execute(select(func.count()).where(col(Record.person_id).in_(owners))).scalar_one())


def archive_name(actor: Actor) -> str:
    """What the file is called: `carelens-ana-ruiz-2026-11-20.zip`."""
    return f"carelens-{safe(actor.name, 'account').casefold()}-{now():%Y-%m-%d}.zip"
