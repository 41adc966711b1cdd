"""Everything the rash and spot check needs to decide, fitted on val."""

from __future__ import annotations

from typing import Any

from core.examinations.condition_rule import SUSPICIOUS
from models.skin_condition.measure import Collected
from models.training.calibrate import fitted_rule
from models.training.clinical import CONDITIONS


def fit_rule(val: Collected) -> dict[str, Any]:
    """The card's `calibration`, `thresholds`, `conformal` and `out_of_distribution`; the suspicious spots are watched together."""
    watched = {"suspicious": SUSPICIOUS, "impetigo": ("impetigo",), "herpes": ("herpes",)}
    return fitted_rule(val, CONDITIONS, watched, "the photos as collected (their val split), which is no clinic's", "clinical")
