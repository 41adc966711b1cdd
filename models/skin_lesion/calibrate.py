"""Everything the skin check needs to decide, fitted on val."""

from __future__ import annotations

from typing import Any

from core.examinations.skin_rule import URGENT
from models.skin_lesion.measure import Collected
from models.training.calibrate import fitted_rule
from models.training.data import SKIN_CLASSES


def fit_rule(val: Collected) -> dict[str, Any]:
    """The card's `calibration`, `thresholds`, `conformal` and `out_of_distribution`; every urgent class has a threshold of its own."""
    watched = {name: (name,) for name in SKIN_CLASSES if name in URGENT}
    return fitted_rule(val, SKIN_CLASSES, watched, "HAM10000 as collected (its val split)", "dermatoscopic")
