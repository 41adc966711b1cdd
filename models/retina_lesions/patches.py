"""Squares cut out of levelled eyes: where they are cut, and how they are varied."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from core.vision.signs import SIGNS
from models.retina_lesions.data import Eye
from models.training import augment

ON_SIGNS = 0.85
"""Share of the squares that are cut about a sign; the others lie anywhere in the eye."""
CHOSEN = (0.30, 0.30, 0.22, 0.18)
"""How often each sign is the one, where a photo has it."""
SCALES = (0.75, 1.33)
"""How many times as large as it is in the levelled square a square shows the eye."""
MOST = 400
"""Pieces kept of each class and photo to cut about."""


def places(eye: Eye) -> list[np.ndarray]:
    """Centres (n, 2) x, y of the pieces of each class in the levelled square."""
    found = []
    for c in range(len(SIGNS)):
        _, _, _, middles = cv2.connectedComponentsWithStats(eye.masks >> c & 1)
        middles = middles[1:]
        found.append(middles[:: max(1, len(middles) // MOST)])
    return found


def centre_of(eye: Eye, about: list[np.ndarray], size: int, rng: np.random.Generator) -> np.ndarray:
    """Where a square of `size` is cut: x, y in the levelled square."""
    side = eye.masks.shape[0]
    chance = np.array(CHOSEN) * [len(a) > 0 for a in about]
    if rng.random() < ON_SIGNS and chance.sum() > 0:
        pieces = about[rng.choice(len(CHOSEN), p=chance / chance.sum())]
        return np.asarray(pieces[rng.integers(len(pieces))] + rng.uniform(-0.4, 0.4, 2) * size)
    radius, angle = 0.95 * side / 2 * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
    return np.array((side / 2 + radius * np.cos(angle), side / 2 + radius * np.sin(angle)))


def window(centre: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A random (2, 3) matrix from the levelled square to a square of `size`: any turn, mirrored, larger or smaller (`SCALES`)."""
    scale, stretch = np.exp(rng.uniform(*np.log(SCALES))), np.exp(rng.uniform(-0.1, 0.1))
    angle, flip = rng.uniform(0, 2 * np.pi), rng.choice((-1, 1))
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.diag((scale * stretch * flip, scale / stretch)) @ np.array(((cos, -sin), (sin, cos)))
    return np.hstack((matrix, (size / 2 - matrix @ centre)[:, None]))


def square(eye: Eye, matrix: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The square uint8 RGB (size, size, 3) and its masks (size, size) with a bit per class."""
    pixels, masks = (
        cv2.warpAffine(one, matrix, (size, size), flags=how, borderMode=cv2.BORDER_REFLECT_101)
        for one, how in ((eye.levelled.image, cv2.INTER_LINEAR), (eye.masks, cv2.INTER_NEAREST))
    )
    return pixels, masks


def bits(masks: Tensor) -> Tensor:
    """Masks (N, H, W) uint8 with a bit per class as (N, signs, H, W) float 0/1; the disc's bit is left out."""
    return torch.stack([masks >> c & 1 for c in range(len(SIGNS))], 1).float()


def coarser(pixels: np.ndarray, rng: np.random.Generator, chance: float = 0.5) -> np.ndarray:
    """A square as it would come of a photo of fewer pixels, or as it is: else few pixels would say that an eye is healthy."""
    if rng.random() > chance:
        return pixels
    side = max(8, round(len(pixels) / rng.uniform(1, 3.5)))
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        small = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 96))])[1], cv2.IMREAD_COLOR)
    return np.asarray(cv2.resize(small, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def of_healthy(images: list[np.ndarray], many: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """So many squares uint8 RGB from anywhere in levelled eyes without a sign."""
    found = []
    for i in rng.integers(0, len(images), many):
        side = len(images[i])
        radius, angle = 0.95 * side / 2 * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
        centre = np.array((side / 2 + radius * np.cos(angle), side / 2 + radius * np.sin(angle)))
        matrix = window(centre, size, rng)
        found.append(cv2.warpAffine(images[i], matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101))
    return found


def batch_of(
    eyes: list[Eye],
    about: list[list[np.ndarray]],
    many: int,
    size: int,
    rng: torch.Generator,
    healthy: list[np.ndarray] | None = None,
) -> tuple[Tensor, Tensor]:
    """Images (many, 3, size, size) float 0-1, recoloured; targets (many, signs, size, size) float 0/1.

    With `healthy` eyes a third of the squares are of these, the last ones: they have no sign.
    """
    draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
    images, targets = [], []
    without = of_healthy(healthy, many // 3, size, draw) if healthy else []
    for i in draw.integers(0, len(eyes), many - len(without)):
        pixels, masks = square(eyes[i], window(centre_of(eyes[i], about[i], size, draw), size, draw), size)
        images.append(pixels)
        targets.append(masks)
    if without:
        images = [coarser(image, draw) for image in images] + without
        targets += [np.zeros((size, size), np.uint8)] * len(without)
    x = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
    return augment.soften(augment.colour(x, rng, 1.3), rng, 0.2), bits(torch.from_numpy(np.stack(targets)))
