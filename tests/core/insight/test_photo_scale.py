"""Shares of skin on the scale they are compared on: there and back, effects in points, and simulated patients whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.patients import PLANTED, Patient, photographed
from core.insight.photo_scale import in_points, odds, partial_in_points, points, usual_of
from core.insight.weather import Effect, effects
from core.insight.weather_partial import partial

MANY = 60
SHARES = st.floats(0, 100)


@given(SHARES, SHARES)
def test_the_way_back_is_that_of_the_way_there(one: float, other: float) -> None:
    change = odds(np.array(one)) - odds(np.array(other))
    assert float(points(change, other)) == pytest.approx(one - other, abs=1e-6)


@given(SHARES, st.floats(-50, 50), st.floats(0, 50))
def test_no_change_leads_out_of_nothing_to_all_and_more_is_never_less(usual: float, change: float, more: float) -> None:
    low, high = usual + points(np.array([change, change + more]), usual)
    assert -1e-9 <= low <= high <= 100 + 1e-9


def test_a_rash_in_proportion_is_as_far_from_a_small_share_as_from_a_large_one() -> None:
    small, large = np.diff(odds(np.array([4.0, 8.0]))), np.diff(odds(np.array([10.0, 20.0])))
    assert small == pytest.approx(large, rel=0.15)
    assert odds(np.array([0.0, 100.0])) == pytest.approx([-np.log(201), np.log(201)])


def asked(one: Patient) -> tuple[Effect, ...]:
    return effects(one.day, odds(one.severity), one.factors, one.treatments, weekly=True)


def test_a_year_of_photos_holds_the_truth_and_finds_more_than_per_cent_do() -> None:
    rng, held, lags, found, found_in_percent = np.random.default_rng(1), 0, 0, 0, 0
    for _ in range(MANY):
        one = photographed(rng, 52, effect=0.8)
        effect = next(e for e in asked(one) if e.factor == PLANTED)
        told = in_points(effect, usual_of(one.severity))
        held += told.low <= one.effect <= told.high
        lags += told.lag == one.lag
        found += told.verdict == "evidence"
        raw = effects(one.day, one.severity, one.factors, one.treatments, weekly=True)
        found_in_percent += next(e for e in raw if e.factor == PLANTED).verdict == "evidence"
    assert held >= stats.binom.ppf(0.005, MANY, 0.92) and lags >= 0.9 * MANY
    assert found >= 0.4 * MANY and found >= 2 * found_in_percent


def test_where_nothing_was_planted_few_are_told_of_evidence() -> None:
    rng, fooled = np.random.default_rng(2), 0
    for _ in range(MANY):
        fooled += any(e.verdict == "evidence" for e in asked(photographed(rng, 52, season=0.8, trend=1.2)))
    assert fooled <= stats.binom.ppf(0.995, MANY, 0.05), f"{fooled} of {MANY}"


def test_simulated_shares_are_of_photos_and_mostly_small() -> None:
    told = np.concatenate([photographed(np.random.default_rng(seed), 52).severity for seed in range(40)])
    known = told[np.isfinite(told)]
    assert known.min() == 0 and known.max() <= 100 and 3 <= np.median(known) <= 8 and np.mean(known) > 1.2 * np.median(known)
    assert len(known) / (40 * 52) == pytest.approx(0.85, abs=0.03)


def test_the_chart_has_the_effect_for_its_slope_where_the_skin_is_as_usual() -> None:
    one = photographed(np.random.default_rng(3), 60, effect=0.8)
    factor, usual = one.factors[1], usual_of(one.severity)
    (effect,) = effects(one.day, odds(one.severity), (factor,), one.treatments, weekly=True)
    left = partial_in_points(partial(one.day, odds(one.severity), factor, one.treatments, effect), usual)
    told = in_points(effect, usual)
    assert np.interp(factor.step, left.grid, left.line) == pytest.approx(told.effect, rel=0.05)
    assert (left.low <= left.line).all() and (left.line <= left.high).all() and (usual + left.low >= 0).all()
    assert told.low < told.effect < told.high and told.verdict == effect.verdict and told.lag == effect.lag


def test_without_a_photo_there_is_no_usual_share() -> None:
    assert np.isnan(usual_of(np.full(9, np.nan))) and np.isnan(usual_of(np.zeros(0)))
