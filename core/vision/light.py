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


def level(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The light of a photo uint8 RGB (H, W, 3): the Minkowski mean of each colour (3,), 0-255."""
    small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    return np.asarray(255 * (small**POWER).mean((0, 1)) ** (1 / POWER))


def gain(pixels: NDArray[np.uint8], least: tuple[float, float, float]) -> NDArray[np.float32]:
    """The factors (3,), 1 to `MOST_LIFTED`, that bring each colour of a photo uint8 RGB (H, W, 3) to at least `least` (0-255).

    1 where there is as much. Colours are lifted one by one, so cold light, which lacks red, is made up for too.
    """
    return np.asarray(np.clip(np.array(least) / np.maximum(level(pixels), 1e-3), 1.0, MOST_LIFTED), np.float32)
