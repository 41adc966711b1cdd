"""Many made-up records at once, to measure what a page costs with a long history."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import select

from core.demo.people import demo_actor
from core.records.database import transaction
from core.records.record_tables import Record
from core.records.times import now

_BATCH = 1000


def fill(n: int, person_id: UUID | None = None) -> int:
    """Add `n` records to `person_id` (None: the demo patient), one every three hours back in time.

    They repeat the person's newest record and share its pictures, so they can be read but must not be
    deleted one by one. Returns how many records the person had before. NotAllowed outside the demo.
    """
    actor = demo_actor("patient")
    if person_id is None:
        (person_id,) = actor.person_ids
    with transaction() as session:
        known = session.exec(select(Record).where(Record.person_id == person_id)).all()
        pattern = max(known, key=lambda record: record.taken_at).model_dump(exclude={"id", "token", "taken_at", "created_at"})
        moment = now()
        for start in range(0, n, _BATCH):
            rows = [
                {**pattern, "id": uuid4(), "token": None, "created_at": moment, "taken_at": moment - timedelta(hours=3 * i)}
                for i in range(start, min(start + _BATCH, n))
            ]
            session.connection().execute(Record.__table__.insert(), rows)  # type: ignore[attr-defined]
    return len(known)
