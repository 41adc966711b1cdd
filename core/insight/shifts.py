"""The chance of so many flares after a trigger, when days hang together: shifts of the trigger against the flares.

Fisher's exact test takes days for cards of a shuffled deck. They are not: a trigger comes in runs and on weekdays, a restless month brings
several flares, and both have a season. Here the days are cut into stretches (`STRETCH`), and within each the trigger's own days, with
their gaps, are turned as a ring by as many days as chance says, and mirrored or not, each stretch by itself (Lotwick and Silverman 1982,
there of points on a torus; mirrored, because few days have few turns). So both rows keep their runs and rhythms, and what differs only
from stretch to stretch, a season or a trend, counts for nothing. In a few months Fisher's test errs no more often, since flares keep apart;
in two years of restless months it does (`python -m benchmarks.triggers` counts both).

The statistic is that of Mantel and Haenszel (1959): the flares after the trigger less those expected from its share of the days alike,
over the standard deviation of that. Alike are days of one stretch whose day before was worse than usual, or was not: somebody who takes
more baths because the skin is already worse is not told that baths bring flares. A trigger that works through a worse day before is found
a little less often for it.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.insight.flares import Course, Flags
from core.insight.weather import Values

STRETCH = 42
"""Days of a stretch, about: six weeks, so that weekdays stay whole, several turns differ, and a season hardly changes."""
DRAWS = 10_000


def chance(course: Course, preceded: Values) -> Values:
    """One-sided p of each trigger (triggers,) 0-1: flares follow it no more often than other days; 1 where nothing can be told.

    `preceded` (days, triggers): 1, 0, NaN where not known. From `DRAWS` turns, the same ones at each call.
    """
    excess, variance = (np.zeros((DRAWS + 1, preceded.shape[1])) for _ in range(2))
    places = np.flatnonzero(course.at_risk)
    if len(places) == 0 or preceded.shape[1] == 0:
        return np.ones(preceded.shape[1])
    groups = course.worse, ~course.worse
    for number, (low, high) in enumerate(_stretches(int(places[0]), int(places[-1]) + 1)):
        if not course.onset[low:high].any():
            continue
        kinds = [_turned((course.onset & alike)[low:high], (course.at_risk & alike)[low:high], preceded[low:high]) for alike in groups]
        turn = np.append(0, (_draws(number) * 2 * (high - low)).astype(int))
        more, spread = (np.add(*pair) for pair in zip(*kinds, strict=True))
        excess += more[turn]
        variance += spread[turn]
    told = variance > 1e-12
    value = np.where(told, excess / np.sqrt(np.where(told, variance, 1)), 0.0)
    reached = (value[1:] >= value[0] - 1e-9).sum(0)
    return np.where(told[0], (reached + 1) / (DRAWS + 1), 1.0)


def _stretches(first: int, end: int) -> list[tuple[int, int]]:
    """The days from `first` to before `end` in stretches of whole weeks, so that a ring has no seam in a weekly rhythm."""
    weeks = math.ceil((end - first) / 7)
    start = end - 7 * weeks
    edges = np.round(np.linspace(0, weeks, max(1, round(7 * weeks / STRETCH)) + 1)).astype(int) * 7 + start
    return [(max(0, int(low)), int(high)) for low, high in zip(edges, edges[1:], strict=False)]


@cache
def _draws(number: int) -> Values:
    return np.random.default_rng((20_260_102, number)).random(DRAWS)


def _turned(onset: Flags, at_risk: Flags, preceded: Values) -> tuple[Values, Values]:
    """Flares after each trigger less those expected, and the variance (turns, triggers): each turn of the stretch, then each mirrored."""
    size = len(onset)
    turns = (np.arange(size) + np.arange(size)[:, None]) % size
    # To turn the flares the other way is the same, and costs less.
    order: NDArray[np.int64] = np.concatenate((turns, turns[:, ::-1]))
    cases, whole = onset.astype(np.float64)[order], at_risk.astype(np.float64)[order]
    known, met = np.isfinite(preceded).astype(np.float64), (preceded == 1).astype(np.float64)
    flares, days, days_after = cases @ known, whole @ known, whole @ met
    spread = flares * (days - flares) * days_after * (days - days_after)
    return cases @ met - flares * days_after / np.maximum(1, days), spread / np.maximum(1, days**2 * (days - 1))
