"""Simulated patients whose truth is known: months of weather, and a severity that follows it, or does not.

The weather has a season and days that hang together, its factors go with each other as they do outside, and some are skewed. Severity
follows yesterday's, a season and a trend of its own, a treatment, and where it is planted the humidity some days before; it is noted in
whole points, and on some days not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from core.demo.diary import wander as wander
from core.insight.weather import WEEK_LAGS, YEAR, Factor, Values, earlier

PLANTED = "humidity"
STEP = -10.0
"""Of the planted factor: ten points of relative humidity less."""
MISSED, NO_PHOTO = 0.08, 0.15
"""Share of the days without an entry, and of the weeks without a photo."""
SPECK, CAMERA = 0.5, 0.15
"""Of a photo: affected skin below so many per cent is not seen at all; spread of what the camera makes of the rest, in log-odds."""


@dataclass(frozen=True)
class Patient:
    """One patient's days; `lag` in days of the planted effect, and the `effect` in points of the score."""

    day: NDArray[np.int64]
    severity: Values
    factors: tuple[Factor, ...]
    treatments: Values
    lag: int
    effect: float = 0.0


def weather(rng: np.random.Generator, day: NDArray[np.int64]) -> tuple[Factor, ...]:
    """Six factors: temperature and humidity go against each other, ultraviolet with the season, two are skewed."""
    n, wave = len(day), np.sin(2 * np.pi * day / YEAR)
    warm = wander(rng, n, 0.8, 3.5)
    return (
        Factor("temperature", 10 + 8 * wave + warm, -5.0),
        Factor(PLANTED, 65 - 8 * wave - warm + wander(rng, n, 0.6, 10.0), STEP),
        Factor("pressure", 1013 + wander(rng, n, 0.75, 8.0), 10.0),
        Factor("uv", np.maximum(0, 3 + 2.5 * wave + wander(rng, n, 0.4, 1.0)), 2.0),
        Factor("particulates", 12 * np.exp(wander(rng, n, 0.6, 0.5)), 10.0),
        Factor("pollen", 10 * np.exp(wander(rng, n, 0.7, 0.8)), 20.0),
    )


def patient(rng: np.random.Generator, days: int, effect: float = 0.0, season: float = 0.0, trend: float = 0.0) -> Patient:
    """A patient of so many days. `effect`: points of severity for `STEP`, at a lag of 0 to 7; `season`: half the height of its wave;
    `trend`: points from the first to the last day."""
    day = np.arange(days) + 730_000 + int(rng.integers(365))
    factors = weather(rng, day)
    lag = int(rng.integers(0, 8))
    dry = earlier(factors[1].values - 65, lag) / STEP
    treated = (wander(rng, days, 0.9, 1.0) > 0.8).astype(float)
    usual = 4.5 + season * np.sin(2 * np.pi * day / YEAR + 1) + trend * np.linspace(-0.5, 0.5, days)
    severity = usual.copy()
    for at in range(1, days):
        pull = effect * dry[at] if np.isfinite(dry[at]) else 0.0
        severity[at] = usual[at] + 0.5 * (severity[at - 1] - usual[at - 1]) + pull - 0.3 * treated[at] + rng.normal(0, 0.8)
    noted = np.round(np.clip(severity, 0, 10))
    noted[rng.random(days) < MISSED] = np.nan
    return Patient(day, noted, factors, treated[:, None], lag, effect)


def weekly(rng: np.random.Generator, weeks: int, effect: float = 0.0, season: float = 0.0, trend: float = 0.0) -> Patient:
    """A patient with a score of so many weeks out of 28 (POEM): each follows that of the week before and, where planted, the mean
    humidity of the seven days up to a day 0 to 3 weeks before; answered on one weekday or a day beside it, some weeks not at all.

    `effect`: points for `STEP`; `season`, `trend` as in `patient`; `lag` in days.
    """
    day = np.arange(7 * weeks) + 730_000 + int(rng.integers(365))
    factors = weather(rng, day)
    lag = int(rng.choice(WEEK_LAGS))
    treated = (wander(rng, len(day), 0.97, 1.0) > 0.8).astype(float)
    ends, dry, used = _weeks(rng, factors, treated, weeks, lag)
    usual = 12 + season * np.sin(2 * np.pi * day[ends] / YEAR + 1) + trend * np.linspace(-0.5, 0.5, weeks)
    score = usual.copy()
    for at in range(1, weeks):
        pull = effect * dry[at] if np.isfinite(dry[at]) else 0.0
        score[at] = usual[at] + 0.4 * (score[at - 1] - usual[at - 1]) + pull - 1.0 * used[at] + rng.normal(0, 1.5)
    kept = rng.random(weeks) >= MISSED
    noted = np.full(len(day), np.nan)
    noted[ends[kept]] = np.round(np.clip(score, 0, 28))[kept]
    return Patient(day, noted, factors, treated[:, None], 7 * lag, effect)


def photographed(rng: np.random.Generator, weeks: int, effect: float = 0.0, season: float = 0.0, trend: float = 0.0) -> Patient:
    """A patient with a photo of one part of the body in most of so many weeks: the affected share of the skin in per cent, 0-100.

    Its log-odds follow those of the week before and, where planted, the mean humidity as in `weekly`, so a rash spreads in proportion and
    most shares are small: the middle one is 5 %, one in ten is under 1.5, one in a hundred over 40. The camera adds to each, and does not
    see specks at all. `effect`, `season`, `trend`: in log-odds. The `effect` of the patient is in points of 100 from the middle of the
    true shares: what a step changes them by.
    """
    day = np.arange(7 * weeks) + 730_000 + int(rng.integers(365))
    factors = weather(rng, day)
    lag = int(rng.choice(WEEK_LAGS))
    treated = (wander(rng, len(day), 0.97, 1.0) > 0.8).astype(float)
    ends, dry, used = _weeks(rng, factors, treated, weeks, lag)
    usual = rng.normal(-2.7, 0.8) + season * np.sin(2 * np.pi * day[ends] / YEAR + 1) + trend * np.linspace(-0.5, 0.5, weeks)
    odds = usual.copy()
    for at in range(1, weeks):
        pull = effect * dry[at] if np.isfinite(dry[at]) else 0.0
        odds[at] = usual[at] + 0.4 * (odds[at - 1] - usual[at - 1]) + pull - 0.4 * used[at] + rng.normal(0, 0.6)
    share = 100 * expit(odds + rng.normal(0, CAMERA, weeks))
    kept = rng.random(weeks) >= NO_PHOTO
    noted = np.full(len(day), np.nan)
    noted[ends[kept]] = np.where(share < SPECK, 0.0, share)[kept]
    middle = float(np.median(expit(odds)))
    truth = 100 * (float(expit(logit(middle) + effect)) - middle)
    return Patient(day, noted, factors, treated[:, None], 7 * lag, truth)


def _weeks(
    rng: np.random.Generator, factors: tuple[Factor, ...], treated: Values, weeks: int, lag: int
) -> tuple[NDArray[np.int64], Values, Values]:
    """Of each week its day, how much drier (in steps) the seven days up to that of `lag` weeks before were, and its treated days' share."""
    ends = 7 * np.arange(weeks) + int(rng.integers(1, 6))
    ends += rng.choice((-1, 0, 0, 0, 1), weeks)
    window = [slice(max(0, end - 6), end + 1) for end in ends]
    dry = earlier(np.array([(factors[1].values[days] - 65).mean() for days in window]), lag) / STEP
    return ends, dry, np.array([treated[days].mean() for days in window])
