"""What a batch is made of: how often each class is drawn, and photos mixed with each other so that few are not learned by heart."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def sampling_prior(labels: np.ndarray, classes: int, power: float = 0.5) -> np.ndarray:
    """Class frequencies (classes,) to the `power`, normalised: between the natural prior (1) and the uniform (0)."""
    weight = np.bincount(labels, minlength=classes).astype(float) ** power
    return np.asarray(weight / weight.sum())


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
