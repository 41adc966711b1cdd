"""Tomorrow and the coming seven days of one patient's severity as a distribution, and how good such forecasts have been so far.

Three models (`core.insight.forecast_models`) foretell from every recorded day what comes 1 to 7 days later, each knowing only the days
before, and a prior that other patients may have taught (`core.insight.forecast_prior`). They are judged by the ranked probability score
(forward chaining, as EczemaPred does: Hurault et al. 2022, Clinical and Translational Allergy 12). On each day they are mixed with weights
that fall with their scores by then (the exponentially weighted average of Cesa-Bianchi and Lugosi 2006, chapter 2), so the scores told are
those a patient would have seen, with no choice in hindsight. Mixed, because taking the best one alone scored a little worse for most kinds
of simulated patients: of two that are close it is often the wrong.

A forecast is good, and is shown, where it beats both comparisons by more than luck:

- "Like today": not the last number for sure, which nearly every distribution beats, but the last number with this patient's own changes
  over as many days. The score of the sure one is told beside it.
- "Own history": the distribution of all days recorded so far, the best there is when days have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import softmax

from core.insight.forecast_models import MODELS, Model
from core.insight.forecast_prior import DEFAULT, Prior
from core.insight.forecast_scores import (
    AHEAD,
    NO_GAIN,
    STATES,
    Gain,
    Values,
    Whole,
    gain,
    like_today,
    mean_score,
    outcomes,
    own_history,
    scored,
)

State = Literal["good", "no_better", "too_few", "too_old"]

LEAST_DAYS = 30
"""Fewer recorded days, and no forecast is called good."""
START = 14
"""The recorded day from which forecasts are scored; before it there was too little to learn from."""
FRESH = 3
"""Days since the last entry up to which a forecast is called good: what was scored are forecasts from a day that was recorded."""
SWIFT = 0.2
"""How fast a model's weight falls: by exp(-SWIFT) with each point its scores add up to more than another's. Of 0.05, 0.2 and 1 the one that
did well for simulated patients of every kind."""
LEADS = np.arange(1, AHEAD + 1)


@dataclass(frozen=True)
class Scores:
    """Mean ranked probability scores in points of severity (7,), by days ahead: less is better. NaN where nothing came.

    `forecast`: of the forecasts as they were made; `like_today` and `own_history`: what it is compared with; `like_today_sure`: of the last
    number alone.
    """

    forecast: Values
    like_today: Values
    own_history: Values
    like_today_sure: Values

    @property
    def reach(self) -> int:
        """Days ahead, from tomorrow on, before the first that was foretold no better than by both comparisons; 0 to 7.

        A day ahead of which nothing was scored (a diary of every other day has some) stands with the one before it.
        """
        worse = (self.forecast >= self.like_today) | (self.forecast >= self.own_history)
        return int(np.append(worse, True).argmax()) if np.isfinite(self.forecast).any() else 0


@dataclass(frozen=True)
class Forecast:
    """The coming seven days, the first of them the day after the last of the diary.

    `probabilities` (7, 11): of severity 0 to 10; rows sum to 1, none is 0. `state`: "good" beats both comparisons; "no_better" does not;
    "too_few" days, `days_missing` of them; "too_old" is the last entry. Show the days of a good one only, and those beyond `scores.reach`
    as what is usual. `weights` of the models, by name, sum to 1. `days_used`: recorded days; `days_scored`: those of them that forecasts
    were scored from. `patients`: from how many its prior was learnt; 0: none, it is a choice of this house.
    """

    state: State
    weights: Mapping[str, float]
    probabilities: Values
    scores: Scores
    over_like_today: Gain
    over_own_history: Gain
    days_used: int
    days_scored: int
    days_missing: int
    patients: int = 0

    @property
    def model(self) -> str:
        """The one that weighs most, a key of `MODELS`."""
        return max(self.weights, key=lambda name: self.weights[name])

    @property
    def good(self) -> bool:
        """It has beaten both comparisons, by more than luck."""
        return self.state == "good"

    def quantile(self, share: float) -> Values:
        """The severity (7,) that stays unsurpassed with this chance (0 to 1), between whole numbers where a number's chance is passed.

        A number stands for all that is rounded to it, so its chance is spread over half a point to both sides, cut at 0 and 10.
        """
        edges = np.arange(STATES + 1) - 0.5
        sums = np.concatenate((np.zeros((AHEAD, 1)), np.cumsum(self.probabilities, 1)), 1)
        return np.clip(np.array([np.interp(share, row, edges) for row in sums], np.float64), 0.0, STATES - 1.0)

    def band(self, level: float) -> Values:
        """The lower and the upper edge (7, 2) of the middle `level` (0.5: one half) of the distribution, for a fan chart."""
        return np.stack((self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)), 1)


@dataclass(frozen=True)
class Chained:
    """The forecasts from every recorded day as they would have been made on it.

    `at` (n,): place of the recorded days, `y` (n,): their severity; `models`; `weights` (models, n); `told` (n, 7, 11): the mixture.
    `came` (n, 7): what came, NaN where nothing did.
    """

    at: Whole
    y: Whole
    models: tuple[Model, ...]
    weights: Values
    told: Values
    came: Values


def chained(severity: Values, prior: Prior = DEFAULT) -> Chained:
    """Forward chaining over one diary (days,), 0 to 10, NaN where nothing was recorded; at least one day was."""
    at = np.flatnonzero(np.isfinite(severity))
    y = severity[at].astype(np.int64)
    came = outcomes(severity, at)
    models: tuple[Model, ...] = tuple(model(at, y, prior) for model in MODELS.values())
    told = np.stack([model.ahead(np.arange(len(at)), LEADS) for model in models])
    weights = mixing(at, came, np.stack([scored(one, came) for one in told]))
    return Chained(at, y, models, weights, np.einsum("mn,mnlk->nlk", weights, told), came)


def mixing(at: Whole, came: Values, score: Values) -> Values:
    """Weights of the models on each recorded day (models, n), columns sum to 1, by the scores of what had come by then.

    `at` (n,): place of each recorded day; `came` (n, 7): what came 1 to 7 days later; `score` (models, n, 7): NaN where nothing came.
    """
    lost = np.zeros((len(score), len(at)))
    row, lead = np.nonzero(np.isfinite(came))
    ends = np.searchsorted(at, at[row] + lead + 1)
    for model, one in enumerate(score):
        np.add.at(lost[model], ends, one[row, lead])
    return np.asarray(softmax(-SWIFT * np.cumsum(lost, 1), 0), np.float64)


def forecast(day: Whole, severity: Values, prior: Prior = DEFAULT) -> Forecast:
    """The coming seven days after the last of `day`.

    `day` (days,): number of each day (`date.toordinal`), one after the other without a gap; `severity` (days,): whole numbers 0 to 10, NaN
    where none was recorded. `prior`: what other patients taught (`core.insight.forecast_pool`). ValueError for days with a gap, another
    length, or a severity that is no whole number from 0 to 10.
    """
    if (np.diff(day) != 1).any() or len(severity) != len(day):
        raise ValueError("days come one after the other without a gap, each with a severity, NaN where there is none")
    known = severity[~np.isnan(severity)]
    if (~np.isin(known, np.arange(STATES))).any():
        raise ValueError("severity is a whole number from 0 to 10")
    if not len(known):
        return _nothing(prior)
    past = chained(severity, prior)
    since = len(day) - 1 - int(past.at[-1])
    last = np.array([len(past.at) - 1])
    now = np.stack([model.ahead(last, LEADS + since)[0] for model in past.models])
    sure = np.repeat(np.eye(STATES)[past.y][:, None], AHEAD, 1)
    rows = (past.told, like_today(past.at, past.y, LEADS), own_history(past.y, LEADS), sure)
    score, today, history, number = (scored(one, past.came)[START - 1 :] for one in rows)
    over_today, over_history = gain(score, today), gain(score, history)
    return Forecast(
        _state(len(known), since, over_today.beats and over_history.beats),
        dict(zip(MODELS, past.weights[:, -1].tolist(), strict=True)),
        np.einsum("m,mlk->lk", past.weights[:, -1], now),
        Scores(*(mean_score(one) for one in (score, today, history, number))),
        over_today,
        over_history,
        len(known),
        int(np.isfinite(score).any(1).sum()),
        max(0, LEAST_DAYS - len(known)),
        prior.patients,
    )


def _state(days: int, since: int, beats: bool) -> State:
    if days < LEAST_DAYS:
        return "too_few"
    if since > FRESH:
        return "too_old"
    return "good" if beats else "no_better"


def _nothing(prior: Prior) -> Forecast:
    none = np.full(AHEAD, np.nan)
    flat = np.full((AHEAD, STATES), 1 / STATES)
    even, scores = dict.fromkeys(MODELS, 1 / len(MODELS)), Scores(*(none,) * 4)
    return Forecast("too_few", even, flat, scores, NO_GAIN, NO_GAIN, 0, 0, LEAST_DAYS, prior.patients)
