"""Train `retina_grade`: diabetic retinopathy of one photo of the back of an eye, ICDR grade 0-4, as one ordinal score.

python -m models.retina_grade.recipe --data DIR [--work DIR] [--onward]

Every photo is first levelled to the same field of view (`core.vision.field`): the field's own shape names the camera,
and the camera nearly names the grade. The score and four cut-offs are learned together: for each cut-off the network
says whether the grade is above it (cumulative logits; the loss is the sum of the four binary ones, Cao et al. 2020).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

from core.vision.card import card
from core.vision.field import BLANK, kept
from core.vision.networks import OrdinalClassifier, start_from_imagenet
from models.retina_grade.graded import Graded
from models.training import augment
from models.training.command import run_recipe
from models.training.loop import Plan, autocast, device, fit, normalise
from models.training.mixing import mixed
from models.training.retina import GRADES, SOURCES, fundus, levelled_once, thumbnails, twins

log = logging.getLogger("carelens.training")

PLAN = Plan(stages=[(160, 400), (192, 350), (224, 150)], rate=1e-3, weight_decay=0.05, average=0.995, warmup=40, seed=21)
ONWARD = Plan(stages=[(192, 300), (224, 600)], rate=6e-4, weight_decay=0.05, average=0.997, warmup=40, seed=22)
"""From the weights that ship, which were still learning when the first plan ended."""
BATCH = 32
SIZE = 256
STORED = 288
"""Pixels a side of the levelled photos in memory."""
SHARE = {"aptos2019": 0.58, "idrid": 0.22, "eyepacs2015": 0.20}
"""Of a batch. IDRiD is small and graded with care; a fifth is from EyePACS, where grades and photos are the noisiest."""
WEIGHT = {"aptos2019": 1.0, "idrid": 1.0, "eyepacs2015": 0.5}
SMOOTHING = {"aptos2019": 0.02, "idrid": 0.02, "eyepacs2015": 0.06}
"""Of each of the four yes-or-no questions."""
REFERABLE = 2
DROPOUT = 0.3


def above(grades: np.ndarray) -> np.ndarray:
    """The four answers (N, 4) float32: is the grade above 0, 1, 2, 3?"""
    return np.asarray(grades[:, None] > np.arange(GRADES - 1), np.float32)


class Draw:
    """Draws batches: each source its share, and within a source rarer grades more often than they are."""

    def __init__(self, grades: np.ndarray, sources: np.ndarray, power: float = 0.7) -> None:
        self.rows: dict[str, np.ndarray] = {}
        self.chance: dict[str, np.ndarray] = {}
        for source in SOURCES:
            rows = np.flatnonzero(sources == source)
            if len(rows):
                counts = np.bincount(grades[rows], minlength=GRADES).astype(float)
                weight = (counts[grades[rows]]) ** (power - 1)
                self.rows[source], self.chance[source] = rows, weight / weight.sum()

    def batch(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Indices (n,)."""
        names = list(self.rows)
        share = np.array([SHARE[name] for name in names])
        picked = rng.choice(len(names), n, p=share / share.sum())
        return np.array([rng.choice(self.rows[names[s]], p=self.chance[names[s]]) for s in picked])


def seen_as(images: np.ndarray, size: int, rng: torch.Generator) -> Tensor:
    """Augmented views (N, 3, size, size) float 0-1 of levelled photos (N, h, h, 3) uint8; blank where every photo is blank."""
    n = len(images)
    blank = torch.tensor(BLANK).float()[None, :, None, None] / 255
    pixels = torch.from_numpy(images)
    valid = (pixels != torch.tensor(BLANK, dtype=torch.uint8)).any(3).float()[:, None]
    x = pixels.permute(0, 3, 1, 2).float() / 255
    whole = images.shape[1:3]
    turned = float(torch.rand(1, generator=rng)) < 0.4
    matrix = augment.affine(n, rng, whole, (0.86, 1.1), aspect=1.25, shift=0.05, rotate=turned)
    both = augment.resample(torch.cat((x - blank, valid), 1), matrix, size, padding="zeros")
    upside = torch.rand(n, generator=rng) < 0.5
    both = torch.where(upside[:, None, None, None], both.flip(2), both)
    valid = both[:, 3:] * torch.from_numpy(kept(size).astype(np.float32))
    x = augment.colour(both[:, :3] + blank, rng, 1.6)
    x = coarser(augment.soften(x, rng, 0.3), rng)
    x = cropped(x, valid, rng)
    return blank + (x - blank) * valid


def coarser(x: Tensor, rng: torch.Generator, chance: float = 0.5) -> Tensor:
    """Some photos with fewer pixels, across only in half of these: small files, and photos squashed into a square."""
    pick = torch.rand(len(x), generator=rng) < chance
    if pick.any():
        factor = 1 + 0.9 * float(torch.rand(1, generator=rng))
        high = x.shape[2] if float(torch.rand(1, generator=rng)) < 0.5 else round(x.shape[2] / factor)
        small = F.interpolate(x[pick], size=[high, round(x.shape[3] / factor)], mode="bilinear", antialias=True)
        x = x.clone()
        x[pick] = F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=False)
    return x


def cropped(x: Tensor, valid: Tensor, rng: torch.Generator, chance: float = 0.12) -> Tensor:
    """Take the margins of some photos away (in `valid`, in place), as in photos that show less of the eye."""
    size = x.shape[2]
    for i in torch.nonzero(torch.rand(len(x), generator=rng) < chance).flatten().tolist():
        left, right, top, bottom = ((torch.rand(4, generator=rng) * 0.16 + 0.02) * size).int().tolist()
        edge = size // 8
        valid[i, :, : top + edge] = valid[i, :, size - bottom - edge :] = 0
        valid[i, :, :, :left] = valid[i, :, :, size - right :] = 0
    return x


