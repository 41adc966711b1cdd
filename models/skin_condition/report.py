"""Calibrate `skin_condition` on val, measure it on test through the app's own engine, and write its card.

python -m models.skin_condition.report --data DIR --state final.pt

Without `--state` the weights that ship stay, and the rule, the figures and the counts of the card are made anew.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core.vision.card import card, input_of
from core.vision.networks import Classifier
from core.vision.registry import forget
from core.vision.skin_tone import BANDS, NOT_SEEN
from models.skin_condition.calibrate import fit_rule
from models.skin_condition.measure import collect, measure, tone
from models.skin_condition.recipe import SIZE
from models.training.clinical import CONDITIONS, Conditions, conditions
from models.training.command import run_report
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD
from models.training.publish import CLINICAL_SPLIT, DERMNET, LICENCES, NOT_A_DEVICE, PRETRAINED, SD198, save_weights, write_card
from models.training.support import pooled_features, whitening

log = logging.getLogger("carelens.training")

FOLDER = Path(__file__).parent
EVERY = 5
"""Of the training photos, so many-th are looked at for their skin tone."""
INPUT: dict[str, Any] = {
    "size": SIZE,
    "crop": "middle_square",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
    "range": "0 to 1",
    "colour": "RGB",
    "flips": True,
}


def facts(weights: dict[str, Any], counts: dict[str, Any], rule: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "skin_condition",
        "version": "1.1.0",
        "title": "Conditions that can look like this",
        "task": "classification",
        "architecture": "mobilenet_v2_classifier",
        "classes": CONDITIONS,
        "class_names": {c: c.replace("_", " ") for c in CONDITIONS},
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": f"{DERMNET['licence']}; SD-198: {SD198['licence']}"},
        "data": [{**DERMNET, "counts": counts, "counts_are_of": "both sources together"}, SD198, PRETRAINED],
        "split_rule": CLINICAL_SPLIT,
        **rule,
        **figures,
        "decision": "The most probable class at a uniform prior. Probabilities are calibrated to the collection's own frequencies.",
        "intended_use": "To tell a person which common conditions can look like their photo, and how soon to show it to a doctor. "
        "Phone and camera photos of a rash or a spot in the middle. For education and research.",
        "limits": [
            NOT_A_DEVICE,
            "It knows twenty conditions. Hundreds of others are taken for one of them.",
            "How often a condition is in the collection says nothing of how often it is in life.",
            "Spots: a phone photo shows less than one through a dermatoscope. Have a spot that is new, changing or bleeding looked at.",
            "Some labels come from one source alone (contact dermatitis and the seborrhoeic ones almost only from SD-198, nine others from "
            "DermNet): how they look and how that source photographs cannot be told apart. See the figures by source.",
            "Nearly all photos show light skin; on darker skin it may be wrong more often. See the figures by skin tone.",
            "Rare labels have few test photos: look at the width of their intervals.",
        ],
    }


def statistics(network: nn.Module, data: Conditions) -> dict[str, torch.Tensor]:
    """What the training photos look like to the network, for "unlike the photos it learned from"."""
    return whitening(pooled_features(network.cpu().float().eval(), data.images, input_of(INPUT)), torch.from_numpy(data.labels.copy()))


def tones_of(data: Conditions) -> dict[str, Any]:
    """How many of the training photos show skin of each tone, looked at by the app's own outlines; every fifth, the mix is the same."""
    looked = data.images[::EVERY]
    counted = Counter(tone(image) for image in looked)
    bands = (*(band for band, _ in BANDS), NOT_SEEN)
    return {"train": {name: counted.get(name, 0) for name in bands}, "looked_at": len(looked)}


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again under the card's rule, for `models.evaluate`."""
    return measure(collect(folder, "val"), collect(folder, "test"), dict(card("skin_condition").facts), folder)


def publish(network: nn.Module, folder: Path) -> None:
    """Statistics and weights, then the card."""
    weights = save_weights(network, FOLDER, statistics(network, conditions(folder, ("train",))))
    write_card(FOLDER, facts(weights, {}, {}, {"metrics": {}}))
    again(folder)


def again(folder: Path) -> None:
    """Calibration on val, figures on test, and the card, for the weights that are there."""
    forget()
    own = card("skin_condition").facts
    data = conditions(folder, ("train",))
    val = collect(folder, "val")
    rule = {**fit_rule(val), "tones": tones_of(data)}
    log.info("calibrated: %s", json.dumps(rule["calibration"]))
    test = collect(folder, "test")
    counts: dict[str, Any] = {"train": {c: int(n) for c, n in zip(CONDITIONS, np.bincount(data.labels), strict=True)}}
    counts |= {"val": val.counts(), "test": test.counts()}
    weights = {name: own[name] for name in ("sha256", "parameters")}
    write_card(FOLDER, facts(weights, counts, rule, measure(val, test, rule, folder)))


def main() -> None:
    """Command line."""
    run_report(__doc__, Classifier(len(CONDITIONS)), publish, again)


if __name__ == "__main__":
    main()
