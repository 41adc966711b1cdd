"""POEM against the scoring notes of the form, Charman 2013 (bands) and Howells 2018 (change)."""

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidInput
from core.instruments import poem

ANSWER = some.integers(0, 4)
FULL = some.lists(ANSWER, min_size=7, max_size=7)
FORM = some.lists(some.none() | ANSWER, min_size=7, max_size=7)
TOTAL = some.integers(0, 28)


def test_seven_items_and_five_answers_in_the_order_of_the_form() -> None:
    assert poem.ITEMS == ("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry")
    assert poem.ANSWERS == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("answers", "total", "band"),
    [
        ((0, 0, 0, 0, 0, 0, 0), 0, "clear"),
        ((4, 4, 4, 4, 4, 4, 4), 28, "very_severe"),
        ((1, 0, 0, 0, 0, 0, 1), 2, "clear"),
        ((1, 1, 0, 0, 0, 0, 1), 3, "mild"),
        ((4, 3, 0, 1, 2, 2, 4), 16, "moderate"),
    ],
)
def test_a_full_form(answers: tuple[int, ...], total: int, band: str) -> None:
    scored = poem.score(answers)
    assert (scored.total, scored.missing, scored.left_out, scored.note) == (total, 0, (), "")
    assert scored.band is not None and scored.band.id == band
    assert scored.answers == answers


PUBLISHED = {"clear": range(3), "mild": range(3, 8), "moderate": range(8, 17), "severe": range(17, 25), "very_severe": range(25, 29)}


def test_every_total_has_its_published_band() -> None:
    for total in range(29):
        answers = [4] * (total // 4) + ([total % 4] if total % 4 else [])
        scored = poem.score(answers + [0] * (7 - len(answers)))
        assert scored.total == total and scored.band is not None
        assert total in PUBLISHED[scored.band.id]
        assert scored.band.low <= total <= scored.band.high


def test_the_bands_are_the_published_ones() -> None:
    assert [(band.low, band.high) for band in poem.BANDS] == [(0, 2), (3, 7), (8, 16), (17, 24), (25, 28)]
    assert [band.name for band in poem.BANDS] == [
        "Clear or almost clear", "Mild eczema", "Moderate eczema", "Severe eczema", "Very severe eczema",
    ]  # fmt: skip


@pytest.mark.parametrize("place", range(7))
def test_one_left_out_counts_nothing_and_is_said(place: int) -> None:
    answers: list[int | None] = [3] * 7
    answers[place] = None
    scored = poem.score(answers)
    assert (scored.total, scored.missing, scored.left_out) == (18, 1, (poem.ITEMS[place],))
    assert scored.answers[place] is None  # shown as left out, not as a 0 that nobody gave
    assert "counts as 0" in scored.note and "up to 4 points higher" in scored.note


@pytest.mark.parametrize("places", list(itertools.combinations(range(7), 2)))
def test_two_left_out_are_not_scored(places: tuple[int, int]) -> None:
    scored = poem.score([None if i in places else 4 for i in range(7)])
    assert scored.total is None and scored.band is None
    assert scored.left_out == tuple(poem.ITEMS[i] for i in places)
    assert "no score" in scored.note


def test_nothing_answered_is_not_zero() -> None:
    scored = poem.score([None] * 7)
    assert scored.total is None and scored.missing == 7 and scored.left_out == poem.ITEMS


@given(FORM)
def test_bounds(answers: list[int | None]) -> None:
    scored = poem.score(answers)
    assert list(scored.answers) == answers
    assert scored.missing == sum(answer is None for answer in answers) == len(scored.left_out)
    assert (scored.total is None) == (scored.band is None) == (scored.missing >= 2)
    if scored.total is not None:
        assert 0 <= scored.total <= 28 - 4 * scored.missing


@given(FULL, some.integers(0, 6))
def test_a_worse_answer_is_a_higher_score(answers: list[int], place: int) -> None:
    before = poem.score(answers)
    assert before.total is not None and before.band is not None
    if answers[place] < 4:
        worse = [*answers[:place], answers[place] + 1, *answers[place + 1 :]]
        after = poem.score(worse)
        assert after.total == before.total + 1 and after.band is not None
        assert poem.BANDS.index(after.band) >= poem.BANDS.index(before.band)


@given(FULL, some.integers(0, 6))
def test_leaving_one_out_never_makes_it_worse_by_more_than_it_may(answers: list[int], place: int) -> None:
    full, less = poem.score(answers), poem.score([*answers[:place], None, *answers[place + 1 :]])
    assert full.total is not None and less.total is not None
    assert less.total <= full.total <= less.total + 4


@given(some.permutations(range(7)), FULL)
def test_every_question_weighs_the_same_and_keeps_its_place(order: list[int], answers: list[int]) -> None:
    mixed = [answers[i] for i in order]
    assert poem.score(mixed).total == poem.score(answers).total == sum(answers)
    assert poem.score(mixed).answers == tuple(mixed)


@given(some.dictionaries(some.sampled_from(poem.ITEMS), some.none() | ANSWER), some.randoms())
def test_answers_by_name_come_in_the_order_of_the_form(answers: dict[str, int | None], random: Any) -> None:
    names = list(answers)
    random.shuffle(names)
    ordered = poem.in_order({name: answers[name] for name in names})
    assert ordered == tuple(answers.get(item) for item in poem.ITEMS)
    assert poem.score(ordered).missing == 7 - sum(answer is not None for answer in answers.values())


@pytest.mark.parametrize("wrong", [-1, 5, 1.0, 2.5, float("nan"), True, False, "2", "", [], 10**400])
def test_an_answer_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        poem.score([0, 0, wrong, 0, 0, 0, 0])
    assert refused.value.reason and refused.value.hint


@pytest.mark.parametrize("count", [0, 1, 6, 8])
def test_another_number_of_answers_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput):
        poem.score([0] * count)


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(InvalidInput):
        poem.in_order({"itch": 1, "pain": 2})


