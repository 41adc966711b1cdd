"""Grades from one score: by the definition of cumulative logits, term by term, and by simulation of what they model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vision.ordinal import at_least, cutoffs_of, neighbours, ordinal_probabilities

CUTS = (-1.2, 0.3, 2.0, 3.1)
scores = st.floats(-30, 30)
cutoffs = st.lists(st.floats(-8, 8), min_size=4, max_size=4, unique=True).map(sorted).filter(lambda c: min(np.diff(c)) > 1e-6)


@given(scores, cutoffs)
def test_the_definition_term_by_term(score: float, cuts: list[float]) -> None:
    above = [1.0, *(1 / (1 + math.exp(c - score)) for c in cuts), 0.0]
    np.testing.assert_allclose(ordinal_probabilities(score, cuts), [a - b for a, b in zip(above, above[1:], strict=False)], atol=1e-12)


@given(st.lists(scores, min_size=1, max_size=5), cutoffs)
def test_they_are_probabilities(many: list[float], cuts: list[float]) -> None:
    p = ordinal_probabilities(many, cuts)
    assert p.shape == (len(many), 5) and (p >= 0).all()
    np.testing.assert_allclose(p.sum(-1), 1)


@given(scores, st.floats(0, 5), cutoffs)
def test_a_higher_score_never_makes_a_higher_grade_less_likely(score: float, more: float, cuts: list[float]) -> None:
    assert (at_least(score + more, cuts) >= at_least(score, cuts)).all()
    assert (np.diff(at_least(score, cuts)) <= 0).all()


def test_they_are_the_shares_of_a_noisy_score() -> None:
    """The model behind it: the true score plus logistic noise, cut at the cut-offs."""
    noisy = 0.7 + np.random.default_rng(0).logistic(size=400_000)
    shares = np.bincount(np.searchsorted(CUTS, noisy), minlength=5) / 400_000
    np.testing.assert_allclose(ordinal_probabilities(0.7, CUTS), shares, atol=0.003)


def test_far_scores_are_sure_and_finite() -> None:
    np.testing.assert_allclose(ordinal_probabilities([-1e4, 1e4], CUTS), [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]])


@pytest.mark.parametrize("cuts", [(1.0, 0.0), (0.0, 0.0), (), ((1.0, 2.0),)])
def test_cutoffs_that_do_not_rise_are_refused(cuts: object) -> None:
    with pytest.raises(ValueError, match="rise"):
        ordinal_probabilities(0.0, cuts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "p,threshold,expected",
    [
        ((0.7, 0.2, 0.05, 0.03, 0.02), 0.1, (0, 1)),
        ((0.05, 0.4, 0.08, 0.4, 0.07), 0.1, (1, 2, 3)),
        ((0.3, 0.3, 0.2, 0.1, 0.1), 0.9, (0,)),
        ((0.1, 0.1, 0.1, 0.1, 0.6), 0.0, (0, 1, 2, 3, 4)),
    ],
)
def test_what_cannot_be_excluded_are_neighbours(p: tuple[float, ...], threshold: float, expected: tuple[int, ...]) -> None:
    assert neighbours(p, threshold) == expected


def test_the_cards_cutoffs_are_read() -> None:
    assert cutoffs_of({"ordinal": {"cutoffs": list(CUTS)}}) == CUTS
