"""What the skin check watches for; how it decides is `core.examinations.rule`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.examinations.rule import Rule

URGENT = ("mel", "bcc", "akiec")
"""Melanoma, basal cell carcinoma, actinic keratosis: what a threshold of its own watches for."""


def rule_of(facts: Mapping[str, Any]) -> Rule:
    """The rule in the facts of `models/skin_lesion/card.json`."""
    return Rule.of(facts, URGENT)
