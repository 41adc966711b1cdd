"""Everything the decision rule needs, fitted on val: temperature, thresholds, conformal set, out of distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize

from core.examinations.skin_rule import URGENT
from core.vision.calibration import conformal_threshold, negative_log_likelihood, probabilities, sensitivity_threshold, softmax
from models.skin_lesion.measure import Collected
from models.training.data import SKIN_CLASSES

SENSITIVITY = 0.95
COVERAGE = 0.90
ANSWERED = 0.98
"""Share of val photos that each of the two out-of-distribution checks lets through."""

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
    """Temperature and strength of the prior with the least negative log-likelihood; logits (N, 7), labels (N,)."""

    def cost(x: np.ndarray) -> float:
        return negative_log_likelihood(probabilities(logits, float(np.exp(x[0])), prior, float(x[1])), labels)

    best = minimize(cost, np.array([0.0, 1.0]), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
    return float(np.exp(best.x[0])), float(best.x[1])


def fit_rule(val: Collected) -> dict[str, Any]:
    """The card's `calibration`, `thresholds`, `conformal` and `out_of_distribution` (numbers that `Rule.of` reads)."""
    # Rounded first: a threshold is the probability of one photo, and must be reached again under the card's own numbers.
    prior = np.round(np.bincount(val.labels, minlength=len(SKIN_CLASSES)) / len(val.labels), 6)
    temperature, strength = (round(v, 4) for v in fit_temperature(val.logits, val.labels, prior))
    at_prior = probabilities(val.logits, temperature, prior, strength)
    uniform = probabilities(val.logits, temperature, prior, 0.0)
    thresholds = {
        name: {
            "value": sensitivity_threshold(at_prior[:, i], val.labels == i, SENSITIVITY),
            "why": f"the largest that finds {SENSITIVITY:.0%} of the val photos of this class",
        }
        for i, name in enumerate(SKIN_CLASSES)
        if name in URGENT
    }
    return {
        "calibration": {
            "temperature": temperature,
            "prior_strength": strength,
            "prior": {c: float(p) for c, p in zip(SKIN_CLASSES, prior, strict=True)},
            "prior_name": "HAM10000 as collected (its val split)",
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
            "98 % of the val photos, or when photo_kind gives it a smaller chance of being dermatoscopic than 98 % of them.",
        },
    }
