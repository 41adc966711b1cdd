"""How much of the signs is lost in smaller photos, and so from which size on they are looked for at all.

The outlined photos are taken smaller step by step. What a small photo makes of a healthy eye cannot be asked of them: all 50 eyes
are ill. Photos smaller than the smallest size tried are not looked at, whatever the figures say.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.vision.card import input_of
from core.vision.engine import InProcess, levelled
from core.vision.field import find_field
from core.vision.signs import SIGNS
from models.retina_lesions.data import outlined, over_photo
from models.training import dice

ACROSS = (1400, 1000, 800, 640, 500)
"""Pixels across the eye; the photos as they come have about 1,400."""
KEPT = 0.85
"""Share of the Dice of microaneurysms that a photo must keep to be looked at."""
SMALLEST_SIGN = SIGNS.index("microaneurysms")


def by_size(folder: Path, way: dict[str, object], cut: np.ndarray, limit: int | None = None) -> dict[int, dict[str, float]]:
    """Pooled Dice on val by pixels across the eye, at the thresholds `cut` (classes,), through the engine; truth at full size."""
    engine, told = InProcess(), {}
    photos = outlined(folder, ("val",), limit)
    for across in ACROSS:
        found = []
        for photo in photos:
            pixels = smaller(photo.pixels, across)
            level = levelled(pixels, input_of(way))
            assert level is not None
            shape = pixels.shape[:2]
            chances = over_photo(engine.outline("retina_lesions", pixels), level, shape)
            whole = [cv2.resize(c, photo.truth.shape[::-1], interpolation=cv2.INTER_LINEAR) for c in chances]
            found.append(dice.counts(np.stack(whole), photo.truth))
        figures = dice.figures(np.stack(found), np.tile(cut, (len(found), 1)), SIGNS)
        told[across] = {name: figure["pooled"] for name, figure in figures.items()}
    return told


def smaller(pixels: np.ndarray, across: int) -> np.ndarray:
    """A photo uint8 RGB (H, W, 3) in which the eye measures at most so many pixels across."""
    field = find_field(pixels)
    factor = 1.0 if field is None else across / (2 * max(field.rx, field.ry))
    if factor >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def fewest(told: dict[int, dict[str, float]]) -> int:
    """The smallest of the sizes at which, and at all larger ones, microaneurysms keep `KEPT` of their Dice at the largest."""
    sign = SIGNS[SMALLEST_SIGN]
    sizes = sorted(told, reverse=True)
    good = [told[size][sign] >= KEPT * told[sizes[0]][sign] for size in sizes]
    return sizes[(good + [False]).index(False) - 1]
