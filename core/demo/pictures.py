"""Drawn pictures of moles as a dermatoscope shows them, each with its outline known; and the command that writes drawn pictures.

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
from core.demo.looks import PAINT
from core.photo import encode_jpeg

LOOKS = tuple(PAINT)
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
    PAINT[look](canvas, inside, (np.array(TONES[tone]) / TONES["light"]) ** 0.7)
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


def _mole(seed: int, number: int) -> tuple[str, bytes]:
    look = LOOKS[number % len(LOOKS)]
    return look, lesion_jpeg(seed, look)


def _eye(seed: int, number: int) -> tuple[str, bytes]:
    """Grade after grade, right and left in turn, and the last of six too blurred."""
    from core.demo.fundus import EYES, GRADES, fundus, fundus_jpeg

    eye, grade = EYES[number % 2], number % (len(GRADES) + 1)
    fault = "blurred" if grade == len(GRADES) else ""
    drawn = fundus(seed, eye, 0 if fault else grade, fault=fault)
    return f"{eye}-{fault or f'grade-{grade}'}", fundus_jpeg(drawn)


def _rash(seed: int, number: int) -> tuple[str, bytes]:
    """Part after part of the body, with less of it affected each time, in several tones of skin."""
    from core.demo.limb_shapes import PARTS
    from core.demo.limbs import limb, limb_jpeg

    part, tone = list(PARTS)[number % len(PARTS)], list(TONES)[number % len(TONES)]
    drawn = limb(seed, part, share=0.3 / (1 + number % 6), tone=tone)
    return f"{part}-{tone}", limb_jpeg(drawn)


WHAT = {"mole": _mole, "eye": _eye, "rash": _rash}
"""What can be written: word to the function that gives the name and the file of picture `number` by its seed."""


def main(arguments: list[str] | None = None) -> int:
    """Write drawn pictures as JPEG files and mark them, for presenters and browser tests."""
    from core.demo.marks import mark
    from core.photo import read_photo

    parser = argparse.ArgumentParser(prog="python -m core.demo.pictures", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--what", choices=list(WHAT), default="mole", help="moles, eyes with signs of diabetes, or limbs with a rash")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first picture")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for i in range(options.count):
        name, data = WHAT[options.what](options.seed + i, i)
        path = options.out / f"drawn-{options.seed + i:03d}-{name}.jpg"
        path.write_bytes(data)
        mark(read_photo(data).sha256)
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
