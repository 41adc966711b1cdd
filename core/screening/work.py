"""What a worker does, whatever engine runs it: borrow a photo, grade it, write the answer and end the lease in one transaction."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Literal

from core.errors import CareLensError, NotFound, Unavailable
from core.examinations.finding import Finding
from core.photo import encode_jpeg, resized
from core.records import screening_queue as queue
from core.records.photos import PhotoStore, store
from core.records.pictures import THUMBNAIL, drop, put_all
from core.screening.grading import Graded, grade

log = logging.getLogger("carelens.screening")

Outcome = Literal["idle", "graded", "late", "later"]
"""Nothing waits; a result was written; somebody else had written it meanwhile; it cannot be done now and was put back."""
LOST = Graded(None, None, "The file was not in the store any more.", "Send it again.")


def work_once(worker: str, seconds: float = queue.LEASE) -> Outcome:
    """Grade one photo as `worker` (a name of its own for each process). Raises Unavailable when the database is out of reach."""
    leased = queue.lease(worker, seconds)
    if leased is None:
        return "idle"
    blobs = store()
    try:
        graded = grade(blobs.get(leased.raw_key), leased.examination, leased.side)
    except NotFound:
        graded = LOST
    except Unavailable as error:
        log.warning("a photo was put back: %s", error.reason)
        queue.give_back(leased)
        return "later"
    return save(leased, graded, blobs)


def save(leased: queue.Leased, graded: Graded, blobs: PhotoStore) -> Outcome:
    """Keep the pictures, then write the result; when the lease is lost, the pictures go again."""
    keys: list[str] = []
    try:
        pictures = _pictures(graded, blobs, keys)
        if not queue.finish(leased, {**graded.columns(), **pictures}, side=graded.side, taken_on=graded.taken_on):
            drop(blobs, keys)
            return "late"
    except CareLensError:
        # The commit may have come through before the connection broke: then the row names these pictures, and they stay.
        if not queue.has_result(leased.id, keys):
            drop(blobs, keys)
        raise
    drop(blobs, [leased.raw_key])
    return "graded"


def _pictures(graded: Graded, blobs: PhotoStore, keys: list[str]) -> dict[str, Any]:
    """Write what there is to look at; returns the columns that name it."""
    if graded.photo is None:
        return {}
    if graded.finding is None:
        return _photo_alone(graded, blobs, keys)
    return put_all(blobs, keys, graded.photo, _kept(graded.finding))


def _kept(finding: Finding) -> Finding:
    """The finding without masks that hold nothing: a sign that is not there needs no picture."""
    return replace(finding, masks={name: mask for name, mask in finding.masks.items() if mask.any()})


def _photo_alone(graded: Graded, blobs: PhotoStore, keys: list[str]) -> dict[str, Any]:
    photo = graded.photo
    assert photo is not None
    for data in (photo.original, encode_jpeg(resized(photo.pixels, THUMBNAIL))):
        keys.append(blobs.put(data))
    return {"photo_key": keys[0], "photo_sha256": photo.sha256, "media_type": photo.media_type, "thumbnail_key": keys[1]}
