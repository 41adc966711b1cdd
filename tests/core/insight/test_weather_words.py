"""What is said of an effect: numbers that can be read, and never that the weather did it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from core.insight.weather import Effect, Factor, Verdict, effects
from core.insight.weather_factors import FACTORS
from core.insight.weather_words import VERDICTS, sentence, too_few, when

DRY = Effect("humidity", -10.0, 2, 0.43, 0.09, 0.71, 0.001, 0.004, 84, 50, "evidence")


def test_an_effect_is_told_with_its_interval_and_its_days() -> None:
    assert sentence(DRY) == "10 points less humidity: +0.4 of 10, 95 % interval 0.1 to 0.7, 84 days"
    weekly = replace(DRY, effect=-1.26, low=-2.51, high=0.0, days=40, weekly=True)
    assert sentence(weekly, "of 28") == "10 points less humidity: −1.3 of 28, 95 % interval −2.5 to 0.0, 40 weeks"
    skin = "10 points less humidity: −1.3 points of affected skin in 100, 95 % interval −2.5 to 0.0, 40 weeks"
    assert sentence(weekly, "points of affected skin in 100") == skin


@pytest.mark.parametrize(
    ("value", "text"), [(0.02, "+0.02"), (-0.02, "−0.02"), (0.001, "0.00"), (-0.001, "0.00"), (0.0, "0.0"), (-0.06, "−0.1")]
)
def test_a_small_number_does_not_become_nothing(value: float, text: str) -> None:
    assert f": {text} of 10," in sentence(replace(DRY, effect=value))


def test_with_too_few_days_it_says_how_many_are_needed() -> None:
    few = replace(DRY, lag=None, effect=float("nan"), days=1, changes=3, verdict="not_enough")
    assert sentence(few).startswith("Humidity: 1 day with 3 changes so far; 30 days with 8 changes are needed. ") and when(few) == ""
    assert "20 weeks" in sentence(replace(few, weekly=True, changes=1)) and "1 change so" in sentence(replace(few, changes=1))


def test_a_diary_of_every_other_day_is_told_which_days_count() -> None:
    rng = np.random.default_rng(4)
    day, severity = np.arange(739_000, 739_200), rng.integers(0, 11, 200).astype(float)
    humidity = Factor("humidity", rng.normal(50, 10, 200), FACTORS["humidity"].step)
    (daily,) = effects(day, severity, (humidity,))
    severity[::2] = np.nan
    (halved,) = effects(day, severity, (humidity,))
    assert halved.days == 0 and "Humidity: 0 days" in sentence(halved)
    assert "A day counts only if the day before was written down too" in sentence(halved)
    assert daily.days > 180 and "written down" not in sentence(daily)
    assert "A week counts only if the week before" in sentence(replace(halved, weekly=True))


def test_when_is_said_in_days_or_weeks() -> None:
    lags = ((0, False), (1, False), (2, False), (0, True), (7, True), (14, True))
    said = [when(replace(DRY, lag=lag, weekly=weekly)) for lag, weekly in lags]
    assert said == ["the same day", "1 day later", "2 days later", "in the same week", "1 week later", "2 weeks later"]


def test_words_of_another_step_or_factor_are_refused() -> None:
    with pytest.raises(ValueError, match="another step"):
        sentence(replace(DRY, step=10.0))
    with pytest.raises(KeyError):
        sentence(replace(DRY, factor="moon"))


def test_every_verdict_has_words_that_blame_nothing() -> None:
    assert set(VERDICTS) == set(get_args(Verdict))
    for words in (*VERDICTS.values(), *(sentence(replace(DRY, factor=one.id, step=one.step)) for one in FACTORS.values())):
        denied = words.replace("does not show that one causes the other", "")
        assert not re.search(r"caus|makes? you|because|due to|leads? to|trigger|worsen|raises?|lowers?", denied), words


def test_a_factor_that_hardly_changed_is_not_told_to_have_too_few_days() -> None:
    nothing = float("nan")
    still = Effect("pollen_olive", 50.0, None, *(nothing,) * 5, 115, 83, "not_enough")
    assert "hardly changed in these 115 days" in sentence(still) and not too_few(still)
    few = Effect("pollen_olive", 50.0, None, *(nothing,) * 5, 12, 3, "not_enough")
    assert "are needed" in sentence(few) and too_few(few)
