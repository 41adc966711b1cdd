"""Is it the right kind of picture, and good enough? If not, a reason and how to take it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PhotoRejected
from core.vision import quality
from core.vision.calibration import softmax
from core.vision.engine import engine

LOOKS_LIKE = {
    "dermatoscopic": "a photo taken through a dermatoscope",
    "clinical": "a photo of skin taken with a phone or camera alone",
    "fundus": "a photo of the back of the eye",
    "other": "something other than skin or the back of the eye",
}
BELONGS = {
    "dermatoscopic": "Photos taken through a dermatoscope belong in the skin check.",
    "clinical": "This check needs a photo taken through a dermatoscope, a small lens with a light that is held on the skin. "
    "Photos of moles with the phone alone come later. Show a new, changing or bleeding spot to a doctor now.",
    "fundus": "Photos of the back of the eye are not examined yet. Show this one to your eye doctor.",
    "other": "Hold the dermatoscope on the spot, so that the spot fills about half of the picture, and take the photo again.",
}

NO_SPOT = "Put the spot in the middle, so that it fills about half of the picture, and take the photo again."


@dataclass(frozen=True)
class Kind:
    """What a photo looks like, with the chance of each kind."""

    kind: str
    chances: dict[str, float]


def kind_of(pixels: NDArray[np.uint8]) -> Kind:
    """The kind of a photo, uint8 RGB (H, W, 3); Unavailable without the network."""
    seen = engine().classify("photo_kind", pixels)
    p, classes = softmax(seen.logits), seen.card.classes
    return Kind(classes[int(p.argmax())], {name: float(v) for name, v in zip(classes, p, strict=True)})


def check_kind(found: Kind, wanted: frozenset[str]) -> None:
    """PhotoRejected when the photo is of no kind that is wanted: what it looks like and where it belongs."""
    if found.kind not in wanted:
        raise PhotoRejected(f"This looks like {LOOKS_LIKE[found.kind]}.", BELONGS[found.kind], code="wrong_kind", kind=found.kind)


def check_quality(pixels: NDArray[np.uint8], kind: str, mask: NDArray[np.uint8] | None = None) -> None:
    """PhotoRejected for the first thing that makes the photo too poor to examine. `mask`: the outlined subject, once known."""
    if mask is not None and not mask.any():
        raise PhotoRejected("No spot was found in the picture.", NO_SPOT, code="no_spot", kind=kind)
    for problem in quality.problems(pixels, kind, mask):
        raise PhotoRejected(problem.reason, problem.hint, code=problem.code, kind=kind)
