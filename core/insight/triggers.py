"""What preceded one patient's flares: how much likelier one was after a trigger than without it, and how sure that is.

A day on which a flare begins (a case) is compared with the days on which one could have begun and did not (`core.insight.flares`). Days
inside a flare are neither: it goes on whatever the patient meets, and what they meet is often because of it. A trigger precedes a day when
it lies 6 to 48 hours before its evening. The lift is the plain risk ratio with its score interval (`lift`), which holds with few flares
and with none on one side. The chance is that of shifted days (`core.insight.shifts`), corrected over the triggers for false discoveries
(Benjamini and Hochberg 1995). Only more flares make a trigger, and an interval with 1 in it is no evidence whatever the chance.

What no test can tell is shown beside it: triggers that come together, and a treatment that was stopped just then. A trigger that is always
of the same weekday stands for all that belongs to that weekday.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

from core.insight.flares import Course, Flags, Flare, course, flares
from core.insight.shifts import chance
from core.insight.weather import ALPHA, Values, Verdict

__all__ = ["Exposure", "Flare", "Missing", "Trigger", "flares", "lift", "preceded", "triggers"]

EVENING, MIDDAY = 20.0, 12.0
"""Hours of the day: severity is told at the one; what was met at an hour that is not told, at the other."""
FROM, TO = 6.0, 48.0
"""Hours before the evening in which a trigger precedes it, both with that hour."""
LEAST_FLARES, LEAST_WITH, LEAST_WITHOUT = 4, 5, 5
"""Fewer flares, or fewer days after it or without it, and nothing is said. A trigger met once precedes two days."""
TOGETHER, TWICE = 0.7, 2.0
"""Another trigger comes together with one when it precedes this share of the same days, and this many times the share of the others.
A companion that is less than twice as frequent cannot by itself make a lift of two (Cornfield and others 1959)."""
FAR = 20.0
"""Of the logarithm of a lift: beyond any that days can tell."""
STOPPED_DAYS, STOPPED_SHARE = 7, 0.5
"""A treatment was stopped shortly before: its first day without lies at most so many days before this share of the flares."""


@dataclass(frozen=True)
class Exposure:
    """One trigger as the diary has it: `day` (times,) int64 `date.toordinal`, `hour` (times,) float64 0-24, NaN where not told."""

    id: str
    day: NDArray[np.int64]
    hour: Values


@dataclass(frozen=True)
class Missing:
    """What there is too little of, each at least so many more: flares, days after the trigger, days without it."""

    flares: int
    days_with: int
    days_without: int


@dataclass(frozen=True)
class Trigger:
    """What is known of one trigger.

    `lift`: P(flare | it preceded) / P(flare | it did not), infinite where none came without it; `low`, `high`: 95 % interval. Counts of
    flares and of other days, after it and without it. `p`: one-sided, of chance; `q`: after all triggers. All five NaN and `missing`
    given with `not_enough`. `also`: ids of triggers that come together with it; `stopped`: treatments stopped before its flares.
    """

    id: str
    lift: float
    low: float
    high: float
    flares_with: int
    flares_without: int
    days_with: int
    days_without: int
    p: float
    q: float
    verdict: Verdict
    missing: Missing | None
    also: tuple[str, ...]
    stopped: tuple[str, ...]


def triggers(
    day: NDArray[np.int64],
    severity: Values,
    exposures: tuple[Exposure, ...],
    treatments: Values | None = None,
    names: tuple[str, ...] = (),
) -> tuple[Trigger, ...]:
    """Each trigger, in the order given.

    `day` (days,): `date.toordinal`, one after the other without a gap; `severity` (days,) 0-10, NaN where none was recorded;
    `treatments` (days, kinds) 0/1: which were used, by `names`. A day has an entry when it has a severity or a trigger. `q` is over the
    triggers with enough days and flares. ValueError for days with a gap or arrays of another length.
    """
    used = np.zeros((len(day), 0)) if treatments is None else treatments
    if used.shape != (len(day), len(names)):
        raise ValueError("treatments have a value for each day and each name")
    known = course(day, severity)
    entered = np.isfinite(severity)
    for exposure in exposures:
        entered |= np.isin(day, exposure.day)
    before = preceded(day, entered, exposures)
    counts = [_counts(known, column) for column in before.T]
    lacking = [_missing(*count) for count in counts]
    tested = [at for at, missing in enumerate(lacking) if missing is None]
    chances = chance(known, before[:, tested])
    adjusted = multipletests(chances, ALPHA, method="fdr_bh")[1] if tested else chances
    p, q = dict(zip(tested, chances, strict=True)), dict(zip(tested, adjusted, strict=True))
    beside, stops = _together(before, exposures), _stops(used > 0)
    found = []
    for at, (exposure, count, missing) in enumerate(zip(exposures, counts, lacking, strict=True)):
        gone = _stopped(stops[known.onset & (before[:, at] == 1)], names)
        if missing is not None:
            found.append(Trigger(exposure.id, *(math.nan,) * 3, *count, math.nan, math.nan, "not_enough", missing, beside[at], gone))
            continue
        ratio, low, high = lift(*count)
        verdict = _verdict(ratio, low, float(p[at]), float(q[at]))
        found.append(Trigger(exposure.id, ratio, low, high, *count, float(p[at]), float(q[at]), verdict, None, beside[at], gone))
    return tuple(found)


def preceded(day: NDArray[np.int64], entered: Flags, exposures: tuple[Exposure, ...]) -> Values:
    """Whether each trigger preceded each day (days, triggers): 1, 0, and NaN where that is not known.

    `day` (days,) int64, one after the other without a gap; `entered` (days,): the diary has an entry. Not known where that day or the
    one before (whose middays lie in the window) has none: a day without an entry is unknown, not free of triggers. Also where the entry
    there is has the trigger: were only these days kept, missed days would count when it was met and not when it was not.
    """
    found = np.zeros((len(day), len(exposures)))
    for column, exposure in zip(found.T, exposures, strict=True):
        hour = np.where(np.isfinite(exposure.hour), exposure.hour, MIDDAY)
        for later in range(3):
            gone = later * 24 + EVENING - hour
            column[np.isin(day, exposure.day[(gone >= FROM) & (gone <= TO)] + later)] = 1
    found[~(entered & np.append(False, entered[:-1])[: len(day)])] = np.nan
    return found


def lift(flares_with: int, flares_without: int, days_with: int, days_without: int) -> tuple[float, float, float]:
    """The risk ratio and its 95 % interval, from flares and other days after the trigger and without it.

    The interval holds every ratio that the score test of Miettinen and Nurminen (1985) does not refuse: from 0 where no flare came after
    the trigger, to infinity where none came without it. NaN, 0 and infinity where there are no flares or nothing to compare.
    """
    with_, without = flares_with + days_with, flares_without + days_without
    if flares_with + flares_without == 0 or with_ == 0 or without == 0:
        return math.nan, 0.0, math.inf
    ratio = flares_with / with_ * without / flares_without if flares_without else math.inf
    limit = float(stats.chi2.ppf(1 - ALPHA, 1))

    def refused(log: float) -> float:
        return _score(math.exp(log), flares_with, with_, flares_without, without) - limit

    middle = math.log(ratio) if 0 < ratio < math.inf else math.copysign(FAR, ratio - 1)
    # The closed form of the interval (Nam 1995), which libraries have, is wrong where every day after the trigger is a flare.
    low = math.exp(optimize.brentq(refused, -FAR, middle)) if flares_with else 0.0
    high = math.exp(optimize.brentq(refused, middle, FAR)) if flares_without else math.inf
    return ratio, low, high


def _score(ratio: float, flares_with: int, with_: int, flares_without: int, without: int) -> float:
    """The square of the score statistic of a ratio, at the risks that are likeliest if it is the true one."""
    apart = flares_with / with_ - ratio * flares_without / without
    if apart == 0:
        return 0.0
    whole = with_ + without
    b = with_ * ratio + flares_with + without + flares_without * ratio
    root = math.sqrt(max(0.0, b**2 - 4 * whole * ratio * (flares_with + flares_without)))
    risk = 2 * (flares_with + flares_without) / (b + root)
    variance = (ratio * risk * (1 - ratio * risk) / with_ + ratio**2 * risk * (1 - risk) / without) * whole / (whole - 1)
    return apart**2 / variance if variance > 0 else math.inf


def _verdict(ratio: float, low: float, p: float, q: float) -> Verdict:
    if not ratio > 1 or p >= ALPHA:
        return "none"
    return "evidence" if q < ALPHA and low > 1 else "weak"


def _counts(known: Course, column: Values) -> tuple[int, int, int, int]:
    case, other = known.onset & known.at_risk, known.at_risk & ~known.onset
    with_, without = column == 1, column == 0
    return int((case & with_).sum()), int((case & without).sum()), int((other & with_).sum()), int((other & without).sum())


def _missing(flares_with: int, flares_without: int, days_with: int, days_without: int) -> Missing | None:
    """None with enough. The commoner a trigger, the more flares it takes until all of them after it would be more than chance."""
    with_, without = flares_with + days_with, flares_without + days_without
    share = with_ / max(1, with_ + without)
    needed = max(LEAST_FLARES, math.ceil(math.log(ALPHA) / math.log(share))) if 0 < share < 1 else LEAST_FLARES
    lacks = needed - flares_with - flares_without, LEAST_WITH - with_, LEAST_WITHOUT - without
    return Missing(*(max(0, lack) for lack in lacks)) if max(lacks) > 0 else None


def _together(before: Values, exposures: tuple[Exposure, ...]) -> list[tuple[str, ...]]:
    """For each trigger, which others precede nearly all of its days, and by far not as many of the others."""
    known, yes, no = (flag.astype(np.float64) for flag in (np.isfinite(before), before == 1, before == 0))
    same = yes.T @ yes / np.maximum(1, yes.T @ known)
    apart = no.T @ yes / np.maximum(1, no.T @ known)
    close = (same >= TOGETHER) & (same >= TWICE * apart)
    np.fill_diagonal(close, False)
    return [tuple(exposures[at].id for at in np.flatnonzero(row)) for row in close]


def _stops(used: Flags) -> Flags:
    """Whether each treatment was stopped on each day or up to `STOPPED_DAYS` before it (days, kinds)."""
    stop = np.zeros_like(used)
    stop[1:] = used[:-1] & ~used[1:]
    near = stop.copy()
    for later in range(1, min(STOPPED_DAYS, len(used) - 1) + 1):
        near[later:] |= stop[:-later]
    return near


def _stopped(near: Flags, names: tuple[str, ...]) -> tuple[str, ...]:
    """Of the flares that a trigger preceded (flares, kinds): the treatments stopped before enough of them."""
    if len(near) == 0:
        return ()
    return tuple(name for name, share in zip(names, near.mean(0), strict=True) if share >= STOPPED_SHARE)
