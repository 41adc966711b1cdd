"""Measure `photo_kind` and write its card.

python -m models.photo_kind.report --data DIR --state final.pt
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core.vision.calibration import softmax
from core.vision.engine import InProcess
from core.vision.networks import Classifier
from core.vision.registry import forget
from models.photo_kind.mistakes import mistake
from models.photo_kind.recipe import KINDS, load
from models.photo_kind.render import render
from models.training.command import run_report
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD
from models.training.metrics import bootstrap, confusion
from models.training.publish import HAM10000, LICENCES, NOT_A_DEVICE, PRETRAINED, save_weights, write_card

FOLDER = Path(__file__).parent
INPUT = {"size": 160, "crop": "squash", "mean": IMAGENET_MEAN, "std": IMAGENET_STD, "range": "0 to 1", "colour": "RGB", "flips": False}
MADE = 200
"""Pictures made by code that stand for mistakes, per split (other seeds than any in training)."""


def measure(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """Every figure of the card, from the shipped weights through the app's own engine."""
    engine = InProcess()
    figures: dict[str, Any] = {"metrics": {}, "recall": {}}
    for split in ("val", "test"):
        photos = load(folder, (split,), limit)
        rng = np.random.default_rng({"val": 1, "test": 2}[split])
        truth, predicted, sure = [], [], []
        for kind, images in enumerate(photos.by_kind):
            for image in images:
                logits = engine.classify("photo_kind", render(image, rng)).logits
                truth.append(kind)
                predicted.append(int(logits.argmax()))
                sure.append(float(softmax(logits).max()))
        made = [int(engine.classify("photo_kind", render(mistake(rng), rng)).logits.argmax()) for _ in range(min(MADE, limit or MADE))]
        t, p = np.array(truth), np.array(predicted)
        for kind, name in enumerate(KINDS):
            own = p[t == kind] == kind
            if len(own):
                figures["recall"][f"{name}_{split}"] = bootstrap(len(own), lambda rows, own=own: float(own[rows].mean()))
        hit = np.array(made) == KINDS.index("other")
        figures["recall"][f"made_{split}"] = bootstrap(len(hit), lambda rows, hit=hit: float(hit[rows].mean()))
        if split == "test":
            figures["confusion"] = confusion(t, p, len(KINDS))
        right = t == p
        figures["metrics"][f"accuracy_{split}"] = bootstrap(len(right), lambda rows, right=right: float(right[rows].mean()))
    return figures


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again, for `models.evaluate`."""
    return measure(folder)


def facts(weights: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "photo_kind",
        "version": "1.0.0",
        "title": "What kind of photo it is",
        "task": "classification",
        "architecture": "mobilenet_v2_classifier",
        "classes": KINDS,
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": "see data"},
        "data": [
            {**HAM10000, "kind": "dermatoscopic"},
            {"name": "DermNet NZ, SD-198, DermXDB", "kind": "clinical", "licence": "CC BY-NC-ND 3.0 NZ; research use; CC0"},
            {"name": "APTOS 2019, EyePACS 2015, IDRiD", "kind": "fundus", "licence": "competition data, no redistribution; CC BY 4.0"},
            {"name": "ImageNet samples", "kind": "other", "licence": "research use"},
            {"name": "pictures made by code: documents, screenshots, plain colours, drawings, charts", "kind": "other", "licence": "MIT"},
            PRETRAINED,
        ],
        "split_rule": "Fixed by lesion, person or eye. `other` has no split: every fifth file is val, none is test; "
        "`made_test` are pictures made by code with seeds not used in training.",
        **figures,
        "rendering": "Every photo, in training and here, is rendered again at a random crop, aspect, size (120-448 pixels) and JPEG "
        "quality (35-95), because the folders differ in those.",
        "decision": "The most probable kind.",
        "intended_use": "To send a photo to the examination it is for, and to turn away what is none of them.",
        "limits": [
            NOT_A_DEVICE,
            "Nearly all photos show light skin.",
            "A drawing that imitates a dermatoscopic photo closely may be taken for one, or for a drawing.",
        ],
    }


def publish(network: nn.Module, folder: Path) -> None:
    """Write weights, measure through the engine, write the card."""
    weights = save_weights(network, FOLDER)
    write_card(FOLDER, facts(weights, {"metrics": {}, "recall": {}}))
    forget()
    write_card(FOLDER, facts(weights, measure(folder)))


def main() -> None:
    """Command line."""
    run_report(__doc__, Classifier(len(KINDS)), publish)


if __name__ == "__main__":
    main()
