"""Train `skin_lesion`: seven classes of dermatoscopic lesions.

python -m models.skin_lesion.recipe --data DIR [--work DIR]

Drawn and learned by `models.training.mixing.Draw`: softmax of the network's own logits f is the posterior at a uniform
prior (the label: best for balanced accuracy) and softmax(f + log prior) the one at any other (the shipped probabilities).
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.networks import Classifier, start_from_imagenet
from models.training import augment
from models.training.command import run_recipe
from models.training.data import SKIN_CLASSES, Lesions, ham10000
from models.training.loop import Plan, autocast, device, fit, normalise
from models.training.metrics import recalls
from models.training.mixing import Draw

log = logging.getLogger("carelens.training")

PLAN = Plan(
    stages=[(128, 900), (160, 700), (224, 1600)],
    restarts=((2300, 5e-4),),
    rate=1e-3,
    weight_decay=0.05,
    average=0.997,
    seed=11,
)
BATCH = 64
SIZE = 256
"""The size it is used at, chosen on val: random crops make spots look larger in training, so a larger
picture of the whole suits what was learned (Touvron et al. 2019)."""


def views(images: np.ndarray, size: int = SIZE) -> Tensor:
    """The middle square of each photo (N, 240, 320, 3) uint8 as (N, 3, size, size) float 0-1."""
    x = torch.from_numpy(images[:, :, 40:280]).permute(0, 3, 1, 2).float() / 255
    return F.interpolate(x, size=(size, size), mode="bilinear", antialias=True).clamp(0, 1)


@torch.no_grad()
def logits(network: nn.Module, images: np.ndarray, size: int = SIZE, flips: bool = False) -> np.ndarray:
    """Own logits (N, 7) of the middle squares; with `flips` the mean over four mirrored views."""
    out = []
    for start in range(0, len(images), 64):
        x = normalise(views(images[start : start + 64], size).to(device())).contiguous(memory_format=torch.channels_last)
        turns = (x, x.flip(3), x.flip(2), x.flip(2, 3)) if flips else (x,)
        with autocast():
            out.append(torch.stack([network(t).float() for t in turns]).mean(0).cpu())
    return torch.cat(out).numpy()


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train from the ImageNet weights and return the averaged network."""
    data: Lesions = ham10000(folder, splits=("train", "val"), limit=limit)
    rows, val, labels = data.rows("train"), data.rows("val"), data.labels
    draw = Draw.of(labels, rows, len(SKIN_CLASSES))
    network = Classifier(len(SKIN_CLASSES), dropout=0.3)
    start_from_imagenet(network, torch.load(folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True))

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        pick, classes, _ = draw.batch(rng, BATCH)
        images = torch.from_numpy(data.images[pick]).permute(0, 3, 1, 2).float() / 255
        matrix = augment.affine(BATCH, rng, (240, 320), (0.6, 1.1), aspect=1.25, shift=0.07)
        images = augment.resample(images, matrix, size)
        images = augment.soften(augment.colour(images, rng), rng, 0.2)
        images = normalise(images.to(device())).contiguous(memory_format=torch.channels_last)
        return draw.loss(net(images), torch.from_numpy(classes))

    def evaluate(net: nn.Module) -> str:
        recall = recalls(labels[val], logits(net, data.images[val]).argmax(1), len(SKIN_CLASSES))
        return f"val balanced accuracy {np.nanmean(recall):.4f}, recall " + " ".join(
            f"{c} {r:.2f}" for c, r in zip(SKIN_CLASSES, recall, strict=True)
        )

    return fit(network, loss, plan, work, evaluate, evaluate_every=300)


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.skin_lesion.report import publish

    run_recipe("skin_lesion", __doc__, train, publish)


if __name__ == "__main__":
    main()
