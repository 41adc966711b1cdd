"""Calibration and figures of the skin network, on made-up logits whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from core.examinations.skin_rule import rule_of
from core.vision.calibration import softmax
from models.skin_lesion.calibrate import fit_rule
from models.skin_lesion.measure import Collected, decisions, measure
from models.training.calibrate import fit_offsets, fit_temperature
from models.training.data import SKIN_CLASSES

PRIOR = np.array([0.04, 0.06, 0.1, 0.02, 0.11, 0.65, 0.02])


def made(n: int, seed: int, temperature: float = 1.0) -> Collected:
    """Photos drawn from the prior, with logits of a network that knows the likelihoods but shouts by `temperature`."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(7, n, p=PRIOR)
    likelihood = rng.normal(0, 1, (n, 7))
    likelihood[np.arange(n), labels] += 2.0  # equal-variance classes: the log-likelihood ratio is 2 x, up to a constant
    return Collected(
        labels=labels,
        lesions=np.arange(n) // 2,
        logits=2.0 * likelihood * temperature,
        distance=rng.chisquare(50, n) / 50,
        kind_chance=rng.beta(30, 1, n),
        peak_inside=rng.random(n) < 0.85,
    )


def test_temperature_and_prior_are_recovered() -> None:
    rows = made(20_000, 0, temperature=3.0)
    temperature, strength = fit_temperature(rows.logits, rows.labels, PRIOR)
    assert temperature == pytest.approx(3.0, rel=0.05)
    assert strength == pytest.approx(1.0, abs=0.05)


def test_a_class_that_is_asked_too_much_gets_its_due_and_nothing_else_moves() -> None:
    rows, wrong = made(20_000, 3, temperature=2.0), np.array([-2.0, 0.0, 0.0, -1.5, 0.0, 1.5, 0.0])
    offsets = fit_offsets(rows.logits + wrong, rows.labels)
    wanted = -(wrong - wrong.mean())
    share = offsets[[0, 3, 5]] / wanted[[0, 3, 5]]
    assert (share > 0.5).all() and (share < 1.05).all()  # short of it, as they are shrunk, and never past it
    other = made(4000, 4, temperature=2.0)
    before, after, best = (
        balanced_accuracy_score(other.labels, (other.logits + shift).argmax(1)) for shift in (wrong, wrong + offsets, np.zeros(7))
    )
    assert after - before > 0.4 * (best - before)
    assert np.abs(fit_offsets(rows.logits, rows.labels)).max() < 0.15


def test_the_fitted_rule_keeps_its_promises_on_other_photos() -> None:
    val, test = made(1500, 1, 2.0), made(1500, 2, 2.0)
    facts = fit_rule(val)
    figures = measure(val, test, facts)
    rule = rule_of({"classes": SKIN_CLASSES, **facts})
    for name in ("mel", "bcc", "akiec"):
        found = figures["thresholds"][name]
        assert found["sensitivity_val"] >= 0.95
        assert found["sensitivity_test"] >= 0.85
    assert figures["metrics"]["set_coverage"]["value"] >= 0.88
    assert figures["metrics"]["ece"]["value"] < 0.05
    assert 0.02 <= figures["metrics"]["abstains_test"]["value"] <= 0.07
    labels = np.array([SKIN_CLASSES.index(d.label) for d in decisions(test, rule)])
    assert figures["metrics"]["balanced_accuracy"]["value"] == pytest.approx(balanced_accuracy_score(test.labels, labels), abs=1e-4)
    # the best label at a uniform prior is the largest likelihood
    np.testing.assert_array_equal(labels, softmax(test.logits).argmax(1))
