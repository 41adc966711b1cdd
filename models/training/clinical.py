"""The clinical photos in memory: outlined eczema, and twenty common conditions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from models.training.data import archive, decode

CONDITIONS = (
    "acne",
    "actinic_keratosis",
    "basal_cell_carcinoma",
    "contact_dermatitis",
    "eczema",
    "herpes",
    "impetigo",
    "lichen_planus",
    "melanoma",
    "molluscum_warts",
    "naevus",
    "pityriasis_versicolor",
    "psoriasis",
    "rosacea",
    "scabies",
    "seborrhoeic_dermatitis",
    "seborrhoeic_keratosis",
    "tinea",
    "urticaria",
    "vitiligo",
)


@dataclass(frozen=True)
class Outlined:
    """Photos with outlines; rows of `table` match.

    `photos`: uint8 RGB (H, W, 3), longer side 512, each of its own size. `affected`: uint8 (H, W), 0-255: affected skin, where two
    annotators drew it the mean of both. `first`, `second`: each annotator's own (None: only one). `skin`: all visible skin, or None.
    """

    table: pd.DataFrame
    photos: list[np.ndarray]
    affected: list[np.ndarray]
    first: list[np.ndarray]
    second: list[np.ndarray | None]
    skin: list[np.ndarray | None]

    def rows(self, split: str) -> np.ndarray:
        """Indices of the rows of one split."""
        return np.flatnonzero(self.table["split"] == split)


def eczema(folder: Path, splits: tuple[str, ...] = ("train", "val", "test"), limit: int | None = None) -> Outlined:
    """Load the outlined photos; `limit` keeps the first rows of each split."""
    table = _table(folder / "eczema" / "metadata.csv", splits, limit)
    files: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    wanted = set(table["image_id"])
    for name, data in archive(folder / "eczema" / "data.tar.gz"):
        what, id = Path(name).parent.name, Path(name).stem
        if id in wanted:
            files[id][what] = decode(data) if what == "images" else (decode(data, cv2.IMREAD_GRAYSCALE) > 0) * np.uint8(255)
    rows = [files[id] for id in table["image_id"]]
    first = [row["lesion"] for row in rows]
    second = [row.get("lesion_second") for row in rows]
    both = [a if b is None else ((a.astype(np.uint16) + b) // 2).astype(np.uint8) for a, b in zip(first, second, strict=True)]
    return Outlined(table, [row["images"] for row in rows], both, first, second, [row.get("skin") for row in rows])


@dataclass(frozen=True)
class Conditions:
    """Photos of twenty conditions. `images` (N, 224, 224, 3) uint8 RGB; rows of `table` match."""

    table: pd.DataFrame
    images: np.ndarray

    def rows(self, split: str) -> np.ndarray:
        """Indices of the rows of one split."""
        return np.flatnonzero(self.table["split"] == split)

    @property
    def labels(self) -> np.ndarray:
        """Class index (N,) int64 in the order of `CONDITIONS`."""
        return self.table["label"].map({c: i for i, c in enumerate(CONDITIONS)}).to_numpy(np.int64)


def conditions(folder: Path, splits: tuple[str, ...] = ("train", "val", "test"), limit: int | None = None) -> Conditions:
    """Load the photos of conditions; `limit` keeps the first rows of each split."""
    table = _table(folder / "conditions" / "metadata.csv", splits, limit)
    where = {name: i for i, name in enumerate(table["image_id"])}
    images = np.zeros((len(table), 224, 224, 3), np.uint8)
    for name, data in archive(folder / "conditions" / "images.tar.gz"):
        if (i := where.get(Path(name).stem)) is not None:
            images[i] = decode(data)
    return Conditions(table, images)


def _table(path: Path, splits: tuple[str, ...], limit: int | None) -> pd.DataFrame:
    table = pd.read_csv(path)
    table = table[table["split"].isin(splits)]
    if limit:
        table = table.groupby("split", sort=False).head(limit)
    return table.reset_index(drop=True)
