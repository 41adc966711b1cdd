"""From chances per pixel to one outline at the photo's working size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def mask_of(chance: NDArray[np.float32], shape: tuple[int, ...], threshold: float = 0.5) -> NDArray[np.uint8]:
    """The one lesion: uint8 (H, W) 0/255 from chances (h, w) float32 over the whole photo.

    The chances are enlarged before they are cut, which gives a smooth edge. The largest piece by its
    summed chance is kept, and holes in it are filled: a lesion is one piece, and a reflection on it is still lesion.
    Empty (all 0) when nothing reaches the threshold.
    """
    height, width = shape[:2]
    large = cv2.resize(chance, (width, height), interpolation=cv2.INTER_LINEAR)
    mask = (large >= threshold).astype(np.uint8)
    count, pieces = cv2.connectedComponents(mask)
    if count > 2:
        weight = np.bincount(pieces.ravel(), weights=large.ravel(), minlength=count)
        weight[0] = 0
        mask = (pieces == int(weight.argmax())).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros((height, width), np.uint8)
    cv2.drawContours(filled, contours, -1, 255, cv2.FILLED)
    return filled
