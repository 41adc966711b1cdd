"""A diary as rows of numbers, a day each without a gap, for the statistics of one patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.insight.diary_weeks import MEASURES
from core.insight.triggers import Exposure
from core.insight.weather import Values
from core.records.diary_tables import DiaryDayPublic
from core.records.eczema_tables import TreatmentPublic
from core.records.triggers import told_apart


@dataclass(frozen=True)
class Series:
    """The days from the first to the last.

    `day` (days,) int64 `date.toordinal`; `values`: each measure (days,) float64, those of the diary 0-10, NaN where nothing was said;
    `treatments` (days, kinds) 0/1 by `kinds`; `exposures`: by the id of each trigger, `names` what they are called, with the group
    where two are called alike.
    """

    day: NDArray[np.int64]
    values: dict[str, Values]
    treatments: Values
    kinds: tuple[str, ...]
    exposures: tuple[Exposure, ...]
    names: dict[str, str]

    @property
    def first(self) -> date:
        """The first day."""
        return date.fromordinal(int(self.day[0]))

    @property
    def last(self) -> date:
        """The last day."""
        return date.fromordinal(int(self.day[-1]))


def series(
    days: Sequence[DiaryDayPublic],
    given: Sequence[TreatmentPublic] = (),
    since: date | None = None,
    scores: Mapping[str, Sequence[tuple[date, float]]] | None = None,
) -> Series | None:
    """The entries of `since` and later, and the treatments `given` over a time; None without any entry.

    A treatment counts for a day that the diary names it for, and for every day from its first to its last. `scores`: further measures
    by name, each with its days, in points of their own; the last one of a day counts.
    """
    known = sorted((one for one in days if since is None or one.day >= since), key=lambda one: one.day)
    scored = {name: [one for one in of if since is None or one[0] >= since] for name, of in (scores or {}).items()}
    told = [*(one.day for one in known), *(on for of in scored.values() for on, _ in of)]
    if not told:
        return None
    first = min(told).toordinal()
    day = np.arange(first, max(told).toordinal() + 1)
    values = {name: np.full(len(day), np.nan) for name in (*MEASURES, *scored)}
    for name, of in scored.items():
        for on, score in of:
            values[name][on.toordinal() - first] = score
    used: dict[str, NDArray[np.float64]] = {}
    met: dict[str, list[tuple[int, float]]] = {}
    names: dict[UUID, tuple[str, str]] = {}
    for one in known:
        at = one.day.toordinal() - first
        for name in MEASURES:
            if (value := getattr(one, name)) is not None:
                values[name][at] = value
        for kind in one.treatments:
            used.setdefault(kind, np.zeros(len(day)))[at] = 1
        for exposure in one.met:
            id = exposure.trigger_id
            names[id] = exposure.kind, exposure.name
            met.setdefault(str(id), []).append((one.day.toordinal(), np.nan if exposure.hour is None else float(exposure.hour)))
    # A day without an entry is not one without a treatment: what was used last goes on, or a missed day would look like a stop.
    entered = np.zeros(len(day), np.bool_)
    entered[[one.day.toordinal() - first for one in known]] = True
    last = np.maximum.accumulate(np.where(entered, np.arange(len(day)), 0))
    used = {kind: row[last] for kind, row in used.items()}
    for treatment in given:
        start = treatment.started_on.toordinal() - first
        end = len(day) if treatment.ended_on is None else treatment.ended_on.toordinal() - first + 1
        if end > 0 and start < len(day):
            used.setdefault(treatment.kind, np.zeros(len(day)))[max(0, start) : end] = 1
    exposures = tuple(
        Exposure(id, np.array([day for day, _ in of], np.int64), np.array([hour for _, hour in of], np.float64)) for id, of in met.items()
    )
    treatments = np.stack(list(used.values()), 1) if used else np.zeros((len(day), 0))
    titled = {str(id): name for id, name in told_apart(names).items()}
    return Series(day, values, treatments, tuple(used), exposures, titled)
