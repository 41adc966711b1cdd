"""Corrected outlines: what a person drew, kept as a new version beside the network's, and whether it may train networks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, func, select

from core.errors import InvalidInput, Unavailable
from core.people.policy import Actor
from core.photo import decode_png, encode_mask
from core.records.database import reading, transaction
from core.records.eczema_tables import Correction, CorrectionCreate, CorrectionPublic
from core.records.erase import bury, finish_quietly
from core.records.findings import own_record
from core.records.openings import note
from core.records.outlines import newest
from core.records.photos import PhotoStore, store
from core.records.pictures import drop
from core.records.times import now

Mask = NDArray[np.uint8]


def save_correction(
    actor: Actor, record_id: UUID, name: str, mask: Mask, numbers: Mapping[str, float], *, for_training: bool
) -> CorrectionPublic:
    """Save a corrected outline as a new version; the network's and every version before stay as they are.

    `name`: which mask of the finding. `mask`: uint8 (h, w), 0 or 255, of the same size as the network's. `numbers`: all
    measurements of the finding, computed anew with it: from now on they are the finding's; ValueError when one is not
    finite. `for_training`: the person lets photo and outline be used to train networks. Whoever draws an outline
    takes it for right, so `outline_accepted` becomes true. Raises NotFound, InvalidInput (no such mask, another size), Unavailable.
    """
    if not all(math.isfinite(value) for value in numbers.values()):
        raise ValueError("a number of a correction is not finite; leave out what is not given")
    blobs = store()
    with reading() as session:
        networks = own_record(session, actor, record_id, "change_record").mask_keys.get(name)
    if networks is None:
        raise InvalidInput("This finding has no outline to correct.", "Take another photo.")
    _check(mask, decode_png(blobs.get(networks)))
    keys: list[str] = []
    id = uuid4()
    try:
        keys.append(blobs.put(encode_mask(mask)))
        with transaction() as session:
            row = own_record(session, actor, record_id, "change_record")
            of_this = (Correction.record_id == record_id, Correction.name == name)
            version = (session.exec(select(func.max(Correction.version)).where(*of_this)).one() or 0) + 1
            plain = {measure: float(value) for measure, value in numbers.items()}
            create = CorrectionCreate(name=name, version=version, numbers=plain, for_training=for_training)
            made = Correction.model_validate(
                create, update={"id": id, "person_id": row.person_id, "record_id": record_id, "mask_key": keys[0]}
            )
            row.outline_accepted = True
            session.add_all([row, made])
            session.flush()
            return CorrectionPublic.model_validate(made)
    except BaseException:
        _after_failure(id, blobs, keys)
        raise


def _check(mask: Mask, networks: Mask) -> None:
    if mask.dtype != np.uint8 or mask.shape != networks.shape or not np.isin(mask, (0, 255)).all():
        raise InvalidInput("This outline does not fit the photo.", "Load the page anew and draw it once more.")


def _after_failure(id: UUID, blobs: PhotoStore, keys: list[str]) -> None:
    """Take the picture away, unless the row is there after all (a connection lost while committing leaves it open) or nobody can tell."""
    try:
        with reading() as session:
            if session.get(Correction, id) is None:
                drop(blobs, keys)
    except Unavailable:
        return  # unseen, and `core.records.check` finds it later


def list_corrections(actor: Actor, record_id: UUID) -> list[CorrectionPublic]:
    """Every version of every corrected mask of a record, in the order in which they were drawn."""
    with reading() as session:
        own_record(session, actor, record_id, "read_records")
        return [CorrectionPublic.model_validate(row) for row in _all(session, record_id)]


def _all(session: Session, record_id: UUID) -> list[Correction]:
    query = select(Correction).where(Correction.record_id == record_id)
    return list(session.exec(query.order_by(col(Correction.created_at), col(Correction.version))))


def current_masks(actor: Actor, record_id: UUID) -> dict[str, Mask]:
    """The masks that count, uint8 (h, w), 0 or 255: of each the newest that a person drew, else the network's."""
    with reading() as session:
        row = own_record(session, actor, record_id, "read_records")
        corrected = newest(session, record_id)
    note(actor, row.person_id, "finding", record_id)
    keys = {**row.mask_keys, **{name: one.mask_key for name, one in corrected.items()}}
    return {name: decode_png(store().get(key)) for name, key in keys.items()}


def say_for_training(actor: Actor, record_id: UUID, yes: bool) -> list[CorrectionPublic]:
    """Let every corrected outline of a record, with its photo, be used to train networks, or take that back.

    What was handed out before (`core.admin export-corrections`) is not called back by it.
    """
    with transaction() as session:
        own_record(session, actor, record_id, "change_record")
        rows = _all(session, record_id)
        for row in rows:
            row.for_training, row.said_at = yes, now()
            session.add(row)
        session.flush()
        return [CorrectionPublic.model_validate(row) for row in rows]


def drop_corrections(actor: Actor, record_id: UUID) -> None:
    """Erase every corrected outline of a record for good; the network's, and its numbers, count again."""
    with transaction() as session:
        row = own_record(session, actor, record_id, "change_record")
        rows = _all(session, record_id)
        if not rows:
            return
        for one in rows:
            session.delete(one)
        row.outline_accepted = None
        session.add(row)
        bury(session, [one.mask_key for one in rows])
    finish_quietly()
