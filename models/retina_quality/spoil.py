"""Good photos of eyes made worse by a known strength, since nobody has said of the photos whether they can be graded.

Strengths are 0 to 1, and mean the same for every photo: blur is a share of the radius of the field (half of 45 to 50 degrees, about
7 mm), light a factor, a hidden part a share of the field. Up to `FINE` a photo still counts as good, from `POOR` on as poor;
between the two the truth is between, too.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.vision.field import Field, find_field, whole
from models.retina_quality.data import CLASSES

FINE, POOR = 0.25, 0.5
BLUR = 0.03
"""Standard deviation at strength 1, in radii. At `POOR` it is 100 micrometres on the retina: of microaneurysms, which are smaller than
125, hardly anything is left."""
DARK = 2.4
"""Stops of e at strength 1; at `POOR` 30 % of the light are left."""
BRIGHT = 1.5
"""Likewise upwards; at `POOR` it is twice as light, and a veil lies over it."""
HIDDEN = 0.7
"""Share of the field that is hidden at strength 1; at `POOR` it is 35 %."""


def poorness(strength: float) -> float:
    """How poor a photo is, 0-1, by the strength it was spoiled with."""
    return float(np.clip((strength - FINE) / (POOR - FINE), 0, 1))


def spoiled(pixels: np.ndarray, what: str, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A worse copy of uint8 RGB (H, W, 3); `what` is one of `CLASSES` but the first."""
    field = find_field(pixels) or whole(pixels.shape)
    if what == "blurred":
        return _blurred(pixels, field, strength, rng)
    if what == "field":
        return _hidden(pixels, field, strength, rng)
    x = pixels.astype(np.float32) / 255
    if what == "dark":
        x = x * _uneven(field, pixels.shape, rng) ** strength * np.exp(-DARK * strength)
        x += rng.normal(0, 0.02 * strength, x.shape).astype(np.float32)
    elif what == "bright":
        # A veil of stray light lies over the eye, not over the black around it.
        inside = _inside(field, pixels.shape)[..., None]
        veil = 0.35 * strength * rng.uniform(0.3, 1)
        colour = rng.uniform(0.7, 1, 3).astype(np.float32)
        x = np.where(inside, x * (1 - veil) + veil * colour, x) * np.exp(BRIGHT * strength)
    else:
        raise ValueError(f"what: expected one of {CLASSES[1:]}, not {what}")
    return np.asarray((x.clip(0, 1) * 255).round(), np.uint8)


def _blurred(pixels: np.ndarray, field: Field, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Out of focus, or moved."""
    sx, sy = (max(1e-3, BLUR * strength * r) for r in (field.rx, field.ry))
    if rng.random() < 0.7:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sx, sigmaY=sy))
    # A movement as long as a Gaussian of that deviation is wide: the deviation of a line is its length by the root of 12.
    length = max(1, round(3.5 * sx))
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    angle = rng.uniform(0, np.pi)
    across, down = round(length * np.cos(angle)), round(length * np.sin(angle))
    cv2.line(kernel, (length - across // 2, length - down // 2), (length + across // 2, length + down // 2), 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def _hidden(pixels: np.ndarray, field: Field, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A part is not in the photo: behind the lid or the iris, or beyond its edge; or disc and macula are out of view."""
    share = HIDDEN * strength
    if strength >= POOR and max(pixels.shape[:2]) > 300 and rng.random() < 0.3:
        return _elsewhere(pixels, field, rng)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x - field.x) / field.rx, (y - field.y) / field.ry
    angle = rng.uniform(0, 2 * np.pi)
    bow = rng.uniform(-0.3, 0.3) if rng.random() < 0.6 else 0.0
    along, across = x * np.cos(angle) + y * np.sin(angle), x * -np.sin(angle) + y * np.cos(angle)
    depth = along + bow * across**2
    inside = _inside(field, pixels.shape)
    edge = float(np.quantile(depth[inside], 1 - share)) if inside.any() else 1.0
    if bow == 0.0 and abs(np.sin(2 * angle)) < 0.5:  # beyond the photo's edge: cut it off
        return _cropped(pixels, field, angle, edge)
    shade = np.clip((edge - depth) / rng.uniform(0.01, 0.15) + 1, 0, 1)[..., None]
    lid = rng.uniform(0, 40, 3) * (1.0, 0.6, 0.5)
    return np.asarray((pixels * shade + lid * (1 - shade) * inside[..., None]).round(), np.uint8)


def _cropped(pixels: np.ndarray, field: Field, angle: float, edge: float) -> np.ndarray:
    """Without what lies beyond `edge` radii from the centre, towards the side that is nearest to the angle."""
    height, width = pixels.shape[:2]
    cos, sin = np.cos(angle), np.sin(angle)
    if abs(cos) >= abs(sin):
        cut = int(np.clip(field.x + np.sign(cos) * edge * field.rx, 16, width - 16))
        out = pixels[:, :cut] if cos > 0 else pixels[:, cut:]
    else:
        cut = int(np.clip(field.y + np.sign(sin) * edge * field.ry, 16, height - 16))
        out = pixels[:cut] if sin > 0 else pixels[cut:]
    return np.ascontiguousarray(out)


def _elsewhere(pixels: np.ndarray, field: Field, rng: np.random.Generator) -> np.ndarray:
    """What the camera sees when the eye looks away: a round field above or below the vessels' arcades, without disc and macula."""
    radius = rng.uniform(0.36, 0.46)
    up = rng.choice((-1, 1))
    shown = field.top if up < 0 else field.bottom
    middle = np.array((field.x + rng.uniform(-0.15, 0.15) * field.rx, field.y + up * max(0.4, shown - radius) * field.ry))
    half = radius * np.array((field.rx, field.ry))
    side = min(pixels.shape[:2])
    scale = side / 2 / half
    matrix = np.array([[scale[0], 0, side / 2 - scale[0] * middle[0]], [0, scale[1], side / 2 - scale[1] * middle[1]]])
    out = cv2.warpAffine(pixels, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    mask = np.zeros((side, side, 1), np.uint8)
    cv2.circle(mask, (side // 2, side // 2), side // 2 - 2, 1, cv2.FILLED)
    return np.asarray(out * mask)


def _inside(field: Field, shape: tuple[int, ...]) -> np.ndarray:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return np.asarray(((x - field.x) / field.rx) ** 2 + ((y - field.y) / field.ry) ** 2 <= 1)


def _uneven(field: Field, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Light that falls off to one side, (H, W, 1) 0.2 to 1; even in half of the cases."""
    if rng.random() < 0.5:
        return np.ones((1, 1, 1), np.float32)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    fall = ((x - field.x) / field.rx * np.cos(angle) + (y - field.y) / field.ry * np.sin(angle) + 1) / 2
    return np.clip(1 - 0.8 * fall, 0.2, 1)[..., None].astype(np.float32)
