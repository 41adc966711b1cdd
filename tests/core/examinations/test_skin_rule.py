"""The decision rule as tables: what the person is told to do follows from set, answers and doubt."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.examinations.finding import STEPS, Answers
from core.examinations.rule import Rule, decide
from core.examinations.skin import CLASSES
from core.examinations.skin_rule import URGENT
from core.examinations.texts import skin_classes

STEP_OF = {id: known.step for id, known in skin_classes().items()}
RULE = Rule(
    classes=CLASSES,
    temperature=1.0,
    prior=(0.03, 0.05, 0.11, 0.01, 0.11, 0.67, 0.02),
    prior_strength=1.0,
    thresholds={"mel": 0.05, "bcc": 0.05, "akiec": 0.05},
    conformal=0.2,
    distance=2.0,
    kind_chance=0.5,
    urgent=URGENT,
)


def logits(**high: float) -> np.ndarray:
    return np.array([high.get(c, -8.0) for c in CLASSES])


def test_urgent_classes_are_seen_within_two_weeks() -> None:
    assert all(STEP_OF[c] == "soon" for c in URGENT)
    assert all(STEPS.index(STEP_OF[c]) < STEPS.index("soon") for c in set(CLASSES) - set(URGENT))


@pytest.mark.parametrize("label", CLASSES)
def test_a_sure_answer_is_its_own_set_and_step(label: str) -> None:
    said = decide(logits(**{label: 12.0}), 1.0, 1.0, RULE, STEP_OF)
    assert (said.label, said.cannot_exclude, said.step) == (label, (label,), STEP_OF[label])
    assert said.refer == (label in URGENT) and not said.abstains
    assert sum(said.probabilities.values()) == pytest.approx(1)


def test_the_worst_member_of_the_set_gives_the_step() -> None:
    """A mole for which melanoma stays over its threshold is shown within two weeks."""
    said = decide(logits(nv=2.0, mel=1.5), 1.0, 1.0, RULE, STEP_OF)
    assert said.label == "nv" and said.cannot_exclude == ("mel", "nv")
    assert (said.step, said.refer, said.step_reasons) == ("soon", True, ("set:mel",))


def test_the_label_is_decided_at_a_uniform_prior_and_the_chances_at_the_cards() -> None:
    said = decide(logits(df=1.2, nv=1.0), 1.0, 1.0, RULE, STEP_OF)
    assert said.label == "df"
    assert max(said.probabilities, key=lambda c: said.probabilities[c]) == "nv"
    assert "df" in said.cannot_exclude


@pytest.mark.parametrize("yes", list(itertools.product((None, False, True), repeat=3)))
@pytest.mark.parametrize("label", ["nv", "mel"])
@pytest.mark.parametrize("distance", [1.0, 9.0])
def test_any_yes_raises_the_step_to_at_least_two_weeks(yes: tuple[bool | None, ...], label: str, distance: float) -> None:
    said = decide(logits(**{label: 12.0}), distance, 1.0, RULE, STEP_OF, Answers(*yes))
    if True in yes or label == "mel":
        assert STEPS.index(said.step) >= STEPS.index("soon")
    else:
        assert STEPS.index(said.step) < STEPS.index("soon")
    assert ("answers" in said.step_reasons) == (True in yes)


@pytest.mark.parametrize(
    "distance,chance,drawn,abstains",
    [(1.0, 0.9, False, False), (2.1, 0.9, False, True), (1.0, 0.4, False, True), (math.nan, 0.9, False, True), (9.0, 0.0, True, False)],
)
def test_it_abstains_far_from_its_training_photos(distance: float, chance: float, drawn: bool, abstains: bool) -> None:
    assert decide(logits(nv=12.0), distance, chance, RULE, STEP_OF, drawn=drawn).abstains is abstains


def test_doubt_never_hides_urgent_advice() -> None:
    said = decide(logits(mel=12.0), 9.0, 0.0, RULE, STEP_OF)
    assert said.abstains and said.step == "soon" and said.refer
    calm = decide(logits(nv=12.0), 9.0, 0.0, RULE, STEP_OF)
    assert calm.abstains and calm.step != "watch"


@given(some.lists(some.floats(-20, 20), min_size=7, max_size=7), some.floats(0, 5), some.floats(0, 1))
def test_laws_of_every_decision(values: list[float], distance: float, chance: float) -> None:
    said = decide(np.array(values), distance, chance, RULE, STEP_OF)
    assert said.label in said.cannot_exclude
    for name in URGENT:
        if said.probabilities[name] >= RULE.thresholds[name]:
            assert name in said.cannot_exclude and said.refer and STEPS.index(said.step) >= STEPS.index("soon")
    ranks = [STEPS.index(STEP_OF[c]) for c in said.cannot_exclude]
    assert ranks == sorted(ranks, reverse=True)
    assert STEPS.index(said.step) >= ranks[0]
