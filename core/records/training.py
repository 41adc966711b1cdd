"""Corrected outlines as training data: only those whose person said yes, and nothing that says who they are."""

from __future__ import annotations

import csv
import json
import logging
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from tqdm import tqdm

from core.errors import InvalidInput, NotFound, Unavailable
from core.photo import encode_png, read_photo
from core.records.database import reading
from core.records.eczema_tables import Correction
from core.records.photos import store
from core.records.record_tables import Record

log = logging.getLogger("carelens.training")

COLUMNS = (
    "id", "group", "examination", "mask", "image_file", "network_file", "corrected_file", "width", "height", "region", "side",
    "whole_region", "networks", "numbers",
)  # fmt: skip


@dataclass(frozen=True)
class Handed:
    """What was written: corrected outlines and the photos they are of. `missing`: those whose pictures were not in the store."""

    outlines: int
    photos: int
    missing: int


def export_corrections(folder: Path) -> Handed:
    """Write every newest corrected outline that may be used for training into `folder`, which is new or empty.

    For the command line alone. Beside `corrections.csv` there are, as PNG of one size, the photo, the network's outline and
    the corrected one. Every name is made by chance at each export, so nothing leads back to a person, a finding or a
    day; `group` keeps photos of one person together, so that a split for training does not part them. An outline that
    somebody drew anew without saying yes is not written, nor are those before it. InvalidInput for a folder with
    something in it, Unavailable.
    """
    with reading() as session:
        query = select(Correction, Record).join(Record, col(Record.id) == col(Correction.record_id)).order_by(col(Correction.version))
        newest = {(one.record_id, one.name): (one, record) for one, record in session.exec(query)}
    asked = [pair for pair in newest.values() if pair[0].for_training]
    secrets.SystemRandom().shuffle(asked)  # the order tells nothing either
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise InvalidInput("There is something in this folder already, so nothing was written.", "Name a new or an empty one.")
        rows, missing = _write(folder, asked)
        lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        with os.fdopen(_new(folder / "corrections.csv"), "w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(lines)
    except OSError as error:
        log.warning("training data could not be written: %s", type(error).__name__)
        raise Unavailable("The folder cannot be written, or there is no room.", "Choose another place.") from error
    return Handed(len(rows), len({line["image_file"] for line in lines}), missing)


def _write(folder: Path, asked: Iterable[tuple[Correction, Record]]) -> tuple[list[tuple[Any, ...]], int]:
    groups: dict[UUID, str] = {}
    photos: dict[UUID, str] = {}
    rows, missing = [], 0
    blobs = store()
    for one, record in tqdm(list(asked), desc="Outlines", unit="", disable=None):
        try:
            corrected, networks = blobs.get(one.mask_key), blobs.get(record.mask_keys[one.name])
            original = None if record.id in photos else blobs.get(record.photo_key)
        except (NotFound, KeyError):
            missing += 1
            continue
        id = secrets.token_hex(8)
        if original is not None:
            photos[record.id] = f"{id}_image.png"
            # Pixels alone, as large as the outlines: no metadata of the file goes along.
            _put(folder / photos[record.id], encode_png(read_photo(original).pixels))
        names = f"{id}_network.png", f"{id}_corrected.png"
        for name, data in zip(names, (networks, corrected), strict=True):
            _put(folder / name, data)
        rows.append(
            (
                id, groups.setdefault(record.person_id, secrets.token_hex(4)), record.examination, one.name, photos[record.id], *names,
                record.width, record.height, record.region or "", record.side or "", int(record.whole_region),
                json.dumps(record.facts.get("versions", {})), json.dumps(one.numbers),
            )
        )  # fmt: skip
    return rows, missing


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _put(path: Path, data: bytes) -> None:
    with os.fdopen(_new(path), "wb") as file:
        file.write(data)
