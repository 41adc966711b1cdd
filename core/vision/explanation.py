"""What the network looked at, as a map over the photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision.card import Input
from core.vision.engine import window
from core.vision.field import Levelled, kept, unlevel


def heat_map(
    activation: NDArray[np.float32], way: Input, shape: tuple[int, ...], longer: int = 128, field: Levelled | None = None
) -> NDArray[np.float32]:
    """Class activation (h, w) as a heat map 0-1 float32 over the whole photo, longer side `longer`.

    What speaks against the class (negative activation) is left out; outside the network's window there
    is nothing. `shape`: (H, W, ...) of the photo. `field`: as it was levelled for the network, of a photo of an eye.
    """
    height, width = shape[:2]
    factor = longer / max(height, width)
    if field is not None:
        return _over_field(activation, field, (max(1, round(height * factor)), max(1, round(width * factor))), shape)
    out = np.zeros((max(1, round(height * factor)), max(1, round(width * factor))), np.float32)
    x, y, w, h = (round(v * factor) for v in window(shape, way))
    w, h = min(max(w, 1), out.shape[1] - x), min(max(h, 1), out.shape[0] - y)
    positive = np.maximum(activation, 0).astype(np.float32)
    smooth = cv2.resize(positive, (w, h), interpolation=cv2.INTER_CUBIC).clip(0)
    peak = float(smooth.max())
    if peak > 0:
        out[y : y + h, x : x + w] = smooth / peak
    return out


def _over_field(activation: NDArray[np.float32], field: Levelled, size: tuple[int, int], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """As `heat_map`, laid over the round field of an eye; (h, w) is the size of the map."""
    smooth = cv2.resize(np.maximum(activation, 0).astype(np.float32), (64, 64), interpolation=cv2.INTER_CUBIC).clip(0)
    smooth = np.where(kept(64), smooth, 0).astype(np.float32)
    fx, fy = shape[1] / size[1], shape[0] / size[0]
    smaller = np.array([[fx, 0, (fx - 1) / 2], [0, fy, (fy - 1) / 2], [0, 0, 1.0]])
    out = unlevel(smooth, Levelled(field.image, field.matrix @ smaller), size, nearest=False).astype(np.float32)
    peak = float(out.max())
    return out / peak if peak > 0 else out


def peak_of(heat: NDArray[np.float32]) -> tuple[float, float]:
    """The hottest point as fractions (x, y) of the photo's width and height, at the middle of its pixel."""
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    return (float(column) + 0.5) / heat.shape[1], (float(row) + 0.5) / heat.shape[0]
