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
    "dermatoscopic": "Photos taken through a dermatoscope belong in the skin check. Take it there.",
    "clinical": "Photos of skin taken with the phone alone belong in the rash and spot check, or in the eczema check if you have eczema. "
    "Show a new, changing or bleeding spot to a doctor, whatever a photo says.",
    "fundus": "Photos of the back of the eye belong in the retina check. Take it there.",
}
"""Where a photo of each kind belongs that came to the wrong check."""
RETAKE = {
    "dermatoscopic": "Hold the dermatoscope on the spot, so that the spot fills about half of the picture, and take the photo again.",
    "clinical": "Take the photo again, in good light, so that skin fills the picture and the rash or spot is in the middle.",
    "fundus": "Have the photo taken with an eye camera, so that the back of the eye fills the picture.",
}
"""How to take the photo that was wanted, for a picture of something else."""
CLINICAL_HINTS = {
    "dark": "Turn on more light, or go to a window, and take it again.",
    "glare": "Turn the flash off, or turn the skin a little away from the lamp, and take it again.",
    "blurred": "Clean the lens, hold still, tap on the skin, wait until the picture is sharp, and take it again.",
}
"""What helps with a phone alone, where the hint for a photo through a dermatoscope does not."""
FUNDUS_HINTS = {
    "dark": "Let the room get dark and the pupil wide, turn up the flash of the camera, and take it again.",
    "bright": "Turn down the flash of the camera, and take it again.",
    "glare": "Move the camera a little, so that the lamp does not shine back, and take it again.",
    "blurred": "Clean the lens, wait until the eye is still and the picture sharp, and take it again.",
}
"""What helps with an eye camera."""
OWN_HINTS = {"clinical": CLINICAL_HINTS, "fundus": FUNDUS_HINTS}

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
    """PhotoRejected when the photo is of no kind that is wanted: what it looks like, and where it belongs or how to take it."""
    if found.kind not in wanted:
        raise PhotoRejected(f"This looks like {LOOKS_LIKE[found.kind]}.", hint_for(found.kind, wanted), code="wrong_kind", kind=found.kind)


def hint_for(kind: str, wanted: frozenset[str]) -> str:
    """What to do with a photo of this kind where others were wanted: the check it belongs in, or how to take one that is wanted."""
    if kind in BELONGS:
        need = "This check needs a photo taken through a dermatoscope, a small lens with a light that is held on the skin. "
        return (need if kind == "clinical" and wanted == {"dermatoscopic"} else "") + BELONGS[kind]
    return next((hint for name, hint in RETAKE.items() if name in wanted), "Take the photo again.")


def check_quality(pixels: NDArray[np.uint8], kind: str, mask: NDArray[np.uint8] | None = None) -> None:
    """PhotoRejected for the first thing that makes the photo too poor to examine. `mask`: the outlined subject, once known."""
    if mask is not None and not mask.any():
        raise _no_spot(kind)
    for problem in quality.problems(pixels, kind, mask):
        raise _poor(problem, kind)


def check_subject(mask: NDArray[np.uint8], kind: str) -> None:
    """What `check_quality` still has to say of a photo that passed it, once its subject is outlined: none there, or too small.

    The picture is the same as before the outline, so nothing of it is measured again.
    """
    if not mask.any():
        raise _no_spot(kind)
    for problem in quality.subject_problems(mask, kind):
        raise _poor(problem, kind)


def _no_spot(kind: str) -> PhotoRejected:
    return PhotoRejected("No spot was found in the picture.", NO_SPOT, code="no_spot", kind=kind)


def _poor(problem: quality.Problem, kind: str) -> PhotoRejected:
    return PhotoRejected(problem.reason, hint(problem, kind), code=problem.code, kind=kind)


def hint(problem: quality.Problem, kind: str) -> str:
    """How to take a better photo of this kind."""
    return OWN_HINTS.get(kind, {}).get(problem.code, problem.hint)
