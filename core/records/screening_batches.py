"""Batches of the screening desk: made, filled with files, paused, looked at, erased. The queue itself is in `screening_queue.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from core.errors import CareLensError, InvalidInput, NotFound
from core.people.policy import Actor, require
from core.records.database import reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.photos import store
from core.records.pictures import drop
from core.records.screening_patients import code_key, own_patient
from core.records.screening_tables import (
    EYES,
    STATES,
    ScreeningBatch,
    ScreeningBatchCreate,
    ScreeningBatchPublic,
    ScreeningPatient,
    ScreeningPhoto,
    ScreeningPhotoCreate,
    ScreeningPhotoPublic,
)
from core.records.spots import clean
from core.records.times import not_to_come, now

MOST_PHOTOS = 2000
"""Files of one batch."""
_AT_ONCE = 25
"""Files saved in one transaction."""
TWICE = ("This is the very same file as {other}, so it is examined once.", "Nothing is to be done.")


@dataclass(frozen=True)
class NewFile:
    """A file to be put into a batch: what it is called, what its name said, and its bytes, read when they are needed.

    `read` may raise a CareLensError: then the row says why, and the rest goes on. `patient`: the code in the file name; None:
    it was not clear.
    """

    name: str
    read: Callable[[], bytes]
    patient: str | None = None
    side: str | None = None
    taken_on: date | None = None


@dataclass(frozen=True)
class Progress:
    """How far a batch is. `finished`: the moments of its latest results, oldest first."""

    counts: Mapping[str, int]
    finished: Sequence[datetime] = field(default_factory=tuple)

    @property
    def total(self) -> int:
        """Files of the batch."""
        return sum(self.counts.values())

    @property
    def over(self) -> int:
        """Files that are done, whatever came of them."""
        return self.counts["done"] + self.counts["failed"]

    @property
    def running(self) -> bool:
        """Something is left to be graded."""
        return self.over < self.total


def make_batch(actor: Actor, name: str, examination: str, pattern: str) -> ScreeningBatchPublic:
    """A new, empty batch. InvalidInput for no or too long a name; NotAllowed, Unavailable."""
    require(actor, "manage_screening")
    try:
        create = ScreeningBatchCreate.model_validate({"name": clean(name), "examination": examination, "pattern": pattern})
    except ValidationError:
        raise InvalidInput(
            "The photos need a name of up to 100 letters.", "Name the place and the day, such as: Camp Oost, 12 March."
        ) from None
    with transaction() as session:
        row = ScreeningBatch.model_validate(create, update={"account_id": actor.account_id})
        session.add(row)
        session.flush()
        return ScreeningBatchPublic.model_validate(row)


def list_batches(actor: Actor) -> list[ScreeningBatchPublic]:
    """Every batch, the newest first."""
    require(actor, "read_screening")
    with reading() as session:
        rows = session.exec(select(ScreeningBatch).order_by(col(ScreeningBatch.created_at).desc()))
        return [ScreeningBatchPublic.model_validate(row) for row in rows]


def own_batch(session: Session, batch_id: UUID) -> ScreeningBatch:
    """The batch's row; NotFound when it was erased."""
    row = session.get(ScreeningBatch, batch_id)
    if row is None:
        raise NotFound("These photos are not here any more.", "Load the page anew.")
    return row


def pause_batch(actor: Actor, batch_id: UUID, paused: bool) -> None:
    """Let workers take no more photos of a batch, or go on. What is just being graded is finished."""
    require(actor, "manage_screening")
    with transaction() as session:
        row = own_batch(session, batch_id)
        row.paused = paused
        session.add(row)


def erase_batch(actor: Actor, batch_id: UUID) -> int:
    """Erase a batch with its photos, results and grades for good; patients stay. Returns how many photos."""
    require(actor, "manage_screening")
    with transaction() as session:
        row = own_batch(session, batch_id)
        photos = session.exec(select(ScreeningPhoto).where(ScreeningPhoto.batch_id == batch_id)).all()
        count, keys = len(photos), [key for photo in photos for key in photo.blobs()]
        session.expunge_all()
        session.execute(delete(ScreeningPhoto).where(col(ScreeningPhoto.batch_id) == batch_id))
        session.execute(delete(ScreeningBatch).where(col(ScreeningBatch.id) == row.id))
        bury(session, keys)
    finish_quietly()
    return count


