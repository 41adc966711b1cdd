"""Train `eczema_outline`: affected skin, and all visible skin, in a clinical photo.

python -m models.eczema_outline.recipe --data DIR [--work DIR]

There are 137 photos to learn from. What helps: the network starts as `lesion_outline`, which learned from 7,641 outlines where
skin changes colour; the photos are moved, turned and recoloured hard; and a second round also learns from the 540 `train` photos
of eczema in `conditions`, with the outlines that the first round draws on them (pseudo-labels, Lee 2013), counted only where it is
sure. In the second round the encoder starts as that of `skin_condition`, which has seen 2,505 clinical photos. The third goes on from
it with photos of other rashes too (`RASHES`), outlined by the second, and also learns the share of the skin itself; it runs under two
seeds whose weights are averaged (Wortsman et al. 2022: what starts at one place stays in one valley).
"""

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.networks import OutlineNet
from models.training import augment
from models.training.clinical import Outlined, conditions, eczema
from models.training.command import run_recipe
from models.training.loop import Plan, autocast, device, fit, normalise
from models.training.publish import load_state

log = logging.getLogger("carelens.training")

MASKS = ("affected", "skin")
FIRST = Plan(stages=[(192, 450)], rate=1.2e-3, weight_decay=0.05, average=0.99, seed=5, frozen=2)
SECOND = Plan(stages=[(192, 600), (256, 450)], rate=1e-3, weight_decay=0.05, average=0.99, seed=6, frozen=4)
THIRD = tuple(Plan(stages=[(224, 250)], rate=3e-4, weight_decay=0.05, average=0.985, seed=seed, frozen=4, warmup=20) for seed in (7, 8))
BATCH = 16
SIZE = 256
RASHES = ("eczema", "contact_dermatitis", "psoriasis", "seborrhoeic_dermatitis", "lichen_planus", "tinea")
"""What the third round learns from beside the outlined photos: rashes in patches, as eczema is."""
SHARE = 2.0
"""Weight of the error of the affected share in the loss of the third round."""
TAUGHT = 0.4
"""Share of a batch of the second round that has pseudo-labels."""
SURE = 0.9
"""A pseudo-label counts where the chance is at least this, or at most one minus it."""


@dataclass(frozen=True)
class Sample:
    """A photo uint8 RGB (H, W, 3); `target` and `weight` float32 (H, W, 2) 0-1, in the order of `MASKS`."""

    photo: np.ndarray
    target: np.ndarray
    weight: np.ndarray


def samples(data: Outlined, rows: np.ndarray) -> list[Sample]:
    """The outlined photos; a mask that nobody drew has no weight."""
    found = []
    for i in rows:
        skin = data.skin[i]
        target = np.stack((data.affected[i], data.affected[i] if skin is None else skin), 2).astype(np.float32) / 255
        weight = np.ones_like(target)
        weight[..., 1] = 0.0 if skin is None else 1.0
        found.append(Sample(data.photos[i], target, weight))
    return found


def window(shape: tuple[int, ...], size: int, rng: np.random.Generator) -> np.ndarray:
    """A random (2, 3) matrix for `cv2.warpAffine` from a photo of `shape` to a square of `size`.

    The window has about the photo's own aspect and is squashed, as in use; turned by any angle, mirrored, 0.5 to 1.2 times as large.
    """
    height, width = shape[:2]
    scale, stretch = np.exp(rng.uniform(np.log(0.5), np.log(1.2))), np.exp(rng.uniform(-0.2, 0.2))
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else rng.normal(0, 0.2)
    w, h = width * scale * stretch, height * scale / stretch
    if rng.random() < 0.5 and abs(np.sin(angle)) > 0.7:
        w, h = h, w
    free = np.maximum(0.15 * np.array((width, height)), np.abs(np.array((width - w, height - h)))) / 2
    centre = np.array((width, height)) / 2 + rng.uniform(-1, 1, 2) * free
    cos, sin = np.cos(angle), np.sin(angle)
    back = np.array(((cos, -sin), (sin, cos))) @ np.diag((w / size * rng.choice((-1, 1)), h / size))
    matrix = np.linalg.inv(back)
    return np.hstack((matrix, (size / 2 - matrix @ centre)[:, None]))


