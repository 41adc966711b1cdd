"""The diary a week at a time, for whoever has no time to read every day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from core.records.diary_tables import DiaryDayPublic

MEASURES = ("severity", "itch", "sleep")


@dataclass(frozen=True)
class Range:
    """What was told from 0 to 10: on how many days, on average, the least and the most."""

    days: int
    mean: float
    low: int
    high: int


@dataclass(frozen=True)
class Week:
    """A week from `monday` on. `last`: its last day with an entry; `met`: names and on how many days, the most often first."""

    monday: date
    last: DiaryDayPublic
    days: int
    told: dict[str, Range]
    met: tuple[tuple[str, int], ...]


def weeks(days: Iterable[DiaryDayPublic]) -> list[Week]:
    """The weeks of the ISO calendar with at least one entry, oldest first."""
    groups: dict[date, list[DiaryDayPublic]] = {}
    for one in sorted(days, key=lambda one: one.day):
        groups.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    return [_week(monday, own) for monday, own in groups.items()]


def _week(monday: date, days: list[DiaryDayPublic]) -> Week:
    told = {}
    for name in MEASURES:
        values = [value for one in days if (value := getattr(one, name)) is not None]
        if values:
            told[name] = Range(len(values), fmean(values), min(values), max(values))
    met = Counter(met.name for one in days for met in one.met)
    return Week(monday, days[-1], len(days), told, tuple(sorted(met.items(), key=lambda one: (-one[1], one[0]))))
