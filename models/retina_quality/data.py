"""The photos of `retina`, how good they are as measured, and which of them stand for good and for poor ones."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from core.vision.field import find_field, level
from core.vision.quality import STANDARD_SIDE, measure
from models.training.data import data_folder
from models.training.retina import Fundus, fundus

CLASSES = ("good", "blurred", "dark", "bright", "field")
LIMITS = {
    "aptos2019": (1.12, 83.0, 198.0),
    "idrid": (1.04, 130.0, 214.0),
    "eyepacs2015": (1.36, 82.0, 207.0),
}
"""Least sharpness, and least and most light, of a photo that is taken for good: of each source's train photos a fifth (of IDRiD a
tenth, of EyePACS two fifths) is less sharp, a tenth darker and 3 % lighter (of EyePACS a tenth). `python -m
models.retina_quality.data` prints them."""
POOREST = {"blurred": 0.975, "dark": 71.0, "bright": 248.0}
"""Of EyePACS, the least sharp 8 %, the darkest 6 % and the lightest 3 %: poor photos as they come from clinics."""
SHARES = {"aptos2019": (0.2, 0.1, 0.97), "idrid": (0.1, 0.1, 0.97), "eyepacs2015": (0.4, 0.1, 0.9)}
MANY = 700
"""Train photos of each source that are measured, and learned from: enough, and two thirds of APTOS take another minute."""


def measured_photos(folder: Path, splits: tuple[str, ...], limit: int | None = None, kept: Path | None = None) -> Fundus:
    """The photos of `retina`, with `sharpness` and `light` in their table; `limit`: so many of each split and source.

    What was measured is kept in the CSV file `kept`, and read from there by a run that goes on.
    """
    data = fundus(folder, splits, limit)
    if kept is not None and kept.exists():
        facts = data.table[["image_id"]].merge(pd.read_csv(kept), how="left", on="image_id")
    else:
        with ThreadPoolExecutor() as pool:
            facts = pd.DataFrame(list(pool.map(measured, data.photos)), columns=["sharpness", "light"])
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            facts.assign(image_id=data.table["image_id"]).to_csv(kept, index=False)
    return Fundus(data.table.assign(sharpness=facts["sharpness"], light=facts["light"]), data.photos)


def measured(pixels: np.ndarray) -> tuple[float, float]:
    """Sharpness (`core.vision.quality`) and median light (0-255, of the lightest channel) of the levelled eye, uint8 RGB (H, W, 3)."""
    eye = level(pixels, find_field(pixels), STANDARD_SIDE, blank=False).image
    middle = eye[STANDARD_SIDE // 6 : -STANDARD_SIDE // 6, STANDARD_SIDE // 6 : -STANDARD_SIDE // 6]
    return measure(eye).sharpness, float(np.median(middle.max(axis=2)))


def good(table: pd.DataFrame) -> np.ndarray:
    """Which photos (N,) bool count as good: sharp and well exposed for their source."""
    sharp, dark, light = (table["source"].map({k: v[i] for k, v in LIMITS.items()}) for i in range(3))
    return ((table["sharpness"] >= sharp) & (table["light"] >= dark) & (table["light"] <= light)).to_numpy()


def poorest(table: pd.DataFrame) -> np.ndarray:
    """The class (N,) of each photo that stands for a poor one, else -1: the poorest of `eyepacs2015`, as measured."""
    out = np.full(len(table), -1)
    own, light = (table["source"] == "eyepacs2015").to_numpy(), table["light"].to_numpy()
    # The dark and the light last: in the dark there is nothing to be sharp.
    out[own & (table["sharpness"].to_numpy() <= POOREST["blurred"])] = CLASSES.index("blurred")
    out[own & (light <= POOREST["dark"])] = CLASSES.index("dark")
    out[own & (light >= POOREST["bright"])] = CLASSES.index("bright")
    return out


def main() -> None:
    """Print the limits again."""
    table = measured_photos(data_folder(), ("train",), MANY).table
    for source, (sharp, dark, light) in SHARES.items():
        own = table[table["source"] == source]
        sys.stdout.write(f"{source} {own['sharpness'].quantile(sharp):.3f} {own['light'].quantile([dark, light]).tolist()}\n")
    own = table[table["source"] == "eyepacs2015"]
    sys.stdout.write(f"poorest {own['sharpness'].quantile(0.08):.3f} {own['light'].quantile([0.06, 0.97]).tolist()}\n")


if __name__ == "__main__":
    main()