def cover(photo: np.ndarray, weight: np.ndarray, rng: np.random.Generator) -> None:
    """Paint, in place, what is not skin and must not matter: lettering such as a watermark, or a box, where nothing is asked."""
    size = photo.shape[0]
    if rng.random() < 0.4:
        place = (int(rng.uniform(-0.1, 0.7) * size), int(rng.uniform(0.1, 1.0) * size))
        text = "".join(rng.choice(list("abcdefghiklmnoprstuvwxyz .©"), rng.integers(5, 18)))
        ink = np.zeros((size, size), np.uint8)
        cv2.putText(ink, text, place, cv2.FONT_HERSHEY_SIMPLEX, rng.uniform(0.25, 0.7), (255,), 1, cv2.LINE_AA)
        opaque = ink[..., None] / np.float32(255) * np.float32(rng.uniform(0.3, 1.0))
        photo += opaque * (np.float32(rng.choice((0.0, 0.8, 1.0))) - photo)
    if rng.random() < 0.25:
        h, w = (rng.uniform(0.08, 0.35, 2) * size).astype(int)
        y, x = (size - h, 0) if rng.random() < 0.5 else (int(rng.integers(0, size - h)), int(rng.integers(0, size - w)))
        photo[y : y + h, x : x + w] = rng.random(3)
        weight[y : y + h, x : x + w] = 0


