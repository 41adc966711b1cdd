"""The rule of the retina check: neighbouring grades, no urgent advice lost, and what signs change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.examinations.finding import STEPS
from core.examinations.retina_rule import CLASSES, Rule, decide, grades_shown, label_of
from core.instruments.icdr import GRADES, Signs, least_grade
from core.vision.ordinal import ordinal_probabilities

RULE = Rule(referable=0.4, conformal=0.2, distance=2.0, kind_chance=0.05)
CUTS = (-3.0, -1.0, 1.0, 3.0)
FACTS = {"ordinal": {"cutoffs": CUTS}}
SCORES = some.floats(-8, 8)
COUNTS = some.tuples(*[some.integers(0, 30)] * 4)
SIGNS = some.none() | some.builds(Signs, some.integers(0, 5), COUNTS, some.integers(0, 5), some.integers(0, 3))


def chances(score: float) -> list[float]:
    return [float(p) for p in ordinal_probabilities(score, CUTS)]


def test_the_rule_is_read_from_the_card() -> None:
    facts = {
        "thresholds": {"referable": {"value": 0.3}},
        "conformal": {"threshold": 0.1},
        "out_of_distribution": {"distance": 7.0, "kind_chance": 0.2},
    }
    assert Rule.of(facts) == Rule(0.3, 0.1, 7.0, 0.2)


@given(SCORES)
def test_the_label_is_the_median_of_the_probabilities(score: float) -> None:
    label, p = label_of(score, FACTS), np.cumsum(chances(score))
    assert p[label] >= 0.5 - 1e-9 and (label == 0 or p[label - 1] <= 0.5 + 1e-9)


@given(SCORES, SIGNS, some.booleans(), some.booleans(), some.floats(0, 4), some.floats(0, 1))
def test_whatever_comes_the_set_is_neighbours_with_the_label_and_the_step_never_below_it(
    score: float, signs: Signs | None, macular: bool, poor: bool, distance: float, kind: float
) -> None:
    label = label_of(score, FACTS)
    said = decide(chances(score), label, distance, kind, RULE, signs, macular, poor)
    shown = [int(name) for name in said.cannot_exclude]
    assert label in shown and shown == list(range(shown[0], shown[-1] - 1, -1))
    assert STEPS.index(said.step) >= STEPS.index(GRADES[label].step), "doubt never makes it less urgent"
    assert said.refer == (sum(chances(score)[2:]) >= RULE.referable) and (not said.refer or shown[0] >= 2)
    assert said.abstains == (poor or distance > RULE.distance or kind < RULE.kind_chance)
    assert (said.step == "today") == (label == 4), "a day only for an eye that is called proliferative"
    assert STEPS.index(said.step) >= STEPS.index("routine") or not (said.abstains or macular)
    if signs is not None:
        assert shown[0] >= least_grade(signs), "no sign is passed by in silence"
        assert ("signs_more" in said.step_reasons) == (least_grade(signs) > label)


@given(SCORES, SCORES)
def test_a_higher_score_is_never_less_urgent(one: float, other: float) -> None:
    low, high = sorted((one, other))
    steps = [STEPS.index(decide(chances(s), label_of(s, FACTS), 0, 1, RULE).step) for s in (low, high)]
    assert steps[0] <= steps[1]


@given(SCORES, SIGNS)
def test_signs_change_no_probability_and_no_referral(score: float, signs: Signs | None) -> None:
    plain, seen = (decide(chances(score), label_of(score, FACTS), 0, 1, RULE, one) for one in (None, signs))
    assert plain.probabilities == seen.probabilities and plain.refer == seen.refer and plain.label == seen.label
    assert set(plain.cannot_exclude) <= set(seen.cannot_exclude) and STEPS.index(plain.step) <= STEPS.index(seen.step)


@pytest.mark.parametrize(
    ("p", "label", "least", "shown"),
    [
        ((0.9, 0.06, 0.02, 0.01, 0.01), 0, None, (0,)),
        ((0.5, 0.1, 0.3, 0.05, 0.05), 0, None, (2, 1, 0)),  # between two that cannot be excluded lies one that cannot either
        ((0.9, 0.06, 0.02, 0.01, 0.01), 0, 2, (2, 1, 0)),
        ((0.02, 0.08, 0.8, 0.09, 0.01), 2, 0, (2,)),  # what the outlines miss makes nothing milder
        ((0.35, 0.25, 0.18, 0.12, 0.10), 1, None, (2, 1, 0)),  # over the safety limit: 2 is in
        ((0.05, 0.15, 0.15, 0.35, 0.30), 3, None, (4, 3)),
    ],
)
def test_what_cannot_be_excluded(p: tuple[float, ...], label: int, least: int | None, shown: tuple[int, ...]) -> None:
    assert grades_shown(p, label, RULE, least) == shown


def test_grade_4_that_may_be_is_two_weeks_and_grade_4_that_is_named_is_today() -> None:
    maybe = decide((0.0, 0.1, 0.2, 0.4, 0.3), 3, 0, 1, RULE)
    named = decide((0.0, 0.0, 0.1, 0.3, 0.6), 4, 0, 1, RULE)
    assert maybe.cannot_exclude[0] == "4" and maybe.step == "soon" and named.step == "today"


def test_reasons_say_what_raised_the_step() -> None:
    fine = (0.9, 0.06, 0.02, 0.01, 0.01)
    assert decide(fine, 0, 0, 1, RULE, Signs(soft_exudates=1)).step_reasons == ("set:2", "signs_more")
    assert decide(fine, 0, 0, 1, RULE, Signs(hard_exudates=1), macular=True).step == "soon"
    assert decide((0.02, 0.08, 0.8, 0.09, 0.01), 2, 0, 1, RULE, Signs()).step_reasons == ("set:2", "signs_none")
    assert decide(fine, 0, 0, 1, replace(RULE, referable=0.03)).step_reasons == ("set:2", "referable")
    assert decide(fine, 0, float("nan"), 1, RULE).abstains and not decide(fine, 0, float("nan"), 0, RULE, drawn=True).abstains


def test_the_classes_are_digits() -> None:
    assert CLASSES == ("0", "1", "2", "3", "4")
