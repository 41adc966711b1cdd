"""What the outlines in a photo of an eye amount to: how many of each sign, how much, and where about the disc.

Everything is measured in the frame of the masks, best the levelled square (`core.vision.field`), upright as photographs of the
back of an eye are: superior is up; the disc lies nasally of the fovea, so to the right of it in a right eye and to the left in a
left eye. Areas are given in disc areas and as shares of the visible field, since a photo has no millimetres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision.outline import mask_of

SIGNS = ("microaneurysms", "haemorrhages", "hard_exudates", "soft_exudates")
DISC = "disc"
LEAST = 1e-5
"""Pieces of a smaller area, in squares of the field's radius, are specks: 19 of 20 outlined microaneurysms have three times as much."""
SIDED = (0.15, 0.9)
"""How far from the field's middle, in radii, the disc tells the eye's side; nearer the photo is of the disc itself."""
SURE_SLOPE = 12.0
"""Of the logistic curve of how sure the side is, per radius beyond half of `SIDED`'s first."""
FOVEA = (2.4, 0.25)
"""Temporally of the disc's centre and below it, in disc diameters: the median of the darkest spot of the macula in the 50 photos of
the IDRiD segmentation set (quartiles 2.2 to 2.6, and 0.1 to 0.4)."""
MACULA = 1.0
"""Radius about the fovea in disc diameters within which hard exudates stand for macular oedema in colour photographs."""

Side = Literal["left", "right", ""]
Mask = NDArray[np.uint8] | NDArray[np.bool_]


@dataclass(frozen=True)
class Disc:
    """The optic disc; pixels of the mask. `diameter` is that of a circle of its `area`."""

    x: float
    y: float
    area: float

    @property
    def diameter(self) -> float:
        """Of a circle of the same area."""
        return float(2 * np.sqrt(self.area / np.pi))


@dataclass(frozen=True)
class Sign:
    """One kind of sign in one photo.

    `count`: connected pieces. `discs`: their area in disc areas, None without a disc. `share`: of the visible field, 0-1.
    `quadrants`: pieces by where their centre lies about the disc's centre; empty without a disc. The keys are `superior_temporal`,
    `superior_nasal`, `inferior_temporal`, `inferior_nasal`, or, where the eye's side is not known, `superior_left` (of the picture)
    and so on. `macular`: pieces that reach within one disc diameter of where the fovea should be; None where that is not known.
    """

    name: str
    count: int
    discs: float | None
    share: float
    quadrants: Mapping[str, int]
    macular: int | None


@dataclass(frozen=True)
class Signs:
    """All that was outlined. `side` and how sure it is (0-1) are guessed from the disc; `fovea` is where it should be, x and y."""

    signs: tuple[Sign, ...]
    disc: Disc | None
    side: Side
    confidence: float
    fovea: tuple[float, float] | None

    def __getitem__(self, name: str) -> Sign:
        return next(sign for sign in self.signs if sign.name == name)


def masks_of(chances: NDArray[np.float32], classes: tuple[str, ...], thresholds: Mapping[str, float]) -> dict[str, NDArray[np.uint8]]:
    """Masks uint8 (h, w) 0/255 by class, from chances (classes, h, w); of the disc see `disc_of`. `thresholds`: 0-1 by class."""
    masks = {}
    for name, chance in zip(classes, chances, strict=True):
        if name == DISC:
            masks[name] = disc_of(chance, thresholds[name])
        else:
            masks[name] = (chance >= thresholds[name]).astype(np.uint8) * np.uint8(255)
    return masks


def disc_of(chance: NDArray[np.float32], threshold: float) -> NDArray[np.uint8]:
    """The disc uint8 (h, w) 0/255 from its chances: the largest piece with its convex hull, since vessels that cross its edge cut
    bays into it; on the val photos of IDRiD that is worth 0.02 of the Dice index. Empty where nothing reaches the threshold."""
    piece = mask_of(chance, chance.shape, threshold)
    contours, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if contours:
        cv2.fillConvexPoly(piece, cv2.convexHull(contours[0]), 255)
    return piece


def find_disc(mask: Mask) -> Disc | None:
    """The largest piece of a mask (h, w), there where it is not 0; None of an empty one."""
    count, _, facts, middles = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))
    if count < 2:
        return None
    best = 1 + int(facts[1:, cv2.CC_STAT_AREA].argmax())
    return Disc(float(middles[best][0]), float(middles[best][1]), float(facts[best, cv2.CC_STAT_AREA]))


