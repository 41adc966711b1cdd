"""Where things are in a drawn eye: disc, fovea, vessels and signs, in units of the field, so that they look alike at any size.

The field's middle is (0, 0) and its radius `FIELD`; x to the right, y down, as the right eye is shown: its disc on the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Point = tuple[float, float]

FIELD = 47.0
DISC = 6.3
"""Radius of the optic disc: a seventh of the field, as a camera of 45 degrees shows it."""
FOVEA_AWAY = 2.5 * 2 * DISC
"""Disc to fovea: two and a half disc diameters."""
APART = 3.9
"""Signs are at least so far from each other, so that no two of them ever touch."""
PLACES = 156
"""Places for signs in an eye."""
KINDS = ("ma", "he", "ex", "se")
"""Microaneurysms, haemorrhages, hard and soft exudates."""
SHARES = ("ma", "he", "ex", "he", "se", "he")
"""Whose the places are, in turn: half of them are for haemorrhages, of which a severe eye has many."""


@dataclass(frozen=True)
class Vessel:
    """A tapering curved line through `points`, `width` at its start; `vein`: darker and wider than an artery."""

    points: np.ndarray
    width: float
    vein: bool


@dataclass(frozen=True)
class Anatomy:
    """One eye: the disc and the fovea as (x, y), the vessels, and the places of its signs by kind, in the order they come."""

    disc: Point
    fovea: Point
    vessels: tuple[Vessel, ...]
    places: dict[str, tuple[Point, ...]]


@lru_cache(maxsize=16)
def anatomy(seed: int) -> Anatomy:
    """The eye of a seed, as a right eye; kept, as one eye is drawn at several times."""
    rng = np.random.default_rng([seed, 1])
    fovea = (float(rng.uniform(-5, -1)), float(rng.uniform(0, 3)))
    disc = (fovea[0] + FOVEA_AWAY, fovea[1] - float(rng.uniform(2, 4)))
    return Anatomy(disc, fovea, tuple(_tree(disc, fovea, np.random.default_rng([seed, 2]))), _scattered(seed, disc, fovea))


MAIN = (
    # heading at the disc and how far it turns, in degrees as the right eye is shown; length; vein
    (-112, -104, 92, True),
    (-98, -112, 88, False),
    (112, 104, 92, True),
    (98, 112, 88, False),
    (-48, 22, 34, True),
    (-36, 16, 32, False),
    (46, -20, 34, True),
    (34, -16, 32, False),
    (176, 14, 22, False),
)


def _tree(disc: Point, fovea: Point, rng: np.random.Generator) -> Iterator[Vessel]:
    for heading, turn, length, vein in MAIN:
        width = 1.5 if vein else 1.05
        start = (disc[0] + float(rng.normal(0, 0.6)), disc[1] + float(rng.normal(0, 0.8)))
        yield from _grown(start, np.radians(heading + rng.normal(0, 4)), np.radians(turn), length, width, vein, rng, fovea, 2)


def _grown(
    start: Point, heading: float, turn: float, length: float, width: float, vein: bool, rng: np.random.Generator, fovea: Point, depth: int
) -> Iterator[Vessel]:
    """A vessel and its branches. What would run over the fovea ends before it: its middle has no vessels."""
    steps = max(12, round(length))
    along = np.linspace(0, 1, steps)
    angle = heading + turn * along**1.15 + np.cumsum(rng.normal(0, 0.035, steps))
    points = np.array(start) + np.cumsum(np.stack([np.cos(angle), np.sin(angle)], 1) * length / steps, 0)
    near = np.flatnonzero(np.hypot(*(points - fovea).T) < 7)
    last = int(near[0]) if len(near) else steps
    if last < 6:
        return
    yield Vessel(points[:last], width, vein)
    if depth == 0:
        return
    for number, share in enumerate(np.arange(0.2, 0.95, 0.17 if depth == 2 else 0.34)):
        at = int(share * (steps - 1))
        if at >= last:
            return
        side = (-1) ** (number + int(rng.integers(2) == 0))
        away = side * np.radians(rng.uniform(34, 56))
        end = float(rng.uniform(0.3, 0.5) * length * (1 - 0.4 * share))
        thinner = width * 0.62 * (1 - 0.4 * share)
        where = (float(points[at, 0]), float(points[at, 1]))
        yield from _grown(where, angle[at] + away, -0.55 * away, end, thinner, vein, rng, fovea, depth - 1)


def _scattered(seed: int, disc: Point, fovea: Point) -> dict[str, tuple[Point, ...]]:
    """The places of signs, free of the disc, of the middle of the fovea and of the edge of the field: darts thrown one by one."""
    rng = np.random.default_rng([seed, 3])
    found = np.zeros((0, 2))
    while len(found) < PLACES:
        dart = rng.uniform(-0.84 * FIELD, 0.84 * FIELD, 2)
        away = [float(np.hypot(*(dart - other))) for other in ((0, 0), disc, fovea)]
        if away[0] < 0.84 * FIELD and away[1] > DISC + 4 and away[2] > 4 and (np.hypot(*(found - dart).T) > APART).all():
            found = np.vstack([found, dart])
    return {kind: tuple((float(x), float(y)) for at, (x, y) in enumerate(found) if SHARES[at % len(SHARES)] == kind) for kind in KINDS}
