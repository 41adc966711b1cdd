"""Five-fold cross-validation of `retina_lesions` over all outlined photos, the evidence of its card.

python -m models.retina_lesions.crossval --data DIR [--work DIR]

One seed; an epoch is as many squares as cover the forty eyes once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.vision.card import input_of
from core.vision.signs import SIGNS
from models.retina_lesions.data import SIZE, Eye, eyes, folds
from models.retina_lesions.recipe import BATCH, INPUT, PLAN, counted, learn
from models.training.crossval import Study
from models.training.loop import Plan

CROSS = replace(PLAN, stages=[(256, 850)])


def epochs(plan: Plan, photos: int) -> float:
    """How often a plan covers the round eyes of so many photos with its squares."""
    area = sum(steps * size**2 for size, steps in plan.stages) * BATCH
    return float(area / (photos * np.pi / 4 * SIZE**2))


STUDY = Study(Path(__file__).parent, SIGNS, CROSS, "one look", learn, counted, epochs)


def load(folder: Path) -> tuple[list[Eye], np.ndarray]:
    """All photos and the fold of each."""
    photos = eyes(folder, input_of(INPUT))
    return photos, folds(photos)


if __name__ == "__main__":
    STUDY.main(__doc__, load)
