"""The queue of the screening desk, for the workers that grade: photos are lent with a time limit and answered once.

No person acts here: what may be put into the queue was decided when it was put there. A worker that holds a photo has its
lease token; whoever ends the lease needs that token, in the same transaction that writes the result. So a worker that was
thought dead and comes back late changes nothing, and a result is there once or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, func, select

from core.errors import Unavailable
from core.records.database import changed, reading, transaction
from core.records.record_tables import Erasure
from core.records.screening_tables import ScreeningBatch, ScreeningPhoto
from core.records.times import now

LEASE = 120.0
"""Seconds a worker has for a photo; one takes a few at most."""
MOST_ATTEMPTS = 5
"""A photo with which so many workers died is not tried again."""
GIVEN_UP = (
    "The program ended each time it looked at this file, so it was put aside.",
    "Look at the photo by eye, and tell whoever runs CareLens.",
)


@dataclass(frozen=True)
class Leased:
    """A photo lent to a worker. `token` ends the lease; `raw_key` names the file as it was sent."""

    id: UUID
    token: UUID
    raw_key: str
    examination: str
    side: str | None


def _free() -> ColumnElement[bool]:
    """Nobody works on it: it waits, or who had it let the time run out."""
    expired = and_(col(ScreeningPhoto.state) == "leased", col(ScreeningPhoto.leased_until) < now())
    return or_(col(ScreeningPhoto.state) == "waiting", expired)


def lease(worker: str, seconds: float = LEASE) -> Leased | None:
    """Lend the next photo to a worker; None when there is none. Those tried least often come first, then the oldest.

    A photo that was lent MOST_ATTEMPTS times without an answer fails here, in a sentence. Raises Unavailable.
    """
    while True:
        with transaction() as session:
            row = _next(session)
            if row is None:
                return None
            if row.attempts >= MOST_ATTEMPTS or row.raw_key is None:
                _end(session, row.id, row.lease_token, {"state": "failed", "reason": GIVEN_UP[0], "hint": GIVEN_UP[1]}, row.raw_key)
                continue
            row.state, row.lease_token, row.leased_by = "leased", uuid4(), worker
            row.leased_until, row.attempts = now() + timedelta(seconds=seconds), row.attempts + 1
            session.add(row)
            batch = session.get_one(ScreeningBatch, row.batch_id)
            return Leased(row.id, row.lease_token, row.raw_key, batch.examination, row.side)


def _next(session: Session) -> ScreeningPhoto | None:
    query = (
        select(ScreeningPhoto)
        .join(ScreeningBatch, col(ScreeningBatch.id) == col(ScreeningPhoto.batch_id))
        .where(_free(), col(ScreeningBatch.paused).is_(False))
        .order_by(col(ScreeningPhoto.attempts), col(ScreeningPhoto.created_at), col(ScreeningPhoto.id))
        .limit(1)
    )
    return session.exec(query).first()


def finish(leased: Leased, values: Mapping[str, Any], *, side: str | None = None, taken_on: date | None = None) -> bool:
    """Write a result and end the lease; False, with nothing written, when the lease is not this worker's any more.

    `values`: columns of ScreeningPhoto; `state` is `done` or `failed`. `side`, `taken_on`: what the file says of itself, for
    where its name said nothing; where the two sides differ, neither counts, and a person is asked. The file as it was sent is
    not kept any longer.
    """
    with transaction() as session:
        row = session.get(ScreeningPhoto, leased.id)
        if row is None:
            return False
        told: dict[str, Any] = {"side": row.side or side, "taken_on": row.taken_on or taken_on}
        if side and row.side and side != row.side:
            told |= {"side": None, "hint": f"The file name says {row.side} eye, and the file itself says {side} eye."}
        return _end(session, leased.id, leased.token, {**values, **told}, leased.raw_key)


def has_result(id: UUID, keys: Collection[str]) -> bool:
    """Whether the row names one of these pictures; True when that cannot be found out now."""
    try:
        with reading() as session:
            row = session.get(ScreeningPhoto, id)
            return row is not None and bool(set(row.blobs()) & set(keys))
    except Unavailable:
        return True


def _end(session: Session, id: UUID, token: UUID | None, values: Mapping[str, Any], raw_key: str | None) -> bool:
    ended = {"lease_token": None, "leased_by": None, "leased_until": None, "raw_key": None, "finished_at": now()}
    held = col(ScreeningPhoto.lease_token).is_(None) if token is None else col(ScreeningPhoto.lease_token) == token
    open_ = col(ScreeningPhoto.state).in_(("waiting", "leased"))
    if not changed(session, update(ScreeningPhoto).where(col(ScreeningPhoto.id) == id, held, open_).values(**values, **ended)):
        return False
    if raw_key is not None:
        session.add(Erasure(blob_key=raw_key))  # gone for sure, whatever happens to this process next
    return True


def give_back(leased: Leased) -> None:
    """Put a photo back that could not be graded now and is not to blame (the store is away, say): the try does not count."""
    held = (col(ScreeningPhoto.id) == leased.id, col(ScreeningPhoto.lease_token) == leased.token)
    _to_waiting(*held, attempts=ScreeningPhoto.attempts - 1)


def release(worker: str) -> int:
    """Put back what a worker had that is known to be dead, without waiting for its time to run out; returns how many."""
    return _to_waiting(col(ScreeningPhoto.leased_by) == worker)


def _to_waiting(*which: ColumnElement[bool], **more: Any) -> int:
    free = {"state": "waiting", "lease_token": None, "leased_by": None, "leased_until": None}
    with transaction() as session:
        return changed(session, update(ScreeningPhoto).where(col(ScreeningPhoto.state) == "leased", *which).values(**free, **more))


def unfinished() -> int:
    """How many photos are there for workers, or with them; those of a batch that is paused do not count."""
    query = (
        select(func.count())
        .select_from(ScreeningPhoto)
        .join(ScreeningBatch, col(ScreeningBatch.id) == col(ScreeningPhoto.batch_id))
        .where(col(ScreeningPhoto.state).in_(("waiting", "leased")), col(ScreeningBatch.paused).is_(False))
    )
    with reading() as session:
        return session.exec(query).one()