def test_numbers_of_a_table_are_taken_as_plain_ones() -> None:
    scored = poem.score(list(np.arange(7) % 5))
    assert scored.total == 0 + 1 + 2 + 3 + 4 + 0 + 1 and type(scored.answers[1]) is int


def test_a_score_cannot_be_changed() -> None:
    scored = poem.score([0] * 7)
    with pytest.raises(dataclasses.FrozenInstanceError):
        scored.total = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("points", "size", "said"),
    [
        (1, "noise", "within the noise"),
        (2, "noise", "within the noise"),
        (3, "probable", "probably an important"),
        (4, "very_likely", "very likely an important"),
        (5, "very_likely", "very likely an important"),
        (28, "very_likely", "very likely an important"),
    ],
)
def test_a_change_in_the_published_words_both_ways(points: int, size: str, said: str) -> None:
    better, worse = poem.change(0, points), poem.change(points, 0)
    assert (better.difference, better.size, better.direction) == (-points, size, "better")
    assert (worse.difference, worse.size, worse.direction) == (points, size, "worse")
    assert said in better.words and said in worse.words
    assert better.words.startswith(f"{points} point{'s' * (points > 1)} better.")
    assert worse.words == better.words.replace("better", "worse")


def test_no_change() -> None:
    same = poem.change(9, 9)
    assert (same.difference, same.size, same.direction, same.badge) == (0, "noise", "same", "within the noise")
    assert "same" in same.words and "better" not in same.words and "worse" not in same.words


def test_the_badges() -> None:
    assert [poem.change(n, 0).badge for n in (2, 3, 4)] == ["within the noise", "probably important", "very likely important"]


@given(TOTAL, TOTAL)
def test_a_change_looks_the_same_from_both_ends(now: int, before: int) -> None:
    there, back = poem.change(now, before), poem.change(before, now)
    assert there.difference == -back.difference == now - before
    assert there.size == back.size and there.badge == back.badge


@given(TOTAL, TOTAL, TOTAL)
def test_a_larger_change_never_counts_less(start: int, first: int, second: int) -> None:
    sizes = list(poem.SIZES)
    near, far = sorted((poem.change(first, start), poem.change(second, start)), key=lambda change: abs(change.difference))
    assert sizes.index(near.size) <= sizes.index(far.size)


@pytest.mark.parametrize("pair", [(29, 0), (0, 29), (-1, 0), (0, -1), (None, 3), (3, None), (2.5, 0), (True, 0)])
def test_a_change_between_what_are_no_scores_is_refused(pair: tuple[Any, Any]) -> None:
    with pytest.raises(InvalidInput):
        poem.change(*pair)
