"""What is wrong with a picture of a live camera, quickly: too dark, too bright, glare, blurred, too far. A pure function of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision import quality
from core.vision.quality import Problem

NEAR = "dermatoscopic"
"""The kind of photo with a spot in its middle, which should fill it; a rash has no such size."""
FAR_BELOW = 0.03
"""A spot under this share of the picture is asked to come closer. Of 300 HAM10000 photos it says so to 8 of the 12 whose
spot is that small (under 0.04) and to 8 of the 233 whose spot is not (0.1 or more)."""
TOO_FAR = quality.PROBLEMS["subject_small"]
CONTRAST = 18.0
"""Least difference of a spot and the usual skin around it in brightness (0-255) to take it for one."""


@dataclass(frozen=True)
class Aim:
    """What a picture is worth: what is wrong with it, the gravest first, and its sharpness (see `quality.Quality`)."""

    problems: tuple[Problem, ...]
    sharpness: float

    @property
    def good(self) -> bool:
        """Nothing is wrong with it."""
        return not self.problems


def aim(pixels: NDArray[np.uint8], kind: str) -> Aim:
    """Judge RGB uint8 pixels (h, w, 3) of any size by the limits of a `kind` of photo (`quality.LIMITS`), in some milliseconds."""
    mask = rough_spot(pixels) if kind == NEAR else None
    measured = quality.measure(pixels, mask)
    problems = list(quality.judge(measured, kind))
    if mask is not None and (measured.subject or 0.0) < FAR_BELOW and TOO_FAR not in problems:
        problems.append(TOO_FAR)
    return Aim(tuple(problems), measured.sharpness)


def rough_spot(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """A quick guess where the spot is: the largest dark patch around the middle, uint8 0/255 (about 160 px wide); None for no clear one.

    Good enough to say "closer"; the outline of a finding comes from the network.
    """
    scale = 160 / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float32)
    middle = grey[size[1] // 5 : -(size[1] // 5), size[0] // 5 : -(size[0] // 5)]
    # The lighter half of the middle is skin, also where the spot fills much of it; corners are dark in every dermatoscope.
    dark = np.asarray(grey < float(np.percentile(middle, 75)) - CONTRAST, np.uint8)
    count, labels, boxes, centres = cv2.connectedComponentsWithStats(dark)
    reach, weight = 0.2 * size[0], [0.0]
    for n in range(1, count):
        _, _, wide, high, area = (int(value) for value in boxes[n])
        round_it = wide == size[0] and high == size[1] and labels[size[1] // 2, size[0] // 2] != n  # the dark ring of the lens
        away = float(np.hypot(centres[n][0] - size[0] / 2, centres[n][1] - size[1] / 2))
        weight.append(0.0 if round_it else area * float(np.exp(-((away / reach) ** 2))))
    best = int(np.argmax(weight))
    return np.asarray((labels == best) * 255, dtype=np.uint8) if weight[best] >= 8 else None
