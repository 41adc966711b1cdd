"""A score that asks about a week: which days belong to it, and simulated patients whose truth is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.patients import PLANTED, weekly
from core.insight.weather import LEAST_WEEKS, Factor, effects
from core.insight.weather_rows import WEEK_LAGS, series

MANY = 60


def test_the_weeks_of_a_year_hold_the_truth_and_find_its_lag() -> None:
    rng, held, found, lags = np.random.default_rng(1), 0, 0, 0
    for _ in range(MANY):
        one = weekly(rng, 52, effect=2.0)
        effect = next(e for e in effects(one.day, one.severity, one.factors, one.treatments, weekly=True) if e.factor == PLANTED)
        held += effect.low <= 2.0 <= effect.high
        found += effect.verdict == "evidence"
        lags += effect.lag == one.lag
        assert effect.weekly and LEAST_WEEKS <= effect.days <= 52
    assert held >= stats.binom.ppf(0.005, MANY, 0.92) and found >= 0.6 * MANY and lags >= 0.9 * MANY


def test_where_nothing_was_planted_few_are_told_of_evidence() -> None:
    rng, fooled = np.random.default_rng(2), 0
    for _ in range(MANY):
        one = weekly(rng, 52, season=4.0, trend=6.0)
        fooled += any(e.verdict == "evidence" for e in effects(one.day, one.severity, one.factors, one.treatments, weekly=True))
    assert fooled <= stats.binom.ppf(0.995, MANY, 0.05), f"{fooled} of {MANY}"


def test_the_effect_is_that_of_the_regression_of_weeks() -> None:
    one = weekly(np.random.default_rng(3), 60, effect=2.0)
    factor = one.factors[1]
    effect = effects(one.day, one.severity, (factor,), one.treatments, weekly=True)[0]
    of = series(one.day, one.severity, (factor,), one.treatments, True)
    y, columns = [], []
    for week in range(WEEK_LAGS[-1], len(of.day)):
        ends = [int(of.day[week - back] - one.day[0]) for back in range(WEEK_LAGS[-1] + 1)]
        scores = one.severity[ends[0]], one.severity[ends[1]]
        if min(ends) < 6 or np.isnan(scores).any():
            continue
        angle, end = 2 * np.pi * of.day[week] / 365.25, ends[effect.lag // 7]
        used = one.treatments[ends[0] - 6 : ends[0] + 1, 0].mean()
        mean = factor.values[end - 6 : end + 1].mean()
        y.append(scores[0])
        columns.append([1, scores[1], of.day[week], np.sin(angle), np.cos(angle), used, mean / factor.step])
    columns = np.array(columns)
    columns[:, 2] -= columns[0, 2]
    assert effect.days == len(y) and effect.effect == pytest.approx(sm.OLS(y, columns).fit().params[-1])


@given(st.lists(st.booleans(), min_size=1, max_size=90), st.integers(0, 6))
def test_each_score_is_in_the_week_of_the_usual_weekday_and_the_last_one_counts(scored: list[bool], first: int) -> None:
    day = np.arange(len(scored)) + 738_000 + first
    severity = np.where(scored, np.arange(len(scored)), np.nan).astype(float)
    counts = np.bincount(day[np.array(scored)] % 7, minlength=7) if any(scored) else np.eye(7)[day[-1] % 7]
    usual = int(np.argmax(counts))
    expected = []
    for week in sorted({(d - usual + 3) // 7 for d in day}):
        days = [d for d in day if (d - usual + 3) // 7 == week]
        having = [d for d in days if scored[d - day[0]]] or [d for d in days if d % 7 == usual]
        expected += having[-1:]
    of = series(day, severity, (), None, True)
    assert of.day.tolist() == expected and (np.nan_to_num(of.severity, nan=-1) == np.nan_to_num(severity[of.day - day[0]], nan=-1)).all()


def test_a_week_of_which_too_few_days_are_known_has_no_mean() -> None:
    day = np.arange(28) + date(2026, 3, 1).toordinal()
    severity, values = np.full(28, np.nan), np.arange(28.0)
    severity[[6, 13, 20, 27]] = 3
    values[[7, 8, 14, 15, 16]] = np.nan
    of = series(day, severity, (Factor("x", values, 1.0),), None, True)
    assert of.factors[0].values == pytest.approx([3, 11, np.nan, 24], nan_ok=True)


def test_under_twenty_weeks_nothing_is_said() -> None:
    one = weekly(np.random.default_rng(4), 22, effect=3.0)
    for effect in effects(one.day, one.severity, one.factors, one.treatments, weekly=True):
        assert effect.verdict == "not_enough" and effect.days < LEAST_WEEKS and effect.lag is None
