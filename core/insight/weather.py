"""What the weather does to one patient's severity: an effect with its doubt, and a verdict that can be "none".

A day's severity is explained by that of the day before, a trend, the season of the year, treatments, and one factor of the weather some
days earlier. Ordinary least squares with errors that allow for what is left of yesterday (Newey and West 1987), each factor apart, at
each lag of `LAGS`. Three things mislead here, and each has its remedy:

- A slow rise in both: the trend and the year's waves are in every model, so only days that differ from their season count.
- The lag was chosen because it looks best. Its chance of being chance is therefore that of the largest of all lags (the distribution of
  the largest of so many correlated t values), and the interval is the model-averaged one (tail areas weighted by Akaike weights over the
  lags: Turek and Fletcher 2012), which widens where the lag is in doubt.
- Many factors were tried: the p values are corrected over them (Holm 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

Values = NDArray[np.float64]
Verdict = Literal["evidence", "weak", "none", "not_enough"]

LAGS = tuple(range(8))
"""Days between the weather and the severity that are tried."""
BEFORE = (1, 2)
"""Days before whose severity is in the model. The second because a diary is rounded: yesterday's number alone tells too little of
yesterday, and what it leaves out would be put down to the weather."""
LEAST_DAYS, LEAST_CHANGES = 30, 8
"""Fewer days that can be used, or fewer on which severity is another than the day before, and nothing is said."""
ALPHA = 0.05
YEAR = 365.25
SEASON_FROM = 60
"""Days between the first and the last from which the year's waves are in the model: in a shorter time the trend says the same."""
DRAWS = 20_000


@dataclass(frozen=True)
class Factor:
    """One factor of the weather. `values` (days,) float64, NaN where not known; `step`: a practical one in its own unit, with sign."""

    id: str
    values: Values
    step: float


@dataclass(frozen=True)
class Effect:
    """What one factor does, in points of severity for its `step`, `lag` days later.

    `low`, `high`: 95 % interval that knows of the choice of the lag. `p`: of chance, after the choice of the lag; `p_adjusted`: after all
    factors. `days` were used, on `changes` of them severity was another than the day before. All NaN, and `lag` None, with too few days.
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


@dataclass(frozen=True)
class _Fit:
    """One factor at every lag: effects of a step and their standard errors (lags,), Akaike weights, and residual degrees of freedom."""

    effects: Values
    errors: Values
    weights: Values
    freedom: float
    p: float

    @property
    def best(self) -> int:
        return int(self.weights.argmax())


def effects(day: NDArray[np.int64], severity: Values, factors: tuple[Factor, ...], treatments: Values | None = None) -> tuple[Effect, ...]:
    """The effect of each factor on severity, in the order given.

    `day` (days,): number of each day (`date.toordinal`), one after the other without a gap; `severity` (days,): NaN where none was
    recorded; `treatments` (days, kinds) 0/1: which were used. A day counts where it and the day before have a severity, and the factor
    is known for all lags. ValueError for days with a gap or arrays of another length.
    """
    if len(day) == 0 or (np.diff(day) != 1).any():
        raise ValueError("days come one after the other, without a gap")
    rows = [severity, *(factor.values for factor in factors), *([] if treatments is None else [treatments])]
    if any(len(row) != len(day) for row in rows):
        raise ValueError("every row has a value for each day, NaN where there is none")
    told = [_fit(day, severity, factor, treatments) for factor in factors]
    tried = [fit.p for fit, _, _ in told if fit is not None]
    adjusted = iter(multipletests(tried, ALPHA, method="holm")[1]) if tried else iter(())
    found = []
    for factor, (fit, days, changes) in zip(factors, told, strict=True):
        if fit is None:
            nothing = float("nan")
            found.append(Effect(factor.id, factor.step, None, *(nothing,) * 5, days, changes, "not_enough"))
            continue
        low, high = interval(fit.effects, fit.errors, fit.weights, fit.freedom)
        p = float(next(adjusted))
        verdict: Verdict = "evidence" if p < ALPHA else "weak" if fit.p < ALPHA else "none"
        effect = float(fit.effects[fit.best])
        found.append(Effect(factor.id, factor.step, LAGS[fit.best], effect, low, high, fit.p, p, days, changes, verdict))
    return tuple(found)


def earlier(values: Values, days: int) -> Values:
    """What it was so many days before; NaN for days before the first."""
    out = np.full(len(values), np.nan)
    out[days:] = values[: len(values) - days] if days else values
    return out


def beside(day: NDArray[np.int64], severity: Values, treatments: Values | None) -> Values:
    """All that explains severity beside the weather (days, columns): one, yesterday, trend, the year's waves, treatments."""
    span = day - day[0]
    columns = [np.ones(len(day)), *(earlier(severity, back) for back in BEFORE), span / max(1, len(day) - 1)]
    if span[-1] >= SEASON_FROM:
        columns += [np.sin(2 * np.pi * day / YEAR), np.cos(2 * np.pi * day / YEAR)]
    if treatments is not None:
        columns += list(np.asarray(treatments, np.float64).T)
    return np.stack(columns, 1)


