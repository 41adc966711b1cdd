"""How a check with classes decides: from logits to label, set and next step. Pure, and all numbers come from the card."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.examinations.finding import STEPS, Answers, Context, Finding, Step, most_urgent
from core.vision.calibration import Floats, probabilities

UNLIKE = "This photo is unlike the photos this check was trained on."


@dataclass(frozen=True)
class Raised:
    """A higher limit, `value`, for photos that give the `kinds` together a chance below `chance`: of something else altogether."""

    value: float
    kinds: Collection[str]
    chance: float


@dataclass(frozen=True)
class Rule:
    """The card's decision rule.

    `prior` (classes): frequencies the probabilities belong to. `thresholds`: a watched class, or a group
    of them, to the (summed) probability from which it cannot be excluded; `groups`: the classes of each
    group, a name that is not there is a class. `conformal`: a class whose score (probability at a
    uniform prior) is at least this is in the set. `distance`: largest squared distance from the
    training photos that is still answered; `kind_chance`: smallest chance of the right kind of photo.
    `urgent`: the classes that refer to a doctor, the worst first. `raised`: of some thresholds, the higher one that is
    for photos of something else. `conformal_watched`: whether the conformal set holds watched classes too; where not,
    their thresholds, for a higher coverage, stand in for it (conformal sets with a limit for each label, Vovk 2013).
    """

    classes: tuple[str, ...]
    temperature: float
    prior: tuple[float, ...]
    prior_strength: float
    thresholds: Mapping[str, float]
    conformal: float
    distance: float
    kind_chance: float
    urgent: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    raised: Mapping[str, Raised] = field(default_factory=dict)
    conformal_watched: bool = True

    @classmethod
    def of(cls, facts: Mapping[str, Any], urgent: tuple[str, ...], groups: Mapping[str, tuple[str, ...]] | None = None) -> Rule:
        """The rule in a card's facts. `groups`: those of its thresholds that watch several classes together."""
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
            urgent=urgent,
            groups=groups or {},
            raised={c: Raised(**t["raised"]) for c, t in facts["thresholds"].items() if "raised" in t},
            conformal_watched=facts["conformal"].get("watched", True),
        )

    def watched(self, name: str) -> tuple[str, ...]:
        """The classes that the threshold of this name watches."""
        return self.groups.get(name, (name,))

    def limit(self, name: str, chance: Mapping[str, float]) -> float:
        """The threshold of this name on a photo with these chances of the classes; the raised one is never the lower."""
        least, higher = self.thresholds[name], self.raised.get(name)
        if higher is None or sum(chance[c] for c in higher.kinds) >= higher.chance:
            return least
        return max(least, higher.value)

    def conformal_set(self, uniform: Floats) -> set[str]:
        """The classes in the conformal set; uniform (classes,): probabilities at a uniform prior."""
        own = set() if self.conformal_watched else {c for name in self.thresholds for c in self.watched(name)}
        return {c for c, score in zip(self.classes, uniform, strict=True) if score >= self.conformal and c not in own}


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

    `logits` (classes,); `kind_chance`: of the kind of photo that the check is for. `steps`: next step of each
    class when it cannot be excluded. The label is the most probable class at a uniform prior (best for
    balanced accuracy). The set unites the label, the conformal set and what is over its threshold, and its
    worst member gives the next step; an urgent member refers. Any yes among the answers raises the step to
    at least "soon", whatever the network says. Out of distribution it abstains; the step stays, because
    doubt never hides urgent advice. `drawn` pictures pass the out-of-distribution check.
    """
    answers = answers or Answers()
    at_prior = probabilities(logits, rule.temperature, rule.prior, rule.prior_strength)
    uniform = probabilities(logits, rule.temperature, rule.prior, 0.0)
    label = rule.classes[int(np.argmax(uniform))]
    shown = worst_first({label} | rule.conformal_set(uniform) | over_threshold(at_prior, rule), at_prior, rule, steps)
    step: Step = steps[shown[0]]
    reasons = [f"set:{shown[0]}"]
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
        cannot_exclude=shown,
        refer=any(name in rule.urgent for name in shown),
        step=step,
        step_reasons=tuple(reasons),
        abstains=abstains,
    )


def over_threshold(at_prior: Floats, rule: Rule) -> set[str]:
    """The classes that cannot be excluded by a threshold; at_prior (classes,).

    A group stands and falls together, by its sum. Of one that stands, the most probable class is told, and
    every other with at least an even share of the threshold: so it is never passed by in silence, and nobody
    reads of three cancers where one of them is what worries.
    """
    found: set[str] = set()
    chance = dict(zip(rule.classes, at_prior, strict=True))
    for name in rule.thresholds:
        members, least = rule.watched(name), rule.limit(name, chance)
        if sum(chance[c] for c in members) >= least:
            found.add(max(members, key=chance.__getitem__))
            found.update(c for c in members if chance[c] >= least / len(members))
    return found


def worst_first(chosen: Collection[str], at_prior: Floats, rule: Rule, steps: Mapping[str, Step]) -> tuple[str, ...]:
    """The classes by step, then in the order of the rule's `urgent`, then the most probable first."""
    chance = dict(zip(rule.classes, at_prior, strict=True))
    rank = {name: i for i, name in enumerate(rule.urgent)}
    return tuple(sorted(chosen, key=lambda c: (-STEPS.index(steps[c]), rank.get(c, len(rank)), -chance[c], c)))


def finding_of(decision: Decision, examination: str, kind: str, context: Context, reason: str = "", **measured: Any) -> Finding:
    """The finding of a decision, `kind` as the gate saw it.

    `reason`: why it abstained, where it is not that the photo is unlike others. `measured`: pictures, numbers and versions, fields
    of `Finding`.
    """
    return Finding(
        examination=examination,
        kind=kind,
        status="abstained" if decision.abstains else "ok",
        label=decision.label,
        probabilities=decision.probabilities,
        cannot_exclude=decision.cannot_exclude,
        refer=decision.refer,
        step=decision.step,
        step_reasons=decision.step_reasons,
        reason=(reason or UNLIKE) if decision.abstains else "",
        answers=context.answers,
        **measured,
    )
