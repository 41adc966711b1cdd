"""How good forecasts of a whole number were: the ranked probability score, what they are compared with, and whether they beat it.

The score (Epstein 1969, in Murphy's form of 1971) is the sum over the thresholds of the squared difference between the forecast's
cumulative probability and what came. It is in points of severity: of a forecast that names one number for sure it is the distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]
Whole = NDArray[np.int64]

STATES = 11
"""Severity is 0 to 10."""
AHEAD = 7
"""Days ahead that are forecast and scored."""
ALPHA = 0.05
"""Of one comparison, at one look: whoever looks every week of a year has more chances to be fooled (`benchmarks.forecast` counts them)."""
LEAST_GAIN = 0.03
"""A forecast counts as better from this share of the score on. A smoother outline of the same histogram gains one or two hundredths of
the score, surely and to nobody's use."""
NEARNESS = 1 / np.arange(1, AHEAD + 1)
"""Weight of each day ahead in a verdict: days further off are nearer to the own history for every model, and forecasts of them overlap, so
that with even weights the noise of the seventh day hides what is surely gained on the first."""
LEAST_SCORED = 20
"""Days from which forecasts were scored; with fewer nothing is called better."""


def rps(probabilities: Values, outcome: Whole) -> Values:
    """The ranked probability score (...), 0 best to 10 worst, of `probabilities` (..., 11) when `outcome` (...) came, 0-10."""
    came = np.asarray(outcome)[..., None] <= np.arange(STATES - 1)
    return np.asarray(((np.cumsum(probabilities, -1)[..., :-1] - came) ** 2).sum(-1), np.float64)


def outcomes(severity: Values, origins: Whole) -> Values:
    """What came 1 to 7 days after each of `origins` (n,), places in `severity` (days,); (n, 7), NaN where nothing was recorded or yet."""
    padded = np.concatenate((severity, np.full(AHEAD, np.nan)))
    return np.asarray(padded[origins[:, None] + np.arange(1, AHEAD + 1)], np.float64)


def scored(probabilities: Values, came: Values) -> Values:
    """The score of each forecast (n, 7, 11) with what came (n, 7); NaN where nothing did."""
    return np.where(np.isfinite(came), rps(probabilities, np.nan_to_num(came).astype(np.int64)), np.nan)


def mean_score(score: Values) -> Values:
    """The mean (7,) of scores (n, 7) by days ahead; NaN where nothing came."""
    many = np.isfinite(score).sum(0)
    return np.where(many > 0, np.nansum(score, 0) / np.maximum(many, 1), np.nan)


def own_history(y: Whole, leads: Whole) -> Values:
    """The distribution of all days recorded up to each (n, leads, 11). `y` (n,): those days, 0-10. One day's weight is spread evenly."""
    counts = np.cumsum(np.eye(STATES)[y], 0) + 1 / STATES
    return np.repeat((counts / counts.sum(-1, keepdims=True))[:, None], len(leads), 1)


def like_today(at: Whole, y: Whole, leads: Whole) -> Values:
    """The last value, give or take what this patient's values changed in so many days before (n, leads, 11).

    `at` (n,): place of each recorded day, rising; `y` (n,): its severity 0-10; `leads`: days ahead. The changes counted at a day are those
    between recorded days up to it that lie as far apart, each as a rise and as a fall: it foretells no way, and is the harder to beat for
    knowing its spread from twice as many. One more of no change stands in for none. Beyond 0 and 10 it stays there.
    """
    rows = np.arange(len(y))
    place = np.full(int(at[-1]) + 1, -1)
    place[at] = rows
    told = np.empty((len(y), len(leads), STATES))
    reached = np.clip(np.arange(STATES)[:, None] + np.arange(1 - STATES, STATES), 0, STATES - 1)
    clip = np.eye(STATES)[reached]  # from, change, to
    for number, lead in enumerate(leads):
        since = np.where(at >= lead, place[np.maximum(at - lead, 0)], -1)
        change = np.zeros((len(y), 2 * STATES - 1))
        for sign in (1, -1):
            change[rows[since >= 0], sign * (y - y[since])[since >= 0] + STATES - 1] += 0.5
        counts = np.cumsum(change, 0)
        counts[:, STATES - 1] += 1
        told[:, number] = np.einsum("nc,nck->nk", counts / counts.sum(-1, keepdims=True), clip[y])
    return told


@dataclass(frozen=True)
class Gain:
    """How much smaller the score is than that of a comparison, in points; days nearer weigh more (`NEARNESS`).

    `low`: the lower bound at 95 %, one-sided; `share`: of the comparison's score (0.1: a tenth smaller); `even`: with even weights of the
    seven days. NaN with too few days.
    """

    mean: float
    low: float
    share: float
    even: float

    @property
    def beats(self) -> bool:
        """Better than by luck, by enough to matter, and not only at the price of the later days."""
        return self.low > 0 and self.share >= LEAST_GAIN and self.even > 0


NO_GAIN = Gain(*(float("nan"),) * 4)
"""With too few days."""


def gain(score: Values, other: Values) -> Gain:
    """Of `score` over `other`, both (n, 7): rows are days in order, NaN where nothing came.

    Forecasts overlap, so neighbours are alike. The long-run variance is the mean of the squared weights on the first cosines, and the
    bound takes Student's t with as many degrees of freedom (equal-weighted cosines, 0.4 n^(2/3) of them: Lazarus, Lewis, Stock and
    Watson 2018, Journal of Business & Economic Statistics 36).
    """
    days = np.isfinite(score).any(1)
    n = int(days.sum())
    if n < LEAST_SCORED:
        return NO_GAIN
    score, other = score[days], other[days]
    near = np.isfinite(score) * NEARNESS
    near /= near.sum(1, keepdims=True)
    won = np.nansum(near * (other - score), 1)
    cosines = max(3, int(0.4 * n ** (2 / 3)))
    waves = np.sqrt(2 / n) * np.cos(np.pi * np.outer(np.arange(1, cosines + 1), np.arange(n) + 0.5) / n)
    error = np.sqrt(((waves @ won) ** 2).mean() / n)
    mean, reference = float(won.mean()), float(np.nansum(near * other, 1).mean())
    low = mean - float(stats.t.ppf(1 - ALPHA, cosines) * error)
    even = mean_score(other) - mean_score(score)
    return Gain(mean, low, mean / reference if reference > 0 else 0.0, float(even[np.isfinite(even)].mean()))
