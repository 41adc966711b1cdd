"""Train `skin_condition`: twenty common conditions in clinical photos.

python -m models.skin_condition.recipe --data DIR [--work DIR]

Drawn and learned by `models.training.mixing.Draw`: softmax of the network's own logits is the posterior at a uniform prior.
Watermarks sit in the lower left corner of most photos of one source, and source and label go together; so in training
that corner and the bottom strip are often painted over, and lettering like a watermark is put on photos of any label.

The shipped weights were trained by this plan, but for the rate: over the first 1,100 steps it was that of a plan with 200 steps more.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.networks import Classifier, start_from_imagenet
from models.training import augment
from models.training.clinical import CONDITIONS, conditions
from models.training.command import run_recipe
from models.training.loop import Plan, autocast, device, fit, normalise
from models.training.metrics import recalls
from models.training.mixing import Draw, mixed

PLAN = Plan(stages=[(128, 700), (176, 600), (224, 150)], rate=1.2e-3, weight_decay=0.1, average=0.995, seed=4, frozen=3)
BATCH = 64
SIZE = 224
CORNER = (0.36, 0.5)
"""Height and width, as shares of the photo, of the lower left corner, which holds the watermark."""
STRIP = 0.12
"""Height of the bottom strip, as a share of the photo."""


def painted_over(image: np.ndarray, colour: np.ndarray | None = None, corner: tuple[float, float] = CORNER) -> np.ndarray:
    """A copy of uint8 RGB (H, W, 3) with the lower left corner and the bottom strip in one colour (None: the photo's mean)."""
    out = image.copy()
    height, width = image.shape[:2]
    value = image.mean((0, 1)) if colour is None else colour
    out[height - round(corner[0] * height) :, : round(corner[1] * width)] = value
    out[height - round(STRIP * height) :] = value
    return out


def disguised(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A photo for training whose source cannot be told: half are painted over, many of the others get some lettering."""
    if rng.random() < 0.5:
        corner = (float(rng.uniform(0.3, 0.42)), float(rng.uniform(0.2, 0.55)))
        return painted_over(image, None if rng.random() < 0.5 else rng.integers(0, 256, 3), corner)
    if rng.random() < 0.5:
        out, text = image.copy(), "".join(rng.choice(list("abcdefghiklmnoprstuvwxyz .©"), rng.integers(4, 16)))
        place = (int(rng.uniform(-10, 140)), int(rng.choice((rng.uniform(10, 224), rng.uniform(190, 222)))))
        grey = int(rng.choice((0, 255, 200)))
        cv2.putText(out, text, place, cv2.FONT_HERSHEY_SIMPLEX, rng.uniform(0.3, 0.8), (grey, grey, grey), 1, cv2.LINE_AA)
        return out
    return image


@torch.no_grad()
def logits(network: nn.Module, images: np.ndarray, size: int = SIZE) -> np.ndarray:
    """Own logits (N, 20) of photos (N, H, W, 3) uint8, the mean over four mirrored views."""
    out = []
    for start in range(0, len(images), 64):
        x = torch.from_numpy(images[start : start + 64]).permute(0, 3, 1, 2).float() / 255
        x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True).clamp(0, 1)
        x = normalise(x.to(device())).contiguous(memory_format=torch.channels_last)
        with autocast():
            out.append(torch.stack([network(v).float() for v in (x, x.flip(3), x.flip(2), x.flip(2, 3))]).mean(0).cpu())
    return torch.cat(out).numpy()


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train from the ImageNet weights and return the averaged network."""
    data = conditions(folder, ("train", "val"), limit)
    rows, val, labels = data.rows("train"), data.rows("val"), data.labels
    draw = Draw.of(labels, rows, len(CONDITIONS))
    network = Classifier(len(CONDITIONS), dropout=0.4)
    start_from_imagenet(network, torch.load(folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True))

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        pick, classes, own = draw.batch(rng, BATCH)
        photos = np.stack([disguised(data.images[i], own) for i in pick])
        x = torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 255
        matrix = augment.affine(BATCH, rng, (224, 224), (0.45, 1.1), aspect=1.3, shift=0.12, rotate=bool(own.random() < 0.5))
        x = augment.soften(augment.colour(augment.resample(x, matrix, size), rng, 1.2), rng, 0.2)
        target = F.one_hot(torch.from_numpy(classes), len(CONDITIONS)).float()
        x, target = mixed(x, target, own)
        x = normalise(x.to(device())).contiguous(memory_format=torch.channels_last)
        return draw.loss(net(x), target)

    def evaluate(net: nn.Module) -> str:
        own = logits(net, data.images[val])
        recall = recalls(labels[val], own.argmax(1), len(CONDITIONS))
        third = np.sort(own, 1)[:, -3]
        return f"val balanced accuracy {np.nanmean(recall):.4f}, top 3 {(own[np.arange(len(val)), labels[val]] >= third).mean():.4f}"

    return fit(network, loss, plan, work, evaluate, evaluate_every=150)


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.skin_condition.report import publish

    run_recipe("skin_condition", __doc__, train, publish)


if __name__ == "__main__":
    main()
