"""Fit a circle, or an upright ellipse, to the curved edges left and right of a field of view. Pixels of a small copy throughout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(N, 2): x, y."""
FEWEST = 24
"""Edge points; with fewer nothing is fitted."""
MOST = 160
"""Points that are used of many."""
TRIES = 96
"""Circles through three points: where a third of the points are off the arcs, one of four is good."""
ASPECTS = (1.0, 0.87, 0.75, 0.66)
"""Width by height of the ellipses that are tried first. Sensors are 1:1 to 3:2, so a squashed circle is 1 to 2/3 as wide as high."""
NARROWEST, WIDEST = 0.58, 0.95
ROUNDER = 1.3
"""An ellipse has to come so many times nearer to the points than a circle before a square photo counts as squashed."""


SCALES = (8.0, 5.0, 3.0, 2.0, 1.5, 1.0, 1.0, 1.0)
"""Of the loss in pixels, step by step."""


@dataclass(frozen=True)
class Oval:
    """An upright ellipse; `found`: the share of the points that lie on it; `error`: their median distance from it in radii."""

    x: float
    y: float
    rx: float
    ry: float
    found: float
    error: float


def arcs(mask: NDArray[np.bool_], out: float = 0.0) -> Points:
    """The left and right edge of each row of a mask, without those that the photo's own border made.

    `out` pixels further in, for a mask that is so much too large on each side.
    Rows are used, not columns: a flat cut at top or bottom gives its two corners only, which are on the arcs themselves.
    """
    rows = np.flatnonzero(mask.any(1))
    part = mask[rows]
    width = mask.shape[1]
    left = part.argmax(1)
    right = width - 1 - part[:, ::-1].argmax(1)
    lefts = np.stack((left - 0.5 + out, rows), 1)[left > 1]
    rights = np.stack((right + 0.5 - out, rows), 1)[right < width - 2]
    return np.concatenate((lefts, rights)).astype(np.float64)


def fit_oval(points: Points, shape: tuple[int, ...], square: bool) -> Oval | None:
    """The circle or ellipse that most of the points (N, 2) lie on; None when there is none that makes sense in (h, w).

    `square`: the photo is a square, so it may have been squashed into one; any other is taken to be true to life.
    """
    if len(points) < FEWEST:
        return None
    points = points[np.linspace(0, len(points) - 1, min(len(points), MOST)).round().astype(int)]
    circle = _refined(points, _circle(points), free=False)
    best = circle
    if square:
        # Made as much flatter as it is narrower, a squashed circle is a circle again.
        starts = []
        for a in ASPECTS[1:]:
            x, y, r, _ = _circle(points * (1.0, a))
            starts.append((x, y / a, r, r / a))
        starts.sort(key=lambda start: _cost(points, start, 3.0))
        ovals = [_refined(points, start, free=True) for start in (circle, *starts[:2])]
        ovals = [o for o in ovals if NARROWEST <= o[2] / o[3] <= WIDEST]
        if ovals:
            oval = min(ovals, key=lambda o: _cost(points, o))
            if _cost(points, oval) * ROUNDER < _cost(points, circle):
                best = oval
    return _sensible(points, best, shape)


def _sensible(points: Points, p: tuple[float, float, float, float], shape: tuple[int, ...]) -> Oval | None:
    distance = np.abs(_residual(points, p)) / p[2]
    found = float((distance < 0.02).mean())
    longer = max(shape[:2])
    apart = max(abs(p[0] - (shape[1] - 1) / 2) / shape[1], abs(p[1] - (shape[0] - 1) / 2) / shape[0])
    if not all(np.isfinite(p)) or not 0.15 * longer < p[2] < 0.7 * longer or apart > 0.6 or found < 0.3:
        return None
    return Oval(*p, found=found, error=float(np.median(distance)))


def _residual(points: Points, p: tuple[float, float, float, float]) -> NDArray[np.float64]:
    """Distance from the ellipse along the ray from its centre, near enough; negative inside. Pixels."""
    dx, dy = (points[:, 0] - p[0]) / p[2], (points[:, 1] - p[1]) / p[3]
    return np.asarray((np.hypot(dx, dy) - 1) * p[2])


def _cost(points: Points, p: tuple[float, float, float, float], scale: float = 1.0) -> float:
    """Mean of the Geman-McClure loss: points further than a few pixels all count alike."""
    r = (_residual(points, p) / scale) ** 2
    return float((r / (1 + r)).mean())


def _circle(points: Points) -> tuple[float, float, float, float]:
    """Where to start: of many circles through three points each, the one most points lie on (RANSAC, Fischler & Bolles 1981)."""
    rng = np.random.default_rng(0)
    a, b, c = (points[rng.integers(0, len(points), TRIES)] for _ in range(3))
    d = 2 * (a[:, 0] * (b[:, 1] - c[:, 1]) + b[:, 0] * (c[:, 1] - a[:, 1]) + c[:, 0] * (a[:, 1] - b[:, 1]))
    good = np.abs(d) > 1e-3
    a, b, c, d = a[good], b[good], c[good], d[good]
    aa, bb, cc = ((v**2).sum(1) for v in (a, b, c))
    x = (aa * (b[:, 1] - c[:, 1]) + bb * (c[:, 1] - a[:, 1]) + cc * (a[:, 1] - b[:, 1])) / d
    y = (aa * (c[:, 0] - b[:, 0]) + bb * (a[:, 0] - c[:, 0]) + cc * (b[:, 0] - a[:, 0])) / d
    r = np.hypot(a[:, 0] - x, a[:, 1] - y)
    if not len(r):
        return float(points[:, 0].mean()), float(points[:, 1].mean()), 1.0, 1.0
    off = (np.hypot(points[None, :, 0] - x[:, None], points[None, :, 1] - y[:, None]) - r[:, None]) / 3.0
    best = int((off**2 / (1 + off**2)).mean(1).argmin())
    return float(x[best]), float(y[best]), float(r[best]), float(r[best])


def _refined(points: Points, start: tuple[float, float, float, float], free: bool) -> tuple[float, float, float, float]:
    """Gauss-Newton with Geman-McClure weights whose scale falls, so that far points lose their say. `free`: an ellipse."""
    p = np.array(start, float)
    j = np.empty((len(points), 4 if free else 3))
    for scale in SCALES:
        dx, dy = (points[:, 0] - p[0]) / p[2], (points[:, 1] - p[1]) / p[3]
        d = np.maximum(np.hypot(dx, dy), 1e-6)
        r = (d - 1) * p[2]
        w = 1 / (1 + (r / scale) ** 2) ** 2
        j[:, 0], j[:, 1] = -dx / d, -dy / d * (p[2] / p[3])
        if free:
            j[:, 2], j[:, 3] = d - 1 - dx**2 / d, -(dy**2) / d * (p[2] / p[3])
        else:
            j[:, 2] = -1
        weighted = j.T * w
        left = weighted @ j
        left.flat[:: len(left) + 1] += 1e-6
        step = np.linalg.solve(left, -(weighted @ r))
        p[: len(step)] += np.maximum(np.minimum(step, 0.2 * p[2]), -0.2 * p[2])
        if not free:
            p[3] = p[2]
        if not np.isfinite(p).all() or p[2] < 1 or p[3] < 1:
            return start
    return float(p[0]), float(p[1]), float(p[2]), float(p[3])
