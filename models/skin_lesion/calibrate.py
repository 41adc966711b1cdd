"""Everything the decision rule needs, fitted on val: temperature, thresholds, conformal set, out of distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.examinations.skin_rule import URGENT
from core.vision.calibration import conformal_threshold, probabilities, sensitivity_threshold
from models.skin_lesion.measure import Collected
from models.training.calibrate import fit_temperature
from models.training.data import SKIN_CLASSES

SENSITIVITY = 0.95
COVERAGE = 0.90
ANSWERED = 0.98
"""Share of val photos that each of the two out-of-distribution checks lets through."""


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
