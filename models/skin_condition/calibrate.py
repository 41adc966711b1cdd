"""Everything the rash and spot check needs to decide, fitted on val: temperature, thresholds, conformal set, out of distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.examinations.condition_rule import SUSPICIOUS
from core.vision.calibration import conformal_threshold, probabilities, sensitivity_threshold
from models.skin_condition.measure import Collected, index_of
from models.training.calibrate import fit_temperature
from models.training.clinical import CONDITIONS

SENSITIVITY = 0.95
COVERAGE = 0.90
ANSWERED = 0.98
"""Share of val photos that each of the two out-of-distribution checks lets through."""


def fit_rule(val: Collected) -> dict[str, Any]:
    """The card's `calibration`, `thresholds`, `conformal` and `out_of_distribution` (numbers that the rule reads)."""
    # Rounded first: a threshold is the probability of one photo, and must be reached again under the card's own numbers.
    counts = np.bincount(val.labels, minlength=len(CONDITIONS))
    prior = np.round(np.maximum(counts, 1) / np.maximum(counts, 1).sum(), 6)
    temperature, strength = (round(v, 4) for v in fit_temperature(val.logits, val.labels, prior))
    at_prior = probabilities(val.logits, temperature, prior, strength)
    uniform = probabilities(val.logits, temperature, prior, 0.0)
    watched = {"suspicious": index_of(SUSPICIOUS), "impetigo": index_of(("impetigo",)), "herpes": index_of(("herpes",))}
    thresholds = {
        name: {
            "value": sensitivity_threshold(at_prior[:, own].sum(1), np.isin(val.labels, own), SENSITIVITY),
            "why": f"the largest that finds {SENSITIVITY:.0%} of the val photos of "
            + ("melanoma, basal cell carcinoma and actinic keratosis" if name == "suspicious" else name),
        }
        for name, own in watched.items()
    }
    return {
        "calibration": {
            "temperature": temperature,
            "prior_strength": strength,
            "prior": {c: float(p) for c, p in zip(CONDITIONS, prior, strict=True)},
            "prior_name": "the photos as collected (their val split), which is no clinic's",
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
            "98 % of the val photos, or when photo_kind gives it a smaller chance of being clinical than 98 % of them.",
        },
    }
