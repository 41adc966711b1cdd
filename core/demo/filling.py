"""Many made-up records at once, to measure what a page costs with a long history or with many photos."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import numpy as np
from sqlmodel import select

from core.demo.eczema import finding_of
from core.demo.people import demo_actor
from core.photo import encode_jpeg, read_photo
from core.records.database import transaction
from core.records.findings import save_finding
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


def fill_photos(n: int, person_id: UUID) -> None:
    """Add `n` eczema photos of the demo patient's right arm, one a day back in time, each with pictures of its own.

    One drawing, a little lighter or darker from day to day. NotAllowed outside the demo.
    """
    from core.demo.limbs import limb  # drawing is only needed here

    actor = demo_actor("patient")
    drawn = limb(8, "arm", 0.2, size=(800, 600), mirrored=True)
    finding = finding_of(drawn.pixels, drawn.lesion, drawn.skin)
    for day in range(n):
        pixels = np.clip(drawn.pixels.astype(np.int16) + day % 40 - 20, 0, 255).astype(np.uint8)
        photo = read_photo(encode_jpeg(pixels))
        when = now() - timedelta(days=day, minutes=1)
        save_finding(actor, person_id, photo, finding, site="Right arm", region="arms", side="right", taken_at=when)
