"""The rule of the rash and spot check: what is told follows from set, answers and doubt, and its laws."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.examinations.condition_rule import CLASSES, GROUPS, SPOTS, SUSPICIOUS, URGENT, rule_of, suspicion
from core.examinations.condition_texts import conditions
from core.examinations.finding import STEPS, Answers
from core.examinations.rule import Decision, Raised, Rule, decide

STEP_OF = {id: known.step for id, known in conditions().items()}
PRIOR = np.array([0.11 if c == "eczema" else 0.89 / 19 for c in CLASSES])
THRESHOLDS = {"suspicious": 0.2, "herpes": 0.08, "impetigo": 0.08}


def rule(strength: float = 0.0, conformal: float = 0.15) -> Rule:
    return Rule(CLASSES, 1.0, tuple(PRIOR), strength, THRESHOLDS, conformal, 2.0, 0.1, URGENT, GROUPS)


def ask(chances: np.ndarray | dict[str, float], answers: Answers | None = None, distance: float = 1.0, kind: float = 1.0) -> Decision:
    """Decide on probabilities (20,), or on those named with the rest shared out evenly; the prior plays no part."""
    if isinstance(chances, dict):
        rest = (1 - sum(chances.values())) / (len(CLASSES) - len(chances))
        chances = np.array([chances.get(c, rest) for c in CLASSES])
    return decide(np.log(np.maximum(chances, 1e-300)), distance, kind, rule(), STEP_OF, answers)


def rank(said: Decision) -> int:
    return STEPS.index(said.step)


SOME_CHANCES = some.lists(some.floats(1e-6, 1), min_size=20, max_size=20).map(lambda v: np.array(v) ** 4 / (np.array(v) ** 4).sum())
"""The fourth power, so that many are nearly nothing and some are nearly sure."""
YES = some.sampled_from([None, False, True])


def test_the_twenty_labels_are_those_of_the_data_in_order() -> None:
    assert len(CLASSES) == 20 and list(CLASSES) == sorted(CLASSES)
    assert {*SPOTS, *URGENT} <= set(CLASSES)


def test_what_refers_is_seen_within_two_weeks() -> None:
    assert all(STEP_OF[c] == "soon" for c in URGENT)
    assert {c for c in SPOTS if STEP_OF[c] == "watch"} == {"naevus", "seborrhoeic_keratosis"}


@pytest.mark.parametrize("label", CLASSES)
def test_a_sure_answer_is_its_own_set_and_step(label: str) -> None:
    said = ask({label: 0.98})
    assert (said.label, said.cannot_exclude, said.step) == (label, (label,), STEP_OF[label])
    assert said.refer == (label in URGENT) and not said.abstains
    assert sum(said.probabilities.values()) == pytest.approx(1)


def test_three_small_suspicions_add_up_and_the_most_probable_of_them_are_told() -> None:
    """No one of them is over the threshold for all three, nor in the conformal set; together they are."""
    said = ask({"naevus": 0.7, "melanoma": 0.1, "basal_cell_carcinoma": 0.08, "actinic_keratosis": 0.03})
    assert said.label == "naevus" and said.refer and said.step == "soon"
    assert said.cannot_exclude == ("melanoma", "basal_cell_carcinoma", "naevus")  # 0.03 is under an even share of 0.2
    assert said.step_reasons == ("set:melanoma",)


def test_below_the_threshold_a_mole_stays_a_mole() -> None:
    said = ask({"naevus": 0.8, "melanoma": 0.06, "basal_cell_carcinoma": 0.06, "actinic_keratosis": 0.06})
    assert (said.cannot_exclude, said.refer, said.step) == (("naevus",), False, "watch")


@pytest.mark.parametrize("infection", ["impetigo", "herpes"])
def test_the_see_a_doctor_rule_of_the_two_infections(infection: str) -> None:
    over, under = ask({"eczema": 0.85, infection: 0.081}), ask({"eczema": 0.85, infection: 0.079})
    assert over.refer and over.step == "soon" and over.cannot_exclude == (infection, "eczema")
    assert not under.refer and under.step == STEP_OF["eczema"] and under.cannot_exclude == ("eczema",)


def test_the_label_is_decided_at_a_uniform_prior_and_the_chances_at_the_cards() -> None:
    uniform = np.full(20, 0.01)
    uniform[CLASSES.index("psoriasis")], uniform[CLASSES.index("eczema")] = 0.42, 0.40
    said = decide(np.log(uniform), 1.0, 1.0, rule(strength=1.0), STEP_OF)
    assert said.label == "psoriasis"
    assert max(said.probabilities, key=lambda c: said.probabilities[c]) == "eczema"
    assert {"psoriasis", "eczema"} <= set(said.cannot_exclude)


RAISED = {"suspicious": Raised(0.4, SPOTS, 0.5)}


@pytest.mark.parametrize(
    ("chances", "told"),
    [
        ({"naevus": 0.7, "melanoma": 0.25}, True),  # a spot: the limit of 0.2
        ({"eczema": 0.7, "melanoma": 0.25}, False),  # a rash: that of 0.4
        ({"eczema": 0.5, "melanoma": 0.42}, True),
        ({"eczema": 0.45, "naevus": 0.3, "melanoma": 0.22}, True),  # more likely a spot than not
    ],
)
def test_a_photo_of_a_rash_has_a_higher_limit_for_cancers(chances: dict[str, float], told: bool) -> None:
    full = np.array([chances.get(c, (1 - sum(chances.values())) / (20 - len(chances))) for c in CLASSES])
    said = decide(np.log(full), 1.0, 1.0, replace(rule(conformal=0.9), raised=RAISED), STEP_OF)
    assert ("melanoma" in said.cannot_exclude) == said.refer == told


def test_a_raised_limit_is_never_the_lower_one() -> None:
    low = replace(rule(conformal=0.9), raised={"suspicious": Raised(0.05, SPOTS, 0.5)})
    chances = {"eczema": 0.6, "melanoma": 0.1}
    assert not decide(np.log([chances.get(c, 0.3 / 18) for c in CLASSES]), 1.0, 1.0, low, STEP_OF).refer


def test_where_the_limit_stands_in_for_it_no_cancer_is_listed_by_the_conformal_set() -> None:
    chances = {"eczema": 0.6, "psoriasis": 0.16, "melanoma": 0.16}
    full = np.log([chances.get(c, 0.08 / 17) for c in CLASSES])
    assert "melanoma" in decide(full, 1.0, 1.0, rule(), STEP_OF).cannot_exclude
    said = decide(full, 1.0, 1.0, replace(rule(), conformal_watched=False), STEP_OF)
    assert said.cannot_exclude == ("eczema", "psoriasis") and not said.refer
    sure = decide(
        np.log([0.9 if c == "melanoma" else 0.1 / 19 for c in CLASSES]), 1.0, 1.0, replace(rule(), conformal_watched=False), STEP_OF
    )
    assert sure.cannot_exclude == ("melanoma",)


def test_the_rule_is_read_from_a_card() -> None:
    facts = {
        "classes": list(CLASSES),
        "calibration": {"temperature": 1.3, "prior_strength": 0.9, "prior": dict.fromkeys(CLASSES, 0.05)},
        "thresholds": {"suspicious": {"value": 0.2, "why": "told elsewhere"}, "impetigo": {"value": 0.1}, "herpes": {"value": 0.1}},
        "conformal": {"threshold": 0.12},
        "out_of_distribution": {"distance": 2.5, "kind_chance": 0.4},
    }
    read = rule_of(facts)
    assert read.watched("suspicious") == SUSPICIOUS and read.watched("herpes") == ("herpes",)
    assert (read.temperature, read.conformal, read.distance, read.kind_chance) == (1.3, 0.12, 2.5, 0.4)
    assert read.thresholds == {"suspicious": 0.2, "impetigo": 0.1, "herpes": 0.1} and len(read.prior) == 20
    assert not read.raised and read.conformal_watched, "a card may leave these out"
    facts["thresholds"]["suspicious"]["raised"] = {"value": 0.4, "kinds": list(SPOTS), "chance": 0.5}
    again = rule_of(facts | {"conformal": {"threshold": 0.12, "watched": False}})
    assert again.limit("suspicious", dict.fromkeys(CLASSES, 0.05)) == 0.4 and not again.conformal_watched
    assert again.limit("suspicious", dict.fromkeys(SPOTS, 0.2)) == 0.2 == again.limit("suspicious", dict.fromkeys(SPOTS, 0.1))


@pytest.mark.parametrize("yes", list(itertools.product((None, False, True), repeat=3)))
@pytest.mark.parametrize("label", ["naevus", "eczema", "melanoma"])
@pytest.mark.parametrize("distance", [1.0, 9.0])
def test_any_yes_raises_the_step_to_at_least_two_weeks(yes: tuple[bool | None, ...], label: str, distance: float) -> None:
    said = ask({label: 0.98}, Answers(*yes), distance)
    assert (rank(said) >= STEPS.index("soon")) == (True in yes or label == "melanoma")
    assert ("answers" in said.step_reasons) == (True in yes)


@pytest.mark.parametrize(
    ("distance", "chance", "drawn", "abstains"),
    [(1.0, 0.9, False, False), (2.1, 0.9, False, True), (1.0, 0.05, False, True), (math.nan, 0.9, False, True), (9.0, 0.0, True, False)],
)
def test_it_abstains_far_from_its_training_photos(distance: float, chance: float, drawn: bool, abstains: bool) -> None:
    assert decide(np.zeros(20), distance, chance, rule(), STEP_OF, drawn=drawn).abstains is abstains


def test_doubt_never_hides_urgent_advice() -> None:
    for label in URGENT:
        said = ask({label: 0.98}, distance=9.0, kind=0.0)
        assert said.abstains and said.step == "soon" and said.refer
    calm = ask({"acne": 0.98}, distance=9.0)
    assert calm.abstains and calm.step == "routine"


@given(SOME_CHANCES, some.floats(0, 1.5), some.floats(0, 0.6), some.floats(0, 5), some.floats(0, 1))
def test_laws_of_every_decision(chances: np.ndarray, strength: float, conformal: float, distance: float, kind: float) -> None:
    own = rule(strength, conformal)
    said = decide(np.log(chances), distance, kind, own, STEP_OF)
    assert said.label == CLASSES[int(chances.argmax())] and said.label in said.cannot_exclude
    assert {c for c, p in zip(CLASSES, chances, strict=True) if p >= conformal + 1e-9} <= set(said.cannot_exclude)
    over = {name: suspicion(said.probabilities) if name == "suspicious" else said.probabilities[name] for name in THRESHOLDS}
    for name, least in THRESHOLDS.items():
        if over[name] >= least + 1e-9:
            assert said.refer and said.step == "soon" and set(own.watched(name)) & set(said.cannot_exclude)
    assert said.refer == bool(set(URGENT) & set(said.cannot_exclude))
    ranks = [STEPS.index(STEP_OF[c]) for c in said.cannot_exclude]
    assert ranks == sorted(ranks, reverse=True) and rank(said) >= ranks[0]
    assert len(set(said.cannot_exclude)) == len(said.cannot_exclude)


@given(SOME_CHANCES, some.sampled_from(SUSPICIOUS), some.sampled_from(sorted(set(CLASSES) - set(URGENT))), some.floats(0, 1))
def test_more_probability_of_a_cancer_never_lowers_the_step(chances: np.ndarray, cancer: str, source: str, share: float) -> None:
    """Probability moves to it from a class that asks for nothing: the step stays or rises, and a referral stays."""
    if STEP_OF[source] != "watch":
        source = "naevus"
    more = chances.copy()
    moved = share * chances[CLASSES.index(source)]
    more[CLASSES.index(source)] -= moved
    more[CLASSES.index(cancer)] += moved
    before, after = ask(chances), ask(more)
    assert rank(after) >= rank(before)
    assert suspicion(after.probabilities) >= suspicion(before.probabilities) - 1e-9


@given(some.lists(some.floats(-20, 20), min_size=20, max_size=20), some.sampled_from(SUSPICIOUS), some.floats(0, 20), some.floats(0, 1.5))
def test_a_larger_logit_of_a_cancer_never_takes_its_threshold_back(values: list[float], cancer: str, more: float, strength: float) -> None:
    """Whatever the prior, and whatever it is taken from."""
    raised = np.array(values)
    raised[CLASSES.index(cancer)] += more
    before, after = (decide(v, 1.0, 1.0, rule(strength), STEP_OF) for v in (np.array(values), raised))
    if suspicion(before.probabilities) >= THRESHOLDS["suspicious"] + 1e-9:
        assert after.step == "soon" and after.refer


@given(SOME_CHANCES, some.sampled_from(SUSPICIOUS), some.sampled_from(sorted(set(CLASSES) - {*URGENT})), some.floats(0, 1))
def test_more_probability_of_a_cancer_never_takes_it_off_the_list(chances: np.ndarray, cancer: str, source: str, share: float) -> None:
    """With two limits too, whatever it is taken from, a rash or a spot: what makes it more of a spot lowers the limit."""
    own, more = replace(rule(conformal=2.0), raised=RAISED, conformal_watched=False), chances.copy()
    moved = share * chances[CLASSES.index(source)]
    more[CLASSES.index(source)] -= moved
    more[CLASSES.index(cancer)] += moved
    before, after = (decide(np.log(np.maximum(c, 1e-300)), 1.0, 1.0, own, STEP_OF) for c in (chances, more))
    if suspicion(before.probabilities) >= own.limit("suspicious", before.probabilities) + 1e-9:
        assert after.refer and not set(SUSPICIOUS).isdisjoint(after.cannot_exclude)


@given(SOME_CHANCES, YES, YES, YES, some.floats(0, 5), some.floats(0, 1))
def test_answers_and_doubt_only_raise_the_step(chances: np.ndarray, a: None, b: None, c: None, distance: float, kind: float) -> None:
    plain = ask(chances)
    asked = ask(chances, Answers(a, b, c))
    doubted = ask(chances, Answers(a, b, c), distance, kind)
    assert rank(plain) <= rank(asked) <= rank(doubted)
    assert plain.cannot_exclude == asked.cannot_exclude == doubted.cannot_exclude and plain.refer == doubted.refer
