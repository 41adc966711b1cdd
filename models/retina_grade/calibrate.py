"""What is fitted on val: cut-offs with their temperature, the referable threshold, the set, and when to say nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize

from core.vision.calibration import conformal_threshold, negative_log_likelihood, sensitivity_threshold
from core.vision.ordinal import ordinal_probabilities
from models.retina_grade.measure import REFERABLE, Collected, kappa
from models.training.calibrate import ANSWERED, COVERAGE, SENSITIVITY
from models.training.retina import SOURCES

CAREFUL = ("aptos2019", "idrid")
"""Sources whose grades the named grade is to agree with; those of EyePACS are of one reader and noisy."""
SHRINK = 0.002
"""Weight of the squared moves away from the learned cut-offs: a grade with fifteen photos must not move far on their word."""


def fit_cutoffs(scores: np.ndarray, labels: np.ndarray, start: np.ndarray, warm: bool = True) -> tuple[np.ndarray, float]:
    """Cut-offs (4,) and temperature with the least negative log-likelihood of the grades (N,) given scores (N,).

    P(grade > k) = sigmoid((score - cutoff_k) / temperature). Begins at the learned cut-offs `start` and shrinks to them.
    `warm=False` keeps the temperature at 1.
    """

    def unpacked(x: np.ndarray) -> tuple[np.ndarray, float]:
        steps = np.diff(start) * np.exp(x[1:-1])
        first = start[0] + x[0]
        return np.concatenate(((first,), first + np.cumsum(steps))), float(np.exp(x[-1])) if warm else 1.0

    def cost(x: np.ndarray) -> float:
        cuts, temperature = unpacked(x)
        p = ordinal_probabilities(scores / temperature, cuts / temperature)
        return negative_log_likelihood(p, labels) + SHRINK * float((x**2).sum())

    best = minimize(cost, np.zeros(len(start) + 1), method="BFGS")  # a simplex that begins at zeros is tiny and stops where it stands
    return unpacked(best.x)


def fit_label_cutoffs(val: Collected, cutoffs: np.ndarray, repeats: int = 25) -> np.ndarray:
    """Cut-offs (4,) that name the grade: those above the first are moved to where the named grades agree best with the graders.

    That is the greatest mean of the quadratic kappas of `CAREFUL`, over bootstrap samples of val, so that no single photo sets them.
    The first stays: kappa hardly minds whether a healthy eye is called mild, and people do.
    """
    sources = [s for s in CAREFUL if (val.sources == s).any()]
    rng, found = np.random.default_rng(0), []
    for _ in range(repeats):
        rows = rng.integers(0, len(val.labels), len(val.labels))
        found.append(_climb(val.scores[rows], val.labels[rows], val.sources[rows], sources, cutoffs))
    return np.asarray(np.mean(found, 0))


def _climb(scores: np.ndarray, labels: np.ndarray, source: np.ndarray, sources: list[str], cutoffs: np.ndarray) -> np.ndarray:
    """Coordinate ascent, one cut-off at a time between its neighbours; of a plateau the middle."""

    def agreement(cuts: np.ndarray) -> float:
        said = (scores[:, None] >= cuts).sum(1)
        return float(np.nanmean([kappa(labels[source == s], said[source == s]) for s in sources]))

    cuts = cutoffs.astype(float)
    best = agreement(cuts)
    for _ in range(2):
        for k in range(1, len(cuts)):
            high = cuts[k + 1] if k + 1 < len(cuts) else float(scores.max())
            tried = np.linspace(cuts[k - 1], high, 42)[1:-1]
            reached = np.array([agreement(np.concatenate((cuts[:k], (one,), cuts[k + 1 :]))) for one in tried])
            if reached.max() > best:
                cuts[k] = np.median(tried[reached >= reached.max() - 0.001])
                best = agreement(cuts)
    return cuts


def fit_rule(val: Collected, cutoffs: np.ndarray) -> dict[str, Any]:
    """The card's `ordinal`, `thresholds`, `conformal` and `out_of_distribution`, from val under the shipped weights."""
    # Rounded first: a threshold is the probability of one photo, and must be reached again under the card's own numbers.
    cuts = np.round(cutoffs, 5)
    p = ordinal_probabilities(val.scores, cuts)
    return {
        "ordinal": {
            "cutoffs": [float(c) for c in cuts],
            "label_cutoffs": [float(c) for c in np.round(fit_label_cutoffs(val, cuts), 5)],
            "label": "the grade is how many of label_cutoffs the score reaches; fitted for the greatest quadratic kappa on val of "
            + " and ".join(CAREFUL)
            + ", mean over bootstrap samples",
            "link": "P(grade > k) = 1 / (1 + exp(cutoff_k - score))",
            "fitted": "cut-offs and temperature by least negative log-likelihood on val; the temperature is in weights and cut-offs",
        },
        "calibration": {"temperature": 1.0, "prior_name": "the three sources as collected (their val split), which is no clinic's"},
        "thresholds": {
            "referable": {
                "value": sensitivity_threshold(p[:, REFERABLE:].sum(1), val.labels >= REFERABLE, SENSITIVITY),
                "why": f"the largest chance of grade 2 or more that finds {SENSITIVITY:.0%} of such eyes on val of "
                + ", ".join(SOURCES[:-1])
                + f" and {SOURCES[-1]} together",
            }
        },
        "conformal": {
            "threshold": conformal_threshold(p[np.arange(len(p)), val.labels], COVERAGE),
            "coverage_wanted": COVERAGE,
            "score": "probability of the grade; split-conformal on val; grades between two of the set are in it too",
        },
        "out_of_distribution": {
            "distance": float(np.quantile(val.distance, ANSWERED)),
            "kind_chance": float(np.quantile(val.kind_chance, 1 - ANSWERED)),
            "how": "It abstains when the photo's features lie further from the training photos (Mahalanobis, nearest grade) than those of "
            f"{ANSWERED * 100:.0f} % of the val photos, or when photo_kind gives it a smaller chance of being a photo of the back of the "
            f"eye than {ANSWERED * 100:.0f} % of them.",
        },
    }
