"""Several looks of an outline network at one photo: whole, mirrored, from nearer and from farther.

Their mean is the answer and their spread is the doubt (test-time augmentation). A network that is looked with in this way has no
`flips` in its card: the looks are mirrored already, and the engine would do each of them twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.vision.engine import engine

Outline = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""From a photo uint8 RGB (H, W, 3) to chances (classes, h, w) float32 over the whole of it."""


@dataclass(frozen=True)
class Look:
    """One way to look: `zoom` over 1 is nearer (the middle, enlarged), under 1 farther (mirrored beyond the edge)."""

    zoom: float = 1.0
    upside_down: bool = False
    mirrored: bool = False


LOOKS = (Look(), Look(zoom=1.3, upside_down=True), Look(zoom=0.7, mirrored=True))
"""The first is the plain one, over which the others are laid."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Chances 0-1 over the whole photo: `mean` (classes, h, w) of all looks, and `each` (looks, classes, h, w), float32."""

    mean: NDArray[np.float32]
    each: NDArray[np.float32]


def look_at(pixels: NDArray[np.uint8], outline: Outline) -> Seen:
    """Look at a photo, uint8 RGB (H, W, 3), in every way of `LOOKS`."""
    whole = outline(pixels)
    each = [whole]
    for look in LOOKS[1:]:
        each.append(_back(outline(_as(pixels, look)), look, whole))
    stacked = np.stack(each)
    return Seen(stacked.mean(0), stacked)


def look(id: str, pixels: NDArray[np.uint8]) -> Seen:
    """Look at a photo with a network of the house; Unavailable when it cannot be used."""
    return look_at(pixels, lambda photo: engine().outline(id, photo))


def _as(pixels: NDArray[np.uint8], look: Look) -> NDArray[np.uint8]:
    """The photo as this look sees it."""
    pixels = np.ascontiguousarray(pixels[_turned(look)])
    if look.zoom > 1:
        y, x = _margins(pixels.shape[:2], look)
        return np.ascontiguousarray(pixels[y : pixels.shape[0] - y, x : pixels.shape[1] - x])
    if look.zoom < 1:
        y, x = _margins(pixels.shape[:2], look)
        return np.asarray(cv2.copyMakeBorder(pixels, y, y, x, x, cv2.BORDER_REFLECT_101), np.uint8)
    return pixels


def _back(chances: NDArray[np.float32], look: Look, whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """The chances of a look over the photo as it is; where a nearer look saw nothing, those of the whole."""
    height, width = whole.shape[1:]
    if look.zoom > 1:
        y, x = _margins((height, width), look)
        found = whole[:, *_turned(look)].copy()
        found[:, y : height - y, x : width - x] = _scaled(chances, (height - 2 * y, width - 2 * x))
    elif look.zoom < 1:
        # The margins are a share of the photo, and the network saw the photo with them.
        y, x = _margins((height, width), look)
        found = _scaled(chances, (height + 2 * y, width + 2 * x))[:, y : height + y, x : width + x]
    else:
        found = chances
    return np.ascontiguousarray(found[:, *_turned(look)])


def _turned(look: Look) -> tuple[slice, slice]:
    """Rows and columns in the order of this look; the same again brings them back."""
    return slice(None, None, -1 if look.upside_down else 1), slice(None, None, -1 if look.mirrored else 1)


def _margins(shape: tuple[int, ...], look: Look) -> tuple[int, int]:
    """Rows and columns beyond which a nearer look does not see, or which a farther one adds, on each side."""
    share = abs(1 - 1 / look.zoom) / 2
    return round(shape[0] * share), round(shape[1] * share)


def _scaled(chances: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.stack([cv2.resize(one, (size[1], size[0]), interpolation=cv2.INTER_LINEAR) for one in chances])
