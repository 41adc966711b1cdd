"""What a person reads of an eye: plain words, the caveat of the macula every time, and advice that fits the step."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from core.examinations.finding import STEPS, Finding
from core.examinations.retina_rule import CLASSES, Rule, decide
from core.examinations.retina_texts import SIGNS, advice_of, counted, grades, retina_words, signs
from core.examinations.rule import finding_of
from core.examinations.texts import read
from core.instruments import icdr
from core.vision.gate import FUNDUS_HINTS
from tests.core.reading import GRADE, grade

RULE = Rule(referable=0.4, conformal=0.2, distance=2.0, kind_chance=0.05)
CHANCES = {
    0: (0.93, 0.05, 0.01, 0.01, 0.0),
    1: (0.2, 0.7, 0.08, 0.01, 0.01),
    2: (0.02, 0.1, 0.8, 0.07, 0.01),
    3: (0.0, 0.02, 0.1, 0.85, 0.03),
    4: (0.0, 0.0, 0.02, 0.1, 0.88),
}
LOOKED: dict[str, icdr.Signs | None] = {
    "not looked": None,
    "nothing": icdr.Signs(),
    "bulges": icdr.Signs(microaneurysms=4),
    "many": icdr.Signs(3, (1, 0, 2, 0), 9, 1),
}


def finding(label: int, looked: str = "not looked", distance: float = 0.0, macular: bool = False, **how: Any) -> Finding:
    from core.examinations.finding import Context

    seen = LOOKED[looked]
    decision = decide(CHANCES[label], label, distance, 1.0, RULE, seen, macular)
    numbers: dict[str, float] = {}
    if seen is not None:
        numbers = dict(zip(SIGNS, (seen.microaneurysms, sum(seen.haemorrhages), seen.hard_exudates, seen.soft_exudates), strict=True))
        numbers["least_grade"] = float(icdr.least_grade(seen))
    return replace(finding_of(decision, "retina", "fundus", Context(), numbers=numbers), **how)


ALL = {
    f"{label} {looked} {distance}": finding(label, looked, distance)
    for label, looked, distance in itertools.product(CHANCES, LOOKED, (0.0, 9.0))
} | {"macular": finding(1, "many", macular=True)}


def unproven(label: int, **counts: float) -> Finding:
    """A finding whose outlined signs are no evidence, as those of a card that says so: counted, and no least grade beside them."""
    return finding(label, numbers=dict.fromkeys(SIGNS, 0.0) | counts)


ALL |= {"unproven": unproven(0, ma=3, he=2), "unproven none": unproven(3)}


@pytest.mark.parametrize("name", ALL)
def test_every_answer_is_plain_and_keeps_its_caveats(name: str) -> None:
    one = ALL[name]
    words = retina_words(one, {})
    for text in (words.looks_like, words.how_sure, words.cannot_exclude, words.what_next, words.how_we_know, words.disclaimer):
        assert grade(text) <= GRADE, (grade(text), text)
        assert "<" not in text and "nan" not in text and "{" not in text
    assert "macular oedema" in words.cannot_exclude and "rule it out" in words.cannot_exclude
    assert "Go today if" in words.what_next and "not a diagnosis" in words.disclaimer
    assert words.step == one.step and words.when and len(words.when) <= 26
    assert (words.sure is None) == (one.status != "ok") and bool(words.possibilities) == (one.status == "ok")
    assert words.looks_like.startswith("I can't tell") == (one.status != "ok")


@pytest.mark.parametrize("name", ALL)
def test_the_advice_is_that_of_the_step(name: str) -> None:
    one = ALL[name]
    advice = advice_of(one)
    steps = {grade.label: grade.step for grade in icdr.GRADES} | {"abstained": "routine"}
    assert steps[advice] == one.step
    assert STEPS.index(one.step) >= STEPS.index(icdr.GRADES[int(one.label)].step)


@pytest.mark.parametrize(
    ("label", "said"),
    [(0, "in a year"), (1, "6 to 12 months"), (2, "eye doctor within 3 to 6 months"), (3, "within two weeks"), (4, "today")],
)
def test_the_interval_is_that_of_the_table(label: int, said: str) -> None:
    words = retina_words(finding(label), {})
    assert said in words.what_next and f"grade {label} of 4" in words.looks_like
    one = icdr.GRADES[label]
    if one.refer:
        assert "eye doctor" in words.what_next.split("\n")[0]


def test_signs_are_told_in_words_and_where_they_do_not_fit() -> None:
    fits = retina_words(finding(2, "many"), {}).looks_like
    assert "3 tiny bulges, 3 small bleeds, 9 yellow spots and 1 pale spot" in fits and "do not agree" not in fits
    more = retina_words(finding(0, "many"), {})
    assert "grade 2 or more" in more.looks_like and "do not agree" in more.looks_like and "Grade 2" in more.cannot_exclude
    assert "The outlined signs fit grade 2 or more." in more.what_next
    assert "No sign that fits" in retina_words(finding(3, "nothing"), {}).looks_like
    assert "No signs were outlined." in retina_words(finding(0, "nothing"), {}).looks_like
    assert "Signs were not outlined" in retina_words(finding(0), {}).looks_like and counted(finding(0)) == {}
    assert "middle of the retina" in retina_words(finding(1, "many", macular=True), {}).what_next.split("Why:")[1]


@pytest.mark.parametrize(
    ("label", "counts", "fits"),
    [(0, {"ma": 2}, "1"), (0, {"he": 1}, "2"), (1, {"ma": 9, "ex": 1}, "2"), (1, {"ma": 9}, ""), (2, {"se": 1}, ""), (0, {}, "")],
)
def test_signs_that_prove_nothing_are_not_left_beside_a_milder_grade_unexplained(label: int, counts: dict[str, float], fits: str) -> None:
    """`fits`: the grade that the scale gives for such signs, where it is worse than the one named."""
    said = retina_words(unproven(label, **counts), {})
    assert ("do not agree" in said.looks_like) == bool(fits) and f"grade {fits} or more" in said.looks_like or not fits
    assert ("do not change the grade" in said.looks_like) == bool(fits)
    assert said.what_next == retina_words(finding(label), {}).what_next, "the advice stays as it is"
    assert "No sign that fits" in retina_words(unproven(3), {}).looks_like and "No sign that fits" not in said.looks_like


def test_how_sure_names_the_chance_of_an_eye_for_the_doctor() -> None:
    assert "The chance of grade 2 or more is 88 %." in retina_words(finding(2), {}).how_sure
    odd = finding(1, probabilities=dict(zip(CLASSES, (0.4, 0.2, 0.2, 0.1, 0.1), strict=True)))
    assert "Grade 0 scores higher" in retina_words(odd, {}).how_sure


def test_no_answer_hides_nothing_urgent() -> None:
    for label, advice in ((0, "abstained"), (2, "abstained"), (3, "3"), (4, "4")):
        assert advice_of(finding(label, distance=9.0)) == advice


def test_what_was_not_looked_at_is_said() -> None:
    assert "measured roughly" in retina_words(finding(1), {}).how_we_know
    assert "measured roughly" not in retina_words(finding(1, versions={"retina_quality": "1.0"}), {}).how_we_know


def test_how_it_did_is_told_by_its_worst_and_best_source() -> None:
    card = {
        "metrics": {"accuracy": {"value": 0.7, "n": 552}},
        "thresholds": {
            "referable": {"value": 0.3, "sensitivity_test": 0.95, "sensitivity_test_idrid": 0.912, "sensitivity_test_aptos2019": 1.0}
        },
    }
    said = retina_words(finding(1), card).how_we_know
    assert "552 photos" in said and "it sent 91 to 99 to an eye doctor" in said and grade(said) <= GRADE
    assert "sent" not in retina_words(finding(1), {}).how_we_know


def test_the_texts_are_complete() -> None:
    texts = read("retina.json")
    assert tuple(grades()) == CLASSES and set(texts["next"]) == {*CLASSES, "abstained"} and set(signs()) == {*SIGNS, "disc"}
    assert all(address.startswith("https://") for _, address in texts["links"])
    assert texts["reviewed_by_clinician"] or texts["review_note"] in retina_words(finding(0), {}).how_we_know
    for text in (*(one.means for one in grades().values()), *(one.what for one in signs().values()), *FUNDUS_HINTS.values()):
        assert text.endswith(".") and grade(text) <= GRADE, (grade(text), text)
