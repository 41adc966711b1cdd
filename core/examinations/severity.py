"""How much of the visible skin is affected and how red it is, measured on outlines. No network here, and no EASI.

The measure is of affected by visible skin, so the distance to the camera drops out, and of the redness of affected
against unaffected skin in the same photo, so the lamp matters less. What a photo does not show is not measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.photo import resized
from core.vision.skin_tone import WHITE, ita, lab, unaffected

NONE = float("nan")
LEAST_SKIN = 0.05
"""Share of the picture that must be visible skin: below it nothing is said of the share that is affected."""
CLEAR = 0.01
"""Below this affected fraction the skin is called clear: EASI's area bands begin at 1 % too."""
LEAST_LESION = 0.001
"""A connected piece smaller than this share of the visible skin is not counted: on a forearm it is a spot of some 5 mm."""
LEAST_RED = 0.0005
"""Share of the picture that must be affected to speak of its redness: at 512 px about 100 pixels."""
COLOUR_SIDE = 512
"""Colours are measured on a copy of this longer side in pixels: a median needs no more, and it is quick."""
VIEW_SIDE = 256
"""And in a view on one of this: only how far it is from the others counts."""

Masks = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Affected and visible skin, uint8 (h, w) of one size, there where they are not 0."""


@dataclass(frozen=True)
class Interval:
    """How the spread between views becomes an interval: `factor` standard deviations, and never less than the least half widths.

    The factor is the card's (`interval`), chosen so that nine in ten of its `val` photos hold the annotator's figure;
    without one it is 2. `least_fraction` 0-1, `least_redness` in units of a*.
    """

    factor: float = 2.0
    least_fraction: float = 0.0
    least_redness: float = 0.0

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Interval:
        """The interval in a card's facts; the default where it says nothing."""
        known = facts.get("interval", {})
        return cls(**{name: float(known[name]) for name in ("factor", "least_fraction", "least_redness") if name in known})


@dataclass(frozen=True)
class Severity:
    """What is measured on one photo; NaN where it is not given.

    `affected_fraction`: affected by visible skin, 0-1, of the skin in this picture; with its interval. `redness`: median
    CIE a* of affected minus unaffected skin, in a* units, above 0 where affected skin is redder; with its interval.
    `skin_fraction`: visible skin by picture, 0-1. `lesions`: number of patches. `ita`: degrees, of unaffected skin.
    """

    affected_fraction: float = NONE
    affected_low: float = NONE
    affected_high: float = NONE
    redness: float = NONE
    redness_low: float = NONE
    redness_high: float = NONE
    skin_fraction: float = NONE
    lesions: float = NONE
    ita: float = NONE

    def numbers(self) -> dict[str, float]:
        """What is given, by name: the numbers of a finding."""
        return {name: value for name, value in asdict(self).items() if not math.isnan(value)}


def severity(
    pixels: NDArray[np.uint8],
    affected: NDArray[np.uint8],
    skin: NDArray[np.uint8],
    views: Sequence[Masks] = (),
    interval: Interval | None = None,
) -> Severity:
    """Measure one photo.

    `pixels` RGB uint8 (H, W, 3); `affected`, `skin` uint8 (H, W), there where they are not 0; what is affected counts as
    skin. `views`: the same two outlines as other looks at the photo give them, each pair of any one size over the whole
    photo; without at least two there is no interval.
    """
    shown = _visible(affected, skin)
    seen = float(shown.mean())
    if seen < LEAST_SKIN:
        return Severity(skin_fraction=seen)
    small = resized(pixels, COLOUR_SIDE)
    red, tone = _colours(small, affected, skin)
    fraction = affected_fraction(affected, skin)
    way = interval or Interval()
    fractions = [affected_fraction(*view) for view in views]
    low, high = _around(fraction, fractions, way.factor, way.least_fraction)
    smaller = resized(small, VIEW_SIDE)
    reds = [_colours(smaller, *view)[0] for view in views] if not math.isnan(red) else []
    red_low, red_high = _around(red, reds, way.factor, way.least_redness)
    return Severity(
        affected_fraction=fraction,
        affected_low=max(low, 0.0) if not math.isnan(low) else low,
        affected_high=min(high, 1.0) if not math.isnan(high) else high,
        redness=red,
        redness_low=red_low,
        redness_high=red_high,
        skin_fraction=seen,
        lesions=float(count_lesions(affected, skin)),
        ita=tone,
    )


def recompute(pixels: NDArray[np.uint8], masks: Mapping[str, NDArray[np.uint8]]) -> dict[str, float]:
    """The numbers of a photo whose outlines a person corrected: `masks` has `lesion` and `skin`, uint8 (H, W).

    There is no interval: a person drew once. What they drew as affected is skin, whatever the network said.
    """
    return severity(pixels, masks["lesion"], masks["skin"]).numbers()


def affected_fraction(affected: NDArray[np.uint8], skin: NDArray[np.uint8]) -> float:
    """Affected by visible skin, 0-1; NaN without any skin. What is affected counts as skin."""
    shown = int(_visible(affected, skin).sum())
    return int((affected > 0).sum()) / shown if shown else NONE


def count_lesions(affected: NDArray[np.uint8], skin: NDArray[np.uint8]) -> int:
    """Connected pieces (touching at a corner is enough) of at least `LEAST_LESION` of the visible skin."""
    least = LEAST_LESION * int(_visible(affected, skin).sum())
    count, _, facts, _ = cv2.connectedComponentsWithStats((affected > 0).astype(np.uint8), connectivity=8)
    return int((facts[1:count, cv2.CC_STAT_AREA] >= max(least, 1)).sum())


def redness(pixels: NDArray[np.uint8], affected: NDArray[np.uint8], skin: NDArray[np.uint8]) -> float:
    """Median CIE a* of affected minus unaffected skin; NaN where too little of either is seen. Shapes as in `severity`."""
    return _colours(resized(pixels, COLOUR_SIDE), affected, skin)[0]


def _visible(affected: NDArray[np.uint8], skin: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((skin > 0) | (affected > 0), bool)


def _colours(small: NDArray[np.uint8], affected: NDArray[np.uint8], skin: NDArray[np.uint8]) -> tuple[float, float]:
    """Redness and ITA on a small copy of the photo, with masks of any size."""
    size = (small.shape[1], small.shape[0])
    patches = cv2.resize((affected > 0).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    shown = cv2.resize(_visible(affected, skin).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    clear = unaffected(small, patches, shown)
    tone = ita(small, clear)
    inside = patches & (small.max(2) < WHITE)
    if math.isnan(tone) or inside.mean() < LEAST_RED:
        return NONE, tone
    green_red = lab(small)[..., 1]
    return float(np.median(green_red[inside]) - np.median(green_red[clear])), tone


def _around(value: float, views: Sequence[float], factor: float, least: float) -> tuple[float, float]:
    """Lower and upper end around a value by the spread of the views; NaN with fewer than two that give one."""
    given = [view for view in views if not math.isnan(view)]
    if math.isnan(value) or len(given) < 2:
        return NONE, NONE
    # About the value itself, not about the views' mean: a view that sees it all otherwise is doubt about the value.
    half = max(factor * math.sqrt(sum((view - value) ** 2 for view in given) / len(given)), least)
    return value - half, value + half
