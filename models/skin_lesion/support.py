"""What the training photos look like to the network: the statistics behind "this photo is unlike them"."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.vision.networks import Classifier
from models.skin_lesion.recipe import views
from models.training.data import SKIN_CLASSES, Lesions
from models.training.loop import normalise

DIRECTIONS = 256
PER_CLASS = 500


@torch.no_grad()
def pooled_features(network: nn.Module, images: np.ndarray) -> Tensor:
    """Pooled features (N, 1280) float32 of the middle squares of photos (N, 240, 320, 3) uint8."""
    assert isinstance(network, Classifier)
    return torch.cat([network.maps(normalise(views(images[i : i + 32]))).mean((2, 3)) for i in range(0, len(images), 32)])


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


def statistics(network: nn.Module, data: Lesions, seed: int = 0) -> dict[str, Tensor]:
    """The statistics over at most 500 training photos of each class."""
    rng = np.random.default_rng(seed)
    labels, rows = data.labels, data.rows("train")
    pick = np.concatenate([rng.permutation(rows[labels[rows] == c])[:PER_CLASS] for c in range(len(SKIN_CLASSES))])
    return whitening(pooled_features(network.cpu().float().eval(), data.images[pick]), torch.from_numpy(labels[pick]))
