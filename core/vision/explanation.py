"""What the network looked at, as a map over the photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision.card import Input
from core.vision.engine import window


def heat_map(activation: NDArray[np.float32], way: Input, shape: tuple[int, ...], longer: int = 128) -> NDArray[np.float32]:
    """Class activation (h, w) as a heat map 0-1 float32 over the whole photo, longer side `longer`.

    What speaks against the class (negative activation) is left out; outside the network's window there
    is nothing. `shape`: (H, W, ...) of the photo.
    """
    height, width = shape[:2]
    factor = longer / max(height, width)
    out = np.zeros((max(1, round(height * factor)), max(1, round(width * factor))), np.float32)
    x, y, w, h = (round(v * factor) for v in window(shape, way))
    w, h = min(max(w, 1), out.shape[1] - x), min(max(h, 1), out.shape[0] - y)
    positive = np.maximum(activation, 0).astype(np.float32)
    smooth = cv2.resize(positive, (w, h), interpolation=cv2.INTER_CUBIC).clip(0)
    peak = float(smooth.max())
    if peak > 0:
        out[y : y + h, x : x + w] = smooth / peak
    return out


def peak_of(heat: NDArray[np.float32]) -> tuple[float, float]:
    """The hottest point as fractions (x, y) of the photo's width and height, at the middle of its pixel."""
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    return (float(column) + 0.5) / heat.shape[1], (float(row) + 0.5) / heat.shape[0]