def _fit(day: NDArray[np.int64], severity: Values, factor: Factor, treatments: Values | None) -> tuple[_Fit | None, int, int]:
    known = beside(day, severity, treatments)
    lagged = np.stack([earlier(factor.values, lag) for lag in LAGS], 1) / factor.step
    rows = np.isfinite(severity) & np.isfinite(known).all(1) & np.isfinite(lagged).all(1)
    days, changes = int(rows.sum()), int((severity[rows] != earlier(severity, 1)[rows]).sum())
    if days < LEAST_DAYS or changes < LEAST_CHANGES:
        return None, days, changes
    y, known, lagged = severity[rows], _independent(known[rows]), lagged[rows]
    if days < known.shape[1] + 10:
        return None, days, changes
    # What of each lag is not told by the rest already (Frisch, Waugh and Lovell): nothing, of a factor that never changes.
    own = lagged - known @ np.linalg.lstsq(known, lagged, rcond=None)[0]
    spread = own.std(0)
    if (spread < 1e-9 * np.maximum(1, np.abs(lagged).max(0))).any():
        return None, days, changes
    how = {"maxlags": int(4 * (days / 100) ** (2 / 9)), "use_correction": True}
    fits = [sm.OLS(y, np.column_stack((known, lagged[:, at]))).fit() for at in range(len(LAGS))]
    found, aic = np.array([fit.params[-1] for fit in fits]), np.array([fit.aic for fit in fits])
    # In few days, and of a factor with a few high days, the robust error comes out too small: never smaller than the plain one.
    robust = [fit.get_robustcov_results("HAC", use_t=True, **how).bse[-1] for fit in fits]
    errors = np.maximum(robust, [fit.bse[-1] for fit in fits])
    weights = np.exp((aic.min() - aic) / 2)
    freedom = float(fits[0].df_resid)
    t = np.abs(found / errors)
    return (
        _Fit(found, errors, weights / weights.sum(), freedom, largest(float(t.max()), np.asarray(np.corrcoef(own.T), np.float64), freedom)),
        days,
        changes,
    )


def _independent(columns: Values) -> Values:
    """The columns that say something the ones before do not: a treatment that was used every day says nothing."""
    kept: list[Values] = []
    for column in columns.T:
        if np.linalg.matrix_rank(np.stack([*kept, column], 1)) > len(kept):
            kept.append(column)
    return np.stack(kept, 1)


@cache
def _draws(lags: int) -> tuple[Values, Values]:
    rng = np.random.default_rng(20_260_101)
    return rng.standard_normal((DRAWS, lags)), rng.random(DRAWS)


def largest(t: float, correlation: Values, freedom: float) -> float:
    """The chance that the largest of so many correlated t values (`correlation`, lags by lags) is at least `t` in size."""
    normal, uniform = _draws(len(correlation))
    values, vectors = np.linalg.eigh(correlation)
    drawn = np.abs(normal @ (vectors * np.sqrt(np.maximum(values, 0))).T).max(1)
    drawn /= np.sqrt(stats.chi2.ppf(uniform, freedom) / freedom)
    return float(((drawn >= t).sum() + 1) / (DRAWS + 1))


def interval(effects: Values, errors: Values, weights: Values, freedom: float, level: float = 1 - ALPHA) -> tuple[float, float]:
    """The model-averaged interval: the bounds beyond which the weighted tails of all lags hold half of what is left (Turek, Fletcher)."""
    tail = (1 - level) / 2
    wide = stats.t.ppf(1 - tail / 100, freedom) * errors.max()

    def beyond(bound: float, sign: int) -> float:
        return float((weights * stats.t.sf(sign * (bound - effects) / errors, freedom)).sum() - tail)

    reach = float(effects.min() - wide), float(effects.max() + wide)
    low = optimize.brentq(lambda bound: beyond(bound, -1), *reach)
    high = optimize.brentq(lambda bound: beyond(bound, 1), *reach)
    return float(low), float(high)
