"""Read the packed data sets: archives stay packed, decoded pixels stay in memory as uint8."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

SKIN_CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def data_folder() -> Path:
    """The folder of the data sets: `CARELENS_DATA`, by default `../shared/data` beside the project."""
    return Path(os.environ.get("CARELENS_DATA", Path(__file__).parents[3] / "shared" / "data"))


def archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file of a tar.gz, in the order of the archive."""
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file.read()


def decode(data: bytes, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    """RGB uint8 (H, W, 3), or uint8 (H, W) for `IMREAD_GRAYSCALE`."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None:
        raise ValueError("an image of the data set does not decode")
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


@dataclass(frozen=True)
class Lesions:
    """HAM10000 in memory. `images` (N, 240, 320, 3) uint8 RGB; `masks` (N, 240, 320) uint8 0/255; rows of `table` match."""

    table: pd.DataFrame
    images: np.ndarray
    masks: np.ndarray | None

    def rows(self, split: str) -> np.ndarray:
        """Indices of the rows of one split."""
        return np.flatnonzero(self.table["split"] == split)

    @property
    def labels(self) -> np.ndarray:
        """Class index (N,) int64 in the order of `SKIN_CLASSES`."""
        return self.table["dx"].map({c: i for i, c in enumerate(SKIN_CLASSES)}).to_numpy(np.int64)


def ham10000(folder: Path, masks: bool = False, splits: tuple[str, ...] = ("train", "val", "test"), limit: int | None = None) -> Lesions:
    """Load HAM10000; `limit` keeps the first rows of each split, for tests of the code."""
    table = pd.read_csv(folder / "ham10000" / "metadata.csv")
    table = table[table["split"].isin(splits)]
    if limit:
        table = table.groupby("split", sort=False).head(limit)
    table = table.reset_index(drop=True)
    where = {name: i for i, name in enumerate(table["image_id"])}
    images = np.zeros((len(table), 240, 320, 3), np.uint8)
    for name, data in archive(folder / "ham10000" / "images.tar.gz"):
        if (i := where.get(Path(name).stem)) is not None:
            images[i] = decode(data)
    outlines = None
    if masks:
        outlines = np.zeros(images.shape[:3], np.uint8)
        for name, data in archive(folder / "ham10000" / "masks.tar.gz"):
            if (i := where.get(Path(name).stem)) is not None:
                outlines[i] = (decode(data, cv2.IMREAD_GRAYSCALE) > 0) * np.uint8(255)
    return Lesions(table, images, outlines)
