"""What the weather does: simulated patients whose truth is known, and days with which nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmarks.patients import PLANTED, patient
from core.insight.weather import ALPHA, EVIDENCE, LAGS, Factor, beside, earlier, effects, holm

MANY = 60


def told(rng_seed: int, many: int = MANY, days: int = 120, **truth):
    """Of so many patients: each and what is said of every factor."""
    rng = np.random.default_rng(rng_seed)
    for _ in range(many):
        one = patient(rng, days, **truth)
        yield one, {effect.factor: effect for effect in effects(one.day, one.severity, one.factors, one.treatments)}


@pytest.mark.parametrize("days", [90, 180])
def test_a_planted_effect_is_found_at_its_lag_and_lies_in_the_interval(days: int) -> None:
    found = [(one, said[PLANTED]) for one, said in told(1, days=days, effect=0.4)]
    held = sum(effect.low <= 0.4 <= effect.high for _, effect in found)
    assert held >= stats.binom.ppf(0.005, MANY, 0.92), f"{held} of {MANY}"
    assert sum(effect.verdict == "evidence" for _, effect in found) >= (0.3 if days == 90 else 0.8) * MANY
    assert sum(effect.lag == one.lag for one, effect in found) >= 0.7 * MANY
    assert all(effect.p <= effect.p_adjusted and effect.low <= effect.effect <= effect.high for _, effect in found)


@pytest.mark.parametrize(
    ("days", "truth"),
    [(90, {}), (90, {"season": 2.0, "trend": 3.0}), (360, {"season": 2.0}), (180, {"trend": 3.0})],
    ids=["nothing", "season and trend", "season", "trend"],
)
def test_where_nothing_was_planted_few_are_told_of_evidence(days: int, truth) -> None:
    fooled = 0
    for _, said in told(2, days=days, **truth):
        for effect in said.values():
            apart_from_0 = effect.low > 0 or effect.high < 0
            assert effect.p < ALPHA or not apart_from_0
            assert (effect.verdict == "evidence") == (effect.p_adjusted < EVIDENCE and apart_from_0)
            assert (effect.verdict == "none") == (effect.p >= ALPHA)
        fooled += any(effect.verdict == "evidence" for effect in said.values())
    assert fooled <= stats.binom.ppf(0.995, MANY, 0.05), f"{fooled} of {MANY}"


def test_a_slow_rise_in_both_is_no_evidence() -> None:
    rng, days, fooled = np.random.default_rng(8), 55, 0
    for _ in range(MANY):
        rise = np.linspace(0, 1, days)
        severity = np.round(np.clip(2 + 5 * rise + rng.normal(0, 0.9, days), 0, 10))
        warmer = Factor("temperature", 5 + 15 * rise + rng.normal(0, 3, days), -5.0)
        fooled += effects(np.arange(days) + 738_000, severity, (warmer,))[0].verdict == "evidence"
    assert fooled <= stats.binom.ppf(0.995, MANY, 0.05), f"{fooled} of {MANY}"


def test_the_effect_is_that_of_the_regression_at_its_lag() -> None:
    ((one, said),) = told(3, 1, effect=0.4)
    effect = said[PLANTED]
    factor = next(factor for factor in one.factors if factor.id == PLANTED)
    columns = np.column_stack((beside(one.day, one.severity, one.treatments), earlier(factor.values, effect.lag) / factor.step))
    rows = np.isfinite(columns).all(1) & np.isfinite(one.severity) & (np.arange(len(one.day)) >= LAGS[-1])
    assert effect.effect == pytest.approx(sm.OLS(one.severity[rows], columns[rows]).fit().params[-1]) and effect.days == rows.sum()


def test_a_step_the_other_way_turns_the_effect_and_a_larger_one_makes_it_larger() -> None:
    one = patient(np.random.default_rng(4), 120, effect=0.4)
    first, other = (
        effects(one.day, one.severity, (Factor("x", one.factors[1].values, step),), one.treatments)[0] for step in (-10.0, 20.0)
    )
    assert other.lag == first.lag and other.p == first.p
    assert (other.effect, other.low, other.high) == pytest.approx((-2 * first.effect, -2 * first.high, -2 * first.low), abs=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_the_correction_is_holm_s(p: list[float]) -> None:
    found = holm(np.array(p))
    for at, own in enumerate(p):
        # Rejected at a level when it and all smaller ones are, each at its own part of the level.
        steps = [(len(p) - rank) * value for rank, value in enumerate(sorted(p)) if value <= own]
        assert found[at] == pytest.approx(min(1, max(steps[: sorted(p).index(own) + 1])))


def test_the_correction_is_that_of_statsmodels() -> None:
    p = np.array([0.04, 0.001, 0.3, 0.011, 0.9, 0.012])
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.severity.fill(3.0),
        lambda one: one.severity.__setitem__(slice(30, None), np.nan),
        lambda one: one.severity.__setitem__(slice(None, None, 2), np.nan),
        lambda one: [factor.values.fill(7.0) for factor in one.factors],
        lambda one: [factor.values.fill(np.nan) for factor in one.factors],
    ],
    ids=["all equal", "a month", "every other day", "no weather changes", "no weather"],
)
def test_with_too_little_nothing_is_said(spoil) -> None:
    one = patient(np.random.default_rng(5), 90, effect=0.5)
    spoil(one)
    for effect in effects(one.day, one.severity, one.factors, one.treatments):
        assert effect.verdict == "not_enough" and effect.lag is None and np.isnan([effect.effect, effect.low, effect.high, effect.p]).all()


@pytest.mark.parametrize("weekly", [False, True])
@pytest.mark.parametrize("days", range(1, 10))
def test_the_first_days_of_a_diary_are_too_few(days: int, weekly: bool) -> None:
    """Fewer than there are lags, too."""
    one = patient(np.random.default_rng(8), 60)
    short = [Factor(factor.id, factor.values[:days], factor.step) for factor in one.factors]
    found = effects(one.day[:days], one.severity[:days], tuple(short), one.treatments[:days], weekly=weekly)
    assert len(found) == len(short) and {effect.verdict for effect in found} == {"not_enough"}


def test_a_treatment_of_every_day_and_gaps_of_weeks_do_no_harm() -> None:
    one = patient(np.random.default_rng(6), 180, effect=0.4)
    one.severity[60:81] = np.nan
    always = np.column_stack((one.treatments, np.ones(180), np.zeros(180)))
    with_all = effects(one.day, one.severity, one.factors, always)
    plain = effects(one.day, one.severity, one.factors, one.treatments)
    assert [(e.lag, e.verdict) for e in with_all] == [(e.lag, e.verdict) for e in plain]
    assert [e.effect for e in with_all] == pytest.approx([e.effect for e in plain])


def test_days_with_a_gap_or_rows_of_another_length_are_refused() -> None:
    one = patient(np.random.default_rng(7), 60)
    day = one.day.copy()
    day[10:] += 1
    with pytest.raises(ValueError, match="without a gap"):
        effects(day, one.severity, one.factors)
    with pytest.raises(ValueError, match="each day"):
        effects(one.day, one.severity[1:], one.factors)
    assert effects(one.day, one.severity, ()) == ()
