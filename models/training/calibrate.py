"""What is fitted on val: offsets of the classes, temperature, strength of the prior, and the whole rule of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm

from core.vision.calibration import (
    conformal_threshold,
    negative_log_likelihood,
    probabilities,
    sensitivity_threshold,
    softmax,
)

SHRINK = 0.02
"""Weight of the squares of offsets and log temperature: a class with ten val photos must not move far on their word."""


def fit_offsets(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What to add to the logits (N, C) of each class (C,), so that none is said too often for its own frequency.

    Bias-corrected temperature scaling (Alexandari, Kundaje & Shrikumar 2020) of the uniform posterior: least negative
    log-likelihood, every class of the labels (N,) with the same weight, offsets shrunk to 0. Trained long enough, a
    network knows its few photos of rare classes by heart and asks less of new ones; this gives them their due.
    The temperature that is fitted along is only for the offsets; `fit_temperature` has the last word on it.
    """
    classes = np.unique(labels)

    def cost(x: np.ndarray) -> float:
        p = softmax(logits * np.exp(x[0]) + x[1:])
        return float(np.mean([negative_log_likelihood(p[labels == c], labels[labels == c]) for c in classes]) + SHRINK * (x**2).sum())

    best = minimize(cost, np.zeros(logits.shape[1] + 1))
    offsets = best.x[1:] / np.exp(best.x[0])
    return np.asarray(offsets - offsets.mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray, prior: np.ndarray) -> tuple[float, float]:
    """Temperature and strength of the prior with the least negative log-likelihood; logits (N, C), labels (N,)."""

    def cost(x: np.ndarray) -> float:
        return negative_log_likelihood(probabilities(logits, float(np.exp(x[0])), prior, float(x[1])), labels)

    best = minimize(cost, np.array([0.0, 1.0]), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
    return float(np.exp(best.x[0])), float(best.x[1])


def log_odds(p: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)) of chances 0-1, held away from both ends."""
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p / (1 - p)))


def bandwidth(x: np.ndarray) -> float:
    """How far a Gaussian kernel should reach over values (N,): the rule of thumb of Silverman 1986, equation 3.31."""
    low, high = np.percentile(x, (25, 75))
    return float(0.9 * min(x.std(ddof=1), (high - low) / 1.34) * len(x) ** -0.2)


def share_over(scores: np.ndarray, limit: float, reach: float) -> np.ndarray:
    """How surely each chance (N,) 0-1 is over a limit, 0-1, when photos like it scatter by `reach` in log odds (a normal kernel).

    Its mean is a smooth estimate of the share over the limit: unlike a count, it does not leap from one photo to the next.
    """
    return np.asarray(norm.cdf((log_odds(scores) - log_odds(np.array(limit))) / reach))


SENSITIVITY = 0.95
COVERAGE = 0.90
ANSWERED = 0.98
"""Share of val photos that each of the two out-of-distribution checks lets through."""


class Answers(Protocol):
    """A network's own answers on val: labels (N,), logits (N, C), distance (N,) and chance of the right kind of photo (N,)."""

    labels: np.ndarray
    logits: np.ndarray
    distance: np.ndarray
    kind_chance: np.ndarray


def fitted_rule(val: Answers, classes: Sequence[str], watched: Mapping[str, tuple[str, ...]], prior_name: str, kind: str) -> dict[str, Any]:
    """The card's `calibration`, `thresholds`, `conformal` and `out_of_distribution` (numbers that the rule reads).

    `watched`: the name of each threshold and the classes whose summed probability it is for; `kind`: of photo, in words.
    """
    # Rounded first: a threshold is the probability of one photo, and must be reached again under the card's own numbers.
    counts = np.maximum(np.bincount(val.labels, minlength=len(classes)), 1)
    prior = np.round(counts / counts.sum(), 6)
    temperature, strength = (round(v, 4) for v in fit_temperature(val.logits, val.labels, prior))
    at_prior = probabilities(val.logits, temperature, prior, strength)
    uniform = probabilities(val.logits, temperature, prior, 0.0)
    thresholds = {}
    for name, members in watched.items():
        own = [list(classes).index(c) for c in members]
        thresholds[name] = {
            "value": sensitivity_threshold(at_prior[:, own].sum(1), np.isin(val.labels, own), SENSITIVITY),
            "why": f"the largest that finds {SENSITIVITY:.0%} of the val photos of "
            + ("this class" if len(members) == 1 else " and ".join((", ".join(members[:-1]), members[-1])).replace("_", " ")),
        }
    return {
        "calibration": {
            "temperature": temperature,
            "prior_strength": strength,
            "prior": {c: float(p) for c, p in zip(classes, prior, strict=True)},
            "prior_name": prior_name,
        },
        "thresholds": thresholds,
        "conformal": {
            "threshold": conformal_threshold(uniform[np.arange(len(val.labels)), val.labels], COVERAGE),
            "coverage_wanted": COVERAGE,
            "score": "probability at a uniform prior; split-conformal on val",
        },
        "out_of_distribution": {
            "distance": float(np.quantile(val.distance, ANSWERED)),
            "kind_chance": float(np.quantile(val.kind_chance, 1 - ANSWERED)),
            "how": "It abstains when the photo's features lie further from the training photos (Mahalanobis, nearest class) than those of "
            f"{ANSWERED * 100:.0f} % of the val photos, or when photo_kind gives it a smaller chance of being {kind} than "
            f"{ANSWERED * 100:.0f} % of them.",
        },
    }
