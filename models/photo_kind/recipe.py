"""Train `photo_kind`: dermatoscopic, clinical, fundus or other.

python -m models.photo_kind.recipe --data DIR [--work DIR]
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.networks import Classifier, start_from_imagenet
from models.photo_kind.mistakes import mistake
from models.photo_kind.render import render
from models.training import augment
from models.training.command import run_recipe
from models.training.data import archive, decode, ham10000
from models.training.loop import Plan, device, fit, normalise

KINDS = ("dermatoscopic", "clinical", "fundus", "other")
PLAN = Plan(stages=[(128, 350), (160, 350)], rate=8e-4, seed=7)
BATCH = 64


@dataclass(frozen=True)
class Photos:
    """Photos of one split by kind, at their own sizes, uint8 RGB."""

    by_kind: tuple[list[np.ndarray], ...]


def _shrink(image: np.ndarray, longer: int = 448) -> np.ndarray:
    factor = longer / max(image.shape[:2])
    if factor >= 1:
        return image
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def load(folder: Path, splits: tuple[str, ...], limit: int | None = None) -> Photos:
    """All photos of the splits. `other` has no split of its own: every fifth file is `val`."""
    lesions = ham10000(folder, splits=splits, limit=limit)
    clinical: list[np.ndarray] = []
    for name, packed in (("eczema", "data"), ("conditions", "images")):
        clinical += _folder(folder / name, packed, splits, limit)
    fundus = _folder(folder / "retina", "images", splits, limit)
    everything = sorted(archive(folder / "other" / "images.tar.gz"))
    other = [_shrink(decode(data)) for i, (_, data) in enumerate(everything) if ("val" if i % 5 == 0 else "train") in splits]
    return Photos((list(lesions.images), clinical, fundus, other[:limit]))


def _folder(folder: Path, packed: str, splits: tuple[str, ...], limit: int | None) -> list[np.ndarray]:
    table = pd.read_csv(folder / "metadata.csv")
    names = set(table.loc[table["split"].isin(splits), "image_id"])
    if limit:
        names = set(sorted(names)[:limit])
    return [
        _shrink(decode(data))
        for name, data in archive(folder / f"{packed}.tar.gz")
        if Path(name).parent.name == "images" and Path(name).stem in names
    ]


def batch_of(photos: Photos, rng: np.random.Generator, size: int, n: int, pool: ThreadPoolExecutor) -> tuple[Tensor, Tensor]:
    """Images (n, 3, size, size) float 0-1 and kinds (n,) int64, the four kinds alike often; `other` is half made by code."""
    kinds = rng.integers(0, len(KINDS), n)

    def one(kind: int, seed: int) -> np.ndarray:
        own = np.random.default_rng(seed)
        folder = photos.by_kind[kind]
        made = kind == KINDS.index("other") and own.random() < 0.3
        image = mistake(own) if made else folder[own.integers(len(folder))]
        return cv2.resize(render(image, own), (size, size), interpolation=cv2.INTER_AREA)

    images = np.stack(list(pool.map(one, kinds, rng.integers(0, 2**62, n))))
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255, torch.from_numpy(kinds)


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train from the ImageNet weights and return the averaged network."""
    photos = load(folder, ("train",), limit)
    network = Classifier(len(KINDS))
    pretrained = torch.load(folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True)
    start_from_imagenet(network, pretrained)
    cv2.setNumThreads(1)
    with ThreadPoolExecutor(2) as pool:

        def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
            draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
            images, kinds = batch_of(photos, draw, size, BATCH, pool)
            matrix = augment.affine(len(images), rng, (size, size), (0.8, 1.1), aspect=1.15, rotate=bool(draw.random() < 0.5))
            images = augment.resample(images, matrix, size, "border")
            images = augment.soften(augment.colour(images, rng, 1.2), rng, 0.3)
            images = normalise(images.to(device())).contiguous(memory_format=torch.channels_last)
            return F.cross_entropy(net(images), kinds.to(device()), label_smoothing=0.02)

        return fit(network, loss, plan, work)


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.photo_kind.report import publish

    run_recipe("photo_kind", __doc__, train, publish)


if __name__ == "__main__":
    main()
