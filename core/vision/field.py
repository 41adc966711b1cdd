"""Give every photo of the back of an eye the same field of view.

Cameras differ in what they leave of the round field: all of it, or a band with top and bottom cut off, sometimes squashed
to a square. That shape names the camera, and the camera the clinic, and the clinic how ill its patients are: a network reads
it with pleasure. So the circle (an ellipse, where the photo was squashed) is fitted to the curved edges left and right,
never to the bounding box; the photo is brought to one radius, cut alike at top and bottom, and everything else is blanked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision.field_fit import Oval, arcs, fit_oval

SEARCH_SIDE = 256
"""Longer side in pixels of the copy the field is looked for in."""
CUT = 0.73
"""Half the height that is kept, in radii: what 95 of 100 photos still show, those of the cameras that cut most among them."""
RIM = 0.95
"""What is kept of the radius: beyond it lens and lamp leave a light or dark rim that differs from camera to camera."""
MARGIN = 1.0
"""Half the side of the levelled square, in radii."""
BLANK = (124, 116, 104)
"""What stands where nothing is kept: ImageNet's mean colour, which a network sees as nothing."""
STEPS = (0.1, 0.25, 0.04)
"""Where the field begins, between the black around it and its lighter parts; the next is tried when the edge is little curved."""
BLUR, OUT = 0.8, 1.0
"""Pixels of the small copy: how much it is softened against noise, and how far that carries the edge outwards at the first step."""
CURVED = 0.93
"""Share of the edge's points on the ellipse that is curved enough: a notch and a few words cost less."""
LEAST_CONTRAST = 12.0
"""Between the field and what is around it, in the lightest channel (0-255): with less there is no edge to fit."""


@dataclass(frozen=True)
class Field:
    """The round field in a photo, in pixels of the photo; (0, 0) is the middle of its first pixel.

    `x`, `y`: its centre, which may lie outside. `rx`, `ry`: semi-axes; equal but in a squashed photo. `top`, `bottom`: how far
    the photo shows it above and below the centre, in `ry`, 0-1: 1 is uncut. `coverage`: the share of the whole round area
    that the photo shows, 0-1. `found`: the share of the lateral edge points that lie on it, 0-1; 0 when it was assumed.
    """

    x: float
    y: float
    rx: float
    ry: float
    top: float
    bottom: float
    coverage: float
    found: float

    @property
    def cut(self) -> bool:
        """Whether the photo leaves out part of the top or the bottom."""
        return min(self.top, self.bottom) < 0.95


@dataclass(frozen=True, eq=False)
class Levelled:
    """A photo with the field every photo has. `image`: uint8 RGB (size, size, 3). `matrix` (2, 3) float64: photo to levelled pixels."""

    image: NDArray[np.uint8]
    matrix: NDArray[np.float64]


