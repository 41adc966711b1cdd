"""How the skin check decides: the common rule with its own urgent classes."""

from __future__ import annotations

from collections.abc import Mapping

from numpy.typing import ArrayLike

from core.examinations import rule as common
from core.examinations.finding import Answers, Step
from core.examinations.rule import Decision, Rule

__all__ = ["URGENT", "Decision", "Rule", "decide"]

URGENT = ("mel", "bcc", "akiec")
"""Melanoma, basal cell carcinoma, actinic keratosis: what a threshold of its own watches for."""


def decide(
    logits: ArrayLike,
    distance: float,
    kind_chance: float,
    rule: Rule,
    steps: Mapping[str, Step],
    answers: Answers | None = None,
    drawn: bool = False,
) -> Decision:
    """Decide on one photo, logits (7,); see `core.examinations.rule.decide`. `kind_chance`: of a dermatoscopic photo."""
    return common.decide(logits, distance, kind_chance, rule, steps, URGENT, answers, drawn)
