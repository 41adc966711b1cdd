"""Two photos of one region laid over each other, so that the eye sees what changed and not how the camera was held.

A similarity transform (turn, size, shift) is looked for: a camera nearer or turned gives just that, and nothing that
could make a patch look better or worse than it is. It starts from points that both photos have (SIFT, Lowe 2004), from
the outlines of the skin, and from the photos as they are; the best start is refined by least squares on the brightness
(Lucas & Kanade 1981) from coarse to fine. Where the photos do not agree in the end, they are not moved at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 256
"""Longer side in pixels of the copies that are compared: pores do not matter, patches and the edge of an arm do."""
LEAST_AGREEMENT = 0.65
"""Correlation below which two photos do not show the same view: drawn limbs of one person stay above it from the worst
week to the healed skin, drawn limbs of two persons under it."""
SURE = 0.85
"""Correlation from which no other start is tried."""
LEAST_OVERLAP = 0.4
"""Share of the fixed photo's skin that the moved photo must also show."""
MOST_SIZE, MOST_TURN = 2.5, 60.0
"""Nobody stands so much nearer, or holds the phone so far turned (degrees), from one week to the next."""
STEPS = 40
GREY = (128, 128, 128)
"""What the moved photo does not show."""

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class Alignment:
    """Where a pixel of the fixed photo lies in the moving one: `matrix` (2, 3), in pixels (x, y) of the photos as given.

    `agreement`: correlation -1 to 1 of the brightness where both show skin. `converged`: False for photos that do not
    agree; their matrix only fits one photo's size to the other's.
    """

    matrix: NDArray[np.float64]
    agreement: float
    converged: bool

    @property
    def size(self) -> float:
        """How many times larger things are in the moving photo."""
        return math.hypot(self.matrix[0, 0], self.matrix[1, 0])

    @property
    def turn(self) -> float:
        """By how many degrees the moving photo is turned, clockwise on the screen."""
        return math.degrees(math.atan2(self.matrix[1, 0], self.matrix[0, 0]))


@dataclass(frozen=True, eq=False)
class _View:
    """A small copy: brightness (h, w) float32, weight 0-1 (h, w), skin (h, w) bool, and small pixels per given pixel."""

    light: NDArray[np.float32]
    weight: NDArray[np.float32]
    skin: NDArray[np.bool_]
    grey: NDArray[np.uint8]
    scale: float


def align(moving: Picture, fixed: Picture, moving_skin: Mask | None = None, fixed_skin: Mask | None = None) -> Alignment:
    """How to lay `moving` over `fixed` (RGB uint8 (h, w, 3), sizes may differ).

    `moving_skin`, `fixed_skin`: visible skin, uint8 (h, w) of any size over the whole photo, there where not 0; None:
    the whole photo counts. What lies around the skin moves on its own and is left out.
    """
    return _between(_view(moving, moving_skin), _view(fixed, fixed_skin))


def align_all(pictures: Sequence[Picture], skins: Sequence[Mask | None], at: int = 0) -> list[Alignment]:
    """How to lay every photo over the one at `at` (the shapes are those of `align`); its own alignment is the identity.

    A photo that does not agree with that one is tried by way of its neighbour nearer to it: skin changes little in a
    week and much in twelve.
    """
    views = [_view(picture, skin) for picture, skin in zip(pictures, skins, strict=True)]
    found: dict[int, Alignment] = {at: Alignment(np.eye(2, 3), 1.0, True)}
    for step in (1, -1):
        near = at
        for index in range(at + step, len(views) if step > 0 else -1, step):
            now = _between(views[index], views[at])
            if not now.converged and near != at:
                now = _by_way_of(found[near], _between(views[index], views[near])) or now
            found[index] = now
            near = index if now.converged else near
    return [found[index] for index in range(len(views))]


def moved(pixels: Picture, alignment: Alignment, size: tuple[int, int]) -> Picture:
    """`pixels` (RGB uint8) as the fixed photo of `size` = (width, height) would show them; grey where they show nothing."""
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP if alignment.size > 1.5 else cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(pixels, alignment.matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=GREY)
    return np.asarray(laid, np.uint8)


