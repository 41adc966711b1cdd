"""When flares begin and end, told by hand, and laws that hold for any diary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight.flares import LEAST, LONGEST, QUIET, RISE, USUAL_LEAST, Flare, course, flares

FIRST = 739_000
CALM = [2.0, 3.0, 2.0, 2.0, 1.0, 2.0, 2.0]
"""A week whose median is 2."""
GAP = float("nan")

diaries = st.lists(st.one_of(st.just(GAP), st.integers(0, 10).map(float)), max_size=90)


def told(*severity: float) -> tuple[Flare, ...]:
    return flares(np.arange(len(severity)) + FIRST, np.array(severity, float))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([4, 6, 5, 3, 2, 2], [(0, 2, 6, True)]),
        ([5, 3, 5, 2, 2, 2], [(0, 2, 5, True)]),
        ([5, 2, 2, 2, 5, 2], [(0, 0, 5, True), (4, 4, 5, True)]),
        ([GAP, 5, 4, 2], [(1, 2, 5, False)]),
        ([5, GAP, 5, 2], [(0, 2, 5, True)]),
        ([5, GAP, GAP, GAP, 5, 2], [(0, 0, 5, True), (4, 4, 5, False)]),
        ([3, 3, 3, 2], []),
    ],
    ids=["one", "back within days", "two", "no day before", "a day missed in it", "broken off", "a little worse"],
)
def test_flares_begin_over_the_usual_and_end_when_it_is_back(after, expected) -> None:
    first = FIRST + len(CALM)
    assert told(*CALM, *after) == tuple(Flare(first + start, first + end, peak, dated) for start, end, peak, dated in expected)


def test_a_rise_within_mild_days_is_no_flare_and_nothing_can_rise_from_the_top() -> None:
    assert not told(*[0.0] * 10, LEAST - 1, 0) and told(*[0.0] * 10, LEAST, 0)
    top = course(np.arange(20), np.full(20, 9.0))
    assert not top.at_risk.any() and not top.flares


def test_a_flare_does_not_hide_the_next_and_a_level_that_lasts_is_the_new_usual() -> None:
    assert len(told(*CALM, *[7.0] * 12, 2, 2, 2, 5, 2)) == 2
    (long,) = told(*CALM, *[7.0] * 60)
    assert long.end - long.start + 1 == LONGEST
    days = course(np.arange(67), np.array([*CALM, *[7.0] * 60]))
    assert days.usual[-1] == 7 and days.at_risk[-20:].all()


def test_the_day_of_a_flare_does_not_count_for_what_is_usual() -> None:
    days = course(np.arange(9), np.array([1, 1, 1, 1, 3, 3, 3, 9, 2.0]))
    assert days.flares[0].start == 7 and days.usual[8] == 1


def test_what_is_usual_needs_days_that_are_not_long_ago() -> None:
    assert not told(*CALM[: USUAL_LEAST - 1], 9) and told(*CALM[:USUAL_LEAST], 9)
    assert not told(*CALM, *[GAP] * 50, 9, 9)


@pytest.mark.parametrize("severity", [[], [5.0], [GAP] * 30, [3.0] * 40])
def test_a_diary_that_says_nothing_has_no_flares(severity) -> None:
    assert told(*severity) == ()


@given(diaries)
def test_flares_keep_apart_and_onsets_are_days_that_can_be_compared(severity) -> None:
    values = np.array(severity, float)
    found = course(np.arange(len(values)), values)
    assert not (found.onset & ~found.at_risk).any()
    assert [flare.start for flare in found.flares if flare.dated] == np.flatnonzero(found.onset).tolist()
    assert all(second.start - first.end > QUIET for first, second in zip(found.flares, found.flares[1:], strict=False))
    for flare in found.flares:
        assert values[flare.start] >= max(found.usual[flare.start] + RISE, LEAST)
        assert flare.peak == np.nanmax(values[flare.start : flare.end + 1])
        assert not found.at_risk[flare.start + 1 : flare.end + 1 + QUIET].any()
    at = np.flatnonzero(found.at_risk)
    assert np.isfinite(values[at]).all() and np.isfinite(values[at - 1]).all()


@given(diaries, st.data())
@settings(max_examples=60)
def test_what_comes_later_does_not_change_what_was(severity, data) -> None:
    until = data.draw(st.integers(0, len(severity)))
    values = np.array(severity, float)
    whole, part = (course(np.arange(len(some)), some) for some in (values, values[:until]))
    for name in ("usual", "onset", "at_risk", "worse"):
        assert np.array_equal(getattr(whole, name)[:until], getattr(part, name), equal_nan=name == "usual")


def test_days_with_a_gap_are_refused() -> None:
    with pytest.raises(ValueError, match="without a gap"):
        flares(np.array([1, 3]), np.zeros(2))
    with pytest.raises(ValueError, match="severity"):
        flares(np.array([1, 2]), np.zeros(3))
