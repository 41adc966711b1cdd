"""The ranked probability score, the comparisons and the test of a gain, each against what is worked out another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.insight.forecast_scores import AHEAD, NO_GAIN, STATES, gain, like_today, mean_score, outcomes, own_history, rps, scored

masses = arrays(np.float64, STATES, elements=st.floats(0, 1)).filter(lambda p: p.sum() > 0.1).map(lambda p: p / p.sum())
numbers = st.integers(0, STATES - 1)
LEADS = np.arange(1, AHEAD + 1)


def apart(p, q) -> float:
    """The mean distance of a number drawn from `p` to one drawn from `q`."""
    return sum(p[i] * q[j] * abs(i - j) for i in range(STATES) for j in range(STATES))


@given(masses, numbers)
def test_the_score_is_the_distance_less_half_the_spread(p, came: int) -> None:
    sure = np.eye(STATES)[came]
    assert rps(p, np.array(came)) == pytest.approx(apart(p, sure) - apart(p, p) / 2, abs=1e-9)  # Gneiting and Raftery 2007, eq. 21
    assert -1e-12 <= rps(p, np.array(came)) <= STATES - 1


@given(numbers, numbers)
def test_one_number_for_sure_scores_its_distance(said: int, came: int) -> None:
    assert rps(np.eye(STATES)[said], np.array(came)) == abs(said - came)


@given(masses, masses)
def test_nobody_scores_better_than_with_the_truth(truth, other) -> None:
    honest, said = ((truth * rps(np.tile(p, (STATES, 1)), np.arange(STATES))).sum() for p in (truth, other))
    assert honest <= said + 1e-9


def few_days(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    severity = rng.integers(0, STATES, 40).astype(float)
    severity[rng.random(40) < 0.3] = np.nan
    at = np.flatnonzero(np.isfinite(severity))
    return severity, at, severity[at].astype(int)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_the_comparisons_are_what_a_count_by_hand_gives(seed: int) -> None:
    severity, at, y = few_days(seed)
    today, history = like_today(at, y, LEADS), own_history(y, LEADS)
    for row in range(len(at)):
        past = severity[: at[row] + 1]
        known = np.bincount(y[: row + 1], minlength=STATES)
        assert history[row, 3] == pytest.approx((known + 1 / STATES) / (row + 2))
        for lead in (1, 4, 7):
            counts = np.eye(STATES)[y[row]]
            for change in (past[lead:] - past[:-lead])[np.isfinite(past[lead:] - past[:-lead])]:
                for sign in (1, -1):
                    counts[int(np.clip(y[row] + sign * change, 0, 10))] += 0.5
            assert today[row, lead - 1] == pytest.approx(counts / counts.sum())


def test_what_came_is_what_was_recorded_and_nothing_else_is_scored() -> None:
    severity = np.array([3, np.nan, 5, 6, np.nan])
    came = outcomes(severity, np.array([0, 2, 3]))
    assert came[0, :4] == pytest.approx([np.nan, 5, 6, np.nan], nan_ok=True) and came[1, 0] == 6 and np.isnan(came[2]).all()
    score = scored(np.full((3, AHEAD, STATES), 1 / STATES), came)
    assert (np.isfinite(score) == np.isfinite(came)).all()
    assert np.isnan(mean_score(score)[3:]).all() and mean_score(score)[0] == score[1, 0]


def test_where_nothing_is_gained_few_gains_are_found_though_forecasts_overlap() -> None:
    rng, found, many = np.random.default_rng(1), 0, 600
    for _ in range(many):
        luck = np.convolve(rng.normal(size=126), np.ones(AHEAD) / AHEAD, "valid")  # of seven days that neighbours share
        found += gain(np.full((120, AHEAD), 1.0), 1 + np.repeat(luck[:, None], AHEAD, 1)).low > 0
    assert 0.02 * many <= found <= 0.09 * many, f"{found} of {many}"


def test_a_gain_is_told_in_points_and_as_a_share() -> None:
    rng = np.random.default_rng(2)
    other = rng.uniform(0.5, 1.5, (200, AHEAD))
    other[::3, 2] = np.nan
    more = gain(0.8 * other, other)
    assert more.share == pytest.approx(0.2) and more.beats and 0 < more.low < more.mean
    less = gain(1.2 * other, other)
    assert less.share == pytest.approx(-0.2) and less.low < less.mean < 0 and not less.beats
    assert not gain(0.98 * other, other).beats, "sure, and too small to matter"
    late = 0.8 * other
    late[:, 3:] = 1.25 * other[:, 3:]
    paid = gain(late, other)
    assert paid.low > 0 and paid.share > 0.03 and paid.even < 0 and not paid.beats, "better near, at the price of the later days"


def test_a_large_gain_on_a_few_days_is_luck() -> None:
    other = np.full((60, AHEAD), 1.0)
    other[40:45] = 3.0
    luck = gain(np.ones((60, AHEAD)), other)
    assert luck.share > 0.1 and luck.even > 0 and luck.low < 0 and not luck.beats


def test_with_few_days_there_is_no_gain_and_never_a_day_ahead_does_no_harm() -> None:
    score = np.full((60, AHEAD), 1.0)
    assert gain(score[:19], score[:19]) == NO_GAIN and not NO_GAIN.beats
    score[:, ::2] = np.nan  # a diary of every other day
    assert gain(score / 2, score).share == pytest.approx(0.5) and gain(score / 2, score).even == pytest.approx(0.5)