def add_files(
    actor: Actor,
    batch_id: UUID,
    files: Sequence[NewFile],
    *,
    new_patients: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Put files into a batch, where workers find them; each is there once this returns, whatever happens then.

    `new_patients`: a code that nobody has yet becomes a patient; otherwise it is asked for. Files that cannot be read become
    rows that say so. `progress(done, all)` counts files. What was added stays when something fails in the middle. Raises
    InvalidInput for more than MOST_PHOTOS in all, NotFound, NotAllowed, Unavailable.
    """
    require(actor, "manage_screening")
    with transaction() as session:
        own_batch(session, batch_id)
        there = select(ScreeningPhoto.raw_sha256, ScreeningPhoto.filename).where(ScreeningPhoto.batch_id == batch_id)
        rows = session.exec(there).all()
        check_count(len(rows) + len(files))
        seen = {sha: name for sha, name in rows if sha}
        patients = _patients(session, {file.patient for file in files if file.patient}, new_patients)
    todo, done = iter(files), 0
    while chunk := list(islice(todo, _AT_ONCE)):
        _add(batch_id, chunk, seen, patients)
        done += len(chunk)
        if progress is not None:
            progress(done, len(files))


def check_count(count: int) -> None:
    """InvalidInput for more files than a batch may have."""
    if count > MOST_PHOTOS:
        raise InvalidInput(
            f"These are {count:,} files, and {MOST_PHOTOS:,} can be graded in one go. Nothing was added.",
            "Take them in smaller groups, a day or a place at a time.",
        )


def _patients(session: Session, codes: Iterable[str], make: bool) -> dict[str, UUID]:
    """The key of each code to its patient; those that nobody has yet are made when asked for."""
    known = {key: id for key, id in session.exec(select(ScreeningPatient.code_key, ScreeningPatient.id))}  # noqa: C416 - rows are no pairs
    for code in sorted(codes):
        if make and code_key(code) not in known:
            row = ScreeningPatient(code=clean(code), code_key=code_key(code))
            session.add(row)
            known[row.code_key] = row.id
    return known


def _add(batch_id: UUID, files: Sequence[NewFile], seen: dict[str, str], patients: Mapping[str, UUID]) -> None:
    blobs, keys = store(), []
    rows = []
    moment = now()
    try:
        for file in files:
            patient_id = patients.get(code_key(file.patient)) if file.patient else None
            told = {"filename": file.name, "side": file.side, "taken_on": file.taken_on, "patient_id": patient_id}
            row = ScreeningPhoto.model_validate(ScreeningPhotoCreate.model_validate(told), update={"batch_id": batch_id})
            rows.append(row)
            try:
                data = file.read()
            except CareLensError as error:
                _fail(row, error.reason, error.hint, moment)
                continue
            sha = hashlib.sha256(data).hexdigest()
            if sha in seen:
                _fail(row, TWICE[0].format(other=seen[sha])[:400], TWICE[1], moment)
                continue
            seen[sha] = file.name
            keys.append(blobs.put(data))
            row.raw_key, row.raw_sha256 = keys[-1], sha
        with transaction() as session:
            session.add_all(rows)
    except BaseException:
        drop(blobs, keys)  # unless the rows are there after all, which only a lost connection could hide; `check` tells then
        raise


def _fail(row: ScreeningPhoto, reason: str, hint: str, moment: datetime) -> None:
    row.state, row.reason, row.hint, row.finished_at = "failed", reason[:400], hint[:400], moment


def progress_of(actor: Actor, batch_id: UUID, latest: int = 40) -> Progress:
    """How far a batch is, with the moments of its `latest` results."""
    require(actor, "read_screening")
    with reading() as session:
        by_state = select(ScreeningPhoto.state, func.count()).where(ScreeningPhoto.batch_id == batch_id).group_by(ScreeningPhoto.state)
        counts = dict.fromkeys(STATES, 0) | {state: count for state, count in session.exec(by_state)}  # noqa: C416
        moments = (
            select(ScreeningPhoto.finished_at)
            .where(ScreeningPhoto.batch_id == batch_id, ScreeningPhoto.attempts > 0, col(ScreeningPhoto.finished_at).is_not(None))
            .order_by(col(ScreeningPhoto.finished_at).desc())
            .limit(latest)
        )
        finished = [moment for moment in session.exec(moments) if moment is not None]
    return Progress(counts, tuple(reversed(finished)))


def say(actor: Actor, photo_id: UUID, *, patient_id: UUID | None, side: str | None, taken_on: date | None) -> ScreeningPhotoPublic:
    """Say whose eye a photo shows, which one, and of which day; None: still not known. InvalidInput, NotFound."""
    require(actor, "manage_screening")
    if side is not None and side not in EYES:
        raise InvalidInput("An eye is the left one or the right one.", "Choose one of the two.")
    if taken_on is not None:
        not_to_come(taken_on)
    with transaction() as session:
        row = own_photo(session, photo_id)
        if patient_id is not None:
            own_patient(session, patient_id)
        row.patient_id, row.side, row.taken_on = patient_id, side, taken_on
        session.add(row)
        session.flush()
        return ScreeningPhotoPublic.model_validate(row)


def own_photo(session: Session, photo_id: UUID) -> ScreeningPhoto:
    """The photo's row; NotFound when it was erased."""
    row = session.get(ScreeningPhoto, photo_id)
    if row is None:
        raise NotFound("This photo is not here any more.", "Load the page anew.")
    return row
