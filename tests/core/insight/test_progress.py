"""Which photos belong together, and when a difference counts."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.examinations.severity import Severity
from core.insight import progress
from core.insight.progress import Measured, Place


def measured(fraction: float, low: float = math.nan, high: float = math.nan, place: Place | None = None) -> Measured:
    return Measured(uuid4(), datetime(2026, 3, 1, tzinfo=UTC), place or Place(), fraction, low, high)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (measured(0.18, 0.15, 0.2), measured(0.06, 0.05, 0.08), "less"),
        (measured(0.06, 0.05, 0.08), measured(0.18, 0.15, 0.2), "more"),
        (measured(0.18, 0.13, 0.23), measured(0.15, 0.1, 0.2), "unclear"),
        (measured(0.18), measured(0.06), "less"),
        (measured(math.nan), measured(0.06), None),
    ],
)
def test_a_difference_counts_when_the_intervals_are_apart(first, last, expected):
    assert progress.verdict(first, last) == expected


def test_a_findings_numbers_fill_the_fields_by_the_names_of_the_examination():
    given = Severity(0.2, 0.1, 0.3, 5.0, 4.0, 6.0, 0.5, 3.0, 40.0).numbers()
    fields = progress.numbers_of(given)
    assert fields == {
        "fraction": 0.2, "fraction_low": 0.1, "fraction_high": 0.3, "redness": 5.0, "redness_low": 4.0, "redness_high": 6.0, "lesions": 3.0,
    }  # fmt: skip
    assert all(math.isnan(value) for value in progress.numbers_of({}).values())
    assert not Measured(uuid4(), datetime(2026, 3, 1, tzinfo=UTC), Place(), **progress.numbers_of({})).given


def test_the_place_with_most_photos_comes_first_and_the_unsaid_last():
    left, legs, unsaid = Place("arms", "left"), Place("legs"), Place()
    photos = [measured(0.1, place=place) for place in (unsaid, unsaid, unsaid, legs, left, left)]
    assert progress.places(photos) == [left, legs, unsaid]


@given(st.integers(1, 500), st.integers(2, 40))
def test_an_even_choice_keeps_both_ends(count, most):
    chosen = progress.spread(count, most)
    assert chosen == sorted(set(chosen)) and len(chosen) == min(count, most)
    assert chosen[0] == 0 and chosen[-1] == count - 1
    steps = {b - a for a, b in zip(chosen, chosen[1:], strict=False)}
    assert len(steps) == 0 or max(steps) - min(steps) <= 1
