"""Measure `retina_lesions` through the app's own engine and write its card.

python -m models.retina_lesions.report --data DIR --state final.pt

There is no test split. The evidence is the cross-validation (`models.retina_lesions.crossval`); what is measured here is the
shipped network on the ten photos of `val`, on which its thresholds were chosen too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core.vision.card import input_of
from core.vision.engine import InProcess, levelled
from core.vision.networks import OutlineNet
from core.vision.signs import SIGNS
from models.retina_lesions import small
from models.retina_lesions.crossval import STUDY
from models.retina_lesions.data import outlined, over_photo
from models.retina_lesions.recipe import INPUT
from models.training import dice
from models.training.command import run_report
from models.training.publish import IDRID, LICENCES, NOT_A_DEVICE, PRETRAINED, UNKNOWN_PEOPLE, publish_measured

FOLDER = Path(__file__).parent


def counted(folder: Path, split: str, limit: int | None = None) -> np.ndarray:
    """Pixels by chance of each photo of a split (photos, classes, 2, 256), through the engine, at the photos' own size."""
    engine, found = InProcess(), []
    for photo in outlined(folder, (split,), limit):
        level = levelled(photo.pixels, input_of(INPUT))
        assert level is not None
        shape = photo.truth.shape
        found.append(dice.counts(over_photo(engine.outline("retina_lesions", photo.pixels), level, shape), photo.truth))
    return np.stack(found)


def measure(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """Thresholds chosen on val, and the Dice there."""
    cut, told = dice.on_val(counted(folder, "val", limit), SIGNS)
    sizes = small.by_size(folder, INPUT, cut, limit)
    return {
        "fewest_pixels": small.fewest(sizes),
        "thresholds": told["thresholds"],
        "metrics_val": told["metrics_val"] | {"dice_by_pixels_across": sizes},
    }


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again, for `models.evaluate`."""
    return measure(folder) | {"metrics": STUDY.metrics()}


def facts(weights: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "retina_lesions",
        "version": "1.0.0",
        "title": "Signs of diabetic retinopathy in a photo of an eye",
        "task": "segmentation",
        "architecture": "mobilenet_v2_unet",
        "classes": SIGNS,
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": "CC BY 4.0, and CC BY-NC 4.0 of the network it starts as"},
        "data": [
            {**IDRID, "part": "segmentation: 40 photos in train, 10 in val; 23 of the 50 have soft exudates"},
            {"name": "Lesion outline, a network of CareLens", "use": "initial weights", "licence": "CC BY-NC 4.0 (HAM10000)"},
            PRETRAINED,
        ],
        "split_rule": "Fixed: trained on train, thresholds chosen on val; there is no test. The evidence is a five-fold cross-validation "
        "over all 50 photos with fewer steps and without healthy eyes; by which plan stands in metrics.crossval. "
        "Whether two photos are of one person is not known.",
        "metrics": STUDY.metrics(),
        **figures,
        "dice": "Over the photo's own pixels. `pooled`: all pixels of the photos where the sign was outlined, together; `per_photo`: the "
        "mean of those photos; `pooled_all`: of all photos together, also those without the sign; `clean`: share of the photos without "
        "the sign in which nothing was outlined. A fold's thresholds were chosen on the photos of the other folds; `dice_at_half` is "
        "at 0.5 for all.",
        "size": "`fewest_pixels`: photos in which the eye measures less across are not looked at: microaneurysms lose more than "
        f"{100 - small.KEPT * 100:.0f} % of their Dice there, or nothing smaller was tried (metrics_val.dice_by_pixels_across).",
        "evidence": False,
        "evidence_why": "All outlined photos are of ill eyes, so how often it draws signs in a healthy one was not measured. Signs are "
        "shown and counted, and move neither the grades that cannot be excluded nor the advice.",
        "decision": "Chance of at least the class's threshold.",
        "intended_use": "To show the signs that speak for a grade of diabetic retinopathy, and where they are. Colour photos of the back "
        "of an eye, 45 to 50 degrees, at least 1,000 pixels across the eye. For education and research.",
        "limits": [
            NOT_A_DEVICE,
            "It learned from 50 photos of one camera (Kowa VX-10alpha) in one clinic in Nanded, India, all of eyes with diabetic "
            "retinopathy. With other cameras, and in healthy eyes, it may outline what is none.",
            "Microaneurysms are seven pixels wide here: in a smaller or softer photo they cannot be seen.",
            "It knows no new vessels, no venous beading and no intraretinal microvascular changes: a severe eye may show few signs.",
            UNKNOWN_PEOPLE,
            "A photo without depth cannot exclude macular oedema, however few hard exudates there are.",
        ],
    }


def publish(network: nn.Module, folder: Path) -> None:
    """Write weights, measure through the engine, write the card."""
    publish_measured(network, FOLDER, facts, lambda: measure(folder))


def main() -> None:
    """Command line."""
    run_report(__doc__, OutlineNet(len(SIGNS)), publish)


if __name__ == "__main__":
    main()
