"""What the weather does to one patient's severity: an effect with its doubt, and a verdict that can be "none".

A day's severity is explained by that of the day before, a trend, the season of the year, treatments, and one factor of the weather some
days earlier. Least squares, each factor apart, at each lag. A score that asks about a week (POEM) is compared week by week in the same
way. Four things mislead here, and each has its remedy:

- A slow rise in both: the trend and the year's waves are in every model, so only days that differ from their season count.
- In few days a standard error comes out too small: the largest of three is taken (`weather_lags.fit`).
- The lag was chosen because it looks best. Its chance of being chance is therefore that of the largest of all lags (the distribution of
  the largest of so many correlated t values), and the interval is the model-averaged one (tail areas weighted over the lags by an
  information criterion: Turek and Fletcher 2012), which widens where the lag is in doubt. Where chance is not ruled out, it has 0 in it.
- Many factors were tried: the p values are corrected over them (Holm 1979).

What remains: a diary in whole points hides a part of yesterday, which with the short series makes an effect some 3 to 5 % too large (in
simulated patients of `benchmarks.patients`), well within the interval. How often the interval holds the truth, and how often there is
evidence of nothing, is measured by `python -m benchmarks.weather`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.insight.weather_lags import Fit, apart, fit, interval, largest, usable
from core.insight.weather_rows import LAGS, WEEK, WEEK_LAGS, YEAR, Days, Factor, Series, Values, beside, earlier, series

__all__ = [
    "LAGS", "LEAST_CHANGES", "LEAST_DAYS", "LEAST_WEEKS", "WEEK_LAGS", "YEAR",
    "Effect", "Factor", "Values", "Verdict", "beside", "earlier", "effects", "holm", "interval", "largest",
]  # fmt: skip

Verdict = Literal["evidence", "weak", "none", "not_enough"]

LEAST_DAYS, LEAST_CHANGES = 30, 8
"""Fewer days that can be used, or fewer on which severity is another than the time before, and nothing is said."""
LEAST_WEEKS = 20
"""The same for weeks: with seven or eight columns beside the weather, fewer leave too little to tell a spread from."""
ALPHA = 0.05
EVIDENCE = 0.03
"""Below which, after all factors, there is "evidence". Under ALPHA, since in 90 days the errors are still a little small: with it, 1 to 4
in 100 patients are told of evidence where there is none, with ALPHA 3 to 5, which a run of bad luck makes 7 of."""


@dataclass(frozen=True)
class Effect:
    """What one factor does, in points of severity for its `step`, `lag` days later.

    `low`, `high`: 95 % interval that knows of the choice of the lag. `p`: of chance, after the choice of the lag; `p_adjusted`: after all
    factors. `days` (weeks, if `weekly`) were used, on `changes` of them severity was another than the time before. All NaN, and `lag`
    None, with too few. Verdict: "evidence" where chance is ruled out after all factors and 0 lies outside the interval, "weak" where it
    is for this factor alone.
    """

    factor: str
    step: float
    lag: int | None
    effect: float
    low: float
    high: float
    p: float
    p_adjusted: float
    days: int
    changes: int
    verdict: Verdict
    weekly: bool = False


def effects(
    day: Days, severity: Values, factors: tuple[Factor, ...], treatments: Values | None = None, *, weekly: bool = False
) -> tuple[Effect, ...]:
    """The effect of each factor on severity, in the order given.

    `day` (days,): number of each day (`date.toordinal`), one after the other without a gap; `severity` (days,): NaN where none was
    recorded; `treatments` (days, kinds) 0/1: which were used. `weekly`: the severity is of the week up to its day, known about once a
    week (see `series`). A day counts where it and the day before have a severity, and the factor is known for all lags. ValueError for
    days with a gap or arrays of another length.
    """
    of = series(day, severity, factors, treatments, weekly)
    told = [_fit(of, factor) for factor in of.factors]
    tried = {at: one.p for at, (one, _, _) in enumerate(told) if one is not None}
    adjusted = dict(zip(tried, holm(np.array(list(tried.values()))), strict=True))
    found = []
    for at, (factor, (one, days, changes)) in enumerate(zip(factors, told, strict=True)):
        if one is None:
            nothing = float("nan")
            found.append(Effect(factor.id, factor.step, None, *(nothing,) * 5, days, changes, "not_enough", weekly))
            continue
        low, high = interval(one.effects, one.errors, one.weights, one.freedom)
        chance, p = tried[at] >= ALPHA, float(adjusted[at])
        apart_from_0 = low > 0 or high < 0
        verdict: Verdict = "none" if chance else "evidence" if p < EVIDENCE and apart_from_0 else "weak"
        if chance:
            low, high = min(low, 0.0), max(high, 0.0)
        lag = of.lags[one.best] * (WEEK if weekly else 1)
        effect = float(one.effects[one.best])
        found.append(Effect(factor.id, factor.step, lag, effect, low, high, tried[at], p, days, changes, verdict, weekly))
    return tuple(found)


def holm(p: Values) -> Values:
    """The p values (n,) corrected over all of them (Holm, Scand J Stat 1979;6:65). That of statsmodels takes a fifth of a second a call."""
    order = np.argsort(p)
    rising = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.minimum(1, rising)
    return out


def _fit(of: Series, factor: Factor) -> tuple[Fit | None, int, int]:
    rows, known, lagged = usable(of, factor)
    days, changes = int(rows.sum()), int((of.severity[rows] != earlier(of.severity, 1)[rows]).sum())
    if days < (LEAST_WEEKS if of.weekly else LEAST_DAYS) or changes < LEAST_CHANGES:
        return None, days, changes
    parts = apart(rows, of.severity, known, lagged)
    return (None if parts is None else fit(parts)), days, changes
