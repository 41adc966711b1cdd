"""Calibration against scikit-learn, closed forms and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.metrics import log_loss

from core.vision.calibration import (
    calibration_error,
    conformal_threshold,
    expected_calibration_error,
    negative_log_likelihood,
    probabilities,
    reliability,
    reliability_of,
    sensitivity_threshold,
    softmax,
)


def test_softmax_is_stable_and_shift_invariant() -> None:
    assert softmax([1000.0, 1000.0]).tolist() == [0.5, 0.5]
    x = np.random.default_rng(0).normal(size=(5, 7))
    np.testing.assert_allclose(softmax(x), softmax(x + 123.0), rtol=1e-12)


def test_probabilities_follow_bayes_rule_when_the_prior_changes() -> None:
    """At temperature 1 the posterior at a prior is likelihood times prior, renormalised."""
    likelihood = np.array([0.2, 0.5, 0.1])
    prior = np.array([0.7, 0.1, 0.2])
    expected = likelihood * prior / (likelihood * prior).sum()
    np.testing.assert_allclose(probabilities(np.log(likelihood), 1.0, prior), expected, rtol=1e-12)
    np.testing.assert_allclose(probabilities(np.log(likelihood), 1.0, prior, 0.0), likelihood / likelihood.sum(), rtol=1e-12)


def test_a_temperature_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="temperature"):
        probabilities([0.0, 1.0], 0.0, [0.5, 0.5])


def test_likelihood_equals_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    p, y = softmax(rng.normal(size=(200, 4))), rng.integers(0, 4, 200)
    assert negative_log_likelihood(p, y) == pytest.approx(log_loss(y, p, labels=range(4)))


def test_calibration_error_of_a_case_counted_by_hand() -> None:
    """Four photos at 0.9 of which three are right, two at 0.6 of which none is: (4 * |0.75-0.9| + 2 * |0-0.6|) / 6."""
    p = [[0.9, 0.1]] * 4 + [[0.6, 0.4]] * 2
    y = [0, 0, 0, 1, 1, 1]
    assert expected_calibration_error(p, y) == pytest.approx((4 * 0.15 + 2 * 0.6) / 6)
    assert [b.n for b in reliability(p, y)] == [2, 4]


def test_reliability_of_the_shown_answer_need_not_be_the_top_class() -> None:
    table = reliability_of([0.2, 0.2, 0.2, 0.2, 0.95], [True, False, False, False, True])
    assert [(b.n, b.accuracy) for b in table] == [(4, 0.25), (1, 1.0)]
    assert calibration_error(table) == pytest.approx((4 * 0.05 + 0.05) / 5)


def test_calibration_error_is_small_for_calibrated_and_large_for_boastful_probabilities() -> None:
    rng = np.random.default_rng(2)
    p = softmax(2 * rng.normal(size=(20_000, 3)))
    y = np.array([rng.choice(3, p=row) for row in p])
    assert expected_calibration_error(p, y) < 0.012
    assert expected_calibration_error(softmax(4 * np.log(p)), y) > 0.08


@given(some.lists(some.floats(0, 1), min_size=1, max_size=60), some.floats(0.5, 1.0))
def test_threshold_keeps_its_promise_and_is_the_largest(scores: list[float], sensitivity: float) -> None:
    positive = np.ones(len(scores), bool)
    t = sensitivity_threshold(scores, positive, sensitivity)
    x = np.array(scores)
    assert (x >= t).mean() >= sensitivity - 1e-9
    higher = x[x > t]
    if len(higher):
        assert (x >= higher.min()).mean() < sensitivity


def test_threshold_without_a_positive_is_an_error() -> None:
    with pytest.raises(ValueError, match="positive"):
        sensitivity_threshold([0.1, 0.2], [False, False], 0.95)


def test_conformal_sets_cover_as_promised() -> None:
    """Mean coverage over many splits is between 1 - alpha and 1 - alpha + 1 / (n + 1) (the theorem)."""
    rng = np.random.default_rng(3)
    n, coverage = 99, []
    for _ in range(3000):
        scores = rng.random(n + 20)
        coverage.append((scores[n:] >= conformal_threshold(scores[:n], 0.9)).mean())
    assert 0.9 - 0.004 <= np.mean(coverage) <= 0.91 + 0.004


def test_conformal_set_is_everything_when_there_are_too_few_photos() -> None:
    assert conformal_threshold([0.4, 0.6], 0.9) == 0.0