def find_field(pixels: NDArray[np.uint8]) -> Field | None:
    """The round field of a photo uint8 RGB (H, W, 3); None when no curved edge is to be seen. Milliseconds at any size."""
    height, width = pixels.shape[:2]
    if min(height, width) < 16:
        return None
    scale = min(1.0, SEARCH_SIDE / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    every = max(1, max(height, width) // (4 * SEARCH_SIDE))
    small = cv2.resize(pixels[::every, ::every], size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    found = _edge(np.asarray(small, np.uint8), square=abs(width / height - 1) < 0.02)
    if found is None:
        return None
    mask, oval = found
    sx, sy = width / small.shape[1], height / small.shape[0]
    top, bottom = _extent(mask, oval)
    return Field(
        x=(oval.x + 0.5) * sx - 0.5,
        y=(oval.y + 0.5) * sy - 0.5,
        rx=oval.rx * sx,
        ry=oval.ry * sy,
        top=top,
        bottom=bottom,
        coverage=_coverage(mask, oval),
        found=oval.found,
    )


def whole(shape: tuple[int, ...]) -> Field:
    """What is assumed of a photo (H, W, ...) without an edge: it is cut out of a field as wide as its longer side."""
    height, width = shape[:2]
    radius = max(height, width) / 2
    return Field((width - 1) / 2, (height - 1) / 2, radius, radius, min(1.0, height / 2 / radius), min(1.0, height / 2 / radius), 1.0, 0.0)


@lru_cache(maxsize=8)
def kept(size: int) -> NDArray[np.bool_]:
    """Where a levelled photo (size, size) shows the eye: the same for every photo. Read only."""
    y, x = np.mgrid[0:size, 0:size]
    radius = size / 2 / MARGIN
    x, y = (x - (size - 1) / 2) / radius, (y - (size - 1) / 2) / radius
    inside = np.asarray((x**2 + y**2 <= RIM**2) & (np.abs(y) <= CUT))
    inside.flags.writeable = False
    return inside


def level(pixels: NDArray[np.uint8], field: Field | None, size: int, blank: bool = True) -> Levelled:
    """A photo uint8 RGB (H, W, 3) with the field every photo has, `size` pixels a side.

    One radius, round, cut alike; the rest, and what the photo does not show, has the colour `BLANK`. Without a field the whole
    photo is taken for one. `blank=False` leaves out the common cut and rim (to look at, or for a network that needs no such care).
    """
    field = field or whole(pixels.shape)
    sx, sy = (size / 2 / MARGIN / r for r in (field.rx, field.ry))
    middle = (size - 1) / 2
    matrix = np.array([[sx, 0.0, middle - sx * field.x], [0.0, sy, middle - sy * field.y]])
    out = _warp(pixels, matrix, size)
    if blank:
        out[~kept(size)] = BLANK
    return Levelled(out, matrix)


def seen(levelled: Levelled, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where the levelled square (size, size) shows the round field at all, of a photo (H, W, ...)."""
    size = levelled.image.shape[0]
    photo = cv2.warpAffine(np.ones(shape[:2], np.uint8), levelled.matrix, (size, size), flags=cv2.INTER_NEAREST)
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    return np.asarray((photo > 0) & (x**2 + y**2 <= (size / 2 / MARGIN) ** 2))


def unlevel(mask: NDArray[Any], levelled: Levelled, shape: tuple[int, ...], nearest: bool = True) -> NDArray[Any]:
    """A mask, or chances, (size', size') over the levelled square as (H, W) over the photo; 0 outside. Any dtype OpenCV warps.

    The mask need not have the levelled image's own size. `nearest=False` interpolates (chances, heat maps).
    """
    height, width = shape[:2]
    back = np.linalg.inv(np.vstack((levelled.matrix, (0, 0, 1))))
    ratio = levelled.image.shape[0] / mask.shape[0]
    matrix = (back @ _enlarging(ratio, ratio))[:2]
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(mask, matrix, (width, height), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=0))


def _warp(pixels: NDArray[np.uint8], matrix: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """Sample the photo; one that shrinks is first made smaller by area, so that nothing flickers."""
    scale = np.diag(matrix[:, :2])
    # By whole numbers first, which OpenCV does ten times faster.
    wide, high = (max(1, int(0.8 / s)) for s in scale)
    height, width = pixels.shape[0] // high, pixels.shape[1] // wide
    if wide * high > 1:
        pixels = _smaller(pixels[: height * high, : width * wide], width, height)
        matrix = matrix @ _enlarging(wide, high)
    fx, fy = (min(1.0, 1.25 * float(s)) for s in np.diag(matrix[:, :2]))
    if min(fx, fy) < 0.9:
        small = max(1, round(width * fx)), max(1, round(height * fy))
        pixels = _smaller(pixels, *small)
        matrix = matrix @ _enlarging(width / small[0], height / small[1])
    out = cv2.warpAffine(pixels, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=BLANK)
    return np.asarray(out, np.uint8)


def _smaller(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _enlarging(x: float, y: float) -> NDArray[np.float64]:
    """From pixels of a photo made `x` and `y` times smaller to those of the photo, (3, 3)."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1.0]])


def _edge(small: NDArray[np.uint8], square: bool) -> tuple[NDArray[np.bool_], Oval] | None:
    """Mask and ellipse of the field; where little of the first edge is curved (a halo, a dark side), other steps of light are tried."""
    light = cv2.GaussianBlur(small.max(axis=2), (0, 0), BLUR)
    black, usual = (float(v) for v in np.percentile(light, (1, 90)))
    if usual - black < LEAST_CONTRAST:
        return None
    best: tuple[NDArray[np.bool_], Oval] | None = None
    for step in STEPS:
        mask = _largest(light > black + max(6.0, step * (usual - black)))
        oval = None if mask is None else fit_oval(arcs(mask, OUT), mask.shape, square)
        if mask is not None and oval is not None and (best is None or oval.found > best[1].found):
            best = mask, oval
        if best is not None and best[1].found > CURVED:
            break
    return best


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The largest piece of a mask, holes filled; None when it is no twentieth of the picture."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return None
    best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if stats[best, cv2.CC_STAT_AREA] < 0.05 * mask.size:
        return None
    contours, _ = cv2.findContours((pieces == best).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return filled > 0


def _extent(mask: NDArray[np.bool_], oval: Oval) -> tuple[float, float]:
    """How far the field is seen above and below its centre, in its own semi-axis."""
    left, right = (int(np.clip(oval.x + s * 0.1 * oval.rx, 0, mask.shape[1] - 1)) for s in (-1, 1))
    columns = mask[:, left : right + 1]
    columns = columns[:, columns.any(0)]
    if not columns.size:
        return 0.0, 0.0
    before, after = (float(np.median(part.argmax(0))) for part in (columns, columns[::-1]))
    first, last = (rows - 0.5 + OUT * (rows > 0) for rows in (before, after))
    up, down = (oval.y - first) / oval.ry, (mask.shape[0] - 1 - last - oval.y) / oval.ry
    return float(np.clip(up, 0, 1)), float(np.clip(down, 0, 1))


def _coverage(mask: NDArray[np.bool_], oval: Oval) -> float:
    y, x = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]]
    inside = ((x - oval.x) / oval.rx) ** 2 + ((y - oval.y) / oval.ry) ** 2 <= 1
    return float(min(1.0, (inside & mask).sum() / (np.pi * oval.rx * oval.ry)))
