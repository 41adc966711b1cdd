"""What a chart of one factor shows: severity against the factor, each without what all the rest tells of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from core.insight.weather import ALPHA, Effect
from core.insight.weather_lags import apart, usable
from core.insight.weather_rows import WEEK, Days, Factor, Values, series

GRID = 61


@dataclass(frozen=True)
class Partial:
    """The points and the line of an added-variable plot (Cook and Weisberg 1982).

    `day` (n,) int64: the day of each point; `factor` (n,) float64: how much higher the factor was, `lag` days before, than all beside
    it tells, in its own unit; `severity` (n,) the same of severity, in points. `grid` (61,) goes over the factor, `line` (61,) has the
    slope of the effect, `low` and `high` (61,) are its 95 % band.
    """

    day: Days
    factor: Values
    severity: Values
    grid: Values
    line: Values
    low: Values
    high: Values


def partial(day: Days, severity: Values, factor: Factor, treatments: Values | None, effect: Effect) -> Partial:
    """The chart of an `effect` that `effects` found with the same days, severity, factor and treatments.

    The slope of the points is the effect, and so is that of the whole model. The band has the doubt of the height of the line, and that
    of its slope as the effect's interval has it: where choosing a lag widened the one, it widens the other, so chart and words agree.
    ValueError for an effect with too few days, of another factor, or from other days.
    """
    if effect.lag is None or effect.factor != factor.id or effect.step != factor.step:
        raise ValueError("the effect was not found, or is of another factor")
    of = series(day, severity, (factor,), treatments, effect.weekly)
    rows, known, lagged = usable(of, of.factors[0])
    parts = apart(rows, of.severity, known, lagged)
    if parts is None or len(parts.rows) != effect.days:
        raise ValueError("the effect is from other days")
    own = parts.lagged[:, of.lags.index(effect.lag // WEEK if effect.weekly else effect.lag)]
    left = parts.severity - own * effect.effect
    height = special.stdtrit(parts.freedom, 1 - ALPHA / 2) * np.sqrt((left**2).sum() / parts.freedom / len(own))
    steps = np.linspace(own.min(), own.max(), GRID)
    if factor.step < 0:
        steps = steps[::-1]
    line = steps * effect.effect
    ends = np.stack((steps * (effect.low - effect.effect), steps * (effect.high - effect.effect)))
    low, high = line - np.hypot(height, ends.min(0)), line + np.hypot(height, ends.max(0))
    return Partial(of.day[parts.rows], own * factor.step, parts.severity, steps * factor.step, line, low, high)
