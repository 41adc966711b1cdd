"""From a network's own logits to probabilities, thresholds and sets that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def softmax(logits: ArrayLike) -> Floats:
    """Soft-max over the last axis, stable for large logits."""
    x = np.asarray(logits, np.float64)
    x = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(x / x.sum(-1, keepdims=True))


def probabilities(logits: ArrayLike, temperature: float, prior: ArrayLike, strength: float = 1.0) -> Floats:
    """Calibrated probabilities (..., classes) at a prior.

    softmax(f / T + s * log prior): f was trained with a logit-adjusted loss, so that softmax(f)
    belongs to a uniform prior (Menon et al. 2021); T is a temperature (Guo et al. 2017). With
    `strength` 0 the prior plays no part. `prior` (classes,) sums to one.
    """
    if temperature <= 0:
        raise ValueError(f"temperature: expected more than 0, got {temperature}")
    return softmax(np.asarray(logits, np.float64) / temperature + strength * np.log(np.asarray(prior, np.float64)))


def negative_log_likelihood(p: ArrayLike, labels: ArrayLike) -> float:
    """Mean of -log p of the true class; p (N, classes), labels (N,) int."""
    p = np.asarray(p, np.float64)
    chosen = p[np.arange(len(p)), np.asarray(labels)]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability curve: mean confidence, accuracy, photos in it."""

    confidence: float
    accuracy: float
    n: int


def reliability_of(confidence: ArrayLike, right: ArrayLike, bins: int = 15) -> list[Bin]:
    """Reliability of any answers with a confidence (N,) 0-1 and right (N,) bool, in equal bins (0, 1]; empty bins are left out."""
    sure, hit = np.asarray(confidence, np.float64), np.asarray(right, bool)
    where = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    return [
        Bin(float(sure[where == b].mean()), float(hit[where == b].mean()), int((where == b).sum()))
        for b in range(bins)
        if (where == b).any()
    ]


def reliability(p: ArrayLike, labels: ArrayLike, bins: int = 15) -> list[Bin]:
    """Reliability of the top class: p (N, classes), labels (N,) int."""
    p = np.asarray(p, np.float64)
    return reliability_of(p.max(-1), p.argmax(-1) == np.asarray(labels), bins)


def calibration_error(table: list[Bin]) -> float:
    """ECE (Naeini et al. 2015): mean distance of accuracy and confidence over equal bins, weighted by photos."""
    return sum(b.n * abs(b.accuracy - b.confidence) for b in table) / sum(b.n for b in table)


def expected_calibration_error(p: ArrayLike, labels: ArrayLike, bins: int = 15) -> float:
    """`calibration_error` of the top class."""
    return calibration_error(reliability(p, labels, bins))


def sensitivity_threshold(scores: ArrayLike, positive: ArrayLike, sensitivity: float) -> float:
    """The largest threshold t for which `score >= t` finds at least `sensitivity` of the positives.

    scores (N,), positive (N,) bool with at least one True.
    """
    found = np.sort(np.asarray(scores, np.float64)[np.asarray(positive, bool)])
    if not len(found):
        raise ValueError("positive: expected at least one positive case, got none")
    may_miss = int(np.floor(len(found) * (1 - sensitivity) + 1e-9))
    return float(found[min(may_miss, len(found) - 1)])


def conformal_threshold(scores_of_truth: ArrayLike, coverage: float) -> float:
    """Split-conformal threshold: classes with a score of at least this are in the set.

    `scores_of_truth` (N,): the score of the true class of each calibration photo. The set holds the
    truth with a chance of at least `coverage` for exchangeable photos: the k-th smallest score with
    k = floor((N + 1) (1 - coverage)) (Vovk et al. 2005; Angelopoulos & Bates 2023); 0 when k is 0.
    """
    scores = np.sort(np.asarray(scores_of_truth, np.float64))
    k = int(np.floor((len(scores) + 1) * (1 - coverage)))
    return float(scores[k - 1]) if k >= 1 else 0.0
