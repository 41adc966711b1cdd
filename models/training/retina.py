"""The photos of the back of the eye in memory: graded ones of three sources, as they are and levelled to one field of view."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from core.vision import field, field_fit
from core.vision.field import BLANK, Field, find_field, level
from models.training.data import archive, decode

GRADES = 5
SOURCES = ("aptos2019", "idrid", "eyepacs2015")
TWINS = 0.985
"""Correlation of two levelled thumbnails from which they are taken for one photo. The 42 photos that are in both sets of IDRiD have
0.997 and more; of all other pairs the most alike have 0.990, and these are photos so dark that little is in them but noise."""


@dataclass(frozen=True)
class Fundus:
    """Graded photos; rows of `table` match `photos`, uint8 RGB (H, W, 3) each of its own size."""

    table: pd.DataFrame
    photos: list[np.ndarray]

    def rows(self, split: str) -> np.ndarray:
        """Indices of the rows of one split."""
        return np.flatnonzero(self.table["split"] == split)

    @property
    def labels(self) -> np.ndarray:
        """Grade 0-4 (N,) int64, International Clinical Diabetic Retinopathy scale."""
        return self.table["grade"].to_numpy(np.int64, copy=True)

    @property
    def sources(self) -> np.ndarray:
        """Name of the source (N,)."""
        return self.table["source"].to_numpy(str)

    @property
    def groups(self) -> np.ndarray:
        """Who is photographed (N,): the patient, or, where none is known, the photo."""
        return (self.table["source"] + " " + self.table["patient"].fillna(self.table["image_id"]).astype(str)).to_numpy(str)


def fundus(folder: Path, splits: tuple[str, ...] = ("train", "val", "test"), limit: int | None = None) -> Fundus:
    """Load the graded photos; `limit` keeps the first rows of each split and source."""
    table = pd.read_csv(folder / "retina" / "metadata.csv", dtype={"patient": str})
    table = table[table["split"].isin(splits)]
    if limit:
        table = table.groupby(["split", "source"], sort=False).head(limit)
    table = table.reset_index(drop=True)
    where = {name: i for i, name in enumerate(table["image_id"])}
    files: dict[int, bytes] = {}
    for name, data in archive(folder / "retina" / "images.tar.gz"):
        if (i := where.get(Path(name).stem)) is not None:
            files[i] = data
            if len(files) == len(table):
                break
    with ThreadPoolExecutor() as pool:
        return Fundus(table, list(pool.map(decode, (files[i] for i in range(len(table))))))


def fields(photos: Sequence[np.ndarray]) -> list[Field | None]:
    """The field of view of each photo."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(find_field, photos))


def levelled(photos: Sequence[np.ndarray], size: int, found: Sequence[Field | None] | None = None) -> np.ndarray:
    """The photos as the networks for eyes see them: (N, size, size, 3) uint8."""
    out = np.empty((len(photos), size, size, 3), np.uint8)

    def put(i: int) -> None:
        out[i] = level(photos[i], found[i] if found is not None else find_field(photos[i]), size).image

    with ThreadPoolExecutor() as pool:
        list(pool.map(put, range(len(photos))))
    return out


def levelled_once(data: Fundus, size: int, work: Path) -> np.ndarray:
    """As `levelled`, kept in `work` for a run that is resumed; made anew when the photos or the code of the field changed."""
    names = hashlib.sha256(" ".join(data.table["image_id"]).encode())
    for module in (field, field_fit):
        names.update(inspect.getsource(module).encode())
    path = work / f"levelled-{size}-{names.hexdigest()[:12]}.npy"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npy")
        np.save(part, levelled(data.photos, size))
        part.replace(path)
    return np.asarray(np.load(path))


def thumbnails(images: np.ndarray, size: int = 40) -> np.ndarray:
    """What a levelled photo looks like (N, size * size) float32: colour and coarse light taken out, length one."""
    out = np.empty((len(images), size * size), np.float32)
    for i, image in enumerate(images):
        small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
        inside = (small != np.array(BLANK, np.float32)).any(2)
        green = small[..., 1]
        fine = np.where(inside, green - cv2.GaussianBlur(green, (0, 0), size / 8), 0).ravel()
        fine = fine - fine.mean()
        out[i] = fine / max(float(np.linalg.norm(fine)), 1e-6)
    return out


def twins(ours: np.ndarray, theirs: np.ndarray, least: float = TWINS) -> list[tuple[int, int, float]]:
    """Pairs (i, j, correlation) of thumbnails (N, d) and (M, d) that are one photo by their content, or its mirror image."""
    side = int(round(ours.shape[1] ** 0.5))
    mirrored = theirs.reshape(-1, side, side)[:, :, ::-1].reshape(theirs.shape)
    best = np.maximum(ours @ theirs.T, ours @ mirrored.T)
    return [(int(i), int(j), float(best[i, j])) for i, j in np.argwhere(best >= least)]
