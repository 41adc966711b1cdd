"""ICDR against the published table: what each grade needs, when an eye is seen, and the 4-2-1 rule."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidInput
from core.examinations.finding import STEPS
from core.instruments import icdr
from core.instruments.icdr import Signs, four_two_one, grade_of, least_grade

COUNTS = some.tuples(*[some.integers(0, 40)] * 4)
SIGNS = some.builds(
    Signs, microaneurysms=some.integers(0, 9), haemorrhages=COUNTS, hard_exudates=some.integers(0, 9), soft_exudates=some.integers(0, 9)
)

ICO_2017 = {0: (12, 24, False), 1: (6, 12, False), 2: (3, 6, True), 3: (0, 3, True), 4: (0, 1, True)}
"""Grade to months from, months to, and whether it is referred, as the table for places with ample resources prints them."""


def test_the_scale_is_the_published_one() -> None:
    assert [one.grade for one in icdr.GRADES] == [0, 1, 2, 3, 4]
    assert [one.clinical.split()[0] for one in icdr.GRADES] == ["No", "Mild", "Moderate", "Severe", "Proliferative"]
    assert {one.grade: (one.least, one.most, one.refer) for one in icdr.GRADES} == ICO_2017
    assert icdr.REFERABLE == 2, "referable is moderate or worse, as IDx-DR, EyeArt and Medios define it"


def test_a_higher_grade_is_never_less_urgent() -> None:
    steps = [STEPS.index(one.step) for one in icdr.GRADES]
    assert steps == sorted(steps) and icdr.GRADES[0].step == "watch" and icdr.GRADES[4].step == "today"
    waits = [one.most for one in icdr.GRADES]
    assert waits == sorted(waits, reverse=True)


def test_no_step_is_later_than_the_table_asks() -> None:
    """The house's "soon" is two weeks and its "today" a day: both within the three months and the month of the table."""
    assert all(one.step in ("soon", "today") for one in icdr.GRADES if one.least == 0)


@pytest.mark.parametrize("value", [0, 4, "0", "3"])
def test_a_grade_is_found_by_its_number_and_by_its_digit(value: Any) -> None:
    assert grade_of(value).grade == int(value) and grade_of(value).label == str(int(value))


@pytest.mark.parametrize("wrong", [-1, 5, "5", "x", "", "٣", None, True, 2.0, "02 "])
def test_what_is_no_grade_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        grade_of(wrong)
    assert refused.value.reason.endswith(".")


@pytest.mark.parametrize(
    ("signs", "least"),
    [
        (Signs(), 0),
        (Signs(microaneurysms=1), 1),
        (Signs(microaneurysms=300), 1),  # microaneurysms only, however many
        (Signs(microaneurysms=1, haemorrhages=(0, 0, 1, 0)), 2),
        (Signs(hard_exudates=1), 2),
        (Signs(soft_exudates=1), 2),
        (Signs(haemorrhages=(20, 20, 20, 20)), 2),  # more than 20 are needed
        (Signs(haemorrhages=(90, 90, 90, 20)), 2),  # in each of the four
        (Signs(haemorrhages=(21, 21, 21, 21)), 3),
    ],
)
def test_the_least_grade_of_signs(signs: Signs, least: int) -> None:
    assert least_grade(signs) == least


@pytest.mark.parametrize(
    ("haemorrhages", "beading", "irma", "said"),
    [
        ((21, 21, 21, 21), None, None, True),
        ((21, 21, 21, 20), None, None, None),
        ((0, 0, 0, 0), 2, None, True),
        ((0, 0, 0, 0), 1, 0, False),
        ((0, 0, 0, 0), 1, None, None),
        ((0, 0, 0, 0), None, 1, True),
        ((20, 20, 20, 20), 1, 0, False),
    ],
)
def test_the_4_2_1_rule(haemorrhages: tuple[int, ...], beading: int | None, irma: int | None, said: bool | None) -> None:
    assert four_two_one(haemorrhages, beading, irma) is said


@pytest.mark.parametrize("wrong", [((1, 2, 3), None, None), ((-1, 0, 0, 0), None, None), ((0, 0, 0, 0), 5, None), ((0.5, 0, 0, 0), 0, 0)])
def test_counts_that_cannot_be_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        four_two_one(*wrong)


@given(SIGNS, SIGNS)
def test_more_signs_never_give_a_lower_grade(one: Signs, other: Signs) -> None:
    both = Signs(
        one.microaneurysms + other.microaneurysms,
        tuple(a + b for a, b in zip(one.haemorrhages, other.haemorrhages, strict=True)),  # type: ignore[arg-type]
        one.hard_exudates + other.hard_exudates,
        one.soft_exudates + other.soft_exudates,
    )
    assert max(least_grade(one), least_grade(other)) <= least_grade(both) <= 3


@given(SIGNS)
def test_signs_alone_never_prove_that_an_eye_is_fine_or_proliferative(signs: Signs) -> None:
    least = least_grade(signs)
    assert least < 4 and (least == 0) == (signs == Signs())
    assert (four_two_one(signs.haemorrhages) is True) == (least == 3)


def test_a_grade_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        icdr.GRADES[0].step = "today"  # type: ignore[misc]
