"""Drawn pictures of moles as a dermatoscope shows them, each with its outline known.

For the demo and for tests. They are no photographs, show nobody, and no network is ever trained on them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.demo.brushes import Canvas, Colour, Map, Strand
from core.photo import encode_jpeg

LOOKS = ("plain", "irregular", "blue_grey", "pink", "keratosis", "red")
TONES: dict[str, Colour] = {"light": (233, 190, 172), "medium": (208, 160, 130), "brown": (176, 130, 102), "dark": (132, 96, 77)}
CASTS: tuple[Colour, ...] = ((1, 1, 1), (1.02, 0.96, 0.98), (0.97, 0.97, 1.04), (1.03, 1.0, 0.9), (0.98, 0.95, 1.02))
"""The tint that different lamps and cameras give."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawn picture: `pixels` RGB uint8 (h, w, 3); `mask` uint8 (h, w), 255 inside the lesion; its `look` and skin `tone`."""

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    look: str
    tone: str


def lesion(seed: int, look: str | None = None, size: tuple[int, int] = (1200, 900), tone: str | None = None, growth: float = 1.0) -> Drawn:
    """Draw a lesion. The same arguments give the same pixels.

    `look`: one of LOOKS, by the seed when None. `size`: (width, height) in pixels, each at least 64.
    `tone`: one of TONES, by the seed when None. `growth`: the lesion's diameter against its usual one,
    so that the same spot can be drawn at another time; about 0.5 to 1.5. ValueError for an unknown look or tone.
    """
    rng = np.random.default_rng(seed)
    chosen_look, chosen_tone = LOOKS[int(rng.integers(len(LOOKS)))], str(rng.choice(list(TONES), p=(0.5, 0.3, 0.15, 0.05)))
    look, tone = look or chosen_look, tone or chosen_tone
    if look not in LOOKS or tone not in TONES:
        raise ValueError(f"no such look or tone: {look}, {tone}")
    # Each layer has its own generator: a spot that grew keeps its skin, its hairs and the colours in it.
    layers = [np.random.default_rng([seed, LOOKS.index(look), i]) for i in range(4)]
    canvas = Canvas(layers[0], *size, growth)
    _skin(canvas, TONES[tone])
    canvas.rng = layers[1]
    inside = _shape(canvas, look)
    canvas.rng = layers[2]
    _DRAW[look](canvas, inside, (np.array(TONES[tone]) / TONES["light"]) ** 0.7)
    canvas.rng = layers[3]
    _hairs(canvas)
    _gel(canvas)
    _light(canvas)
    mask = (inside > 0.5).astype(np.uint8) * 255
    return Drawn(canvas.finished(1.8), mask, look, tone)


def lesion_jpeg(
    seed: int,
    look: str | None = None,
    size: tuple[int, int] = (1200, 900),
    tone: str | None = None,
    growth: float = 1.0,
    quality: int = 92,
) -> bytes:
    """The JPEG file of `lesion(...)`: the same bytes on every call with the same libraries."""
    return encode_jpeg(lesion(seed, look, size, tone, growth).pixels, quality)


def _skin(canvas: Canvas, tone: Colour) -> None:
    base = np.array(tone, np.float32)
    canvas.ink[:] = base
    canvas.ink += canvas.noise(28, 11)[..., None] * (4, 5, 5)
    canvas.mix(base * (0.95, 0.76, 0.78), 0.13 + 0.09 * canvas.noise(20, 7, 3))
    furrows = canvas.cells(canvas.rng.uniform(3.4, 5.0), 0.22)
    canvas.mix(base * 0.84, furrows * np.clip(0.16 + 0.12 * canvas.noise(15, 6), 0, 0.4))
    canvas.ink += canvas.noise(0.9, 0.45)[..., None] * (2.6, 2.8, 2.8)
    rng, wide = canvas.rng, canvas.width / canvas.unit
    veins = [
        Strand(rng.uniform(0, wide), rng.uniform(0, 100), rng.uniform(0, 6.3), rng.uniform(8, 22), 0.35, rng.normal(0, 1.4))
        for _ in range(int(rng.integers(0, 5)))
    ]
    if veins:
        canvas.mix(base * (0.88, 0.5, 0.52), canvas.blur(canvas.strands(veins), 0.25) * 0.5)


