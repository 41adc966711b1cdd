"""Figures with intervals, for the cards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

REPEATS = 1000


def bootstrap(
    n: int, figure: Callable[[np.ndarray], float], repeats: int = REPEATS, seed: int = 0, groups: np.ndarray | None = None
) -> dict[str, Any]:
    """A figure with its 95 % percentile bootstrap interval.

    `figure(rows)` computes it on row indices. With `groups` (n,) whole groups (lesions, patients) are
    drawn, since photos of one lesion are not independent.
    """
    rng = np.random.default_rng(seed)
    everything = np.arange(n)
    values = []
    if groups is not None:
        names, inverse = np.unique(groups, return_inverse=True)
        members = [everything[inverse == g] for g in range(len(names))]
    for _ in range(repeats):
        if groups is None:
            rows = rng.integers(0, n, n)
        else:
            rows = np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))])
        values.append(figure(rows))
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return {"value": round(float(figure(everything)), 4), "low": round(float(low), 4), "high": round(float(high), 4), "n": int(n)}


def share(hit: np.ndarray) -> float:
    """The share (0-1) of a boolean array that is true; NaN of an empty one."""
    return float(hit.mean()) if len(hit) else float("nan")


def recalls(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Recall per class (classes,); NaN for a class without a case."""
    return np.array([(predicted[truth == c] == c).mean() if (truth == c).any() else np.nan for c in range(classes)])


def balanced_accuracy(truth: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """Mean of the recalls of the classes present."""
    return float(np.nanmean(recalls(truth, predicted, classes)))


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> list[list[int]]:
    """Counts, rows the truth, columns the prediction."""
    table = np.zeros((classes, classes), int)
    np.add.at(table, (truth, predicted), 1)
    return [[int(v) for v in row] for row in table]
