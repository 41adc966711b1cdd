"""Train `retina_quality`: can a photo of an eye be graded, and if not, why.

python -m models.retina_quality.recipe --data DIR [--work DIR]

Nobody has labelled the photos. It learns from good photos (sharp and well exposed, as measured) that are spoiled by a known strength,
and from the poorest of `eyepacs2015` as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.card import input_of
from core.vision.engine import prepare
from core.vision.networks import Classifier, start_from_imagenet
from models.retina_quality.data import CLASSES, MANY, good, measured_photos, poorest
from models.retina_quality.spoil import FINE, poorness, spoiled
from models.training import augment
from models.training.command import run_recipe
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD, Plan, autocast, device, fit, normalise
from models.training.retina import Fundus

SIZE = 160
INPUT: dict[str, Any] = {
    "size": SIZE,
    "crop": "field",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
    "range": "0 to 1",
    "colour": "RGB",
    "flips": False,
}
PLAN = Plan(stages=[(SIZE, 260)], rate=1e-3, weight_decay=0.05, average=0.99, seed=8, frozen=3)
BATCH = 32
SHARES = (0.36, 0.16, 0.13, 0.13, 0.16)
"""Of a batch by class; what is left to 1 are the poorest of `eyepacs2015`, whatever their class."""
LONGER = 352
"""Photos are first made this small, twice what the network sees: spoiling them takes a third of the time."""
WAY = input_of({**INPUT, "mean": (0, 0, 0), "std": (1, 1, 1)})
"""As the card's input, but not normalised yet, to be recoloured first."""


def smaller(pixels: np.ndarray, longer: int = LONGER) -> np.ndarray:
    """A photo uint8 RGB (H, W, 3) with a longer side of at most `longer`."""
    factor = longer / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def example(pixels: np.ndarray, kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A good photo spoiled for training: input (3, size, size) float32 0-1, and the target (classes,), which sums to 1.

    A good one is spoiled a little, too, in any way: else every trace of it would do as a proof.
    """
    target = np.zeros(len(CLASSES), np.float32)
    if kind == "good":
        target[0] = 1
        if rng.random() < 0.6:
            pixels = spoiled(pixels, str(rng.choice(CLASSES[1:])), float(rng.uniform(0, FINE)), rng)
    else:
        strength = float(rng.uniform(FINE, 1))
        poor = poorness(strength)
        target[0], target[CLASSES.index(kind)] = 1 - poor, poor
        pixels = spoiled(pixels, kind, strength, rng)
    return prepare(pixels, WAY), target


def batch_of(data: Fundus, rows: np.ndarray, poor: np.ndarray, kinds: np.ndarray, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Images (BATCH, 3, size, size) float 0-1 and targets (BATCH, classes).

    `rows`: of good photos; `poor`: of the poorest; `kinds` (N,): the classes of these.
    """
    draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
    images, targets = [], []
    for kind in draw.choice(len(CLASSES) + 1, BATCH, p=(*SHARES, 1 - sum(SHARES))):
        if kind == len(CLASSES) and len(poor):
            row = draw.choice(poor)
            image, target = prepare(data.photos[row], WAY), np.eye(len(CLASSES), dtype=np.float32)[kinds[row]]
        else:
            image, target = example(data.photos[draw.choice(rows)], CLASSES[kind % len(CLASSES)], draw)
        images.append(image[:, :, ::-1].copy() if draw.random() < 0.5 else image)
        targets.append(target)
    x = torch.from_numpy(np.stack(images))
    # Little of it: light and focus are what is asked for.
    return augment.colour(x, rng, 0.4), torch.from_numpy(np.stack(targets))


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train from the ImageNet weights and return the averaged network."""
    cv2.setNumThreads(1)
    data = measured_photos(folder, ("train", "val"), limit or MANY, work / "measured.csv")
    data = Fundus(data.table, [smaller(pixels) for pixels in data.photos])
    fine, kinds = good(data.table), poorest(data.table)
    own, val = (np.flatnonzero(fine & (data.table["split"] == split).to_numpy()) for split in ("train", "val"))
    poor = np.flatnonzero((kinds >= 0) & (data.table["split"] == "train").to_numpy())
    network = Classifier(len(CLASSES))
    start_from_imagenet(network, torch.load(folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True))
    rng = np.random.default_rng(0)
    asked = [example(data.photos[row], CLASSES[i % len(CLASSES)], rng) for i, row in enumerate(val[:200])]

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        images, target = batch_of(data, own, poor, kinds, rng)
        x = normalise(images.to(device())).contiguous(memory_format=torch.channels_last)
        return F.cross_entropy(net(x).float(), target.to(device()))

    @torch.no_grad()
    def evaluate(net: nn.Module) -> str:
        x = normalise(torch.from_numpy(np.stack([image for image, _ in asked])).to(device())).contiguous(memory_format=torch.channels_last)
        with autocast():
            said = net(x).float().softmax(1).cpu().numpy()
        true = np.stack([target for _, target in asked])
        clear = true.max(1) > 0.9
        return f"val accuracy {(said.argmax(1) == true.argmax(1))[clear].mean():.4f} of {clear.sum()}"

    return fit(network, loss, plan, work, evaluate, evaluate_every=130)


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.retina_quality.report import publish

    run_recipe("retina_quality", __doc__, train, publish)


if __name__ == "__main__":
    main()
