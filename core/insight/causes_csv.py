"""What was looked at and what was found, as tables to take along."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from core.insight.diary_series import Series
from core.insight.triggers import Trigger
from core.insight.weather import Effect
from core.insight.weather_factors import FACTORS
from core.sheet import guarded
from core.weather.daily import Table

TITLES = {"poem": "POEM", "photo": "Affected skin in photos (%)"}
"""Columns of measures that are not called as they are named."""
HEAD = ("Looked at", "Verdict", "Size", "Lowest", "Highest", "What the size is", "Days later", "Days used", "Chance", "Chance, corrected")


def results(effects: Sequence[Effect], triggers: Sequence[Trigger], names: Mapping[str, str], measure: str) -> str:
    """One line for each factor of the weather and each trigger. `names` of the triggers by id.

    `measure`: what the weather was held against. Sizes with their 95 % interval; chances are p values before and after the correction
    for how many were tried.
    """
    rows = [
        (FACTORS[one.factor].name, one.verdict, one.effect, one.low, one.high, f"points of {measure} for {FACTORS[one.factor].words}",
         "" if one.lag is None else one.lag, f"{one.days} weeks" if one.weekly else one.days, one.p, one.p_adjusted)
        for one in effects
    ]  # fmt: skip
    rows += [
        (names[one.id], one.verdict, one.lift, one.low, one.high, "times as likely a flare is after it", "0 to 2",
         one.flares_with + one.flares_without + one.days_with + one.days_without, one.p, one.q)
        for one in triggers
    ]  # fmt: skip
    return _written(HEAD, rows)


def days(series: Series, table: Table | None) -> str:
    """One line for each day: what the diary says, then every factor of the weather that is known on some day."""
    known = [] if table is None else [id for id in table.factors if np.isfinite(table.factor(id)).any()]
    weather = {int(day): at for at, day in enumerate(table.days)} if table is not None else {}
    units = [f"{FACTORS[id].name} ({FACTORS[id].unit})" if FACTORS[id].unit else FACTORS[id].name for id in known]
    rows = []
    for at, day in enumerate(series.day):
        row = weather.get(int(day))
        values = [math.nan if row is None or table is None else float(table.factor(id)[row]) for id in known]
        rows.append((date.fromordinal(int(day)), *(float(told[at]) for told in series.values.values()), *values))
    return _written(("Day", *(TITLES.get(name, name.capitalize()) for name in series.values), *units), rows)


def _written(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(head)
    table.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return guarded(str(value))
