"""Train `retina_lesions`: microaneurysms, haemorrhages, hard and soft exudates in a photo of an eye.

python -m models.retina_lesions.recipe --data DIR [--work DIR]

There are 40 photos to learn from, and most of an eye is neither: so the network learns from squares cut out of them, most about a
sign. All 40 are of ill eyes, and one that saw no other drew as many signs in healthy ones: so a third of the squares is of these.
It starts as `lesion_outline`, which learned from 7,641 outlines where tissue changes colour.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.card import input_of
from core.vision.frozen import Answer
from core.vision.networks import OutlineNet
from core.vision.signs import SIGNS
from models.retina_lesions.data import SIZE, Eye, eyes, healthy, over_photo
from models.retina_lesions.patches import batch_of, places
from models.training import dice
from models.training.command import run_recipe
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD, Plan, autocast, device, fit, normalise

INPUT: dict[str, Any] = {
    "size": SIZE,
    "crop": "eye",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
    "range": "0 to 1",
    "colour": "RGB",
    "flips": False,
}
"""One look in full size. On val further looks at 0.85, 0.75, 0.6 or 0.5 of it, averaged with that one, lose of every sign but bleeds
(+0.01 at 0.75), and cost up to half a second."""
PLAN = Plan(stages=[(256, 1200)], rate=1.5e-3, weight_decay=0.05, average=0.99, seed=7, frozen=2)
BATCH = 6
WEIGHTS = (8.0, 3.0, 3.0, 3.0)
"""Of the cross-entropy per class: the rarer its pixels, the smaller is its mean."""
FAVOUR = (4.0, 2.0, 2.0, 2.0)
"""How much more a pixel of the class counts than one without it."""
RARE = -4.0
"""Bias that the last layer starts with: 2 % of the pixels, so that the first steps are not spent on learning that signs are rare."""


def signs_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Weighted cross-entropy per pixel plus one minus the soft Dice of each class in the whole batch; both (N, classes, H, W).

    Over the batch, not per square: a square with three pixels of a class would have a Dice that is all chance.
    """
    logits, target = logits.float(), target.float()
    weight, favour = (torch.tensor(v).to(logits) for v in (WEIGHTS, FAVOUR))
    entropy = F.binary_cross_entropy_with_logits(logits, target, pos_weight=favour[:, None, None], reduction="none").mean((0, 2, 3))
    p = logits.sigmoid()
    both, sizes = (p * target).sum((0, 2, 3)), (p + target).sum((0, 2, 3))
    there = (target.sum((0, 2, 3)) > 0).float()
    overlap = (1 - (2 * both + 1) / (sizes + 1)) * there
    return (weight * entropy).sum() + overlap.sum() / there.sum().clamp_min(1)


def start(masks: int = len(SIGNS)) -> OutlineNet:
    """A network of so many masks that starts as the shipped `lesion_outline` in all but its last layer, and takes them to be rare."""
    network = OutlineNet(masks)
    weights = load_file(Path(__file__).parents[1] / "lesion_outline" / "weights.safetensors")
    state = {k: v.float() if v.is_floating_point() else v for k, v in weights.items() if not k.startswith("head.")}
    missing = network.load_state_dict(state, strict=False).missing_keys
    if set(missing) != {"head.weight", "head.bias"}:
        raise ValueError(f"the shipped weights lack {missing}")
    nn.init.constant_(network.head.bias, RARE)  # type: ignore[arg-type]
    return network


@torch.no_grad()
def chances(network: nn.Module, eye: Eye) -> np.ndarray:
    """Chances (classes, H, W) float32 over the photo at its own size, 0 outside the eye."""
    x = normalise(torch.from_numpy(eye.levelled.image).permute(2, 0, 1)[None].float().to(device()) / 255)
    with autocast():
        look = Answer(network).eval().to(device())
        p = look(x.contiguous(memory_format=torch.channels_last)).float()[0].cpu().numpy()
    return over_photo(p, eye.levelled, eye.truth.shape)


def counted(network: nn.Module, photos: list[Eye]) -> np.ndarray:
    """Pixels by chance of each photo (photos, classes, 2, 256), see `dice.counts`; truth and chances at the photo's own size."""
    return np.stack([dice.counts(chances(network, eye), eye.truth) for eye in photos])


def learn(
    photos: list[Eye],
    val: list[Eye],
    plan: Plan,
    work: Path,
    without: list[np.ndarray] | None = None,
) -> nn.Module:
    """Train on some photos, and on levelled eyes `without` a sign beside them; the log shows the best Dice on `val`."""
    cv2.setNumThreads(1)
    about = [places(eye) for eye in photos]

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        images, target = batch_of(photos, about, BATCH, size, rng, without)
        said = net(normalise(images.to(device())).contiguous(memory_format=torch.channels_last))
        return signs_loss(said, target.to(device()))

    def evaluate(net: nn.Module) -> str:
        found = counted(net, val)
        reached = dice.figures(found, np.tile(dice.best(found), (len(found), 1)), SIGNS)
        return "val Dice pooled " + ", ".join(f"{name} {f['pooled']:.3f}" for name, f in reached.items())

    return fit(start(), loss, plan, work, evaluate if val else None, evaluate_every=500)


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train on the photos of `train` with healthy eyes beside them, and return the averaged network."""
    way = input_of(INPUT)
    photos = eyes(folder, way, ("train", "val"), limit)
    own, val = ([e for e in photos if e.split == split] for split in ("train", "val"))
    return learn(own, val, plan, work, healthy(folder, way, limit=limit))


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.retina_lesions.report import publish

    run_recipe("retina_lesions", __doc__, train, publish)


if __name__ == "__main__":
    main()
