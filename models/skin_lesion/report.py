"""Calibrate `skin_lesion` on val, measure it on test through the app's own engine, and write its card.

python -m models.skin_lesion.report --data DIR --state final.pt
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core.vision.card import card, input_of
from core.vision.networks import Classifier
from core.vision.registry import forget
from models.skin_lesion.calibrate import fit_rule
from models.skin_lesion.measure import Collected, collect, measure
from models.skin_lesion.recipe import SIZE
from models.skin_lesion.support import least_light, statistics
from models.skin_lesion.truth import truth
from models.training.calibrate import fit_offsets
from models.training.command import run_report
from models.training.data import SKIN_CLASSES, ham10000
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD
from models.training.publish import HAM10000, HAM_SPLIT, LICENCES, NOT_A_DEVICE, PRETRAINED, save_weights, write_card

log = logging.getLogger("carelens.training")

FOLDER = Path(__file__).parent
INPUT: dict[str, Any] = {
    "size": SIZE,
    "crop": "middle_square",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
    "range": "0 to 1",
    "colour": "RGB",
    "flips": True,
}
NAMES = {
    "akiec": "actinic keratosis and Bowen's disease",
    "bcc": "basal cell carcinoma",
    "bkl": "benign keratosis",
    "df": "dermatofibroma",
    "mel": "melanoma",
    "nv": "melanocytic naevus",
    "vasc": "vascular lesion",
}


def facts(
    weights: dict[str, Any], way: dict[str, Any], counts: dict[str, Any], rule: dict[str, Any], figures: dict[str, Any]
) -> dict[str, Any]:
    """The card."""
    return {
        "id": "skin_lesion",
        "version": "1.1.0",
        "title": "What a spot looks like through a dermatoscope",
        "task": "classification",
        "architecture": "mobilenet_v2_classifier",
        "classes": SKIN_CLASSES,
        "class_names": NAMES,
        "input": way,
        **weights,
        "licences": {**LICENCES, "data": HAM10000["licence"]},
        "data": [{**HAM10000, "counts": counts}, PRETRAINED],
        "split_rule": HAM_SPLIT,
        **rule,
        **figures,
        "decision": "The most probable class at a uniform prior; the biases of the classes were balanced on val. "
        "Probabilities are calibrated to the prior of HAM10000.",
        "intended_use": "To help a person decide how soon to show a spot to a doctor. Photos taken through a dermatoscope, one spot "
        "in the middle. For education and research.",
        "limits": [
            NOT_A_DEVICE,
            "It knows seven kinds of spots; others (squamous cell carcinoma, Merkel cell carcinoma, infections) are taken for one of them.",
            "Nearly all photos it learned from show light skin; on darker skin it was not tested and may be wrong more often.",
            "A photo with little light is made lighter before the network sees it. So is a photo of dark skin, which was not tested.",
            "Photos of one collection, from two sites (Vienna and Queensland). With other dermatoscopes and cameras it may do worse.",
            "Rare classes have few test photos: look at the width of their intervals.",
            "It is weakest on actinic keratosis: on the test photos it names few of them, and leaves some off its list. "
            "Look at its recall and coverage.",
            "It does not know age, change over time, touch or the person's other spots; the three questions stand in for some of that.",
        ],
    }


def figures(val: Collected, test: Collected, rule: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Every figure of the card under the rule in `rule`."""
    found = measure(val, test, rule, folder)
    found["metrics"] |= truth(test, rule, folder)
    return found


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again under the card's rule, for `models.evaluate`."""
    return figures(collect(folder, "val"), collect(folder, "test"), dict(card("skin_lesion").facts), folder)


def publish(network: nn.Module, folder: Path) -> None:
    """Statistics, the balance of the classes and calibration on val, weights, figures on test, card."""
    assert isinstance(network, Classifier)
    data = ham10000(folder, splits=("train",))
    counts: dict[str, Any] = {split: {} for split in ("train", "val", "test")}
    way = INPUT | {"least_light": least_light(data)}
    support = statistics(network, data, input_of(way))
    weights = save_weights(network, FOLDER, support)
    counts["train"] = data.table["dx"].value_counts().to_dict()
    del data
    blank: dict[str, Any] = {"metrics": {}}
    write_card(FOLDER, facts(weights, way, counts, {}, blank))
    forget()
    val = collect(folder, "val")
    offsets = fit_offsets(val.logits, val.labels)
    log.info("offsets of the classes: %s", np.round(offsets, 3).tolist())
    with torch.no_grad():
        network.head.bias += torch.from_numpy(offsets).to(network.head.bias)
    weights = save_weights(network, FOLDER, support)
    write_card(FOLDER, facts(weights, way, counts, {}, blank))
    forget()
    val = collect(folder, "val")  # again: what is rounded in the weights is rounded in the thresholds
    rule = fit_rule(val)
    log.info("calibrated: %s", json.dumps(rule["calibration"]))
    test = collect(folder, "test")
    counts |= {"val": val.counts(), "test": test.counts()}
    write_card(FOLDER, facts(weights, way, counts, rule, blank))
    forget()
    write_card(FOLDER, facts(weights, way, counts, rule, figures(val, test, rule, folder)))


def main() -> None:
    """Command line."""
    run_report(__doc__, Classifier(len(SKIN_CLASSES)), publish)


if __name__ == "__main__":
    main()
