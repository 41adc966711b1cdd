"""How far two who grade the same photos agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """`same` of `compared` photos have the same grade; `kappa`: quadratic weighted, None where it says nothing."""

    same: int
    compared: int
    kappa: float | None


def quadratic_weighted_kappa(pairs: Sequence[tuple[int, int]], grades: int) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen, Psychol Bull 1968;70:213) of pairs of grades 0 to `grades` - 1.

    1: all the same; 0: no better than by chance; negative: worse. One less the observed by the expected squared distance.
    None without pairs, and where both gave one and the same grade throughout, so that nothing is expected to differ. ValueError
    for a grade out of range.
    """
    counts = np.zeros((grades, grades))
    for one, other in pairs:
        if not (0 <= one < grades and 0 <= other < grades):
            raise ValueError(f"a grade is out of range: {one}, {other}")
        counts[one, other] += 1
    if not pairs:
        return None
    distance = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    by_chance = float((distance * expected).sum())
    return None if by_chance == 0 else 1 - float((distance * counts).sum()) / by_chance


def agreement(pairs: Sequence[tuple[int, int]], grades: int) -> Agreement:
    """Agreement of pairs of grades; see `quadratic_weighted_kappa`."""
    return Agreement(sum(one == other for one, other in pairs), len(pairs), quadratic_weighted_kappa(pairs, grades))
