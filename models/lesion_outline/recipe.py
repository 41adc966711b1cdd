"""Train `lesion_outline`: the outline of one lesion in a dermatoscopic photo.

python -m models.lesion_outline.recipe --data DIR [--work DIR]
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.networks import OutlineNet, start_from_imagenet
from models.training import augment
from models.training.command import run_recipe
from models.training.data import Lesions, ham10000
from models.training.loop import Plan, autocast, device, fit, normalise

PLAN = Plan(stages=[(128, 600), (192, 550)], rate=1.2e-3, weight_decay=0.02, average=0.996, seed=3)
BATCH = 48
SIZE = 192


def outline_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy per pixel plus one minus the soft Jaccard index per photo (Rahman & Wang 2016); (N, 1, H, W)."""
    logits, target = logits.float(), target.float()
    p = logits.sigmoid()
    both = (p * target).sum((1, 2, 3))
    either = (p + target - p * target).sum((1, 2, 3))
    return F.binary_cross_entropy_with_logits(logits, target) + (1 - (both + 1) / (either + 1)).mean()


def squash(images: np.ndarray, size: int = SIZE) -> Tensor:
    """Whole photos (N, 240, 320, 3) uint8 as (N, 3, size, size) float 0-1, whatever their aspect."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    return F.interpolate(x, size=(size, size), mode="bilinear", antialias=True).clamp(0, 1)


@torch.no_grad()
def probabilities(network: nn.Module, images: np.ndarray, size: int = SIZE) -> np.ndarray:
    """Chance of lesion per pixel (N, 240, 320) float32 at the photos' own size."""
    out = []
    for start in range(0, len(images), 32):
        x = normalise(squash(images[start : start + 32], size).to(device())).contiguous(memory_format=torch.channels_last)
        with autocast():
            logits = network(x)
        logits = F.interpolate(logits.float(), size=images.shape[1:3], mode="bilinear", align_corners=False)
        out.append(logits.sigmoid()[:, 0].cpu())
    return torch.cat(out).numpy()


def jaccard(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Jaccard index (intersection over union) per photo, boolean (N, H, W); 1 when both are empty."""
    both = (predicted & true).sum((1, 2))
    either = (predicted | true).sum((1, 2))
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))


def varied(images: np.ndarray, masks: np.ndarray, size: int | tuple[int, int], rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Photos (N, H, W, 3) uint8 and masks (N, H, W) 0/255 moved, turned and recoloured together, at `size` (a square's
    side, or height and width): images (N, 3, h, w) and masks (N, 1, h, w), float 0-1."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    both = torch.cat((pixels, torch.from_numpy(masks)[:, None].float() / 255), 1)
    matrix = augment.affine(len(images), rng, images.shape[1:3], (0.65, 1.25), aspect=1.3, shift=0.15, square=False)
    both = augment.resample(both, matrix, size)
    return augment.soften(augment.colour(both[:, :3], rng), rng, 0.2), both[:, 3:]


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None) -> nn.Module:
    """Train from the ImageNet weights and return the averaged network."""
    data: Lesions = ham10000(folder, masks=True, splits=("train", "val"), limit=limit)
    assert data.masks is not None
    masks = data.masks
    rows, val = data.rows("train"), data.rows("val")[:320]
    network = OutlineNet()
    start_from_imagenet(network, torch.load(folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True))

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        pick = rows[draw.integers(0, len(rows), BATCH)]
        images, target = varied(data.images[pick], masks[pick], size, rng)
        images = normalise(images.to(device())).contiguous(memory_format=torch.channels_last)
        return outline_loss(net(images), target.to(device()))

    def evaluate(net: nn.Module) -> str:
        index = jaccard(probabilities(net, data.images[val]) > 0.5, masks[val] > 0)
        return f"val Jaccard {index.mean():.4f}, under 0.65: {(index < 0.65).mean():.3f}"

    return fit(network, loss, plan, work, evaluate, evaluate_every=350)


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.lesion_outline.report import publish

    run_recipe("lesion_outline", __doc__, train, publish)


if __name__ == "__main__":
    main()
