"""Drawn pictures of the back of the eye with signs of diabetes whose outlines are known, as an eye camera shows them.

For the demo, for the page that explains the grades, and for tests of geometry. They are no photographs, show nobody, and no
network is ever trained on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.demo.brushes import Map
from core.demo.fundus_shapes import DISC, FIELD, KINDS, Anatomy, Point, Vessel, anatomy
from core.demo.limb_shapes import waves
from core.photo import encode_jpeg

EYES = ("right", "left")
FAULTS = ("", "blurred", "dark", "bright", "cut")
"""What makes a picture too poor: `cut` shows half of the field alone, as behind a lid."""
FIELDS = ("round", "cut")
"""The field as cameras show it: all of it, or without its top and bottom."""
GRADES: tuple[Mapping[str, int], ...] = (
    {},
    {"ma": 6},
    {"ma": 14, "he": 9, "ex": 12, "se": 1},
    {"ma": 24, "he": 72, "ex": 14, "se": 4},
    {"ma": 12, "he": 22, "ex": 6, "se": 2, "new": 16},
)
"""How many signs of each kind are drawn for a grade when none are named; `new`: new vessels at the disc."""
RETINA: tuple[tuple[float, float, float], ...] = ((206, 104, 52), (190, 88, 44), (216, 122, 70), (168, 76, 42))
"""Colours of the retina: lighter and darker eyes."""
INK = {"ma": (112, 22, 20), "he": (104, 16, 16), "ex": (252, 232, 146), "se": (238, 226, 196)}
RADIUS = {"ma": (0.42, 0.62), "he": (0.9, 1.6), "ex": (0.5, 1.1), "se": (1.3, 1.7)}
"""Radii in units, smallest and largest."""
SOFT = {"ma": 0.25, "he": 0.3, "ex": 0.15, "se": 0.9}
"""How wide the edge is, in units."""


@dataclass(frozen=True, eq=False)
class DrawnFundus:
    """A drawn picture: `pixels` RGB uint8 (h, w, 3); `masks` uint8 (h, w) 0/255 of ma, he, ex, se and disc; `field`: the lit part.

    `disc` and `fovea`: (x, y) in pixels; `radius`: of the field, in pixels. `eye`, `grade`, `fault`: what was drawn.
    """

    pixels: NDArray[np.uint8]
    masks: Mapping[str, NDArray[np.uint8]]
    field: NDArray[np.uint8]
    disc: Point
    fovea: Point
    radius: float
    eye: str
    grade: int
    fault: str


def fundus(
    seed: int,
    eye: str = "right",
    grade: int = 0,
    signs: Mapping[str, int] | None = None,
    fault: str = "",
    field: str = "round",
    size: tuple[int, int] = (1200, 900),
) -> DrawnFundus:
    """Draw the back of an eye. The same arguments give the same pixels.

    `eye`: one of EYES; `grade` 0-4; `signs`: how many of each kind (of KINDS, and `new`), those of the grade when None. `fault`: one of
    FAULTS; `field`: one of FIELDS. `size`: (width, height) in pixels. The signs of one seed keep their places: fewer lie among
    more, so that one eye can be drawn at several times. ValueError for an unknown word, or for more signs than there is room for.
    """
    if eye not in EYES or fault not in FAULTS or field not in FIELDS or not 0 <= grade < len(GRADES):
        raise ValueError(f"cannot be drawn: {eye}, {grade}, {fault}, {field}")
    counts = dict(GRADES[grade] if signs is None else signs)
    one = anatomy(seed)
    if not set(counts) <= {*KINDS, "new"} or any(counts.get(kind, 0) > len(one.places[kind]) for kind in KINDS):
        raise ValueError(f"cannot be drawn: {counts}")
    x, y, unit = _places(size)
    ink = _ground(seed, size).copy()
    masks = _signs(ink, x, y, one, counts, seed)
    _new_vessels(ink, one, counts.get("new", 0), unit, size, seed)
    masks["disc"] = (np.hypot(x - one.disc[0], y - one.disc[1]) < DISC).astype(np.uint8) * 255
    lit, turn = _field(x, y, field, fault), 1
    if eye == "left":
        ink, lit, turn = ink[:, ::-1], lit[:, ::-1], -1
        masks = {name: mask[:, ::-1] for name, mask in masks.items()}
    pixels = _camera(ink, lit, fault, seed, unit)
    inside = (lit > 0.5).astype(np.uint8) * 255
    masks = {name: np.where(inside > 0, mask, 0).astype(np.uint8) for name, mask in masks.items()}
    disc, fovea = ((size[0] / 2 + turn * px * unit, size[1] / 2 + py * unit) for px, py in (one.disc, one.fovea))
    return DrawnFundus(pixels, masks, inside, disc, fovea, FIELD * unit, eye, grade, fault)


def fundus_jpeg(drawn: DrawnFundus, quality: int = 92) -> bytes:
    """The JPEG file of a drawn picture."""
    return encode_jpeg(drawn.pixels, quality)


def _places(size: tuple[int, int]) -> tuple[Map, Map, float]:
    """x and y of every pixel in units about the middle, and pixels to a unit."""
    width, height = size
    unit = min(size) / 100
    across, down = np.meshgrid(
        ((np.arange(width) - (width - 1) / 2) / unit).astype(np.float32), ((np.arange(height) - (height - 1) / 2) / unit).astype(np.float32)
    )
    return across, down, unit


def _waves(x: Map, y: Map, scale: float, rng: np.random.Generator) -> Map:
    """`waves`, worked out a unit apart and enlarged: they are longer than that."""
    size = (x.shape[1], x.shape[0])
    across, down = (np.asarray(cv2.resize(one, (120, 120), interpolation=cv2.INTER_AREA), np.float32) for one in (x, y))
    return np.asarray(cv2.resize(waves(across, down, scale, rng), size, interpolation=cv2.INTER_CUBIC), np.float32)


def _near(x: Map, y: Map, at: Point, wide: float) -> Map:
    return np.asarray(np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * wide**2)), np.float32)


def _mix(ink: Map, colour: Iterable[float], amount: Map) -> None:
    ink += (np.asarray(list(colour), np.float32) - ink) * amount[..., None]


def _retina(x: Map, y: Map, eye: Anatomy, rng: np.random.Generator) -> Map:
    """The red ground with its uneven choroid, the dark macula and the pale disc with its cup."""
    base = np.array(RETINA[int(rng.integers(len(RETINA)))], np.float32)
    off = np.hypot(x, y) / FIELD
    ink: Map = np.asarray(base * (1.08 - 0.34 * off**2)[..., None], np.float32)
    ink *= 1 + 0.035 * _waves(x, y, 16, rng)[..., None] + 0.02 * _waves(x, y, 4, rng)[..., None]
    _mix(ink, base * (0.62, 0.5, 0.45), 0.62 * _near(x, y, eye.fovea, 6.5))
    _mix(ink, base * (0.5, 0.36, 0.3), 0.5 * _near(x, y, eye.fovea, 1.4))
    _mix(ink, (250, 190, 110), 0.35 * _near(x, y, eye.disc, 9))
    away = np.hypot(x - eye.disc[0], y - eye.disc[1])
    edge = DISC * (1 + 0.03 * np.sin(3 * np.arctan2(y - eye.disc[1], x - eye.disc[0])))
    _mix(ink, (248, 206, 138), 0.9 / (1 + np.exp(np.clip((away - edge) / 0.35, -30, 30))))
    _mix(ink, (255, 240, 206), 0.75 * _near(x, y, eye.disc, 2.3))
    return ink


@lru_cache(maxsize=2)
def _ground(seed: int, size: tuple[int, int]) -> Map:
    """An eye without signs, before the camera: the slowest part, and the same whenever the two eyes of somebody are drawn."""
    x, y, unit = _places(size)
    one = anatomy(seed)
    ink = _retina(x, y, one, np.random.default_rng([seed, 10]))
    _vessels(ink, one.vessels, unit, size)
    return ink


def _ribbons(vessels: Sequence[Vessel], unit: float, size: tuple[int, int]) -> Map:
    """Tapering lines as a layer 0-1."""
    layer = np.zeros((size[1], size[0]), np.uint8)
    middle = np.array((size[0] / 2, size[1] / 2))
    for one in vessels:
        line = one.points * unit + middle
        ahead = np.gradient(line, axis=0)
        across = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / np.maximum(np.hypot(*ahead.T), 1e-6)[:, None]
        half = across * (one.width * unit / 2 * np.linspace(1, 0.3, len(line)))[:, None]
        outline = np.concatenate([line + half, (line - half)[::-1]])
        cv2.fillPoly(layer, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.GaussianBlur(layer.astype(np.float32) / 255, (0, 0), max(0.1 * unit, 0.3)), np.float32)


def _vessels(ink: Map, vessels: Sequence[Vessel], unit: float, size: tuple[int, int]) -> None:
    for vein, colour, amount in ((False, (172, 52, 34), 0.66), (True, (128, 28, 28), 0.78)):
        own = [one for one in vessels if one.vein is vein]
        _mix(ink, colour, amount * _ribbons(own, unit, size))
        if not vein:  # the light that an artery throws back along its middle
            thin = [Vessel(one.points, one.width * 0.3, False) for one in own if one.width > 0.7]
            _mix(ink, (226, 120, 82), 0.5 * _ribbons(thin, unit, size))


def _signs(ink: Map, x: Map, y: Map, eye: Anatomy, counts: Mapping[str, int], seed: int) -> dict[str, NDArray[np.uint8]]:
    """Lay the signs over the picture; their masks. Each is drawn in its own small window: there may be a hundred."""
    masks = {kind: np.zeros(x.shape, np.uint8) for kind in KINDS}
    step = float(x[0, 1] - x[0, 0])
    for number, kind in enumerate(KINDS):
        for at, (left, top) in enumerate(eye.places[kind][: counts.get(kind, 0)]):
            rng = np.random.default_rng([seed, 20 + number, at])
            radius = float(rng.uniform(*RADIUS[kind]))
            column, row, reach = (round(v / step) for v in (left - float(x[0, 0]), top - float(y[0, 0]), 2.6 * radius + SOFT[kind]))
            window = np.s_[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
            u, v = x[window] - left, y[window] - top
            turn, stretch = rng.uniform(0, np.pi), 1.0 if kind == "ma" else rng.uniform(1.0, 1.25)
            a, b = (u * np.cos(turn) + v * np.sin(turn)) / stretch, (v * np.cos(turn) - u * np.sin(turn)) * stretch
            around = np.arctan2(b, a)
            uneven = 0.0 if kind == "ma" else 0.12 * np.sin(3 * around + rng.uniform(0, 6)) + 0.07 * np.sin(5 * around + rng.uniform(0, 6))
            depth = radius * (1 + uneven) - np.hypot(a, b)
            amount = np.asarray(1 / (1 + np.exp(-np.clip(4 * depth / SOFT[kind], -30, 30))), np.float32)
            _mix(ink[window], INK[kind], amount * (0.7 if kind == "se" else 0.88))
            masks[kind][window] |= (depth > 0).astype(np.uint8) * 255
    return masks


def _new_vessels(ink: Map, eye: Anatomy, count: int, unit: float, size: tuple[int, int], seed: int) -> None:
    """A tangle of fine new vessels on and about the disc."""
    rng, grown = np.random.default_rng([seed, 30]), []
    for _ in range(count):
        angle = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.32, 40))
        start = np.array(eye.disc) + rng.normal(0, DISC * 0.4, 2)
        steps = np.stack([np.cos(angle), np.sin(angle)], 1) * rng.uniform(0.2, 0.4)
        grown.append(Vessel(start + np.cumsum(steps, 0), 0.42, False))
    if grown:
        _mix(ink, (158, 30, 26), 0.8 * _ribbons(grown, unit, size))


def _field(x: Map, y: Map, field: str, fault: str) -> Map:
    """How much light each place gets through the camera's round opening, 0-1."""
    lit = 1 / (1 + np.exp(np.clip((np.hypot(x, y) - FIELD) / 0.18, -30, 30)))
    if field == "cut":
        lit = lit * (np.abs(y) < 0.8 * FIELD)
    if fault == "cut":
        lit = lit / (1 + np.exp(np.clip((6 - 0.3 * x - y) / 0.8, -30, 30)))
    return np.asarray(lit, np.float32)


def _camera(ink: Map, lit: Map, fault: str, seed: int, unit: float) -> NDArray[np.uint8]:
    """What the camera makes of it: blur, light, the black around the field, noise."""
    lit_up = ink * np.float32({"dark": 0.12, "bright": 4.0}.get(fault, 1.0))
    seen = cv2.GaussianBlur(lit_up, (0, 0), max((2.2 if fault == "blurred" else 0.07) * unit, 0.3))
    noise = np.random.default_rng([seed, 40]).normal(0, 1.5, (*lit.shape, 1)).astype(np.float32)
    return np.asarray(np.clip((seen + noise) * lit[..., None] + 4, 0, 255), np.uint8)
