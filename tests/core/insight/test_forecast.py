"""The forecast: when it is called good and whether it is, what it may not know, and days with which little can be said."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks.diaries import diary
from benchmarks.forecast import Outcome, called, outcome
from core.insight.forecast import FRESH, LEAST_DAYS, SWIFT, Scores, chained, forecast, mixing
from core.insight.forecast_models import MODELS
from core.insight.forecast_scores import AHEAD, STATES

LEADS = np.arange(1, AHEAD + 1)
MANY = 16


def told(severity):
    return forecast(np.arange(len(severity)) + 730_000, np.asarray(severity, float))


def sound(one) -> None:
    """A distribution for each of seven days, with a state that goes with the days."""
    assert one.probabilities.shape == (AHEAD, STATES) and one.probabilities.sum(1) == pytest.approx(1)
    assert one.probabilities.min() > 0 and one.probabilities.max() < 1
    assert sum(one.weights.values()) == pytest.approx(1) and one.model in MODELS
    assert (one.state == "too_few") == (one.days_used < LEAST_DAYS) and one.days_missing == max(0, LEAST_DAYS - one.days_used)


@pytest.fixture(scope="module")
def falling_back() -> list[Outcome]:
    rng = np.random.default_rng(1)
    return [outcome(rng, "falls back", 200) for _ in range(MANY)]


def test_who_falls_back_is_foretold_better_than_by_both_and_is_told_so(falling_back: list[Outcome]) -> None:
    past = np.mean([one.past for one in falling_back], 0)
    assert (past[0] < past[1]).all() and past[0, 0] < 0.85 * past[3, 0] and (past[1] < past[2]).all()
    good, _, smaller = called(falling_back)
    assert good >= 0.5 and smaller > 0


@pytest.mark.parametrize("kind", ["noise", "steps", "same"])
def test_where_nothing_can_beat_both_hardly_any_is_called_good(kind: str) -> None:
    rng = np.random.default_rng(2)
    good = sum(told(diary(rng, kind, 150)).good for _ in range(MANY))
    assert good <= stats.binom.ppf(0.995, MANY, 0.05), f"{good} of {MANY}"


def test_who_goes_up_is_foretold_to_be_higher() -> None:
    rng = np.random.default_rng(3)
    one = told(np.round(np.clip(np.linspace(1, 8, 120) + rng.normal(0, 0.7, 120), 0, 10)))
    assert one.good and one.quantile(0.5).min() > 6 and one.over_own_history.share > 0.3


def test_bands_hold_as_many_days_as_they_say() -> None:
    rng, held, said = np.random.default_rng(4), [], []
    for kind in ("falls back", "wanders", "season", "noise") * 3:
        past = chained(diary(rng, kind, 120))
        p = past.told[30:]
        below = np.cumsum(p, -1)
        inside = (below > 0.1) & (below - p < 0.9)
        came = past.came[30:]
        known = np.isfinite(came)
        held.append(inside[known][np.arange(known.sum()), came[known].astype(int)])
        said.append((p * inside).sum(-1)[known])
    assert np.concatenate(held).mean() == pytest.approx(np.concatenate(said).mean(), abs=0.04)


def test_on_each_day_the_weights_are_those_of_what_had_come_by_then() -> None:
    rng = np.random.default_rng(5)
    at = np.flatnonzero(rng.random(50) < 0.7)
    came = np.where(np.isin(at[:, None] + LEADS, at), 1.0, np.nan)
    score = np.where(np.isfinite(came), rng.random((3, len(at), AHEAD)), np.nan)
    weights = mixing(at, came, score)
    for day in range(len(at)):
        lost = np.zeros(3)
        for origin in range(day):
            for lead in range(1, AHEAD + 1):
                if at[origin] + lead <= at[day] and np.isfinite(came[origin, lead - 1]):
                    lost += score[:, origin, lead - 1]
        likely = np.exp(-SWIFT * lost)
        assert weights[:, day] == pytest.approx(likely / likely.sum())


def test_what_comes_later_changes_nothing_that_was_foretold_and_the_last_is_the_forecast() -> None:
    severity = diary(np.random.default_rng(6), "flares", 120)
    severity[79] = 3.0
    whole, part = chained(severity), chained(severity[:80])
    assert whole.told[: len(part.at)] == pytest.approx(part.told, abs=1e-12)
    assert told(severity[:80]).probabilities == pytest.approx(part.told[-1], abs=1e-12)


@pytest.mark.parametrize(
    "severity",
    [
        [],
        [np.nan] * 40,
        [3.0],
        [0.0] * 29,
        [10.0] * 60,
        [0.0, 10.0] * 30,
        [4.0, np.nan] * 60,
        [2.0, 3.0] * 20 + [np.nan] * 60 + [8.0, 7.0] * 10,
        [5.0] + [np.nan] * 1500 + [6.0],
    ],
    ids=["none", "nothing noted", "one day", "29 alike", "all equal", "up and down", "every other day", "a gap of weeks", "years"],
)
def test_odd_diaries_have_a_sound_forecast(severity) -> None:
    sound(told(severity))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(st.just(np.nan), st.integers(0, 10).map(float)), min_size=1, max_size=70))
def test_any_diary_has_a_sound_forecast_with_quantiles_in_order(severity: list[float]) -> None:
    one = told(severity)
    sound(one)
    wide, narrow = one.band(0.8), one.band(0.5)
    assert (wide[:, 0] <= narrow[:, 0]).all() and (narrow[:, 1] <= wide[:, 1]).all() and (narrow[:, 0] <= narrow[:, 1]).all()
    assert wide.min() >= 0 and wide.max() <= 10
    median = one.quantile(0.5).round().astype(int)
    sums = np.cumsum(one.probabilities, 1)
    at = np.arange(AHEAD)
    assert (sums[at, median] >= 0.5 - 1e-9).all() and (sums[at, median] - one.probabilities[at, median] <= 0.5 + 1e-9).all()


def test_the_reach_ends_before_the_first_day_that_was_no_better() -> None:
    three = np.full(AHEAD, 3.0)
    better = np.array([2.0, 2.0, np.nan, 2.0, 3.0, 2.0, 2.0])
    assert Scores(better, three, three, three).reach == 4 and Scores(three - 1, three, three, three).reach == AHEAD
    assert Scores(better, three, three - 2, three).reach == 0 and Scores(three * np.nan, three, three, three).reach == 0


def test_an_old_entry_is_said_and_makes_the_days_less_sure() -> None:
    severity = diary(np.random.default_rng(7), "falls back", 240)
    now, late = told(severity), told(np.append(severity, [np.nan] * (FRESH + 1)))
    assert late.state == "too_old" and now.state != "too_old"
    assert late.probabilities[:3] == pytest.approx(now.probabilities[FRESH + 1 :], abs=1e-9)
    assert told(np.append(severity, [np.nan] * FRESH)).state == now.state


def test_all_days_alike_leave_little_doubt() -> None:
    one = told([6.0] * 90)
    assert one.probabilities[:, 6].min() > 0.9 and not one.good


def test_what_is_no_diary_is_refused() -> None:
    day, severity = np.arange(50), np.full(50, 3.0)
    with pytest.raises(ValueError, match="without a gap"):
        forecast(np.append(day[:-1], 60), severity)
    with pytest.raises(ValueError, match="each with a severity"):
        forecast(day, severity[1:])
    for wrong in (2.5, 11.0, -1.0, np.inf):
        with pytest.raises(ValueError, match="whole number"):
            forecast(day, np.append(severity[1:], wrong))


@pytest.mark.alone
def test_three_years_take_two_seconds_at_most() -> None:
    severity = diary(np.random.default_rng(8), "falls back", 1096)
    told(severity[:60])
    start = time.perf_counter()
    told(severity)
    assert time.perf_counter() - start <= 2
