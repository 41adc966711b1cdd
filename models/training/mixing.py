"""What a batch is made of: how often each class is drawn, and photos mixed with each other so that few are not learned by heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def sampling_prior(labels: np.ndarray, classes: int, power: float = 0.5) -> np.ndarray:
    """Class frequencies (classes,) to the `power`, normalised: between the natural prior (1) and the uniform (0)."""
    weight = np.bincount(labels, minlength=classes).astype(float) ** power
    return np.asarray(weight / weight.sum())


@dataclass(frozen=True)
class Draw:
    """Photos drawn class by class, and the loss that takes account of it.

    Logit-adjusted loss (Menon et al. 2021): the network's own logits f are trained with the log of the sampled prior
    added, so softmax(f) is the posterior at a uniform prior and softmax(f + log prior) the one at any other.
    `by_class`: the rows of each class; `prior` (classes,): how often each is drawn.
    """

    by_class: tuple[np.ndarray, ...]
    prior: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, rows: np.ndarray, classes: int) -> Draw:
        """Draw from `rows` of the labels (N,) by their `sampling_prior`."""
        return cls(tuple(rows[labels[rows] == c] for c in range(classes)), sampling_prior(labels[rows], classes))

    def batch(self, rng: torch.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
        """Rows (size,) and their classes (size,), and the generator that drew them, for what else the batch leaves to chance."""
        draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        classes = draw.choice(len(self.prior), size, p=self.prior)
        return np.array([self.by_class[c][draw.integers(len(self.by_class[c]))] for c in classes]), classes, draw

    def loss(self, logits: Tensor, target: Tensor, smoothing: float = 0.05) -> Tensor:
        """Logit-adjusted cross-entropy of own logits (N, classes); target (N,) int, or (N, classes) that sum to one each."""
        log_prior = torch.from_numpy(np.log(np.maximum(self.prior, 1e-9))).float().to(logits.device)
        return F.cross_entropy(logits.float() + log_prior, target.to(logits.device), label_smoothing=smoothing)


def mixed(x: Tensor, target: Tensor, rng: np.random.Generator, blend: float = 0.4, paste: float = 0.3) -> tuple[Tensor, Tensor]:
    """Images (N, C, H, W) and targets (N, classes), which sum to one each, mixed with others of the batch.

    A share `blend` of the batches is blended (mixup, Zhang et al. 2018), a share `paste` gets a box of another photo
    (CutMix, Yun et al. 2019); the rest stays as it is.
    """
    n, _, height, width = x.shape
    kind = rng.random()
    if kind >= blend + paste:
        return x, target
    other = torch.from_numpy(rng.permutation(n))
    if kind < blend:
        own = rng.beta(0.4, 0.4, n)
        keep = torch.from_numpy(np.maximum(own, 1 - own)).to(x)
        x = keep[:, None, None, None] * x + (1 - keep)[:, None, None, None] * x[other]
    else:
        side = float(np.sqrt(rng.uniform(0.05, 0.4)))
        h, w = int(height * side), int(width * side)
        top, left = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
        x = x.clone()
        x[:, :, top : top + h, left : left + w] = x[other][:, :, top : top + h, left : left + w]
        keep = torch.full((n,), 1 - h * w / (height * width)).to(x)
    return x, keep[:, None] * target + (1 - keep)[:, None] * target[other]
