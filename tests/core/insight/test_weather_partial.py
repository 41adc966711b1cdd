"""The chart of one factor against statsmodels' own added-variable numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from benchmarks.patients import patient, weekly
from core.insight.weather import Factor, effects
from core.insight.weather_lags import usable
from core.insight.weather_partial import partial
from core.insight.weather_rows import series


def found(seed: int, is_weekly: bool):
    rng = np.random.default_rng(seed)
    one = weekly(rng, 52, effect=2.0) if is_weekly else patient(rng, 120, effect=0.4)
    factor = one.factors[1]
    return one, factor, effects(one.day, one.severity, (factor,), one.treatments, weekly=is_weekly)[0]


@pytest.mark.parametrize("is_weekly", [False, True])
def test_points_line_and_band_are_those_of_the_whole_model(is_weekly: bool) -> None:
    one, factor, effect = found(1, is_weekly)
    of = series(one.day, one.severity, (factor,), one.treatments, is_weekly)
    rows, known, lagged = usable(of, of.factors[0])
    y, known, x = of.severity[rows], known[rows], lagged[rows, effect.lag // (7 if is_weekly else 1)] * factor.step
    model = sm.OLS(y, np.column_stack((known, x))).fit()
    plain = model.conf_int()[-1] * factor.step
    chart = partial(one.day, one.severity, factor, one.treatments, replace(effect, low=plain.min(), high=plain.max()))
    assert chart.day.tolist() == of.day[rows].tolist()
    assert chart.factor == pytest.approx(sm.OLS(x, known).fit().resid) and chart.severity == pytest.approx(sm.OLS(y, known).fit().resid)
    assert chart.line == pytest.approx(model.params[-1] * chart.grid) and (np.diff(chart.grid) > 0).all()
    assert (chart.grid[0], chart.grid[-1]) == pytest.approx((chart.factor.min(), chart.factor.max()))
    told = model.get_prediction(np.column_stack((np.tile(known.mean(0), (len(chart.grid), 1)), x.mean() + chart.grid))).conf_int()
    assert np.stack((chart.low, chart.high), 1) == pytest.approx(told - y.mean())


def test_the_doubt_of_the_lag_is_in_the_band() -> None:
    one, factor, effect = found(2, False)
    chart, sure = (
        partial(one.day, one.severity, factor, one.treatments, e)
        for e in (effect, replace(effect, low=effect.effect - 0.01, high=effect.effect + 0.01))
    )
    ends = [0, -1]
    assert (chart.high[ends] > sure.high[ends]).all() and (chart.low[ends] < sure.low[ends]).all()
    assert (chart.low <= chart.line).all() and (chart.line <= chart.high).all()


def test_an_effect_that_does_not_belong_to_the_days_is_refused() -> None:
    one, factor, effect = found(3, False)
    nothing = effects(one.day[:30], one.severity[:30], (Factor(factor.id, factor.values[:30], factor.step),))[0]
    for wrong in (nothing, replace(effect, factor="pressure"), replace(effect, step=5.0), replace(effect, days=7)):
        with pytest.raises(ValueError, match="the effect"):
            partial(one.day, one.severity, factor, one.treatments, wrong)
