"""Drawn pictures of arms, legs, trunks and hands with patches of a known share of the skin, as a phone shows them.

For the demo and for tests of geometry. They are no photographs, show nobody, and no network is ever trained on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.demo.brushes import Colour, Map
from core.demo.limb_shapes import PARTS, Body, waves
from core.demo.pictures import TONES
from core.photo import encode_jpeg

LIGHTS: dict[str, Colour] = {
    "day": (1.0, 1.0, 1.0),
    "lamp": (1.03, 0.97, 0.84),
    "cold": (0.94, 1.0, 1.06),
    "dim": (0.74, 0.72, 0.68),
}
"""What a light does to the sRGB values red, green and blue, after the camera's own white balance."""
CLOTHES: tuple[Colour, ...] = ((72, 92, 128), (96, 104, 110), (66, 104, 92), (196, 196, 190), (120, 84, 110))
SHEETS: tuple[Colour, ...] = ((176, 186, 196), (150, 164, 150), (206, 206, 200), (110, 122, 138))
SOFT, DRY, SCRATCH = 0.3, 0.16, 0.25
"""How slowly a patch fades at its edge, and how strong its scales and its scratches are."""


@dataclass(frozen=True, eq=False)
class DrawnLimb:
    """A drawn picture: `pixels` RGB uint8 (h, w, 3); masks uint8 (h, w) 0/255 of `lesion`, affected, and `skin`, all that is bare.

    `share`: affected by bare skin in pixels, 0-1. `part`, `tone`, `light`: what was drawn.
    """

    pixels: NDArray[np.uint8]
    lesion: NDArray[np.uint8]
    skin: NDArray[np.uint8]
    share: float
    part: str
    tone: str
    light: str


def limb(
    seed: int,
    part: str = "arm",
    share: float = 0.2,
    tone: str = "light",
    light: str = "day",
    distance: float = 1.0,
    redness: float = 1.0,
    size: tuple[int, int] = (1200, 900),
    mirrored: bool = False,
) -> DrawnLimb:
    """Draw a part of a body. The same arguments give the same pixels.

    `part`: one of PARTS; `share`: of the bare skin that is affected, 0-0.95; `tone`: one of TONES; `light`: one of LIGHTS.
    `distance`: of the camera, 1 to about 2: at 2 everything is half as large. `redness`: of the patches, 0-1.5.
    `size`: (width, height) in pixels. `mirrored`: the other side of the body. Patches of one seed keep their places:
    a smaller share lies within a larger one. ValueError for an unknown word or a share out of range.
    """
    if part not in PARTS or tone not in TONES or light not in LIGHTS or not 0 <= share <= 0.95:
        raise ValueError(f"cannot be drawn: {part}, {tone}, {light}, {share}")
    layers = [np.random.default_rng([seed, sorted(PARTS).index(part), i]) for i in range(4)]
    x, y = _places(size, distance, mirrored)
    body = PARTS[part](x, y)
    bare = (body.skin > 0) & (body.cloth <= 0)
    score = waves(x, y, 19, layers[0]) + 0.4 * waves(x, y, 6, layers[0]) + 0.7 * body.round
    cut = float(np.quantile(score[bare], 1 - share)) if share else np.inf
    lesion = bare & (score > cut)
    ink = _scene(x, y, body, layers[1], size, distance)
    _skin(ink, x, y, body, np.array(TONES[tone], np.float32), layers[2])
    if share:
        _patches(ink, np.asarray((score - cut) / SOFT, np.float32) * bare, x, y, tone, redness, layers[3])
    _cloth(ink, x, y, body, layers[1])
    pixels = _camera(ink, np.array(LIGHTS[light], np.float32), seed, size)
    masks = [where.astype(np.uint8) * 255 for where in (lesion, bare)]
    return DrawnLimb(pixels, masks[0], masks[1], float(lesion.sum() / bare.sum()), part, tone, light)


def limb_jpeg(drawn: DrawnLimb, quality: int = 92) -> bytes:
    """The JPEG file of a drawn picture."""
    return encode_jpeg(drawn.pixels, quality)


def _places(size: tuple[int, int], distance: float, mirrored: bool) -> tuple[Map, Map]:
    """x and y of every pixel in units of the scene."""
    width, height = size
    step = 100 * distance / min(size)
    x = (np.arange(width, dtype=np.float32) - (width - 1) / 2) * np.float32(-step if mirrored else step)
    y = (np.arange(height, dtype=np.float32) - (height - 1) / 2) * np.float32(step)
    across, down = np.meshgrid(x, y)
    return across, down


