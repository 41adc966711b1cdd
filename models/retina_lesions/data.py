"""The outlined photos of eyes (IDRiD), levelled to one field of view, with the truth at the photos' own size beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from core.vision.card import Input
from core.vision.engine import levelled
from core.vision.field import Levelled, unlevel
from core.vision.signs import DISC, SIGNS
from models.training.data import archive, decode
from models.training.retina import fundus

OUTLINED = (*SIGNS, DISC)
"""What was outlined in these photos, in the order of the bits of a truth."""
FOLDERS = ("MA", "HE", "EX", "SE", "OD")
"""The archive's folders in the order of `OUTLINED`."""
SIZE = 1280
"""Pixels across the eye: a microaneurysm is about seven wide there, and three and a half in the finest map of the network."""
FOLDS = 5


@dataclass(frozen=True)
class Eye:
    """One photo. `truth` (H, W) and `masks` (size, size) uint8: bit c is set where class c is; own size, and levelled."""

    id: str
    split: str
    levelled: Levelled
    masks: np.ndarray
    truth: np.ndarray

    def has(self, sign: int) -> bool:
        """Whether the class was outlined in this photo at all."""
        return bool((self.truth & (1 << sign)).any())


@dataclass(frozen=True)
class Outlined:
    """One photo as it comes: `pixels` uint8 RGB (H, W, 3); `truth` (H, W) uint8, bit c is set where class c is."""

    id: str
    split: str
    pixels: np.ndarray
    truth: np.ndarray


def outlined(folder: Path, splits: tuple[str, ...] = ("train", "val"), limit: int | None = None) -> list[Outlined]:
    """The photos of these splits, in order of their ids; `limit`: so many of each split, for tests."""
    table = pd.read_csv(folder / "retina_lesions" / "metadata.csv").sort_values("image_id")
    table = table[table["split"].isin(splits)]
    if limit:
        table = table.groupby("split", sort=False).head(limit)
    wanted = dict(zip(table["image_id"], table["split"], strict=True))
    photos: dict[str, np.ndarray] = {}
    truth: dict[str, np.ndarray] = {}
    for name, data in archive(folder / "retina_lesions" / "data.tar.gz"):
        path = Path(name)
        if path.stem not in wanted:
            continue
        if path.parent.name == "images":
            photos[path.stem] = decode(data)
        elif path.parent.name in FOLDERS:
            mask = decode(data, cv2.IMREAD_GRAYSCALE) > 0
            bit = np.uint8(1 << FOLDERS.index(path.parent.name))
            truth[path.stem] = truth.get(path.stem, np.zeros(mask.shape, np.uint8)) | mask * bit
    return [Outlined(id, split, photos[id], truth[id]) for id, split in wanted.items()]


def eyes(folder: Path, way: Input, splits: tuple[str, ...] = ("train", "val"), limit: int | None = None) -> list[Eye]:
    """The same, levelled as a card's `input` says."""
    found = []
    for photo in outlined(folder, splits, limit):
        level = levelled(photo.pixels, way)
        if level is None:
            raise ValueError("the card of this network does not level the field of an eye")
        found.append(Eye(photo.id, photo.split, level, _levelled(photo.truth, level), photo.truth))
    return found


HEALTHY = {"idrid": 60, "eyepacs2015": 40, "aptos2019": 40}
"""Photos of eyes of grade 0, of each source, that are learned from as having no sign at all: by definition they have none."""


def healthy(folder: Path, way: Input, split: str = "train", limit: int | None = None) -> list[np.ndarray]:
    """The first healthy eyes of a split, levelled: uint8 RGB (size, size, 3) each."""
    data, found = fundus(folder, (split,)), []
    for source, many in HEALTHY.items():
        for row in np.flatnonzero((data.labels == 0) & (data.sources == source))[: limit or many]:
            level = levelled(data.photos[row], way)
            assert level is not None
            found.append(level.image)
    return found


def _levelled(truth: np.ndarray, level: Levelled) -> np.ndarray:
    """The masks in the levelled square: half a pixel covered counts, so that small signs keep their size."""
    size = level.image.shape[0]
    out = np.zeros((size, size), np.uint8)
    for c in range(len(OUTLINED)):
        mask = (truth >> c & 1) * np.uint8(255)
        out |= (cv2.warpAffine(mask, level.matrix, (size, size), flags=cv2.INTER_LINEAR) > 127) * np.uint8(1 << c)
    return out


def over_photo(chances: np.ndarray, level: Levelled, shape: tuple[int, ...]) -> np.ndarray:
    """Chances (classes, h, w) float32 of a levelled eye as (classes, H, W) over its photo of `shape`, 0 outside the eye."""
    return np.stack([unlevel(c, level, shape, nearest=False) for c in chances])


def folds(photos: list[Eye]) -> np.ndarray:
    """The fold 0-4 of each photo (N,): dealt out in order, first those with soft exudates, since few have any."""
    rare = OUTLINED.index("soft_exudates")
    order = sorted(range(len(photos)), key=lambda i: (not photos[i].has(rare), photos[i].id))
    fold = np.zeros(len(photos), int)
    fold[order] = np.arange(len(photos)) % FOLDS
    return fold
