"""What is fitted on val to a classifier's own logits: offsets of the classes, temperature, strength of the prior."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from core.vision.calibration import negative_log_likelihood, probabilities, softmax

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
