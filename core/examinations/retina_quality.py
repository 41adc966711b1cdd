"""Is a photo of the back of an eye good enough to be graded? What can be measured first, then what a network sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.vision import quality
from core.vision.calibration import softmax
from core.vision.card import card_ids
from core.vision.engine import engine
from core.vision.field import find_field
from core.vision.quality import PROBLEMS, Problem

NETWORK = "retina_quality"
GOOD = "good"
FIELD = Problem(
    "field",
    "Too little of the back of the eye is in the picture.",
    "Keep the lid up and the lashes away. Let the eye look at the light, so that the disc and the middle of the retina are in view.",
)
LEAST_SEEN = 0.5
"""Share of the round field that a photo has to show: 1 of 528 `val` photos shows less, and those that cameras cut most 0.7."""
ALL = {**PROBLEMS, FIELD.code: FIELD}


def installed() -> bool:
    """The network of the quality is part of this house. Without it only what can be measured is looked at."""
    return NETWORK in card_ids()


def problem_of(pixels: NDArray[np.uint8], drawn: bool = False) -> Problem | None:
    """The gravest thing wrong with a photo, uint8 RGB (H, W, 3); None when it is good enough.

    A `drawn` picture is judged by what can be measured alone: the network learned from photographs.
    """
    for problem in quality.problems(pixels, "fundus"):
        return problem
    field = find_field(pixels)
    if field is not None and field.coverage < LEAST_SEEN:
        return FIELD
    return None if drawn or not installed() else _seen(pixels)


def _seen(pixels: NDArray[np.uint8]) -> Problem | None:
    """What the network of the quality says: under the card's threshold for "good" the most probable of its reasons."""
    seen = engine().classify(NETWORK, pixels)
    facts, classes = seen.card.facts, list(seen.card.classes)
    p = softmax(seen.logits / float(facts.get("calibration", {}).get("temperature", 1.0)))
    if p[classes.index(GOOD)] >= float(facts["thresholds"]["gradable"]["value"]):
        return None
    worst = max((name for name in classes if name != GOOD), key=lambda name: float(p[classes.index(name)]))
    return ALL[worst]
