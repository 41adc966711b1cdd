"""How much light a photo has, and lifting one that has too little to what a network knows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

POWER = 6
"""Of the Minkowski mean: near the lightest parts, the skin, and little moved by how dark the spot is (shades of grey,
Finlayson & Trezzi 2004)."""
MOST_LIFTED = 2.0
"""A photo is not made more than so many times lighter: what is darker than that has little in it but noise."""


def level(pixels: NDArray[np.uint8]) -> float:
    """The light of a photo uint8 RGB (H, W, 3), 0-255: the Minkowski mean of each colour, and their geometric mean."""
    small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    colours = (small**POWER).mean((0, 1)) ** (1 / POWER)
    return float(255 * np.exp(np.log(np.maximum(colours, 1e-3)).mean()))


def gain(pixels: NDArray[np.uint8], least: float) -> float:
    """The factor, 1 to `MOST_LIFTED`, that brings a photo uint8 RGB (H, W, 3) to the level `least` (0-255); 1 when it has as much."""
    return min(max(least / level(pixels), 1.0), MOST_LIFTED)
