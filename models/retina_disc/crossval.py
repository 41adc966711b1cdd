"""Five-fold cross-validation of `retina_disc` over all outlined photos, the evidence of its card.

python -m models.retina_disc.crossval --data DIR [--work DIR]

One seed; an epoch is as many looks at whole eyes as there are photos to learn from.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.vision.card import input_of
from core.vision.signs import DISC
from models.retina_disc.recipe import BATCH, INPUT, PLAN, counted, learn
from models.retina_lesions.data import Eye, eyes, folds
from models.training.crossval import Study
from models.training.loop import Plan


def epochs(plan: Plan, photos: int) -> float:
    """How often a plan looks at each of so many photos."""
    return float(plan.steps * BATCH / photos)


WAY = f"average {PLAN.average} size {INPUT['size']} mirrored, from rare"
STUDY = Study(Path(__file__).parent, (DISC,), PLAN, WAY, learn, counted, epochs)


def load(folder: Path) -> tuple[list[Eye], np.ndarray]:
    """All photos and the fold of each."""
    photos = eyes(folder, input_of(INPUT))
    return photos, folds(photos)


if __name__ == "__main__":
    STUDY.main(__doc__, load)
