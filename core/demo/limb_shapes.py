"""The shapes of drawn arms, legs, trunks and hands, in units of the scene: functions of the place, so they look alike at any size.

The scene's middle is (0, 0), x to the right and y down; a picture of distance 1 shows 100 units on its shorter side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.demo.brushes import Map

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Body:
    """A part of a body in front of the camera, maps (h, w).

    `skin`: depth inside the bare or clothed body in units, above 0 inside. `round`: 0 at its edge to 1 where it is
    nearest to the camera. `cloth`: depth inside clothes. `marks`: dark lines and dots 0-1. `nails`: 0-1.
    """

    skin: Map
    round: Map
    cloth: Map
    marks: Map
    nails: Map


def waves(x: Map, y: Map, scale: float, rng: np.random.Generator, count: int = 20) -> Map:
    """Smooth noise about 0 of standard deviation about 1, made of plane waves about `scale` units long.

    It depends on the place alone, not on the pixels: the same seed gives the same patches from near and far.
    """
    # Long waves are worked out a few pixels apart and enlarged: drawing all of them at every pixel was the slowest part of a limb.
    apart = int(np.clip(scale / (8 * max(abs(float(x[0, 1] - x[0, 0])), 1e-6)), 1, 4))
    if apart > 1:
        few = (x.shape[1] // apart, x.shape[0] // apart)
        across, down = (np.asarray(cv2.resize(part, few, interpolation=cv2.INTER_AREA), np.float32) for part in (x, y))
        coarse = waves(across, down, scale, rng, count)
        return np.asarray(cv2.resize(coarse, x.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
    total = np.zeros_like(x)
    for _ in range(count):
        turn, length, phase = rng.uniform(0, 2 * np.pi), scale * np.exp(rng.uniform(-0.6, 0.6)), rng.uniform(0, 2 * np.pi)
        right, below = (np.float32(2 * np.pi / length * part) for part in (np.cos(turn), np.sin(turn)))
        total += np.cos(right * x + below * y + np.float32(phase))
    return np.asarray(total / np.float32(np.sqrt(count / 2)), np.float32)


def _tube(x: Map, y: Map, start: Point, end: Point, wide: float, narrow: float) -> tuple[Map, Map]:
    """Depth in, and roundness of, a tube from `start` to `end` whose radius goes from `wide` to `narrow`."""
    ax, ay = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * ax + (y - start[1]) * ay) / (ax * ax + ay * ay), 0, 1)
    off = np.hypot(x - start[0] - along * ax, y - start[1] - along * ay)
    radius = wide + (narrow - wide) * along * along * (3 - 2 * along)
    return np.asarray(radius - off, np.float32), np.asarray(np.sqrt(np.clip(1 - (off / radius) ** 2, 0, 1)), np.float32)


def _joined(tubes: list[tuple[Map, Map]], soft: float = 3.0) -> tuple[Map, Map]:
    """Tubes grown together: where two are about as deep they bulge a little, as flesh does."""
    depth, high = tubes[0]
    for other, height in tubes[1:]:
        blend = np.clip(0.5 + 0.5 * (other - depth) / soft, 0, 1)
        depth = depth + (other - depth) * blend + soft * 0.5 * blend * (1 - blend)
        high = np.maximum(high, height)
    return depth.astype(np.float32), high.astype(np.float32)


def _finger(x: Map, y: Map, start: Point, end: Point, wide: float) -> tuple[tuple[Map, Map], Map]:
    """A finger, and the nail on its end."""
    tip = (start[0] + 0.93 * (end[0] - start[0]), start[1] + 0.93 * (end[1] - start[1]))
    turn = np.arctan2(end[1] - start[1], end[0] - start[0])
    u = (x - tip[0]) * np.cos(turn) + (y - tip[1]) * np.sin(turn)
    v = (y - tip[1]) * np.cos(turn) - (x - tip[0]) * np.sin(turn)
    nail = np.clip((1 - np.hypot(u / (0.75 * wide), v / (0.55 * wide))) * 4, 0, 1)
    return _tube(x, y, start, end, wide, wide * 0.8), np.asarray(nail, np.float32)


def _dot(x: Map, y: Map, at: Point, wide: float, high: float) -> Map:
    return np.asarray(np.exp(-(((x - at[0]) / wide) ** 2) - ((y - at[1]) / high) ** 2), np.float32)


def _arm(x: Map, y: Map) -> Body:
    fingers = [_finger(x, y, (41, -14 + 3.6 * i), (56 - abs(i - 1.2), -24 + 5.2 * i), 2.7)[0] for i in range(4)]
    skin, high = _joined(
        [
            _tube(x, y, (-260, 26), (-12, 15), 15, 11.5),
            _tube(x, y, (-12, 15), (4, 8), 11.5, 11.8),
            _tube(x, y, (4, 8), (32, -7), 11.8, 6.6),
            _tube(x, y, (32, -7), (43, -12), 6.8, 8.0),
            _tube(x, y, (36, -4), (47, 4), 3.2, 2.6),
            *fingers,
        ]
    )
    cloth = _tube(x, y, (-260, 26), (-40, 17), 19, 16.5)[0]
    crease = _dot(x, y, (-10, 8), 2.0, 6.0) * 0.35
    return Body(skin, high, cloth, crease, np.zeros_like(skin))


def _leg(x: Map, y: Map) -> Body:
    skin, high = _joined(
        [
            _tube(x, y, (-260, -14), (-8, -4), 25, 14.5),
            _tube(x, y, (-8, -4), (18, 3), 14.5, 14.0),
            _tube(x, y, (18, 3), (52, 11), 14.0, 7.5),
            _tube(x, y, (52, 11), (60, 13), 8.0, 8.5),
        ],
        4.0,
    )
    shorts = _tube(x, y, (-260, -14), (-36, -6), 28, 21)[0]
    sock = np.maximum(_tube(x, y, (47, 10), (60, 13), 9.5, 10.5)[0], _tube(x, y, (60, 13), (63, -16), 9.5, 6.5)[0])
    knee = _dot(x, y, (-6, -9), 6.0, 3.0) * 0.25
    return Body(skin, high, np.maximum(shorts, sock), knee, np.zeros_like(skin))


def _trunk(x: Map, y: Map) -> Body:
    half = 34 + 3.5 * np.cos((y + 26) / 17) + 0.02 * np.abs(y)
    skin = np.asarray(half - np.abs(x), np.float32)
    high = np.sqrt(np.clip(1 - (x / half) ** 2, 0, 1)).astype(np.float32)
    hem = y + 30 - 1.5 * np.sin(x / 7)
    cloth = np.where(np.abs(x) < half + 3, np.maximum(-hem, y - 31 + 0.6 * np.cos(x / 9)), -1)
    navel = _dot(x, y, (0, 17), 1.3, 1.9) * 0.8 + _dot(x, y, (0, 0), 0.9, 22) * 0.12
    return Body(skin, high, np.asarray(cloth, np.float32), navel, np.zeros_like(skin))


def _hand(x: Map, y: Map) -> Body:
    ends: list[tuple[Point, Point, float]] = [
        ((-12.5, -3), (-21, -28), 4.1), ((-4.5, -6), (-7, -38), 4.4), ((4.5, -6), (6, -39), 4.4), ((12, -3), (18, -30), 3.9),
        ((13, 16), (31, -3), 4.7),
    ]  # fmt: skip
    fingers = [_finger(x, y, *one) for one in ends]
    palm = [_tube(x, y, (0, 260), (0, 26), 11, 10.5), _tube(x, y, (0, 26), (0, 14), 10.5, 15), _tube(x, y, (-6.5, 4), (6.5, 4), 12.5, 12)]
    skin, high = _joined([*palm, *(finger for finger, _ in fingers)], 2.5)
    cuff = _tube(x, y, (0, 260), (0, 45), 17, 15)[0]
    knuckles = sum(_dot(x, y, at, 2.6, 1.0) for at in ((-13, -8), (-5, -11), (5, -11), (13, -8)))
    nails = np.maximum.reduce([nail for _, nail in fingers])
    return Body(skin, high, cuff, np.asarray(knuckles, np.float32) * 0.22, nails)


PARTS: dict[str, Callable[[Map, Map], Body]] = {"arm": _arm, "leg": _leg, "trunk": _trunk, "hand": _hand}
"""Part of the body to the function that gives its shape at the places x, y (maps, in units)."""
