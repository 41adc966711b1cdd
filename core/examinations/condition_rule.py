"""What the rash and spot check watches for; how it decides is `core.examinations.rule`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.examinations.rule import Rule

CLASSES = (
    "acne", "actinic_keratosis", "basal_cell_carcinoma", "contact_dermatitis", "eczema", "herpes", "impetigo", "lichen_planus",
    "melanoma", "molluscum_warts", "naevus", "pityriasis_versicolor", "psoriasis", "rosacea", "scabies", "seborrhoeic_dermatitis",
    "seborrhoeic_keratosis", "tinea", "urticaria", "vitiligo",
)  # fmt: skip

SUSPICIOUS = ("melanoma", "basal_cell_carcinoma", "actinic_keratosis")
"""Skin cancers and their forerunner, watched together: on a phone photo one is easily taken for the other."""
SPOTS = (*SUSPICIOUS, "naevus", "seborrhoeic_keratosis")
"""What is a single spot, to be seen through a dermatoscope; everything else is a rash."""
URGENT = (*SUSPICIOUS, "herpes", "impetigo")
"""What refers, worst first: the suspicious spots, and the two infections of the "see a doctor" rule."""
GROUPS: Mapping[str, tuple[str, ...]] = {"suspicious": SUSPICIOUS}


def rule_of(facts: Mapping[str, Any]) -> Rule:
    """The rule in the facts of `models/skin_condition/card.json`.

    Its threshold `suspicious` is for the summed probability, at the card's prior, of SUSPICIOUS, and a raised one is for
    photos of a rash, which hardly ever hide a cancer; those of `herpes` and `impetigo` are for these two alone.
    """
    return Rule.of(facts, URGENT, GROUPS)


def suspicion(probabilities: Mapping[str, float]) -> float:
    """The summed probability 0-1 of the suspicious spots: what the threshold `suspicious` is for."""
    return sum(probabilities[name] for name in SUSPICIOUS)