def packed(x: Tensor, rng: np.random.Generator, chance: float = 0.3) -> Tensor:
    """Some photos (N, 3, H, W) float 0-1 through JPEG of quality 30 to 90."""
    import cv2

    for i in np.flatnonzero(rng.random(len(x)) < chance):
        pixels = (x[i].permute(1, 2, 0) * 255).round().clamp(0, 255).byte().numpy()
        _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 91))])
        x[i] = torch.from_numpy(np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])).permute(2, 0, 1).float() / 255
    return x


@torch.no_grad()
def scores(network: nn.Module, images: np.ndarray, size: int = SIZE, flips: bool = False) -> np.ndarray:
    """Scores (N,) of levelled photos (N, h, h, 3) uint8; with `flips` the mean over four mirrored views."""
    out = []
    for start in range(0, len(images), 32):
        x = torch.from_numpy(images[start : start + 32]).permute(0, 3, 1, 2).float() / 255
        x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True).clamp(0, 1)
        x = normalise(x.to(device())).contiguous(memory_format=torch.channels_last)
        turns = (x, x.flip(3), x.flip(2), x.flip(2, 3)) if flips else (x,)
        with autocast():
            out.append(torch.stack([network(t).float().reshape(-1) for t in turns]).mean(0).cpu())
    return torch.cat(out).numpy()


def kappa(truth: np.ndarray, said: np.ndarray) -> float:
    """Quadratic weighted kappa of grades (N,); 1 where both say one grade throughout."""
    value = float(cohen_kappa_score(truth, said, weights="quadratic", labels=range(GRADES)))
    return 1.0 if np.isnan(value) else value


def from_imagenet(folder: Path) -> Graded:
    """A network that knows ImageNet and no eye."""
    network = OrdinalClassifier(dropout=DROPOUT)
    start_from_imagenet(network, torch.load(folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True))
    return Graded(network)


def from_shipped() -> Graded:
    """The network that ships, with the cut-offs of its card."""
    own, state = card("retina_grade"), load_file(card("retina_grade").weights)
    network = Graded(OrdinalClassifier(dropout=DROPOUT))
    network.network.load_state_dict(
        {k: v.float() if v.is_floating_point() else v for k, v in state.items() if not k.startswith("support.")}
    )
    return network.cut_at(own.facts["ordinal"]["cutoffs"])


def train(folder: Path, work: Path, plan: Plan = PLAN, limit: int | None = None, start: Graded | None = None) -> nn.Module:
    """Train from the ImageNet weights, or from `start`, and return the averaged `Graded`."""
    data = fundus(folder, limit=limit)
    images = levelled_once(data, STORED, work)
    grades, sources = data.labels, data.sources
    rows, val = data.rows("train"), data.rows("val")
    rows = np.setdiff1d(rows, rows[seen_elsewhere(images[rows], images[np.concatenate((val, data.rows("test")))])])
    log.info("%d photos to learn from, %d to choose by", len(rows), len(val))
    draw_from = Draw(grades[rows], sources[rows])
    answers = torch.from_numpy(above(grades))
    weight = torch.tensor([WEIGHT[s] for s in sources])
    smooth = torch.tensor([SMOOTHING[s] for s in sources])[:, None]
    answers = answers * (1 - smooth) + smooth / 2

    def loss(net: Any, size: int, rng: torch.Generator) -> Tensor:
        draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        pick = rows[draw_from.batch(BATCH, draw)]
        x = packed(seen_as(images[pick], size, rng), draw)
        x, target = mixed(x, answers[pick], draw, blend=0.2, paste=0.0)
        x = normalise(x.to(device())).contiguous(memory_format=torch.channels_last)
        logits = net(x).float()[:, None] - net.cutoffs
        each = F.binary_cross_entropy_with_logits(logits, target.to(logits), reduction="none").sum(1)
        return (each * weight[pick].to(each)).mean()

    def evaluate(net: nn.Module) -> str:
        assert isinstance(net, Graded)
        found = scores(net, images[val])
        said = (found[:, None] > net.cutoffs.detach().cpu().numpy()).sum(1)
        lines = []
        for source in SOURCES:
            own = sources[val] == source
            truth = grades[val][own]
            if own.any():
                referable = truth >= REFERABLE
                auroc = roc_auc_score(referable, found[own]) if 0 < referable.sum() < len(referable) else float("nan")
                lines.append(f"{source} kappa {kappa(truth, said[own]):.3f} auroc {auroc:.3f}")
        return "val " + ", ".join(lines) + f", cut-offs {np.round(net.cutoffs.detach().cpu().numpy(), 2).tolist()}"

    return fit(start or from_imagenet(folder), loss, plan, work, evaluate, evaluate_every=300)


def seen_elsewhere(ours: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Which levelled training photos (indices) are, by content, among those of val and test: they are left out."""
    found = np.array(sorted({i for i, _, _ in twins(thumbnails(ours), thumbnails(held))}), int)
    log.info("%d training photos are left out: by content they are in val or test", len(found))
    return found


def main() -> None:
    """Command line: train, then write weights and card."""
    from models.retina_grade.report import publish

    run_recipe("retina_grade", __doc__, train, publish, lambda folder, work: train(folder, work, ONWARD, start=from_shipped()))


if __name__ == "__main__":
    main()
