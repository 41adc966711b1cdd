"""The colour of the skin around a spot under a dermatoscope, as the individual typology angle (`core.vision.skin_tone`).

The light and the white balance of a dermatoscope are not calibrated, the skin under it is pressed and lit at an angle,
and many spots lie on tanned or red skin: a band says how light the skin *looks in the photo*, not what skin type a
person has.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision.skin_tone import BANDS, NOT_SEEN, band, ita

__all__ = ["BANDS", "LEAST_SKIN", "NOT_SEEN", "angle", "band", "skin_around"]

LEAST_SKIN = 0.03
"""Share of the photo that must be left as skin."""


def skin_around(pixels: NDArray[np.uint8], lesion: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where skin is seen (H, W): outside the spot and its rim, the dark corners, hair, ruler marks, ink and reflections.

    `pixels` RGB (H, W, 3); `lesion` (H, W), the spot where it is not 0.
    """
    height, width = lesion.shape
    rim = max(3, round(0.035 * width)) * 2 + 1
    near = cv2.dilate((lesion > 0).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim))) > 0
    light = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    # Hair and ruler marks are thin and darker (or, white hair, lighter) than what is around them: closing fills them.
    thin = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, width // 20) | 1,) * 2)
    lines = np.maximum(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, thin), cv2.morphologyEx(light, cv2.MORPH_TOPHAT, thin)) > 12
    lines = cv2.dilate(lines.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    # The rim of a dermatoscope's field gets darker slowly: what is far darker than the skin and touches the border goes.
    free = ~near & ~lines
    if not free.any():
        return free
    dark = (light < 0.72 * np.percentile(light[free], 75)).astype(np.uint8)
    _, parts = cv2.connectedComponents(dark)
    touching = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    corners = cv2.dilate(np.isin(parts, touching[touching > 0]).astype(np.uint8), np.ones((rim, rim), np.uint8)) > 0
    ink = pixels[..., 2].astype(np.int16) > pixels[..., 0].astype(np.int16) + 8  # no skin is bluer than it is red
    return np.asarray(free & ~corners & ~ink & (pixels.max(2) < 252), bool)


def angle(pixels: NDArray[np.uint8], lesion: NDArray[np.uint8]) -> float:
    """ITA in degrees (-90 to 90) of the median colour of the skin around the spot; NaN when too little is seen."""
    return ita(pixels, skin_around(pixels, lesion), LEAST_SKIN)
