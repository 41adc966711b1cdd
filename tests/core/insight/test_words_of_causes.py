"""What is said of triggers and forecasts: every verdict has its words, numbers are those that were counted, nothing claims a cause."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.insight import forecast_words, trigger_words
from core.insight.forecast import Forecast, Scores, forecast
from core.insight.forecast_scores import NO_GAIN
from core.insight.triggers import Missing, Trigger
from tests.core.examinations.test_texts import GRADE, grade

FOUND = Trigger("a", 2.44, 1.31, 4.6, 9, 3, 31, 80, 0.001, 0.004, "evidence", None, (), ())


def test_a_trigger_is_told_with_its_size_and_its_doubt() -> None:
    said = trigger_words.sentence(FOUND)
    assert "9 of 12 flares" in said and "31 of 111 other days" in said and "2.4 times" in said and "1.3 and 4.6" in said
    assert "at least 1.9 times" in trigger_words.sentence(replace(FOUND, lift=math.inf, high=math.inf, low=1.9, flares_without=0))
    assert "No flare followed it" in trigger_words.sentence(replace(FOUND, lift=0.0, low=0.0, flares_with=0))
    assert trigger_words.short(FOUND) == "2.4 times (1.3 to 4.6); before 9 of 12 flares"
    assert trigger_words.short(replace(FOUND, lift=math.inf, high=math.inf)).startswith("more often (1.3 or more)")
    assert "1.3 times and any number" in trigger_words.sentence(replace(FOUND, high=math.inf))


@pytest.mark.parametrize("verdict", ["evidence", "weak", "none", "not_enough"])
def test_every_verdict_has_its_words_and_none_claims_a_cause(verdict) -> None:
    missing = Missing(2, 1, 0) if verdict == "not_enough" else None
    found = replace(FOUND, verdict=verdict, missing=missing)
    for text in (trigger_words.headline("Wool", found), trigger_words.sentence(found)):
        assert "caus" not in text and "because" not in text and grade(text) <= GRADE, text
    assert trigger_words.VERDICTS[verdict]
    if missing:
        assert trigger_words.sentence(found).startswith("It takes at least 2 more flares, 1 more day after it.")


def test_what_else_could_be_behind_it_is_said() -> None:
    found = replace(FOUND, also=("b",), stopped=("steroid",))
    together, stopped = trigger_words.beside(found, {"b": "Stress"}, {"steroid": "Steroid cream"})
    assert "Stress" in together and "steroid cream was stopped" in stopped and trigger_words.beside(FOUND, {}, {}) == []


def a_forecast(*rows: list[float], state: str = "good") -> Forecast:
    scores = Scores(*(np.full(7, 1.0),) * 4)
    probabilities = np.array([*rows, *[rows[-1]] * (7 - len(rows))])
    return Forecast(state, {"a": 1.0}, probabilities, scores, NO_GAIN, NO_GAIN, 40, 20, 3)  # type: ignore[arg-type]


def test_the_likely_numbers_are_the_fewest_neighbours_that_hold_four_of_five() -> None:
    sharp, wide, torn = [0.0] * 11, [1 / 11] * 11, [0.5, *[0.0] * 9, 0.5]
    sharp[4] = 1.0
    two = [0.0, 0.0, 0.05, 0.45, 0.40, 0.1, *[0.0] * 5]
    found = a_forecast(sharp, wide, torn, two)
    assert [forecast_words.likely(found, ahead) for ahead in (1, 2, 3, 4)] == ["4", "0 to 8", "0 to 10", "3 to 4"]
    rng = np.random.default_rng(3)
    for row in rng.dirichlet(np.ones(11) * 0.3, 50):
        low, high = forecast_words.span(a_forecast(list(row)), 1)
        assert row[low : high + 1].sum() >= 0.8 - 1e-9
        assert all(row[at : at + high - low].sum() < 0.8 for at in range(11 - (high - low) + 1) if high > low)


def test_what_a_forecast_starts_from_and_what_agreeing_means_is_said_plainly() -> None:
    alone = a_forecast([1 / 11] * 11)
    pooled = replace(alone, patients=12)
    assert "choice of this house" in forecast_words.start(alone) and "12 patients who agreed" in forecast_words.start(pooled)
    for said in (forecast_words.start(alone), forecast_words.start(pooled), forecast_words.pooling(10)):
        assert grade(said) <= GRADE, said


def test_why_there_is_none() -> None:
    none = forecast(np.arange(3), np.array([1.0, np.nan, 2.0]))
    assert "28 more days" in forecast_words.state(none)
    for state, words in (("no_better", "no better"), ("too_old", "too long ago"), ("good", "better than")):
        assert words in forecast_words.state(a_forecast([1 / 11] * 11, state=state))
    assert forecast_words.off(float("nan")) == "not tried yet" and forecast_words.off(1.234) == "1.23 points"
