"""One file of a batch, from bytes to what is kept of it. The same function for every engine: this process, a worker's, Ray's."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.demo.marks import is_drawn
from core.errors import CareLensError, PhotoRejected, Unavailable
from core.examinations.finding import EYES, Context, Finding
from core.examinations.registry import examination
from core.photo import Photo, read_photo

log = logging.getLogger("carelens.screening")

FAILED = ("Something went wrong on our side while this photo was looked at.", "Look at it by eye, and tell whoever runs CareLens.")
DICOM_SIDES = {"L": "left", "R": "right"}


@dataclass(frozen=True, eq=False)
class Graded:
    """What came of a file.

    `photo` None: it cannot be read (`state` is `failed`). `finding` None with a photo: the check turned it away, say as too
    blurred. `reason`, `hint`: why there is no grade. `side`, `taken_on`: what a DICOM file says of itself; None: nothing.
    """

    photo: Photo | None
    finding: Finding | None
    reason: str = ""
    hint: str = ""
    side: str | None = None
    taken_on: date | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """One of `done` and `failed`."""
        return "failed" if self.photo is None else "done"

    def columns(self) -> dict[str, Any]:
        """Columns of the row, but for the keys of the pictures."""
        found = self.finding
        size = self.photo.size if self.photo else (None, None)
        status = found.status if found else "rejected" if self.photo else ""
        return {
            "state": self.state,
            "status": status,
            "label": found.label if found else "",
            "step": found.step if found else "",
            "refer": bool(found and found.refer),
            "facts": found.facts() if found else None,
            "reason": (found.reason if found and found.reason else self.reason)[:400],
            "hint": self.hint[:400],
            "width": size[0],
            "height": size[1],
            "photo_tags": dict(self.tags) or None,
        }


def grade(data: bytes, examination_id: str, side: str | None = None) -> Graded:
    """Read a file and examine it. What is wrong with the file is part of the answer.

    `side`: the eye, where it is known. Raises Unavailable alone: the network or a part of the house is missing, and the file
    is not to blame.
    """
    try:
        photo = read_photo(data)
    except PhotoRejected as error:
        return Graded(None, None, error.reason, error.hint)
    said = DICOM_SIDES.get(photo.tags.get("Laterality", ""))
    told = {"side": said, "taken_on": _day(photo.tags.get("AcquisitionDate", ""))}
    try:
        finding = examination(examination_id).run(photo, context(photo, side or said))
    except Unavailable:
        raise
    except CareLensError as error:  # above all PhotoRejected: the gate turned it away
        return Graded(photo, None, error.reason, error.hint, tags=photo.tags, **told)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - one photo that a check stumbles over must not stop the other 1,999
        log.exception("a check failed")
        return Graded(photo, None, *FAILED, tags=photo.tags, **told)  # type: ignore[arg-type]
    return Graded(photo, finding, tags=photo.tags, **told)  # type: ignore[arg-type]


def context(photo: Photo, side: str | None) -> Context:
    """What is known beside a photo: that CareLens drew it (the demo's own), and which eye it shows."""
    return Context(drawn=is_drawn(photo.sha256), eye=next((eye for eye in EYES if eye == side), None))


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if digits else None
    except ValueError:
        return None
