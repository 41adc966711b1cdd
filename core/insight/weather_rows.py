"""The series that severity and weather are compared in: days, or weeks for a score that asks about a week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Days = NDArray[np.int64]

WEEK = 7
LAGS = tuple(range(8))
"""Days between the weather and the severity that are tried."""
WEEK_LAGS = tuple(range(4))
"""Weeks that are tried: 0 is the week that the score asks about."""
KNOWN_OF_WEEK = 5
"""Fewer days of a week on which a value is known, and its mean is not."""
YEAR = 365.25
SEASON_FROM = 60
"""Days between the first and the last from which the year's waves are in the model: in a shorter time the trend says the same."""


@dataclass(frozen=True)
class Factor:
    """One factor of the weather. `values` (days,) float64, NaN where not known; `step`: a practical one in its own unit, with sign."""

    id: str
    values: Values
    step: float


@dataclass(frozen=True)
class Series:
    """One value a day or a week, without a gap: `day` (n,) its day (of a week: that of the score), `severity` (n,), NaN where none,
    `factors`, `treatments` (n, kinds) 0-1 or None, and the `lags` in days or weeks that are tried."""

    day: Days
    severity: Values
    factors: tuple[Factor, ...]
    treatments: Values | None
    lags: tuple[int, ...]
    weekly: bool


def series(day: Days, severity: Values, factors: tuple[Factor, ...], treatments: Values | None, weekly: bool = False) -> Series:
    """What is compared: the days as they are, or by week (`weekly`).

    A week is the seven days round the weekday on which most scores fall, and has the last score in it; factors and treatments are means
    over the seven days up to the day of that score, which are those that it asks about. ValueError for days with a gap or arrays of
    another length.
    """
    if len(day) == 0 or (np.diff(day) != 1).any():
        raise ValueError("days come one after the other, without a gap")
    rows = [severity, *(factor.values for factor in factors), *([] if treatments is None else [treatments])]
    if any(len(row) != len(day) for row in rows):
        raise ValueError("every row has a value for each day, NaN where there is none")
    treated = None if treatments is None else np.asarray(treatments, np.float64)
    if not weekly:
        return Series(day, severity, factors, treated, LAGS, False)
    ends = _ends(day, severity)
    means = tuple(Factor(factor.id, _of_week(factor.values, ends), factor.step) for factor in factors)
    shares = None if treated is None else np.stack([_of_week(kind, ends) for kind in treated.T], 1) if treated.shape[1] else treated[ends]
    return Series(day[ends], severity[ends], means, shares, WEEK_LAGS, True)


def earlier(values: Values, lag: int) -> Values:
    """What it was so many days (or weeks, in a series of weeks) before; NaN for those before the first."""
    out = np.full(len(values), np.nan)
    out[lag:] = values[: max(0, len(values) - lag)]
    return out


def beside(day: Days, severity: Values, treatments: Values | None) -> Values:
    """All that explains severity beside the weather (n, columns): one, severity the time before, trend, the year's waves, treatments.

    Only the one time before: what the rounding of a diary hides of yesterday moves the effect by 3 % of itself, the severity of two days
    before does not give it back, and it costs a tenth of the days and 7 % of the precision (measured with `benchmarks.patients`).
    """
    span = day - day[0]
    columns = [np.ones(len(day)), earlier(severity, 1), span / max(1, int(span[-1]))]
    if span[-1] >= SEASON_FROM:
        columns += [np.sin(2 * np.pi * day / YEAR), np.cos(2 * np.pi * day / YEAR)]
    if treatments is not None:
        columns += list(np.asarray(treatments, np.float64).T)
    return np.stack(columns, 1)


def _ends(day: Days, severity: Values) -> NDArray[np.intp]:
    """Of each whole week the place of its day: that of its last score, or the usual weekday where there is none."""
    scored = np.flatnonzero(np.isfinite(severity))
    usual = int(np.bincount(day[scored] % WEEK).argmax()) if len(scored) else int(day[-1]) % WEEK
    week = (day - usual + WEEK // 2) // WEEK
    week -= week[0]
    ends = np.arange(week[-1] + 1) * WEEK + int((usual - day[0] + WEEK // 2) % WEEK) - WEEK // 2
    for at in scored:
        ends[week[at]] = at
    return ends[(ends >= 0) & (ends < len(day))].astype(np.intp)


def _of_week(values: Values, ends: NDArray[np.intp]) -> Values:
    """Means over the seven days up to each end; NaN where fewer than `KNOWN_OF_WEEK` are known."""
    wide = np.lib.stride_tricks.sliding_window_view(np.concatenate((np.full(WEEK - 1, np.nan), values)), WEEK)[ends]
    known = np.isfinite(wide)
    count = known.sum(1)
    return np.where(count >= KNOWN_OF_WEEK, np.where(known, wide, 0.0).sum(1) / np.maximum(1, count), np.nan)
