"""The cards that ship: complete, true to their weights, and over the bars of the house."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.settings import ROOT
from core.vision.card import card, card_ids, file_sha256
from core.vision.registry import network
from models.training.data import SKIN_CLASSES, ham10000

BARS = {
    # card, figure: (at least, at most)
    ("photo_kind", "recall.dermatoscopic_val"): (0.97, 1),
    ("photo_kind", "recall.dermatoscopic_test"): (0.97, 1),
    ("photo_kind", "recall.clinical_val"): (0.97, 1),
    ("photo_kind", "recall.clinical_test"): (0.97, 1),
    ("photo_kind", "recall.fundus_val"): (0.97, 1),
    ("photo_kind", "recall.fundus_test"): (0.97, 1),
    ("photo_kind", "recall.other_val"): (0.97, 1),
    ("skin_lesion", "metrics.balanced_accuracy"): (0.78, 1),
    ("skin_lesion", "metrics.ece"): (0, 0.05),
    ("skin_lesion", "metrics.heat_peak_inside"): (0.80, 1),
    ("skin_lesion", "metrics.abstains_other"): (0.90, 1),
    ("skin_lesion", "metrics.abstains_clinical"): (0.90, 1),
    ("skin_lesion", "metrics.abstains_test"): (0, 0.05),
    ("lesion_outline", "metrics.jaccard"): (0.87, 1),
    ("eczema_outline", "metrics.affected_iou"): (0.74, 1),
    ("eczema_outline", "metrics.skin_iou"): (0.97, 1),
    ("eczema_outline", "metrics.fraction_error"): (0, 0.045),
    ("eczema_outline", "metrics.corner_iou"): (0.90, 1),
    ("eczema_outline", "metrics.corner_change"): (0, 0.03),
    ("skin_condition", "metrics.balanced_accuracy"): (0.45, 1),
    ("skin_condition", "metrics.top3_accuracy"): (0.75, 1),
    ("skin_condition", "metrics.fall_when_hidden"): (-1, 0.03),
    ("skin_condition", "metrics.suspicious_auroc"): (0.85, 1),
    ("skin_condition", "metrics.suspicious_sensitivity"): (0.90, 1),
    ("skin_condition", "metrics.impetigo_refer"): (0.80, 1),
    ("skin_condition", "metrics.herpes_refer"): (0.80, 1),
    ("retina_grade", "metrics.kappa_aptos2019"): (0.88, 1),
    ("retina_grade", "metrics.kappa_idrid"): (0.72, 1),
    ("retina_grade", "metrics.auroc_aptos2019"): (0.96, 1),
    ("retina_grade", "metrics.auroc_idrid"): (0.91, 1),
    ("retina_lesions", "metrics.dice_microaneurysms"): (0.35, 1),
    ("retina_lesions", "metrics.dice_haemorrhages"): (0.50, 1),
    ("retina_lesions", "metrics.dice_hard_exudates"): (0.70, 1),
    ("retina_lesions", "metrics.dice_soft_exudates"): (0.35, 1),
    ("retina_disc", "metrics.dice_disc"): (0.92, 1),
}


UNMET = {
    ("skin_lesion", "metrics.balanced_accuracy"): "0.83 on val, 0.76 on test, where it names 12 of 33 actinic keratoses",
    ("eczema_outline", "metrics.fraction_error"): "0.027 on val, 0.065 on test, most of it from a few photos",
}
"""Bars a shipped network does not reach yet. Strict: the day it does, the line has to go."""


def _bar(id: str, figure: str) -> Any:
    why = UNMET.get((id, figure))
    return pytest.param(id, figure, marks=[pytest.mark.xfail(strict=True, reason=why)] if why else [])


@pytest.mark.parametrize("id,figure", [_bar(*known) for known in BARS], ids=lambda v: v)
def test_figures_are_over_the_bar(id: str, figure: str) -> None:
    group, name = figure.split(".")
    found = card(id).facts[group][name]
    low, high = BARS[id, figure]
    assert low <= found["value"] <= high
    assert found["low"] <= found["value"] <= found["high"] and found["n"] > 0


@pytest.mark.parametrize("id", card_ids())
def test_weights_are_the_cards_and_small(id: str) -> None:
    own = card(id)
    assert file_sha256(own.weights) == own.sha256
    assert own.weights.stat().st_size <= 20e6
    assert sum(p.numel() for p in network(id).module.parameters()) == own.facts["parameters"]


@pytest.mark.parametrize("id", card_ids())
def test_a_card_says_what_people_need_to_know(id: str) -> None:
    facts = card(id).facts
    assert any("Not a medical device" in line for line in facts["limits"])
    assert any("light skin" in line for line in facts["limits"])
    assert "non-commercial" in facts["licences"]["weights"]
    assert all("licence" in source for source in facts["data"])
    assert facts["split_rule"] and facts["intended_use"]


@pytest.mark.parametrize("id", card_ids())
def test_a_recipe_and_a_report_stand_beside_each_card(id: str) -> None:
    for name in ("recipe.py", "report.py"):
        tree = ast.parse((ROOT / "models" / id / name).read_text())
        assert any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)


def test_skin_thresholds_state_sensitivity_and_specificity() -> None:
    for name in ("mel", "bcc", "akiec"):
        found = card("skin_lesion").facts["thresholds"][name]
        assert found["sensitivity_val"] >= 0.95
        assert {"value", "why", "specificity_val", "sensitivity_test", "specificity_test"} <= set(found)


@pytest.mark.parametrize("split,n", [("val", 120)])
def test_the_shipped_networks_still_give_the_cards_answers(split: str, n: int, data_folder: Path) -> None:
    """A spot check through the engine: far worse than the card means weights, preprocessing or rule broke."""
    from core.vision.engine import engine
    from core.vision.outline import mask_of
    from models.lesion_outline.recipe import jaccard

    data = ham10000(data_folder, masks=True, splits=(split,), limit=n)
    assert data.masks is not None
    said = np.array([engine().classify("skin_lesion", image).logits.argmax() for image in data.images])
    common = np.isin(data.labels, [SKIN_CLASSES.index("nv"), SKIN_CLASSES.index("mel"), SKIN_CLASSES.index("bkl")])
    assert (said == data.labels)[common].mean() > 0.65
    index = [
        jaccard(mask_of(engine().outline("lesion_outline", i)[0], i.shape)[None] > 0, m[None] > 0)[0]
        for i, m in zip(data.images[:60], data.masks[:60], strict=True)
    ]
    assert np.mean(index) > 0.8
