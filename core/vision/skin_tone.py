"""How light skin looks in a photo, as the individual typology angle (ITA), and which part of it shows a person's own colour.

ITA = arctan((L* - 50) / b*) in degrees, from CIELAB (Chardon, Cretois, Hourseau 1991); the bands are those of
Chardon 1991 with the two darkest of Del Bino & Bernerd 2013. It was made for a colorimeter on skin in a known light.
A phone has neither: a band says how light the skin *looks in the photo*, not what skin type a person has.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

BANDS: tuple[tuple[str, float], ...] = (
    ("very_light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -91.0),
)
"""Band to the angle in degrees above which it begins, lightest first."""
NOT_SEEN = "not_seen"
"""Name of the band where too little skin is seen to say."""
LEAST_UNAFFECTED = 0.01
"""Share of a clinical photo that must be left as unaffected skin to speak of its colour: at 512 px about 50 by 50 px."""
RIM = 0.012
"""Around an affected patch and inside the edge of the skin, so much of the longer side is left out: outlines are never
exact there, and a patch fades into the skin around it."""
WHITE = 252
"""A pixel with a colour at least so high (0-255) may be a reflection: its colour is not the skin's."""
SHADOW = 0.5
"""Skin with less than so much of the light of the lit skin (its 75th percentile) lies in shadow."""


def lab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIELAB under D65 (H, W, 3) of sRGB uint8 (H, W, 3): L* 0-100, a* and b* about -128 to 127.

    OpenCV reads tables: each is within 0.4 of the formula.
    """
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def ita(pixels: NDArray[np.uint8], seen: NDArray[np.bool_], least: float = LEAST_UNAFFECTED) -> float:
    """ITA in degrees (-90 to 90) of the median colour where `seen` (H, W) is true; NaN where that is under `least` of the photo.

    `pixels` RGB (H, W, 3).
    """
    if not seen.any() or seen.mean() < least:
        return float("nan")
    colours = lab(pixels[seen][None])[0]
    lightness, yellow = np.median(colours[:, 0]), np.median(colours[:, 2])
    # A photo with a blue cast has b* near or below 0, where the angle would leap from 90 to -90: it is held at the end.
    return float(np.degrees(np.arctan2(lightness - 50, max(float(yellow), 1e-3))))


def band(angle: float) -> str:
    """The name of the band of an angle in degrees; `NOT_SEEN` for NaN."""
    if np.isnan(angle):
        return NOT_SEEN
    return next((name for name, above in BANDS if angle > above), BANDS[-1][0])


def unaffected(pixels: NDArray[np.uint8], affected: NDArray[Any], skin: NDArray[Any]) -> NDArray[np.bool_]:
    """Where unaffected skin shows its own colour (H, W): away from patches and edges, without reflections and shadows.

    `pixels` RGB (H, W, 3); `affected` and `skin` (H, W), there where they are not 0.
    """
    rim = max(1, round(RIM * max(skin.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
    inner = cv2.erode((skin > 0).astype(np.uint8), kernel, borderType=cv2.BORDER_REPLICATE) > 0
    near = cv2.dilate((affected > 0).astype(np.uint8), kernel) > 0
    free = np.asarray(inner & ~near & (pixels.max(2) < WHITE), bool)
    if not free.any():
        return free
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(free & (light >= SHADOW * np.percentile(light[free], 75)), bool)
