"""One factor at every lag at once: regressions, errors that hold in few days, and the doubt that choosing a lag adds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special
from statsmodels.stats.sandwich_covariance import S_hac_simple

from core.insight.weather_rows import Factor, Series, Values, beside, earlier

DRAWS = 10_000
RATIOS = np.linspace(0, 3, 601)
"""Of a drawn value to that found, between which the chance is interpolated; it is 1 beyond."""
SMALLEST = 1e-9
"""Of its own size, below which what is left of a factor is rounding of the arithmetic."""
LEVERAGE = 1 - 1e-6
"""A row with more is met exactly whatever it says (the one day of a treatment): its residual is 0, and stays so."""


@dataclass(frozen=True)
class Apart:
    """What of severity (n,) and of each lag of a step of a factor (n, lags) is not told by all beside the weather (n, columns).

    `rows` (n,): their places in the series; `known` (n,): the share of each row's leverage that is of all beside; `freedom` of the
    residuals with one lag in the model; `middle`: mean severity.
    """

    rows: NDArray[np.intp]
    severity: Values
    lagged: Values
    known: Values
    freedom: int
    middle: float


@dataclass(frozen=True)
class Fit:
    """Effects of a step at each lag, their standard errors, and weights of the lags by an information criterion, each (lags,); correlation
    of what is left of the lags (lags, lags); residual degrees of freedom."""

    effects: Values
    errors: Values
    weights: Values
    correlation: Values
    freedom: int

    @property
    def best(self) -> int:
        """The place of the lag with the lowest information criterion."""
        return int(self.weights.argmax())

    @property
    def p(self) -> float:
        """Of chance, after the choice of the lag."""
        return largest(float(np.abs(self.effects / self.errors).max()), self.correlation, self.freedom)


def usable(of: Series, factor: Factor) -> tuple[NDArray[np.bool_], Values, Values]:
    """Rows (n,) where all is known, all beside the weather (n, columns), and the factor in steps at each lag (n, lags)."""
    known = beside(of.day, of.severity, of.treatments)
    lagged = np.stack([earlier(factor.values, lag) for lag in of.lags], 1) / factor.step
    return np.isfinite(of.severity) & np.isfinite(known).all(1) & np.isfinite(lagged).all(1), known, lagged


def apart(rows: NDArray[np.bool_], severity: Values, known: Values, lagged: Values) -> Apart | None:
    """Severity and the lags without what all beside tells of them (Frisch and Waugh 1933, Lovell 1963).

    A regression of the one on the other has the slope, the residuals and the last row of the covariance of the whole model. None where
    nothing is left of a lag (a factor that never changes) or fewer than 10 degrees of freedom.
    """
    y, lags = severity[rows], lagged[rows]
    columns = _independent(known[rows])
    freedom = len(y) - columns.shape[1] - 1
    if freedom < 10:
        return None
    basis = np.linalg.qr(columns)[0]
    own = lags - basis @ (basis.T @ lags)
    if (own.std(0) < SMALLEST * np.maximum(1, np.abs(lags).max(0))).any():
        return None
    return Apart(np.flatnonzero(rows), y - basis @ (basis.T @ y), own, (basis**2).sum(1), freedom, float(y.mean()))


def fit(of: Apart) -> Fit:
    """Least squares at each lag, with weights by an information criterion and the largest of three standard errors.

    All models have as many columns, so Akaike's criterion ranks the lags by their residuals alone, and so do the weights. They are taken
    of the restricted likelihood (degrees of freedom in place of the number of days), which knows that the columns beside the weather were
    fitted: the whole likelihood is too sure of a lag in 90 days.

    The errors: the usual one; one that allows for days of unequal spread (HC3: MacKinnon and White 1985); and one that allows besides for
    what is left of the day before (Newey and West 1987, with 4 (n / 100)^(2/9) lags), both with each residual as it would be had its day
    not been in the model. In 90 days none of them is enough alone: the first is too small where single days weigh much (a day of pollen),
    the third varies too much from patient to patient. With nothing planted, three in ten patients were told of evidence by Newey's errors
    as they are, 6 to 7 in 100 by the larger of those and the usual ones, and under 5 by the largest of these three.
    """
    n = len(of.severity)
    square = (of.lagged**2).sum(0)
    effects = of.lagged.T @ of.severity / square
    left = of.severity[:, None] - of.lagged * effects
    plain = (left**2).sum(0) / of.freedom / square
    leverage = of.known[:, None] + of.lagged**2 / square
    without = of.lagged * left / np.where(leverage < LEVERAGE, 1 - leverage, 1.0)
    white = (without**2).sum(0)
    west = np.diag(S_hac_simple(without, int(4 * (n / 100) ** (2 / 9))))
    errors = np.sqrt(np.maximum(plain, np.maximum(white, west) / square**2))
    criterion = of.freedom * np.log((left**2).sum(0))
    weights = np.exp((criterion.min() - criterion) / 2)
    return Fit(effects, errors, weights / weights.sum(), np.asarray(np.corrcoef(of.lagged.T), np.float64), of.freedom)


def _independent(columns: Values) -> Values:
    """The columns that say something the ones before do not: a treatment that was used every day says nothing."""
    kept: list[Values] = []
    for column in columns.T:
        if np.linalg.matrix_rank(np.stack([*kept, column], 1)) > len(kept):
            kept.append(column)
    return np.stack(kept, 1)


@cache
def _draws(lags: int) -> Values:
    return np.random.default_rng(20_260_101).standard_normal((lags, DRAWS))


def largest(t: float, correlation: Values, freedom: float) -> float:
    """The chance that the largest of so many correlated t values (`correlation`, lags by lags) is at least `t` in size.

    Normal values are drawn, always the same; the chance that their common spread makes the largest as large as that is exact.
    """
    if t <= 0:
        return 1.0
    values, vectors = np.linalg.eigh(correlation)
    drawn = np.abs(vectors * np.sqrt(np.maximum(values, 0)) @ _draws(len(correlation))).max(0)
    return float(np.interp(drawn / t, RATIOS, special.chdtr(freedom, freedom * RATIOS**2)).mean())


def interval(effects: Values, errors: Values, weights: Values, freedom: float, level: float = 0.95) -> tuple[float, float]:
    """The model-averaged interval: the bounds beyond which the weighted tails of all lags hold half of what is left.

    Turek and Fletcher, Comput Stat Data Anal 2012;56:2809. Of one lag it is Student's.
    """
    tail = (1 - level) / 2
    wide = -special.stdtrit(freedom, tail / 100) * errors.max()

    def beyond(bound: float, sign: int) -> float:
        return float((weights * special.stdtr(freedom, -sign * (bound - effects) / errors)).sum() - tail)

    reach = float(effects.min() - wide), float(effects.max() + wide)
    low = optimize.brentq(lambda bound: beyond(bound, -1), *reach)
    high = optimize.brentq(lambda bound: beyond(bound, 1), *reach)
    return float(low), float(high)
