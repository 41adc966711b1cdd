"""Measure `lesion_outline` through the app's own engine and write its card.

python -m models.lesion_outline.report --data DIR --state final.pt
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core.vision.engine import InProcess
from core.vision.networks import OutlineNet
from core.vision.outline import mask_of
from core.vision.registry import forget
from models.lesion_outline.recipe import jaccard
from models.training.command import run_report
from models.training.data import ham10000
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD
from models.training.metrics import bootstrap
from models.training.publish import HAM10000, HAM_SPLIT, LICENCES, NOT_A_DEVICE, PRETRAINED, save_weights, write_card

FOLDER = Path(__file__).parent
INPUT = {"size": 192, "crop": "squash", "mean": IMAGENET_MEAN, "std": IMAGENET_STD, "range": "0 to 1", "colour": "RGB", "flips": True}
POOR = 0.65
"""Jaccard index under which ISIC 2018 counted an outline as failed."""


def outlines(folder: Path, split: str, limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Jaccard index per photo of one split, and the lesion of each."""
    data = ham10000(folder, masks=True, splits=(split,), limit=limit)
    assert data.masks is not None
    engine = InProcess()
    predicted = np.stack([mask_of(engine.outline("lesion_outline", image)[0], image.shape) for image in data.images])
    return jaccard(predicted > 0, data.masks > 0), data.table["lesion_id"].to_numpy()


def measure(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """Every figure of the card, intervals by bootstrap over lesions."""
    figures: dict[str, Any] = {}
    for split, group in (("test", "metrics"), ("val", "metrics_val")):
        index, lesions = outlines(folder, split, limit)
        dice = 2 * index / (1 + index)
        figures[group] = {
            "jaccard": bootstrap(len(index), lambda r, index=index: float(index[r].mean()), groups=lesions),
            "under_065": bootstrap(len(index), lambda r, index=index: float((index[r] < POOR).mean()), groups=lesions),
            "dice": bootstrap(len(dice), lambda r, dice=dice: float(dice[r].mean()), groups=lesions),
        }
    return figures


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again, for `models.evaluate`."""
    return measure(folder)


def facts(weights: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "lesion_outline",
        "version": "1.0.0",
        "title": "The outline of a spot",
        "task": "segmentation",
        "architecture": "mobilenet_v2_unet",
        "classes": ["lesion"],
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": HAM10000["licence"]},
        "data": [
            {**HAM10000, "counts": {"lesion": {"train": 7641, "val": 977, "test": 1006}}, "masks": "Tschandl 2020, CC BY-NC 4.0"},
            PRETRAINED,
        ],
        "split_rule": HAM_SPLIT,
        **figures,
        "decision": "Chance of at least 0.5, the largest piece, holes filled.",
        "intended_use": "To show which spot was examined, and how much of the photo it takes. Dermatoscopic photos of one spot.",
        "limits": [
            NOT_A_DEVICE,
            "It outlines one spot; of several it takes the one it is surest of.",
            "No scale is known, so there is no size in millimetres.",
            "Where a spot fades into the skin, people disagree on its edge too.",
            "Nearly all photos show light skin.",
        ],
    }


def publish(network: nn.Module, folder: Path) -> None:
    """Write weights, measure through the engine, write the card."""
    weights = save_weights(network, FOLDER)
    write_card(FOLDER, facts(weights, {"metrics": {}}))
    forget()
    write_card(FOLDER, facts(weights, measure(folder)))


def main() -> None:
    """Command line."""
    run_report(__doc__, OutlineNet(), publish)


if __name__ == "__main__":
    main()
