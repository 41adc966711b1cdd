"""Small photos with their outline drawn in, made once from what is stored and kept in memory.

They are not stored: the thumbnail and the outline are, and an outline that a person corrects must not leave an old
picture behind.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from core.errors import Unavailable
from core.people.policy import Actor
from core.photo import decode_png, encode_jpeg
from core.records.database import reading
from core.records.eczema_tables import Correction
from core.records.findings import own_record
from core.records.openings import note
from core.records.photos import store
from core.records.record_tables import Record

OUTLINED = "lesion"
"""The mask that is drawn."""
SIGNS = ("ma", "he", "ex", "se")
"""Where there is no such mask: the signs in an eye, drawn together. They are small, so every one gets a ring."""
TEAL = (18, 142, 148)
MOST = 1000
"""Pictures kept: about 20 MB."""

_kept: OrderedDict[tuple[UUID, str, str], bytes] = OrderedDict()
_lock = threading.Lock()


def outlined_thumbnail(actor: Actor, record_id: UUID) -> bytes:
    """A JPEG of the photo with the newest outline drawn in, longer side at most 480 pixels.

    The plain thumbnail where there is no outline or the person called it wrong. Raises NotFound, Unavailable.
    """
    with reading() as session:
        row = own_record(session, actor, record_id, "read_records")
        keys = [] if row.outline_accepted is False else _newest(session, row)
    note(actor, row.person_id, "photos")
    blobs = store()
    if not keys:
        return blobs.get(row.thumbnail_key)
    name = (record_id, row.thumbnail_key, " ".join(keys))
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            return _kept[name]
    small = OUTLINED not in row.mask_keys
    mask = np.maximum.reduce([decode_png(blobs.get(key)) for key in keys])
    made = encode_jpeg(outlined(_decoded(blobs.get(row.thumbnail_key)), mask, small), quality=85)
    with _lock:
        _kept[name] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Drop every picture that is kept."""
    with _lock:
        _kept.clear()


def outlined(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], rings: bool = False) -> NDArray[np.uint8]:
    """RGB uint8 (h, w, 3) with the outlines of a mask (uint8, any size, 0 or 255) drawn in: teal with a white edge.

    `rings`: at some distance, round pieces that may be too small to be seen.
    """
    size = (pixels.shape[1], pixels.shape[0])
    inside = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > (0 if rings else 127), np.uint8)
    if rings:
        inside = np.asarray(cv2.dilate(inside, np.ones((7, 7), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = np.ascontiguousarray(pixels)
    for colour, thick in (((255, 255, 255), 4), (TEAL, 2)):
        cv2.drawContours(drawn, contours, -1, colour, thick, cv2.LINE_AA)  # type: ignore[call-overload,unused-ignore]
    return drawn


def _newest(session: Session, row: Record) -> list[str]:
    """The keys of the outlines that count: the person's newest, or else the network's; of an eye all its signs."""
    if OUTLINED not in row.mask_keys:
        return [row.mask_keys[name] for name in SIGNS if name in row.mask_keys]
    query = select(Correction).where(Correction.record_id == row.id, Correction.name == OUTLINED).order_by(col(Correction.version).desc())
    corrected = session.exec(query.limit(1)).first()
    return [corrected.mask_key if corrected is not None else row.mask_keys[OUTLINED]]


def _decoded(data: bytes) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if found is None:
        raise Unavailable("This picture cannot be read any more.", "Please tell whoever runs CareLens.")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