def _scene(x: Map, y: Map, body: Body, rng: np.random.Generator, size: tuple[int, int], distance: float) -> Map:
    """The sheet behind the body, with the body's shadow on it."""
    sheet = np.array(SHEETS[int(rng.integers(len(SHEETS)))], np.float32)
    ink = sheet + 5 * waves(x, y, 40, rng)[..., None] + 2.5 * waves(x, y, 4, rng)[..., None]
    there = (np.maximum(body.skin, body.cloth) > 0).astype(np.float32)
    unit = min(size) / 100 / distance
    moved = cv2.warpAffine(there, np.array([[1, 0, 1.5 * unit], [0, 1, 2.5 * unit]]), size, borderMode=cv2.BORDER_REPLICATE)
    shadow = cv2.GaussianBlur(moved, (0, 0), max(2.5 * unit, 0.3))
    return np.asarray(ink * (1 - 0.42 * shadow[..., None]), np.float32)


def _shade(body: Body, x: Map, y: Map) -> Map:
    """Light on a round body: less towards its edge, a little more from above."""
    return np.asarray(0.66 + 0.34 * body.round - 0.0012 * y, np.float32)


def _skin(ink: Map, x: Map, y: Map, body: Body, tone: NDArray[np.float32], rng: np.random.Generator) -> None:
    colour = tone * _shade(body, x, y)[..., None]
    colour = colour * (1 + 0.02 * waves(x, y, 12, rng)[..., None] * np.array((0.6, 1.0, 1.0), np.float32))
    colour = colour * (1 + 0.012 * waves(x, y, 1.6, rng)[..., None])
    colour = colour * (1 - body.marks[..., None] * np.array((0.45, 0.6, 0.6), np.float32))
    colour = colour + (tone * (1.12, 1.06, 1.08) * _shade(body, x, y)[..., None] - colour) * 0.7 * body.nails[..., None]
    _lay(ink, colour, np.clip(body.skin * 3 + 0.5, 0, 1))


def _patches(ink: Map, inside: Map, x: Map, y: Map, tone: str, redness: float, rng: np.random.Generator) -> None:
    """Red, on darker skin also darker, patches with dry scales and a few scratches; `inside` above 0 within the patch."""
    alpha = np.asarray(1 / (1 + np.exp(-np.clip(4 * inside, -30, 30))), np.float32) * (inside != 0)
    dark = tone in ("brown", "dark")
    away = np.array((0.13, 0.29, 0.25) if dark else (0.04, 0.30, 0.27), np.float32) * redness
    uneven = np.clip(1 + 0.2 * waves(x, y, 3.5, rng), 0.4, 1.5)
    ink *= 1 - (alpha * uneven)[..., None] * away
    scales = np.clip(waves(x, y, 1.3, rng) - 1.1, 0, 1) * np.clip(waves(x, y, 6, rng) + 0.3, 0, 1)
    ink += (DRY * 255 * scales * alpha)[..., None] * np.array((1.0, 0.96, 0.9), np.float32) * (ink / 255)
    lines = np.clip(1 - np.abs(waves(x, y, 9, rng)) * 14, 0, 1) * np.clip(waves(x, y, 12, rng) - 0.7, 0, 1)
    ink *= 1 - SCRATCH * (lines * alpha)[..., None] * np.array((0.6, 1.0, 1.0), np.float32)


def _cloth(ink: Map, x: Map, y: Map, body: Body, rng: np.random.Generator) -> None:
    colour = np.array(CLOTHES[int(rng.integers(len(CLOTHES)))], np.float32)
    folds = 1 + 0.07 * waves(x, y * 0.4, 14, rng) + 0.03 * waves(x, y, 2.2, rng)
    edge = 1 - 0.25 * np.exp(-np.clip(body.cloth, 0, 50) / 0.8)
    _lay(ink, colour * (folds * edge * (0.75 + 0.25 * body.round))[..., None], np.clip(body.cloth * 3 + 0.5, 0, 1))


def _lay(ink: Map, colour: NDArray[np.floating], amount: Map) -> None:
    ink += (np.asarray(colour, np.float32) - ink) * amount[..., None]


def _camera(ink: Map, light: NDArray[np.float32], seed: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """What the camera makes of it: the light's colour, a little blur, noise."""
    rng = np.random.default_rng([seed, 99])
    seen = cv2.GaussianBlur(ink * light, (0, 0), max(min(size) / 1800, 0.3))
    noisy = seen + rng.normal(0, 1.6, seen.shape[:2])[..., None].astype(np.float32)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