def _view(pixels: Picture, skin: Mask | None) -> _View:
    scale = SIDE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    grey = np.asarray(cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY), np.uint8)
    seen = np.ones(grey.shape, bool)
    if skin is not None and (skin > 0).mean() > 0.02:
        seen = cv2.resize((skin > 0).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    share = seen.astype(np.float32)
    # A lamp from another side makes one end of an arm brighter: what is left after the broad light is taken out, is skin.
    broad, spread = SIDE / 12, 1e-3
    level = _blurred(grey * share, broad) / np.maximum(_blurred(share, broad), spread)
    left = (grey - level) * share
    deviation = np.sqrt(_blurred(left**2, broad) / np.maximum(_blurred(share, broad), spread))
    light = left / (deviation + 2.0)
    if not seen.all():
        light = np.where(seen, light, -2.0)  # the edge of the skin is the surest line there is
    weight = cv2.dilate(share, np.ones((9, 9), np.uint8))
    return _View(np.asarray(light, np.float32), np.asarray(weight, np.float32), np.asarray(seen, bool), grey, scale)


def _blurred(array: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(array, (0, 0), sigma), np.float32)


def _between(moving: _View, fixed: _View) -> Alignment:
    starts = sorted(_starts(moving, fixed), key=lambda start: -_agreement(moving, fixed, start, 3.0))
    agreement, best = -2.0, starts[0]
    for start in starts[:2]:
        refined = _refined(moving, fixed, start)
        reached = _agreement(moving, fixed, refined, 1.0)
        if reached > agreement:
            agreement, best = reached, refined
        if agreement >= SURE:
            break
    back, there = np.diag([fixed.scale, fixed.scale, 1.0]), np.diag([1 / moving.scale, 1 / moving.scale, 1.0])
    size, turn = math.hypot(*best[:2]), math.degrees(math.atan2(best[1], best[0]))
    good = agreement >= LEAST_AGREEMENT and 1 / MOST_SIZE <= size <= MOST_SIZE and abs(turn) <= MOST_TURN
    if not good:
        best = _as_they_are(moving, fixed)
    return Alignment((there @ np.vstack([_matrix(best), (0.0, 0.0, 1.0)]) @ back)[:2], max(agreement, -1.0), good)


def _by_way_of(first: Alignment, second: Alignment) -> Alignment | None:
    """The second after the first; None unless both converged."""
    if not (first.converged and second.converged):
        return None
    both = second.matrix @ np.vstack([first.matrix, (0.0, 0.0, 1.0)])
    return Alignment(both, min(first.agreement, second.agreement), True)


Four = NDArray[np.float64]
"""(a, b, x, y): the matrix [[a, -b, x], [b, a, y]]."""


def _matrix(four: Four) -> NDArray[np.float64]:
    a, b, x, y = four
    return np.array([[a, -b, x], [b, a, y]], np.float64)


def _as_they_are(moving: _View, fixed: _View) -> Four:
    """Centre on centre, nothing turned."""
    (h, w), (height, width) = moving.light.shape, fixed.light.shape
    return np.array([1.0, 0.0, (w - width) / 2, (h - height) / 2])


def _starts(moving: _View, fixed: _View) -> Iterator[Four]:
    yield _as_they_are(moving, fixed)
    yield from _from_points(moving, fixed)
    if not moving.skin.all() and not fixed.skin.all():
        yield from _from_shapes(moving, fixed)


def _from_points(moving: _View, fixed: _View) -> Iterator[Four]:
    sift = cv2.SIFT_create(nfeatures=600, contrastThreshold=0.01)  # type: ignore[attr-defined,unused-ignore]
    (points, marks), (others, known) = (sift.detectAndCompute(one.grey, (one.weight * 255).astype(np.uint8)) for one in (fixed, moving))
    if marks is None or known is None or len(points) < 4 or len(others) < 4:
        return
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(marks, known, k=2)
    kept = [two[0] for two in pairs if len(two) == 2 and two[0].distance < 0.8 * two[1].distance]
    if len(kept) < 4:
        return
    at = np.array([points[one.queryIdx].pt for one in kept], np.float64)
    to = np.array([others[one.trainIdx].pt for one in kept], np.float64)
    cv2.setRNGSeed(0)  # the same photos, the same answer
    matrix, _ = cv2.estimateAffinePartial2D(at, to, method=cv2.RANSAC, ransacReprojThreshold=4.0)
    if matrix is not None:
        yield np.array([matrix[0, 0], matrix[1, 0], matrix[0, 2], matrix[1, 2]], np.float64)


def _from_shapes(moving: _View, fixed: _View) -> Iterator[Four]:
    """The middle, size and direction of the skin's outline; a limb may point either way."""
    (x, y, spread, angle), (x2, y2, spread2, angle2) = _shape(fixed.skin), _shape(moving.skin)
    size = spread2 / max(spread, 1e-6)
    for turned in (0.0, (angle2 - angle + math.pi / 2) % math.pi - math.pi / 2):
        for grown in {1.0, size}:
            a, b = grown * math.cos(turned), grown * math.sin(turned)
            yield np.array([a, b, x2 - a * x + b * y, y2 - b * x - a * y])


def _shape(skin: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Middle (x, y), spread across the limb, and direction in radians of what is true."""
    y, x = np.nonzero(skin)
    spreads, ways = np.linalg.eigh(np.cov(np.vstack([x, y])))
    return float(x.mean()), float(y.mean()), math.sqrt(max(float(spreads[0]), 1e-6)), math.atan2(ways[1, 1], ways[0, 1])


def _laid(moving: _View, matrix: NDArray[np.float64], shape: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Brightness and weight of the moving photo on the fixed one's pixels."""
    flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (shape[1], shape[0])
    light, weight = (cv2.warpAffine(one, matrix, size, flags=flags) for one in (moving.light, moving.weight))
    return np.asarray(light, np.float32), np.asarray(weight, np.float32)


def _agreement(moving: _View, fixed: _View, four: Four, sigma: float) -> float:
    """Correlation where both have weight; -1 where they hardly overlap."""
    light, seen = _laid(moving, _matrix(four), fixed.light.shape)
    weight = seen * fixed.weight
    if weight.sum() < LEAST_OVERLAP * fixed.weight.sum():
        return -1.0
    return _correlation(_blurred(light, sigma), _blurred(fixed.light, sigma), weight)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    total = float(weight.sum())
    one = one - float((one * weight).sum()) / total
    other = other - float((other * weight).sum()) / total
    below = math.sqrt(float((one**2 * weight).sum()) * float((other**2 * weight).sum()))
    return float((one * other * weight).sum()) / below if below > 0 else -1.0


def _refined(moving: _View, fixed: _View, start: Four) -> Four:
    """The start improved by Gauss-Newton steps, on small copies first; the start itself where that leads astray."""
    four = start.copy()
    for part in (4, 2, 1):
        scale = np.array([1, 1, 1 / part, 1 / part])
        found = _stepped(_smaller(moving, part), _smaller(fixed, part), four * scale)
        if found is None:
            return start
        four = found / scale
    return four if _agreement(moving, fixed, four, 1.0) >= _agreement(moving, fixed, start, 1.0) else start


def _smaller(view: _View, part: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Brightness and weight, `part` times smaller."""
    size = (max(8, view.light.shape[1] // part), max(8, view.light.shape[0] // part))
    light, weight = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (view.light, view.weight))
    return _blurred(np.asarray(light, np.float32), 1.2), np.asarray(weight, np.float32)


def _stepped(
    moving: tuple[NDArray[np.float32], NDArray[np.float32]], fixed: tuple[NDArray[np.float32], NDArray[np.float32]], four: Four
) -> Four | None:
    """Least squares of the difference in brightness over the four numbers; None where it runs away."""
    (source, source_weight), (target, target_weight) = moving, fixed
    height, width = target.shape
    size, flags = (width, height), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    for _ in range(STEPS):
        light = np.asarray(cv2.warpAffine(source, _matrix(four), size, flags=flags), np.float32)
        weight = cv2.warpAffine(source_weight, _matrix(four), size, flags=flags) * target_weight
        grown = float(four[0] ** 2 + four[1] ** 2)
        if weight.sum() < LEAST_OVERLAP * target_weight.sum() or not MOST_SIZE**-2 / 2 < grown < MOST_SIZE**2 * 2:
            return None
        # Slopes of the laid photo, turned back into the moving photo's own directions.
        right, below = cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3) / 8, cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3) / 8
        a, b = four[:2] / grown
        gx, gy = a * right - b * below, b * right + a * below
        slopes = np.stack([gx * across + gy * down, gy * across - gx * down, gx, gy]).reshape(4, -1).astype(np.float64)
        weighed = slopes * weight.ravel()
        sides = np.array([width, width, 1.0, 1.0])  # so that turning and shifting weigh alike
        lines = (weighed @ slopes.T) / np.outer(sides, sides)
        damped = lines + np.eye(4) * (1e-6 * np.trace(lines) + 1e-9)
        step = np.linalg.solve(damped, weighed @ (target - light).ravel() / sides) / sides
        four = four + step
        if float(np.abs(step * sides).max()) < 0.02:
            break
    return four
