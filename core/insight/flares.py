"""When one patient's eczema flared, against what is usual for them: what a page draws, and the days that can be compared.

A flare begins on a day at least `RISE` points over the median of the last `USUAL_DAYS` recorded days, and of at least `LEAST` in all. It
lasts while severity stays `FADE` or more over that same median. There is no agreed definition of a flare; one against the patient's own
days needs no change of treatment to be seen, which a diary does not always tell.

- Days of a flare do not count for what is usual, or one flare would hide the next. A level that has lasted `LONGEST` days is the new usual.
- One that comes back within `QUIET` days is the same flare: the hours before a second beginning would lie in the first flare.
- Where the day before has no severity nobody knows when it began: such a flare is drawn (`dated` False), but it is no case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.insight.weather import Values

Flags = NDArray[np.bool_]

RISE, FADE, WORSE, LEAST, TOP = 2.0, 1.5, 1.0, 4.0, 10.0
"""Points of severity. Two: one is within what a diary in whole points moves by itself. Four: less is a mild day for anybody."""
USUAL_DAYS, USUAL_LEAST, USUAL_REACH = 14, 7, 42
"""What is usual is the median of at most so many recorded days, at least so many, and none from longer ago than so many days."""
QUIET = 2
"""Days after a flare in which no other can begin. Then the 48 hours before the next one hold no evening of it."""
LONGEST = 28
"""Days of the longest flare: who is worse for longer is so usually."""


@dataclass(frozen=True)
class Flare:
    """One flare: its first and last recorded day (`date.toordinal`), its highest severity, and whether its first day is known."""

    start: int
    end: int
    peak: float
    dated: bool


@dataclass(frozen=True)
class Course:
    """What became of each day (days,).

    `usual`: float64, NaN where too little was recorded. `onset`: the first day of a dated flare. `at_risk`: a flare could have begun
    and would have been seen (onsets among them): the day and the one before have a severity, what is usual is known, the last flare is
    `QUIET` days over, and the scale leaves room for the rise. `worse`: the day before was `WORSE` or more over what is usual.
    """

    flares: tuple[Flare, ...]
    usual: Values
    onset: Flags
    at_risk: Flags
    worse: Flags


def flares(day: NDArray[np.int64], severity: Values) -> tuple[Flare, ...]:
    """The flares in order. `day` (days,): `date.toordinal`, without a gap; `severity` (days,) 0-10, NaN where none; ValueError else."""
    return course(day, severity).flares


def course(day: NDArray[np.int64], severity: Values) -> Course:
    """The flares, and which days can be compared. Arguments and errors as of `flares`."""
    if len(day) != len(severity) or (np.diff(day) != 1).any():
        raise ValueError("days come one after the other, without a gap, each with its severity, NaN where there is none")
    recorded = np.isfinite(severity)
    before = np.append(False, recorded[:-1])[: len(day)]
    usual, found = _walk(severity, recorded)
    onset, free = np.zeros(len(day), np.bool_), np.ones(len(day), np.bool_)
    for start, end in found:
        onset[start] = before[start]
        free[start + 1 : end + 1 + QUIET] = False
        free[start] = before[start]
    at_risk = recorded & before & free & (np.maximum(usual + RISE, LEAST) <= TOP)
    before_it = np.append(np.nan, severity[:-1])[: len(day)]
    told = tuple(
        Flare(int(day[start]), int(day[end]), float(np.nanmax(severity[start : end + 1])), bool(before[start])) for start, end in found
    )
    return Course(told, usual, onset, at_risk, before_it >= usual + WORSE)


def _walk(severity: Values, recorded: Flags) -> tuple[Values, list[tuple[int, int]]]:
    """What is usual on each day, and the first and last place of each flare."""
    usual = np.full(len(severity), np.nan)
    plain = recorded.copy()  # days that count for what is usual
    found: list[tuple[int, int]] = []
    start = end = -QUIET - 1
    level = np.nan  # what was usual when the flare in progress began
    for at in np.flatnonzero(recorded).tolist():
        if at - end > QUIET:
            level = np.nan
        elif at - start >= LONGEST and np.isfinite(level):
            level = np.nan
            plain[start : end + 1] = recorded[start : end + 1]
        if severity[at] >= level + FADE:
            end = at
            found[-1] = start, end
            plain[start : end + 1] = False
        back = max(0, at - USUAL_REACH)
        last = severity[back:at][plain[back:at]][-USUAL_DAYS:]
        if len(last) < USUAL_LEAST:
            continue
        usual[at] = np.median(last)
        if at - end > QUIET and severity[at] >= max(usual[at] + RISE, LEAST):
            start, end, level = at, at, usual[at]
            found.append((start, end))
            plain[at] = False
    return usual, found
