"""What the training photos look like to the network: the statistics behind "this photo is unlike them"."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.vision.card import Input
from core.vision.engine import prepare
from core.vision.light import level
from core.vision.networks import Classifier
from models.training.data import SKIN_CLASSES, Lesions

DARKER = 0.25
"""In each colour, the quarter of the photos with least light is lifted to the light of the rest. Chosen on val, 411 photos, balanced
accuracy: at 0.6 times the light 0.68 -> 0.79 (lifting the darkest twentieth alone: 0.75), in cold light 0.76 -> 0.80, as they are
0.817 -> 0.816. Taking light from the brightest, too, cost 0.02; so did a second size; sharpening the blurred gave 0.01 and cost 0.005."""
DIRECTIONS = 256
PER_CLASS = 500


def least_light(data: Lesions) -> list[float]:
    """The level of light (RGB, 0-255) that a quarter of the training photos stay below, in the square that the network sees."""
    levels = [level(image[:, 40:280]) for image in data.images[data.rows("train")]]
    return [round(float(v), 1) for v in np.quantile(levels, DARKER, axis=0)]


@torch.no_grad()
def pooled_features(network: nn.Module, images: np.ndarray, way: Input) -> Tensor:
    """Pooled features (N, 1280) float32 of photos (N, 240, 320, 3) uint8, seen as the app sees them."""
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


def statistics(network: nn.Module, data: Lesions, way: Input, seed: int = 0) -> dict[str, Tensor]:
    """The statistics over at most 500 training photos of each class."""
    rng = np.random.default_rng(seed)
    labels, rows = data.labels, data.rows("train")
    pick = np.concatenate([rng.permutation(rows[labels[rows] == c])[:PER_CLASS] for c in range(len(SKIN_CLASSES))])
    return whitening(pooled_features(network.cpu().float().eval(), data.images[pick], way), torch.from_numpy(labels[pick]))
