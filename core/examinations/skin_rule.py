"""How the skin check decides: from logits to label, set and next step. Pure, and all numbers come from the card."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.examinations.finding import STEPS, Answers, Step, most_urgent
from core.vision.calibration import probabilities

URGENT = ("mel", "bcc", "akiec")
"""Melanoma, basal cell carcinoma, actinic keratosis: what a threshold of its own watches for."""

UNLIKE = "This photo is unlike the photos this check was trained on."


@dataclass(frozen=True)
class Rule:
    """The card's decision rule.

    `prior` (classes): frequencies the probabilities belong to. `thresholds`: urgent class to the
    probability from which it cannot be excluded. `conformal`: a class whose score (probability at a
    uniform prior) is at least this is in the set. `distance`: largest squared distance from the
    training photos that is still answered; `kind_chance`: smallest chance of a dermatoscopic photo.
    """

    classes: tuple[str, ...]
    temperature: float
    prior: tuple[float, ...]
    prior_strength: float
    thresholds: Mapping[str, float]
    conformal: float
    distance: float
    kind_chance: float

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Rule:
        """The rule in a card's facts."""
        calibration, support = facts["calibration"], facts["out_of_distribution"]
        return cls(
            classes=tuple(facts["classes"]),
            temperature=calibration["temperature"],
            prior=tuple(calibration["prior"][c] for c in facts["classes"]),
            prior_strength=calibration["prior_strength"],
            thresholds={c: t["value"] for c, t in facts["thresholds"].items()},
            conformal=facts["conformal"]["threshold"],
            distance=support["distance"],
            kind_chance=support["kind_chance"],
        )


@dataclass(frozen=True)
class Decision:
    """What the rule says of one photo; the set has the label in it and is ordered worst first."""

    label: str
    probabilities: dict[str, float]
    cannot_exclude: tuple[str, ...]
    refer: bool
    step: Step
    step_reasons: tuple[str, ...]
    abstains: bool


def decide(
    logits: ArrayLike,
    distance: float,
    kind_chance: float,
    rule: Rule,
    steps: Mapping[str, Step],
    answers: Answers | None = None,
    drawn: bool = False,
) -> Decision:
    """Decide on one photo.

    `logits` (classes,). `steps`: next step of each class when it cannot be excluded. The label is the
    most probable class at a uniform prior (best for balanced accuracy). The set unites the conformal
    set and the urgent classes over their thresholds, and its worst member gives the next step. Any
    yes among the answers raises the step to at least "soon", whatever the network says. Out of
    distribution it abstains; the step stays, because doubt never hides urgent advice. `drawn`
    pictures pass the out-of-distribution check.
    """
    answers = answers or Answers()
    at_prior = probabilities(logits, rule.temperature, rule.prior, rule.prior_strength)
    uniform = probabilities(logits, rule.temperature, rule.prior, 0.0)
    label = rule.classes[int(np.argmax(uniform))]
    chosen = {label}
    for i, name in enumerate(rule.classes):
        if uniform[i] >= rule.conformal or at_prior[i] >= rule.thresholds.get(name, math.inf):
            chosen.add(name)
    order = {name: i for i, name in enumerate(rule.classes)}
    worst_first = sorted(
        chosen, key=lambda c: (-STEPS.index(steps[c]), URGENT.index(c) if c in URGENT else len(URGENT), -at_prior[order[c]])
    )
    step: Step = steps[worst_first[0]]
    reasons = [f"set:{worst_first[0]}"]
    if answers.any_yes:
        step = most_urgent(step, "soon")
        reasons.append("answers")
    far = math.isnan(distance) or distance > rule.distance
    abstains = not drawn and (far or kind_chance < rule.kind_chance)
    if abstains:
        step = most_urgent(step, "routine")
        reasons.append("abstained")
    return Decision(
        label=label,
        probabilities={name: float(p) for name, p in zip(rule.classes, at_prior, strict=True)},
        cannot_exclude=tuple(worst_first),
        refer=any(c in URGENT for c in chosen),
        step=step,
        step_reasons=tuple(reasons),
        abstains=abstains,
    )