def batch_of(pick: list[Sample], size: int, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Images (N, 3, size, size) float 0-1, targets and weights (N, 2, size, size)."""
    draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
    images, targets, weights = [], [], []
    for one in pick:
        matrix = window(one.photo.shape, size, draw)
        flags = {"flags": cv2.INTER_AREA if one.photo.shape[0] > 2 * size else cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REFLECT_101}
        photo = cv2.warpAffine(one.photo, matrix, (size, size), **flags).astype(np.float32) / 255
        target = cv2.warpAffine(one.target, matrix, (size, size), **flags)
        weight = cv2.warpAffine(one.weight, matrix, (size, size), **flags)
        cover(photo, weight, draw)
        images.append(photo), targets.append(target), weights.append(weight)
    x, t, w = (torch.from_numpy(np.stack(part)).permute(0, 3, 1, 2) for part in (images, targets, weights))
    return augment.soften(augment.colour(x, rng, 1.3), rng, 0.3), t, w


def outline_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted cross-entropy per pixel plus one minus the soft Jaccard index per photo and mask; all (N, masks, H, W)."""
    logits = logits.float()
    p = logits.sigmoid()
    entropy = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum() / weight.sum().clamp_min(1)
    both = (p * target * weight).sum((2, 3))
    either = ((p + target - p * target) * weight).sum((2, 3))
    asked = (weight.sum((2, 3)) > 0).float()
    overlap = ((1 - (both + 20) / (either + 20)) * asked).sum() / asked.sum().clamp_min(1)
    return entropy + overlap


def share_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean error of the affected share of the visible skin, where both masks (N, 2, H, W) were drawn."""
    p, seen = logits.float().sigmoid(), weight.min(1).values
    drawn = (weight[:, 1] > 0).flatten(1).any(1)
    found, true = (((m[:, 0] * seen).sum((1, 2)) + 1) / ((m.max(1).values * seen).sum((1, 2)) + 1) for m in (p, target))
    return ((found - true).abs() * drawn).sum() / drawn.sum().clamp_min(1)


@torch.no_grad()
def chances(network: nn.Module, photos: list[np.ndarray], size: int = SIZE) -> list[np.ndarray]:
    """Chance per pixel (H, W, 2) float32 at each photo's own size, mean of two mirrored views."""
    out = []
    for photo in photos:
        small = cv2.resize(photo, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        x = normalise(torch.from_numpy(small).permute(2, 0, 1)[None].to(device()))
        x = torch.cat((x, x.flip(3))).contiguous(memory_format=torch.channels_last)
        with autocast():
            p = network(x).float().sigmoid()
        p = ((p[:1] + p[1:].flip(3)) / 2)[0].permute(1, 2, 0).cpu().numpy()
        out.append(cv2.resize(p, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    return out


def iou(predicted: np.ndarray, true: np.ndarray) -> float:
    """Intersection over union of two boolean masks; 1 when both are empty."""
    either = (predicted | true).sum()
    return float((predicted & true).sum() / either) if either else 1.0


def _share(affected: np.ndarray, skin: np.ndarray) -> float:
    return float(affected.sum() / max(1, (affected | skin).sum()))


def taught(network: nn.Module, folder: Path, limit: int | None = None, labels: tuple[str, ...] = ("eczema",)) -> list[Sample]:
    """The `train` photos with these labels in `conditions` with the outlines the network draws on them, where it is sure."""
    data = conditions(folder, ("train",), None if limit is None else 20 * limit)
    photos = [data.images[i] for i in np.flatnonzero(data.table["label"].isin(labels))[:limit]]
    found = []
    for photo, p in zip(photos, chances(network, photos), strict=True):
        sure = (np.maximum(p, 1 - p) >= SURE).astype(np.float32)
        if sure[..., 0].mean() > 0.5:
            found.append(Sample(photo, (p > 0.5).astype(np.float32), sure))
    log.info("%d of %d photos have outlines to learn from", len(found), len(photos))
    return found


def averaged(networks: list[nn.Module]) -> nn.Module:
    """One network with the mean of the weights of several of one shape."""
    mean = copy.deepcopy(networks[0])
    states = [network.state_dict() for network in networks]
    whole = {k: torch.stack([s[k] for s in states]).mean(0) if v.is_floating_point() else v for k, v in states[0].items()}
    mean.load_state_dict(whole)
    return mean


def train(folder: Path, work: Path, plans: tuple[Plan, ...] | Plan = (FIRST, SECOND, *THIRD), limit: int | None = None) -> nn.Module:
    """All rounds; returns the averaged network of the third. The first two are left out where `work/second/final.pt` holds the second's."""
    first, second, *third = (plans,) * 3 if isinstance(plans, Plan) else plans
    data = eczema(folder, ("train", "val"), limit)
    own, val = samples(data, data.rows("train")), data.rows("val")
    cv2.setNumThreads(1)

    def evaluate(net: nn.Module) -> str:
        p = chances(net, [data.photos[i] for i in val])
        affected = [iou(q[..., 0] > 0.5, data.first[i] > 0) for q, i in zip(p, val, strict=True)]
        skin = [iou(q[..., 1] > 0.5, s > 0) for q, i in zip(p, val, strict=True) if (s := data.skin[i]) is not None]
        shares = [
            _share(q[..., 0] > 0.5, q[..., 1] > 0.5) - _share(data.first[i] > 0, s > 0)
            for q, i in zip(p, val, strict=True)
            if (s := data.skin[i]) is not None
        ]
        return f"val IoU affected {np.mean(affected):.4f}, skin {np.mean(skin):.4f}, error of the share {np.abs(shares).mean():.4f}"

    def round_of(plan: Plan, extra: list[Sample], start: nn.Module, name: str, share: float = 0.0) -> nn.Module:
        def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
            draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
            many = round(BATCH * TAUGHT) if extra else 0
            pick = [own[i] for i in draw.integers(0, len(own), BATCH - many)] + [extra[i] for i in draw.integers(0, len(extra) or 1, many)]
            images, target, weight = batch_of(pick, size, rng)
            images = normalise(images.to(device())).contiguous(memory_format=torch.channels_last)
            logits, target, weight = net(images), target.to(device()), weight.to(device())
            whole = outline_loss(logits, target, weight)
            return whole + share * share_loss(logits, target, weight) if share else whole

        return fit(start, loss, plan, work / name, evaluate, evaluate_every=100)

    done = work / "second" / "final.pt"
    if done.exists():
        teacher: nn.Module = start()
        teacher.load_state_dict(load_state(done))
        teacher = teacher.to(device(), memory_format=torch.channels_last).eval()
    else:
        teacher = round_of(first, [], start(), "first")
        teacher = round_of(second, taught(teacher, folder, limit), start("skin_condition"), "second")
        torch.save(teacher.state_dict(), done)
    extra = taught(teacher, folder, limit, RASHES)
    last = [round_of(plan, extra, copy.deepcopy(teacher).requires_grad_(True), f"third-{plan.seed}", SHARE) for plan in third]
    mean = averaged(last)
    log.info("averaged: %s", evaluate(mean))
    return mean


def start(encoder: str | None = None) -> OutlineNet:
    """A network of two masks that starts as the shipped `lesion_outline`; with `encoder`, a card's id, its encoder as that network's."""
    network = OutlineNet(len(MASKS))
    state = {k: v for k, v in _shipped("lesion_outline").items() if not k.startswith("head.")}
    if encoder is not None:
        own = network.features.state_dict()
        state |= {k: v for k, v in _shipped(encoder).items() if k.removeprefix("features.") in own and k.startswith("features.")}
    missing = network.load_state_dict(state, strict=False).missing_keys
    if set(missing) != {"head.weight", "head.bias"}:
        raise ValueError(f"the shipped weights lack {missing}")
    return network


def _shipped(id: str) -> dict[str, Tensor]:
    weights = load_file(Path(__file__).parents[1] / id / "weights.safetensors")
    return {k: v.float() if v.is_floating_point() else v for k, v in weights.items() if not k.startswith("support.")}


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.eczema_outline.report import publish

    run_recipe("eczema_outline", __doc__, train, publish)


if __name__ == "__main__":
    main()
