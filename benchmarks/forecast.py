"""`python -m benchmarks.forecast`: how good forecasts of simulated diaries are, how often they are called good, and whether they are.

Each patient's diary goes on for 30 days that the verdict has not seen. "then" is how often the forecasts of those days, made as they would
have been on each, beat both comparisons (days nearer weigh more, as in the verdict), of the patients whose forecast was called good;
"smaller": by how much of the score of the better comparison. In 30 days of one patient even the better forecast loses now and then.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import measure
from benchmarks.diaries import KINDS, UNBEATABLE, diary
from core.insight.forecast import LEADS, chained, forecast
from core.insight.forecast_pool import pool
from core.insight.forecast_prior import DEFAULT, Prior
from core.insight.forecast_scores import NEARNESS, STATES, Values, like_today, own_history, scored

LENGTHS = (90, 180, 365)
UNSEEN = 30
YEARS = 3
AIM = 2000.0
"""Milliseconds for three years of days."""
TAUGHT = 5
"""Patients of each kind from whom a prior is learnt."""


@dataclass(frozen=True)
class Outcome:
    """One patient. Scores of the forecast, "like today", the last number alone and the own history: on the diary by days ahead (4, 7), and
    on what came after it (4,), where days nearer weigh more."""

    good: bool
    past: Values
    after: Values


def near(score: Values) -> float:
    """The mean score (n, 7), days nearer weighing more, as in the verdict."""
    return float(np.average(np.nanmean(score, 0), weights=NEARNESS))


def outcome(rng: np.random.Generator, kind: str, days: int, prior: Prior = DEFAULT) -> Outcome:
    """One simulated patient: the verdict after so many days, and the scores of the 30 that follow."""
    whole = diary(rng, kind, days + UNSEEN)
    told = forecast(np.arange(days), whole[:days], prior)
    past = chained(whole, prior)
    after = past.at >= days - 1
    sure = np.repeat(np.eye(STATES)[past.y][:, None], len(LEADS), 1)
    rows = (past.told, like_today(past.at, past.y, LEADS), sure, own_history(past.y, LEADS))
    scores = told.scores
    return Outcome(
        told.good,
        np.stack((scores.forecast, scores.like_today, scores.like_today_sure, scores.own_history)),
        np.array([near(scored(row, past.came)[after]) for row in rows]),
    )


def called(many: Sequence[Outcome]) -> tuple[float, float, float]:
    """Share of the patients whose forecast was called good; of these the share whose forecasts of the days after beat both comparisons, and
    how much smaller their score was than that of the better one, as a share. NaN where none was called good."""
    good = [one.after for one in many if one.good]
    if not good:
        return 0.0, float("nan"), float("nan")
    best = [min(after[1], after[3]) for after in good]
    beats = [after[0] < other for after, other in zip(good, best, strict=True)]
    return len(good) / len(many), float(np.mean(beats)), float(1 - np.mean([after[0] for after in good]) / np.mean(best))


def line(name: str, many: Sequence[Outcome]) -> str:
    """One row of the table: scores at 1, 3 and 7 days ahead, and what was called good."""
    past = np.nanmean([one.past for one in many], 0)[:, [0, 2, 6]]
    cells = "  ".join(" ".join(f"{value:5.2f}" for value in row) for row in past)
    share, beats, smaller = called(many)
    said = f"{share:6.0%}" + ("" if np.isnan(beats) else f"{beats:7.0%}{smaller:8.0%}")
    return f"{name:24}{cells}{said}"


HEAD = f"""
{"":24}{"forecast":19}{"like today":19}{"last number":19}{"own history":19}good   then   smaller
{"days ahead":24}{"    1     3     7  " * 4}"""


def looks(rng: np.random.Generator, kind: str, days: int) -> tuple[float, bool]:
    """Looking once a week at a forecast nothing can make good: the share of looks at which it was called good, and whether it ever was."""
    whole = diary(rng, kind, days)
    said = [forecast(np.arange(end), whole[:end]).good for end in range(35, days + 1, 7)]
    return float(np.mean(said)), any(said)


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description="How good forecasts of severity are.")
    asked.add_argument("--patients", type=int, default=40, help="of each kind and length (default 40)")
    asked.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), help="leave the others out")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    rng = np.random.default_rng(given.seed)

    whole = diary(rng, "falls back", round(YEARS * 365.25))
    times = measure.repeat(lambda: forecast(np.arange(len(whole)), whole), 10)
    print(measure.table([measure.row("Forecast", f"{YEARS} years of days", times, AIM)]))

    print(f"\nRanked probability score in points, {given.patients} patients of each kind and length, without other patients' diaries")
    for days in LENGTHS:
        print(HEAD)
        for kind in given.kinds:
            print(line(f"{kind}, {days}", [outcome(rng, kind, days) for _ in range(given.patients)]), flush=True)

    learnt = pool([diary(rng, kind, 180) for kind in KINDS for _ in range(TAUGHT)])
    print(f"\nThe same, 45 and 90 days, with the default prior and with one learnt from {learnt.patients} others ('pooled')")
    print(HEAD)
    for kind in given.kinds:
        for days in (45, 90):
            for name, prior in (("", DEFAULT), (" pooled", learnt)):
                same = np.random.default_rng(given.seed)
                print(line(f"{kind}, {days}{name}", [outcome(same, kind, days, prior) for _ in range(given.patients)]), flush=True)

    print("\nLooked at every week of a year, where nothing can beat both: called good, of all looks, and of the patients ever")
    for kind in (kind for kind in UNBEATABLE if kind in given.kinds):
        found = [looks(rng, kind, 365) for _ in range(max(1, given.patients // 4))]
        print(f"{kind:18}{np.mean([share for share, _ in found]):8.1%}{np.mean([ever for _, ever in found]):8.0%}", flush=True)
    print("\n" + ", ".join(f"{name} {value}" for name, value in measure.machine().items()))


if __name__ == "__main__":
    main()
