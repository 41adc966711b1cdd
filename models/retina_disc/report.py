"""Measure `retina_disc` through the app's own engine and write its card.

python -m models.retina_disc.report --data DIR --state final.pt

There is no test split. The evidence is the cross-validation (`models.retina_disc.crossval`); what is measured here is the shipped
network on the ten photos of `val`, on which its threshold was chosen too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core.vision.card import input_of
from core.vision.engine import InProcess, levelled
from core.vision.networks import OutlineNet
from core.vision.signs import DISC
from models.retina_disc.crossval import STUDY
from models.retina_disc.one_piece import one_piece
from models.retina_disc.recipe import BIT, INPUT
from models.retina_lesions.data import outlined, over_photo
from models.training import dice
from models.training.command import run_report
from models.training.publish import IDRID, LICENCES, NOT_A_DEVICE, PRETRAINED, UNKNOWN_PEOPLE, publish_measured

FOLDER = Path(__file__).parent


def counted(folder: Path, split: str, limit: int | None = None) -> np.ndarray:
    """Pixels by chance of each photo of a split (photos, 1, 2, 256), through the engine, at the photos' own size."""
    engine, found = InProcess(), []
    for photo in outlined(folder, (split,), limit):
        level = levelled(photo.pixels, input_of(INPUT))
        assert level is not None
        chances = one_piece(engine.outline("retina_disc", photo.pixels)[0])
        found.append(dice.counts(over_photo(chances[None], level, photo.truth.shape), photo.truth >> BIT & 1))
    return np.stack(found)


def measure(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """The threshold chosen on val, and the Dice there."""
    return dice.on_val(counted(folder, "val", limit), (DISC,))[1]


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again, for `models.evaluate`."""
    return measure(folder) | {"metrics": STUDY.metrics()}


def facts(weights: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "retina_disc",
        "version": "1.0.0",
        "title": "The optic disc in a photo of an eye",
        "task": "segmentation",
        "architecture": "mobilenet_v2_unet",
        "classes": (DISC,),
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": "CC BY 4.0, and CC BY-NC 4.0 of the network it starts as"},
        "data": [
            {**IDRID, "part": "segmentation: 40 photos in train, 10 in val"},
            {"name": "Lesion outline, a network of CareLens", "use": "initial weights", "licence": "CC BY-NC 4.0 (HAM10000)"},
            PRETRAINED,
        ],
        "split_rule": "Fixed: trained on train, threshold chosen on val; there is no test. The evidence is a five-fold cross-validation "
        "over all 50 photos by the same recipe. Whether two photos are of one person is not known.",
        "metrics": STUDY.metrics(),
        **figures,
        "dice": "Over the photo's own pixels. `pooled`: all pixels of all photos together; `per_photo`: the mean of the photos. A fold's "
        "threshold was chosen on the photos of the other folds; `dice_at_half` is at 0.5.",
        "decision": "Chance of at least the threshold; then the largest piece with its convex hull: vessels cut bays into its edge.",
        "intended_use": "To tell which eye a photo shows, and where in it a sign lies. Colour photos of the back of an eye, 45 to 50 "
        "degrees, with the disc in view. For education and research.",
        "limits": [
            NOT_A_DEVICE,
            "It learned from 40 photos of one camera (Kowa VX-10alpha) in one clinic in Nanded, India, all of eyes with diabetic "
            "retinopathy. How well it does with other cameras was not measured.",
            "It outlines a disc that is there; it does not judge it: nothing is said of glaucoma.",
            UNKNOWN_PEOPLE,
        ],
    }


def publish(network: nn.Module, folder: Path) -> None:
    """Write weights, measure through the engine, write the card."""
    publish_measured(network, FOLDER, facts, lambda: measure(folder))


def main() -> None:
    """Command line."""
    run_report(__doc__, OutlineNet(1), publish)


if __name__ == "__main__":
    main()
