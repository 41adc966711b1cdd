"""How the inside of a drawn lesion is painted, one function for each look."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.demo.brushes import Canvas, Colour, Map, Strand


def _inner(canvas: Canvas, inside: Map, large: float, reach: float = 0.45) -> Map:
    """An uneven patch somewhere within the lesion, `large` as a share of its radius."""
    rows, columns = np.nonzero(inside > 0.9)
    if not len(rows):  # a lesion of a few pixels
        return np.zeros_like(inside)
    radius = float(np.sqrt(len(rows) / np.pi)) / canvas.unit / canvas.growth
    i = int(canvas.rng.random() * len(rows))
    x, y = ((float(along.mean()) * (1 - reach) + float(along[i]) * reach) / canvas.unit for along in (columns, rows))
    return canvas.blob(x, y, max(radius * large, 1.0), 0.3, 0.25) * inside


def _network(canvas: Canvas, inside: Map, colour: Colour, strength: float, step: float) -> None:
    """A pigment network that thins out in places and is clearest towards the border."""
    patchy = np.clip(0.55 + 0.5 * canvas.noise(11, 5), 0.0, 1)
    rim = 1.1 - 0.55 * canvas.blur(inside, 4)
    canvas.mix(colour, canvas.cells(step, 0.42, 0.7) * inside * patchy * rim * strength)


def _pigment(canvas: Canvas, inside: Map, pale: NDArray[np.float64], deep: NDArray[np.float64]) -> None:
    """Two browns in clouds, deeper in the middle."""
    deepness = canvas.blur(inside, 4)
    canvas.mix(pale, inside * 0.85)
    canvas.mix(deep, inside * (0.30 + 0.32 * deepness + 0.17 * canvas.noise(10, 4, 1.6)))
    canvas.ink -= (inside * canvas.noise(1.5, 0.7))[..., None] * (6, 5, 4)


def _plain(canvas: Canvas, inside: Map, shade: NDArray[np.float64]) -> None:
    _pigment(canvas, inside, shade * (176, 118, 82), shade * (126, 74, 48))
    _network(canvas, inside, tuple(shade * (72, 40, 26)), 0.75, canvas.rng.uniform(1.7, 2.3))
    canvas.mix(shade * (52, 30, 22), canvas.dots(inside > 0.6, int(canvas.rng.integers(6, 26)), 0.25, 0.8) * 0.7)


def _irregular(canvas: Canvas, inside: Map, shade: NDArray[np.float64]) -> None:
    _pigment(canvas, inside, shade * (160, 104, 70), shade * (104, 60, 40))
    _network(canvas, inside, tuple(shade * (52, 28, 20)), 0.95, canvas.rng.uniform(2.0, 2.8))
    canvas.mix((50, 30, 27), _inner(canvas, inside, 0.55, 0.7) * 0.85)
    canvas.mix((44, 27, 26), _inner(canvas, inside, 0.35, 0.9) * 0.8)
    canvas.mix(shade * (196, 140, 122), _inner(canvas, inside, 0.33, 0.8) * 0.6)
    canvas.mix((112, 114, 134), _inner(canvas, inside, 0.38) * 0.62)
    canvas.mix((40, 25, 22), canvas.dots((inside > 0.35) & (canvas.blur(inside, 3) < 0.9), 60, 0.25, 1.0) * 0.8)
    rows, columns = np.nonzero((inside > 0.4) & (inside < 0.6))
    x, y = columns.mean() / canvas.unit, rows.mean() / canvas.unit
    streaks = []
    for i in (canvas.rng.random(14) * len(rows)).astype(int):  # they run outwards from the border
        at = (columns[i] / canvas.unit, rows[i] / canvas.unit)
        away = float(np.arctan2(at[1] - y, at[0] - x)) + canvas.rng.normal(0, 0.2)
        start = (at[0] - 2.2 * np.cos(away), at[1] - 2.2 * np.sin(away))
        streaks.append(Strand(*start, away, 3.8, 0.9, canvas.rng.normal(0, 0.3)))
    canvas.mix((56, 32, 24), canvas.blur(canvas.strands(streaks), 0.2) * 0.55)


def _blue_grey(canvas: Canvas, inside: Map, shade: NDArray[np.float64]) -> None:
    canvas.mix((104, 106, 122), inside * 0.85)
    canvas.mix((60, 64, 84), inside * (0.30 + 0.35 * canvas.blur(inside, 4) + 0.16 * canvas.noise(9, 4, 1.6)))
    canvas.mix(shade * (132, 98, 86), (1 - canvas.blur(inside, 3)) * inside * 0.9)
    canvas.mix((150, 152, 168), _inner(canvas, inside, 0.4) * 0.3)
    canvas.mix((48, 50, 66), canvas.cells(4.2, 0.35, 0.8) * inside * np.clip(0.25 + 0.2 * canvas.noise(8), 0, 0.5))
    canvas.ink -= (inside * canvas.noise(1.4, 0.7))[..., None] * (5, 5, 5)


def _pink(canvas: Canvas, inside: Map, shade: NDArray[np.float64]) -> None:
    canvas.mix(shade * (205, 108, 108), inside * (0.66 + 0.12 * canvas.noise(8, 3)))
    canvas.mix(shade * (178, 112, 92), _inner(canvas, inside, 0.6) * 0.5)
    canvas.mix(shade * (240, 208, 200), _inner(canvas, inside, 0.35) * 0.45)
    rows, columns = np.nonzero(inside > 0.75)
    rng = canvas.rng
    vessels = [
        Strand(
            columns[i] / canvas.unit,
            rows[i] / canvas.unit,
            rng.uniform(0, 6.3),
            rng.uniform(4, 14),
            rng.uniform(0.25, 0.5),
            rng.normal(0, 1.6),
        )
        for i in (rng.random(18) * len(rows)).astype(int)
    ]
    canvas.mix(shade * (182, 62, 68), canvas.strands(vessels) * inside * 0.6)
    canvas.mix(shade * (170, 46, 56), canvas.dots(inside > 0.6, 50, 0.2, 0.45) * 0.65)
    canvas.mix((104, 66, 52), canvas.dots(inside > 0.7, 9, 0.4, 1.3) * 0.6)
    canvas.ink -= (inside * canvas.noise(1.3, 0.6))[..., None] * (4, 5, 5)


def _keratosis(canvas: Canvas, inside: Map, shade: NDArray[np.float64]) -> None:
    _pigment(canvas, inside, shade * (172, 132, 96), shade * (128, 92, 68))
    canvas.mix(shade * (92, 62, 46), canvas.cells(5.2, 0.7, 1.1) * inside * np.clip(0.5 + 0.4 * canvas.noise(8), 0, 0.9))
    canvas.mix((62, 42, 34), canvas.dots(inside > 0.8, 22, 0.5, 1.5) * 0.8)
    canvas.mix((240, 226, 205), canvas.dots(inside > 0.8, 26, 0.35, 1.1) * 0.75)
    rim = np.clip(inside * (1 - canvas.blur(inside, 1.2)) * 3, 0, 1)
    canvas.mix(shade * (96, 66, 50), rim * 0.5)
    canvas.ink += (inside * np.clip(canvas.noise(1.6, 0.7) - 0.6, 0, 2))[..., None] * 12


def _red(canvas: Canvas, inside: Map, shade: NDArray[np.float64]) -> None:
    canvas.mix(shade * (206, 120, 124), inside * 0.85)
    lakes = canvas.dots(inside > 0.6, 90, 1.0, 2.6)
    canvas.mix((150, 22, 40), lakes * inside * 0.9)
    canvas.mix((96, 14, 44), lakes * inside * np.clip(0.2 + 0.4 * canvas.noise(6, 2.5), 0, 0.8))
    canvas.mix((222, 160, 166), canvas.cells(3.6, 0.4, 0.9) * inside * np.clip(0.3 + 0.3 * canvas.noise(6), 0, 0.6))
    canvas.ink += (inside * np.clip(canvas.noise(1.8, 0.8) - 1.0, 0, 2))[..., None] * 20


PAINT: dict[str, Callable[[Canvas, Map, NDArray[np.float64]], None]] = {
    "plain": _plain,
    "irregular": _irregular,
    "blue_grey": _blue_grey,
    "pink": _pink,
    "keratosis": _keratosis,
    "red": _red,
}
"""Look to the function that paints it; `inside`: 0-1, `shade`: RGB factor by which pigment is darker on darker skin."""