def _shape(canvas: Canvas, look: str) -> Map:
    """How far inside the lesion each pixel is, 0-1."""
    rng = canvas.rng
    x, y = canvas.middle
    x, y = x + rng.normal(0, 3), y + rng.normal(0, 2.5)
    rough, soft = {
        "plain": (0.06, 0.08),
        "irregular": (0.20, 0.06),
        "keratosis": (0.10, 0.025),
        "red": (0.12, 0.05),
        "blue_grey": (0.10, 0.045),
    }.get(look, (0.11, 0.10))
    radius = rng.uniform(20, 27) * (0.62 if look == "red" else 1)
    inside = canvas.blob(x, y, radius, rough, soft, rng.uniform(1.0, 1.3), rng.uniform(0, np.pi))
    if look == "irregular":
        for turn in rng.uniform(0, 2 * np.pi, 2):
            away = radius * canvas.growth
            lobe = canvas.blob(x + away * 0.62 * np.cos(turn), y + away * 0.5 * np.sin(turn), radius * 0.52, 0.22, 0.09)
            inside = np.maximum(inside, lobe)
    return inside


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


_DRAW = {"plain": _plain, "irregular": _irregular, "blue_grey": _blue_grey, "pink": _pink, "keratosis": _keratosis, "red": _red}


def _hairs(canvas: Canvas) -> None:
    rng, wide = canvas.rng, canvas.width / canvas.unit
    lie, hairs = rng.uniform(0, np.pi), []
    for _ in range(int(rng.integers(2, 13))):
        x, y = rng.uniform(0, wide), rng.uniform(0, 100)
        long = float(rng.choice((rng.uniform(4, 10), rng.uniform(20, 60))))
        angle = lie + rng.normal(0, 0.4) + np.pi * rng.integers(2)
        hairs.append(Strand(x, y, angle, long, rng.uniform(0.3, 0.65), rng.normal(0, 0.5), rng.uniform(0.5, 0.9)))
    canvas.mix(np.array((66, 46, 38)) * rng.uniform(0.6, 1.5), canvas.strands(hairs))


def _gel(canvas: Canvas) -> None:
    """Bubbles in the gel and the lamp's small reflections on them."""
    layer = np.zeros((canvas.height, canvas.width), np.float32)
    for _ in range(int(canvas.rng.integers(0, 9))):
        x, y = (int(v * canvas.unit) for v in (canvas.rng.uniform(5, canvas.width / canvas.unit - 5), canvas.rng.uniform(5, 95)))
        radius = canvas.rng.uniform(0.5, 1.5) * canvas.unit
        cv2.circle(layer, (x, y), max(1, round(radius)), 0.55, max(1, round(canvas.unit * 0.15)), cv2.LINE_AA)
        cv2.circle(layer, (round(x - radius * 0.4), round(y - radius * 0.4)), max(1, round(radius * 0.2)), 1.0, -1, cv2.LINE_AA)
    canvas.ink += canvas.blur(layer, 0.12)[..., None] * 60


def _light(canvas: Canvas) -> None:
    """The lamp's cast and fall-off, for some the black around the tube's round field, and a little lens blur."""
    rng = canvas.rng
    x, y = canvas.middle
    off = np.hypot(canvas.x - x, canvas.y - y) / 50
    canvas.ink *= np.array(CASTS[int(rng.integers(len(CASTS)))], np.float32)
    canvas.ink *= (1.05 - rng.uniform(0.05, 0.14) * off**2)[..., None]
    shine = np.hypot(canvas.x - x + rng.normal(0, 15), canvas.y - y + rng.normal(0, 12)) / 50
    canvas.ink += 9 * np.exp(-(shine**2) * 2.5)[..., None]
    if rng.random() < 0.3:
        field = 1 / (1 + np.exp(np.clip((off - rng.uniform(1.28, 1.45)) * 45, -30, 30)))
        canvas.ink *= (0.06 + 0.94 * field)[..., None]
    canvas.ink = np.asarray(cv2.GaussianBlur(canvas.ink, (0, 0), max(0.05 * canvas.unit, 0.3)), np.float32)


def main(arguments: list[str] | None = None) -> int:
    """Write drawn pictures as JPEG files and mark them, for presenters and browser tests."""
    from core.demo.marks import mark
    from core.photo import read_photo

    parser = argparse.ArgumentParser(prog="python -m core.demo.pictures", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first picture")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for i in range(options.count):
        look = LOOKS[i % len(LOOKS)]
        data = lesion_jpeg(options.seed + i, look)
        path = options.out / f"drawn-{options.seed + i:03d}-{look}.jpg"
        path.write_bytes(data)
        mark(read_photo(data).sha256)
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
