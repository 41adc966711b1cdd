"""What the training photos look like to a classifier: the statistics behind "this photo is unlike them"."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.vision.card import Input
from core.vision.engine import prepare
from core.vision.networks import Classifier

DIRECTIONS = 256


@torch.no_grad()
def pooled_features(network: nn.Module, images: np.ndarray, way: Input) -> Tensor:
    """Pooled features (N, 1280) float32 of photos (N, H, W, 3) uint8, seen as the app sees them."""
    assert isinstance(network, Classifier)
    seen = (torch.from_numpy(np.stack([prepare(image, way) for image in images[i : i + 32]])) for i in range(0, len(images), 32))
    return torch.cat([network.maps(x.contiguous(memory_format=torch.channels_last)).mean((2, 3)) for x in seen])


def whitening(features: Tensor, labels: Tensor, directions: int = DIRECTIONS) -> dict[str, Tensor]:
    """Statistics for the Mahalanobis distance to the nearest class (Lee et al. 2018).

    features (N, F), labels (N,) int. One covariance within the classes is shared. Returned: `centre` (F,),
    `whiten` (F, directions), `means` (classes, directions): the squared distance of a feature x to class c
    is |(x - centre) @ whiten - means[c]|^2 / directions, near 1 for photos like the training's.
    """
    features = features.double()
    centre = features.mean(0)
    classes = labels.unique()
    means = torch.stack([features[labels == c].mean(0) for c in classes])
    within = torch.cat([features[labels == c] - means[i] for i, c in enumerate(classes)])
    covariance = within.T @ within / len(within)
    values, vectors = torch.linalg.eigh(covariance)
    values, vectors = values.flip(0)[:directions], vectors.flip(1)[:, :directions]
    whiten = vectors / (values + values.mean() * 1e-3).sqrt() / directions**0.5
    return {"centre": centre.float(), "whiten": whiten.float(), "means": ((means - centre) @ whiten).float()}
