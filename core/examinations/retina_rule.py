"""How the retina check decides: from five probabilities and the outlined signs to grade, set and next step. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.examinations.finding import Step, most_urgent
from core.examinations.rule import Decision
from core.instruments.icdr import GRADES, REFERABLE, Signs, least_grade
from core.vision.ordinal import label_cutoffs_of, neighbours

CLASSES = tuple(one.label for one in GRADES)
"""The grades as the network calls them, "0" to "4"."""
WORST = len(GRADES) - 1
EYE_DOCTOR: Step = "soon"
"""What an eye gets whose grade 4 can only not be excluded, or whose macula may be swollen: two weeks, within the month of ICO 2017."""


@dataclass(frozen=True)
class Rule:
    """The card's decision rule.

    `referable`: the chance of grade 2 or more from which the eye is sent to an eye doctor. `conformal`: a grade with at least this
    probability is in the set. `distance`: largest squared distance from the training photos that is still answered;
    `kind_chance`: smallest chance of a photo of the back of the eye.
    """

    referable: float
    conformal: float
    distance: float
    kind_chance: float

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Rule:
        """The rule in the facts of `models/retina_grade/card.json`."""
        support = facts["out_of_distribution"]
        return cls(facts["thresholds"]["referable"]["value"], facts["conformal"]["threshold"], support["distance"], support["kind_chance"])


def label_of(score: float, facts: Mapping[str, Any]) -> int:
    """The grade 0-4 of a score by the card's cut-offs for it: how many it reaches."""
    return int(sum(score >= cut for cut in label_cutoffs_of(facts)))


def chance_referable(probabilities: Sequence[float]) -> float:
    """P(grade 2 or more), 0-1, of the five probabilities."""
    return float(sum(probabilities[REFERABLE:]))


def grades_shown(probabilities: Sequence[float], label: int, rule: Rule, least: int | None) -> tuple[int, ...]:
    """The grades that cannot be excluded, worst first and without a gap.

    The label, the conformal set, grade 2 where the eye is referred, and the least grade that the outlined signs allow (`least`; None:
    they were not looked for). Grades are neighbours on a scale: what lies between two that cannot be excluded cannot be either.
    """
    found = {label, *neighbours(probabilities, rule.conformal)}
    if chance_referable(probabilities) >= rule.referable and max(found) < REFERABLE:
        found.add(REFERABLE)
    if least is not None and least > label:  # signs only ever say that it is no less: what they miss says nothing
        found.add(least)
    return tuple(range(max(found), min(found) - 1, -1))


def step_of(shown: Sequence[int], label: int) -> Step:
    """The step of the worst grade shown; "today" for an eye that is called proliferative, not for one that merely may be."""
    step = GRADES[max(shown)].step
    return EYE_DOCTOR if step == "today" and label < WORST else step


def decide(
    probabilities: Sequence[float],
    label: int,
    distance: float,
    kind_chance: float,
    rule: Rule,
    signs: Signs | None = None,
    macular: bool = False,
    poor: bool = False,
    drawn: bool = False,
) -> Decision:
    """Decide on one photo.

    `probabilities`: five, calibrated, of grades 0-4. `label` 0-4 by the card's cut-offs. `signs`: what was outlined, None where
    nothing was looked for. The eye is referred by the card's threshold alone, whether signs were looked for or not. Where the
    signs allow no grade as low as the label, the set widens to the least they allow and the step with it (`signs_more`); where
    none of them fits a label above 0, that is said (`signs_none`) and nothing gets milder. Hard exudates near the fovea (`macular`)
    stand for macular oedema, which ICO 2017 has seen within a month: the step is at least "soon". Too `poor` a photo and one unlike
    those it was trained on make it abstain; the step stays, because doubt never hides urgent advice. `drawn` pictures pass
    the out-of-distribution check.
    """
    least = None if signs is None else least_grade(signs)
    shown = grades_shown(probabilities, label, rule, least)
    step, reasons = step_of(shown, label), [f"set:{max(shown)}"]
    refer = chance_referable(probabilities) >= rule.referable
    if refer and label < REFERABLE:
        reasons.append("referable")
    if least is not None and least > label:
        reasons.append("signs_more")
    elif signs == Signs() and label > 0:
        reasons.append("signs_none")
    if macular:
        step = most_urgent(step, EYE_DOCTOR)
        reasons.append("macular")
    far = math.isnan(distance) or distance > rule.distance
    abstains = poor or (not drawn and (far or kind_chance < rule.kind_chance))
    if abstains:
        step = most_urgent(step, "routine")
        reasons.append("abstained")
    return Decision(
        label=str(label),
        probabilities={name: float(p) for name, p in zip(CLASSES, probabilities, strict=True)},
        cannot_exclude=tuple(str(grade) for grade in shown),
        refer=refer,
        step=step,
        step_reasons=tuple(reasons),
        abstains=abstains,
    )
