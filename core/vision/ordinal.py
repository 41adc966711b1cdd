"""Grades in order from one number: a score, and the cut-offs between neighbouring grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.vision.calibration import Floats


def at_least(score: ArrayLike, cutoffs: ArrayLike) -> Floats:
    """Chance (..., K) of a grade above 0, above 1 ... above K - 1, from scores (...,) and rising cut-offs (K,).

    Cumulative logits (proportional odds, McCullagh 1980): P(grade > k) = 1 / (1 + exp(cutoff_k - score)).
    """
    cuts = np.asarray(cutoffs, np.float64)
    if cuts.ndim != 1 or not len(cuts) or (np.diff(cuts) <= 0).any():
        raise ValueError("cutoffs: expected numbers that rise")
    x = np.asarray(score, np.float64)[..., None] - cuts
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1 / (1 + small), small / (1 + small)))


def ordinal_probabilities(score: ArrayLike, cutoffs: ArrayLike) -> Floats:
    """Probabilities (..., K + 1) of the grades 0 ... K, summing to one, from scores (...,) and rising cut-offs (K,).

    They respect the order: a higher score makes no chance of "this grade or more" smaller, whatever the cut-offs.
    """
    above = at_least(score, cutoffs)
    ends = above.shape[:-1] + (1,)
    return np.asarray(np.concatenate((np.ones(ends), above), -1) - np.concatenate((above, np.zeros(ends)), -1))


def neighbours(probabilities: ArrayLike, threshold: float) -> tuple[int, ...]:
    """The grades that cannot be excluded: all with at least `threshold`, those between them, and the most probable.

    `probabilities` (K + 1,). A set of neighbours: when 1 and 3 are in, so is 2.
    """
    p = np.asarray(probabilities, np.float64)
    inside = np.flatnonzero(p >= threshold)
    best = int(p.argmax())
    low, high = (min(int(inside.min()), best), max(int(inside.max()), best)) if len(inside) else (best, best)
    return tuple(range(low, high + 1))


def cutoffs_of(facts: Mapping[str, Any]) -> tuple[float, ...]:
    """The cut-offs in the facts of a card of `mobilenet_v2_ordinal`; its temperature is in them and in the weights already."""
    return tuple(float(v) for v in facts["ordinal"]["cutoffs"])


def label_cutoffs_of(facts: Mapping[str, Any]) -> tuple[float, ...]:
    """The cut-offs that name the grade: `ordinal.label_cutoffs`, or where a card has none those of the probabilities.

    With these the grade is the median of the probabilities. Others may agree better with the graders: a mistake of two grades weighs
    four times one of one grade, which the median does not know.
    """
    known = facts["ordinal"]
    return tuple(float(v) for v in known.get("label_cutoffs", known["cutoffs"]))
