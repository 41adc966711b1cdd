"""One factor at every lag at once gives the numbers of as many regressions, and the doubt of having chosen among them."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.sandwich_covariance import S_hac_simple

from benchmarks.patients import patient
from core.insight.weather_lags import apart, fit, interval, largest, usable
from core.insight.weather_rows import series


def pieces(seed: int, days: int = 120, at: int = 1, **truth):
    """A patient's rows, columns beside the weather, and lags of one factor."""
    one = patient(np.random.default_rng(seed), days, **truth)
    of = series(one.day, one.severity, one.factors, one.treatments)
    return of, *usable(of, of.factors[at])


@pytest.mark.parametrize(("seed", "days", "at"), [(1, 90, 1), (2, 180, 5), (3, 400, 3)])
def test_all_lags_at_once_are_statsmodels_one_after_the_other(seed: int, days: int, at: int) -> None:
    of, rows, known, lagged = pieces(seed, days, at)
    parts = apart(rows, of.severity, known, lagged)
    assert parts is not None
    found, most = fit(parts), int(4 * (rows.sum() / 100) ** (2 / 9))
    criteria, squares = [], []
    for lag in of.lags:
        columns = np.column_stack((known[rows], lagged[rows, lag]))
        model = sm.OLS(of.severity[rows], columns).fit()
        without = model.get_influence().resid_press
        bread = np.linalg.inv(columns.T @ columns)
        west = (bread @ S_hac_simple(columns * without[:, None], most) @ bread)[-1, -1]
        assert found.effects[lag] == pytest.approx(model.params[-1])
        assert found.errors[lag] == pytest.approx(max(model.bse[-1], model.HC3_se[-1], np.sqrt(west)))
        assert found.freedom == model.df_resid
        criteria.append(model.aic)
        squares.append(model.ssr)
    weights = (min(squares) / np.array(squares)) ** (found.freedom / 2)
    assert found.weights == pytest.approx(weights / weights.sum()) and found.best == int(np.argmin(criteria))


def test_a_day_that_is_met_exactly_does_not_spoil_the_errors() -> None:
    one = patient(np.random.default_rng(4), 90)
    once = np.zeros((90, 1))
    once[np.flatnonzero(np.isfinite(one.severity))[40]] = 1
    of = series(one.day, one.severity, one.factors, once)
    parts = apart(*_order(of))
    assert parts is not None and parts.known.max() == pytest.approx(1)
    found = fit(parts)
    assert np.isfinite(found.errors).all() and (found.errors < 1).all() and 0 < found.p <= 1


def _order(of):
    rows, known, lagged = usable(of, of.factors[1])
    return rows, of.severity, known, lagged


@given(st.floats(0.1, 4), st.integers(10, 200))
def test_with_one_lag_all_is_student_s(t: float, freedom: int) -> None:
    assert largest(t, np.eye(1), freedom) == pytest.approx(2 * stats.t.sf(t, freedom), abs=0.012)
    low, high = interval(np.array([1.0]), np.array([0.5]), np.array([1.0]), freedom)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, freedom, 1.0, 0.5), abs=1e-6)


@pytest.mark.parametrize("freedom", [12, 60, 300])
def test_of_lags_that_have_nothing_in_common_the_chances_multiply(freedom: int) -> None:
    ratio = stats.t.ppf(0.999, freedom) * np.linspace(0.5, 1, 5)
    rng = np.random.default_rng(5)
    drawn = np.abs(rng.standard_normal((200_000, 8))).max(1) / np.sqrt(rng.chisquare(freedom, 200_000) / freedom)
    for t in ratio:
        assert largest(float(t), np.eye(8), freedom) == pytest.approx((drawn >= t).mean(), rel=0.1, abs=0.005)
    assert largest(0.0, np.eye(8), freedom) == 1


@given(st.floats(0.5, 4), st.floats(0, 0.98))
def test_more_lags_make_chance_likelier_and_lags_that_are_one_do_not(t: float, together: float) -> None:
    correlation = np.full((8, 8), together) + (1 - together) * np.eye(8)
    one, eight, same = (largest(t, c, 60.0) for c in (np.eye(1), correlation, np.ones((8, 8))))
    assert one - 0.012 <= eight <= min(1.0, 8 * one) + 0.012 and same == pytest.approx(one, abs=0.012)
    assert largest(t + 0.1, correlation, 60.0) < eight


def test_an_interval_of_lags_in_doubt_holds_what_they_say() -> None:
    effects_, errors = np.array([0.0, 1.0]), np.array([0.1, 0.1])
    sure, torn = (interval(effects_, errors, np.array(w), 80.0) for w in ((0.999, 0.001), (0.5, 0.5)))
    assert sure[1] < 0.4 and torn[0] < -0.1 and torn[1] > 1.1