def eye_side(disc: Mask, field: Mask) -> tuple[Side, float]:
    """The eye's side and how sure it is (0.5-1), from the masks (h, w) of the disc and of the visible field.

    ("", 0.0) when it cannot be told. In a photo of the back of an eye the fovea is near the middle, so the disc is right of it in a
    right eye. With the disc in the middle, or hardly in view, nothing is said.
    """
    found = find_disc(disc)
    if found is None or not field.any():
        return "", 0.0
    middle, radius = _extent(field)
    off = (found.x - middle) / radius
    if not SIDED[0] <= abs(off) <= SIDED[1]:
        return "", 0.0
    sure = 1 / (1 + np.exp(-SURE_SLOPE * (abs(off) - SIDED[0] / 2)))
    return ("right" if off > 0 else "left"), float(sure)


def fovea_of(disc: Disc, side: Side) -> tuple[float, float] | None:
    """Where the fovea should be, x and y, by the usual distance and angle (`FOVEA`); None without a side."""
    if not side:
        return None
    temporal = -1 if side == "right" else 1
    return disc.x + temporal * FOVEA[0] * disc.diameter, disc.y + FOVEA[1] * disc.diameter


def read_signs(masks: Mapping[str, Mask], field: Mask, side: Side = "") -> Signs:
    """Count and place the signs of masks (h, w) by class name (`SIGNS` and `DISC`); all of one shape, `field` too.

    A `side` that is known (a person said so) goes before the one that the disc suggests.
    """
    drawn = masks.get(DISC)
    disc = None if drawn is None else find_disc(drawn)
    guessed: Side = side
    confidence = 1.0
    if not side:
        guessed, confidence = ("", 0.0) if drawn is None else eye_side(drawn, field)
    fovea = None if disc is None else fovea_of(disc, guessed)
    near = None
    if disc is not None and fovea is not None:
        near = np.zeros(field.shape, np.uint8)
        cv2.circle(near, (round(fovea[0]), round(fovea[1])), round(MACULA * disc.diameter), 1, cv2.FILLED)
    visible = max(1, int((field > 0).sum()))
    least = LEAST * _extent(field)[1] ** 2 if field.any() else 1.0
    return Signs(
        tuple(_sign(name, masks[name], visible, least, disc, guessed, near) for name in SIGNS if name in masks),
        disc,
        guessed,
        confidence,
        fovea,
    )


def _sign(name: str, mask: Mask, visible: int, least: float, disc: Disc | None, side: Side, near: NDArray[np.uint8] | None) -> Sign:
    count, pieces, facts, middles = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8), connectivity=8)
    kept = np.flatnonzero(facts[:count, cv2.CC_STAT_AREA] >= least)
    kept = kept[kept > 0]
    area = float(facts[kept, cv2.CC_STAT_AREA].sum())
    quadrants: dict[str, int] = {}
    if disc is not None:
        quadrants = dict.fromkeys(_quadrants(side), 0)
        for x, y in middles[kept]:
            quadrants[_quadrant(float(x), float(y), disc, side)] += 1
    return Sign(
        name,
        len(kept),
        area / disc.area if disc is not None else None,
        area / visible,
        quadrants,
        None if near is None else int(np.isin(kept, np.unique(pieces[near > 0])).sum()),
    )


def _quadrant(x: float, y: float, disc: Disc, side: Side) -> str:
    across = "right" if x >= disc.x else "left"
    if side:
        across = "nasal" if across == side else "temporal"  # right of a right eye's disc is the nose
    return f"{'superior' if y < disc.y else 'inferior'}_{across}"


def _quadrants(side: Side) -> tuple[str, ...]:
    first, second = ("temporal", "nasal") if side else ("left", "right")
    return f"superior_{first}", f"superior_{second}", f"inferior_{first}", f"inferior_{second}"


def _extent(field: Mask) -> tuple[float, float]:
    """Middle and radius of a field that may be cut at top and bottom: from its leftmost and rightmost columns."""
    columns = np.flatnonzero((field > 0).any(0))
    return float(columns[0] + columns[-1]) / 2, float(columns[-1] - columns[0] + 1) / 2
