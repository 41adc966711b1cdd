"""Train `retina_disc`: the optic disc in a photo of an eye.

python -m models.retina_disc.recipe --data DIR [--work DIR]

The disc is large and there is one of it, so the network looks at the whole eye at once, small. It starts as `lesion_outline`, which
learned from 7,641 outlines where tissue changes colour.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.vision.card import input_of
from core.vision.signs import DISC
from models.lesion_outline.recipe import outline_loss, varied
from models.retina_disc.one_piece import one_piece
from models.retina_lesions.data import OUTLINED, Eye, eyes, over_photo
from models.retina_lesions.patches import coarser
from models.retina_lesions.recipe import start
from models.training import dice
from models.training.command import run_recipe
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD, Plan, autocast, device, fit, normalise

SIZE = 320
"""Pixels across the eye: the disc is about 45 wide there."""
INPUT: dict[str, Any] = {
    "size": SIZE,
    "crop": "eye",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
    "range": "0 to 1",
    "colour": "RGB",
    "flips": True,
}
PLAN = Plan(stages=[(SIZE, 200)], rate=1.5e-3, weight_decay=0.02, average=0.97, seed=11, warmup=20)
BATCH = 4
"""With forty photos the plan shows each of them twenty times."""
BIT = OUTLINED.index(DISC)


def masks_of(photos: list[Eye]) -> np.ndarray:
    """The outlined discs (N, size, size) uint8 0/255, levelled."""
    return np.stack([(eye.masks >> BIT & 1) * np.uint8(255) for eye in photos])


@torch.no_grad()
def chances(network: nn.Module, eye: Eye) -> np.ndarray:
    """Chances (1, H, W) float32 over the photo at its own size, of one piece as the app decides it, 0 outside the eye."""
    x = normalise(torch.from_numpy(eye.levelled.image).permute(2, 0, 1)[None].float().to(device()) / 255)
    views = torch.cat((x, x.flip(3))).contiguous(memory_format=torch.channels_last)
    with autocast():
        p = network.eval()(views).float().sigmoid()
    own = ((p[:1] + p[1:].flip(3)) / 2)[0].cpu().numpy()
    return over_photo(one_piece(own[0])[None], eye.levelled, eye.truth.shape)


def counted(network: nn.Module, photos: list[Eye]) -> np.ndarray:
    """Pixels by chance of each photo (photos, 1, 2, 256), see `dice.counts`; truth and chances at the photo's own size."""
    return np.stack([dice.counts(chances(network, eye), eye.truth >> BIT & 1) for eye in photos])


def learn(photos: list[Eye], val: list[Eye], plan: Plan, work: Path) -> nn.Module:
    """Train on some photos and return the averaged network; the log shows the best Dice on `val`."""
    images, masks = np.stack([eye.levelled.image for eye in photos]), masks_of(photos)

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        pick = draw.integers(0, len(photos), BATCH)
        seen = np.stack([coarser(images[i], draw) for i in pick])
        x, target = varied(seen, masks[pick], size, rng)
        said = net(normalise(x.to(device())).contiguous(memory_format=torch.channels_last))
        return outline_loss(said, target.to(device()))

    def evaluate(net: nn.Module) -> str:
        found = counted(net, val)
        reached = dice.figures(found, np.tile(dice.best(found), (len(found), 1)), (DISC,))
        return f"val Dice pooled {reached[DISC]['pooled']:.3f}, per photo {reached[DISC]['per_photo']:.3f}"

    return fit(start(1), loss, plan, work, evaluate if val else None, evaluate_every=100)


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train on the photos of `train` and return the averaged network."""
    photos = eyes(folder, input_of(INPUT), ("train", "val"), limit)
    own, val = ([e for e in photos if e.split == split] for split in ("train", "val"))
    return learn(own, val, plan, work)


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.retina_disc.report import publish

    run_recipe("retina_disc", __doc__, train, publish)


if __name__ == "__main__":
    main()
