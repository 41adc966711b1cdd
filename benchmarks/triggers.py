"""`python -m benchmarks.triggers`: how often a trigger is found, and how often one is seen that is none, in simulated patients.

A patient's severity follows yesterday's, a season and a trend of its own, restless weeks, and where it is planted a trigger, which raises
it on the next one or two days. Beside it are triggers that do nothing: by chance, on weekdays, in runs, with the season, one that mostly
comes together with the planted one, and one that follows a worse day.
"""

from __future__ import annotations

import argparse
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmarks import measure
from benchmarks.patients import MISSED, wander
from core.insight.flares import course
from core.insight.triggers import Exposure, Trigger, preceded, triggers
from core.insight.weather import ALPHA, YEAR, Values

PLANTED, COMPANION, AFTER = "wool", "sweat", "bath"
PATIENTS = 500
DAYS, LONG = (90, 180), 730
NOTHING: tuple[dict[str, float], ...] = ({}, {"season": 2.0}, {"trend": 3.0}, {"restless": 0.8})
STRONG, MILD = 4.0, 2.5
"""Points of severity that the planted trigger adds on the day after it."""
AIM = 0.07
"""Of the upper bound of patients who are told of evidence where there is none."""
TREATMENTS = ("steroid",)


@dataclass(frozen=True)
class Diary:
    """What one patient wrote down."""

    day: NDArray[np.int64]
    severity: Values
    exposures: tuple[Exposure, ...]
    treatments: Values


@dataclass(frozen=True)
class Line:
    """What so many patients were told, as shares 0-1 of all of them.

    `enough`, `found`, `weak`: of the planted trigger. `fooled`: told of evidence for any trigger that does nothing, with the upper `bound`
    of that (one-sided 95 %, Clopper and Pearson), and what Fisher's test on the same days would have said. `truth`: the lift of the
    planted one; `held`: of the intervals of those with enough, that hold it; NaN where a season or a trend make it another each day. Where
    it does something, else NaN: `false`: of all evidence, that for a trigger that does nothing; `flagged`: of that for the companion, with
    a word that it comes together with the planted one.
    """

    name: str
    days: int
    patients: int
    flares: float
    enough: float
    fooled: float
    bound: float
    by_fisher: float
    found: float
    weak: float
    truth: float
    held: float
    false: float
    flagged: float


def met(rng: np.random.Generator, day: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    """On which days each trigger was met that asks nothing of the skin."""
    n, weekday, wave = len(day), (day + 6) % 7, np.sin(2 * np.pi * day / YEAR)
    wool = rng.random(n) < 0.12
    return {
        PLANTED: wool,
        COMPANION: rng.random(n) < np.where(wool, 0.95, 0.01),
        "dust": rng.random(n) < 0.2,
        "nuts": rng.random(n) < 0.06,
        "weekend": rng.random(n) < np.where(weekday >= 5, 0.85, 0.05),
        "swimming": (weekday == 2) & (rng.random(n) < 0.9),
        "stress": wander(rng, n, 0.85, 1.0) > 0.8,
        "travel": wander(rng, n, 0.95, 1.0) > 1.0,
        "pollen": rng.random(n) < 0.5 * np.maximum(0, wave) ** 2,
        "cold": wander(rng, n, 0.7, 1.0) - 1.5 * wave > 1.2,
    }


def diary(
    rng: np.random.Generator, days: int, effect: float = 0.0, season: float = 0.0, trend: float = 0.0, restless: float = 0.0
) -> Diary:
    """A patient of so many days. `effect`: points that `PLANTED` adds on the next day, in half of the patients half of it on the one after
    as well; `season`: half the height of its wave; `trend`: points from the first to the last day; `restless`: how much the spread of
    chance itself wanders (standard deviation of its logarithm)."""
    day = np.arange(days) + 730_000 + int(rng.integers(365))
    was = met(rng, day)
    lasts = 0.5 * (rng.random() < 0.5)
    push = effect * (np.append(0, was[PLANTED][:-1]) + lasts * np.append((0, 0), was[PLANTED][:-2]))
    treated = wander(rng, days, 0.9, 1.0) > 0.8
    usual = 3.5 + season * np.sin(2 * np.pi * day / YEAR + 1) + trend * np.linspace(-0.5, 0.5, days)
    chance = rng.normal(0, 1.1, days) * np.exp(restless * wander(rng, days, 0.93, 1.0))
    severity = usual.copy()
    for at in range(1, days):
        severity[at] = usual[at] + 0.5 * (severity[at - 1] - usual[at - 1]) + push[at] - 0.3 * treated[at] + chance[at]
    noted = np.round(np.clip(severity, 0, 10))
    worse = np.append(False, noted[:-1] >= usual[:-1] + 0.5)
    was[AFTER] = rng.random(days) < np.where(worse, 0.4, 0.08)
    written = rng.random(days) >= MISSED
    noted[~written] = np.nan
    return Diary(day, noted, tuple(_noted(rng, id, day[written & row]) for id, row in was.items()), treated[:, None].astype(float))


def _noted(rng: np.random.Generator, id: str, day: NDArray[np.int64]) -> Exposure:
    """As the diary has it: with the hour in half of the entries."""
    return Exposure(id, day, np.where(rng.random(len(day)) < 0.5, rng.integers(7, 22, len(day)), np.nan))


def told(seed: int, many: int, days: int, **truth: float) -> Iterator[tuple[Diary, dict[str, Trigger]]]:
    """Of so many patients: each and what is said of every trigger."""
    rng = np.random.default_rng(seed)
    for _ in range(many):
        one = diary(rng, days, **truth)
        yield one, {each.id: each for each in triggers(one.day, one.severity, one.exposures, one.treatments, TREATMENTS)}


def true_lift(seed: int, many: int = 60, days: int = 2_000, **truth: float) -> float:
    """The lift of the planted trigger, as of that patient's kind over so many days in all, by counting."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((2, 2))
    for _ in range(many):
        one = diary(rng, days, **truth)
        known = course(one.day, one.severity)
        before = preceded(one.day, np.isfinite(one.severity), one.exposures[:1])[:, 0]
        counts += [[(rows & (before == value)).sum() for value in (1, 0)] for rows in (known.onset, known.at_risk)]
    risk = counts[0] / counts[1]
    return float(risk[0] / risk[1])


def by_fisher(said: dict[str, Trigger]) -> set[str]:
    """The triggers that Fisher's exact test on days would give evidence for, corrected in the same way."""
    tried = [one for one in said.values() if one.verdict != "not_enough"]
    if not tried:
        return set()
    tables = [((one.flares_with, one.flares_without), (one.days_with, one.days_without)) for one in tried]
    q = multipletests([stats.fisher_exact(table, "greater")[1] for table in tables], ALPHA, method="fdr_bh")[1]
    return {one.id for one, value in zip(tried, q, strict=True) if value < ALPHA}


def line(name: str, seed: int, patients: int, days: int, **truth: float) -> Line:
    """One line of the table: so many patients of so many days."""
    lift = math.nan if {"season", "trend"} & set(truth) else true_lift(seed, **truth)
    spared = {PLANTED, COMPANION} if "effect" in truth else set()
    count: Counter[str] = Counter()
    for one, said in told(seed, patients, days, **truth):
        planted, companion = said[PLANTED], said[COMPANION]
        evidence = {id for id, each in said.items() if each.verdict == "evidence"}
        count["flares"] += int(course(one.day, one.severity).onset.sum())
        count[planted.verdict] += 1
        count["fooled"] += bool(evidence - spared)
        count["by fisher"] += bool(by_fisher(said) - spared)
        count["held"] += planted.low <= lift <= planted.high
        count["all"] += len(evidence)
        count["false"] += len(evidence - spared)
        count["companion"] += COMPANION in evidence
        count["flagged"] += COMPANION in evidence and PLANTED in companion.also
    enough, fooled = patients - count["not_enough"], count["fooled"]
    return Line(
        name,
        days,
        patients,
        flares=count["flares"] / patients,
        enough=enough / patients,
        fooled=fooled / patients,
        bound=float(stats.beta.ppf(0.95, fooled + 1, patients - fooled)) if fooled < patients else 1.0,
        by_fisher=count["by fisher"] / patients,
        found=count["evidence"] / patients,
        weak=count["weak"] / patients,
        truth=lift,
        held=count["held"] / enough if enough and math.isfinite(lift) else math.nan,
        false=count["false"] / count["all"] if spared and count["all"] else math.nan,
        flagged=count["flagged"] / count["companion"] if spared and count["companion"] else math.nan,
    )


def table(lines: list[Line]) -> str:
    """The lines as text."""
    shares = ["enough", "fooled", "bound", "by_fisher", "found", "weak", "truth", "held", "false", "flagged"]
    rows = [f"{'':28}{'days':>5}{'flares':>8}" + "".join(f"{name.replace('_', ' '):>11}" for name in shares)]
    for one in lines:
        values = {name: getattr(one, name) for name in shares}
        cells = ("-" if math.isnan(x) else f"{x:.2f}" if name == "truth" else f"{100 * x:.1f} %" for name, x in values.items())
        rows.append(f"{one.name:28}{one.days:>5}{one.flares:>8.1f}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(rows)


def main() -> None:
    """Simulate patients in whom nothing is planted, and in whom a trigger is."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.triggers", description=main.__doc__)
    given.add_argument("--patients", type=int, default=PATIENTS, help=f"of each line (default {PATIENTS})")
    asked = given.parse_args()
    logging.disable(logging.WARNING)
    start = time.perf_counter()
    kinds = [(" and ".join(truth) or "nothing", truth) for truth in NOTHING]
    kinds += [("planted, mild", {"effect": MILD}), ("planted, strong", {"effect": STRONG})]
    kinds.append(("planted, season and trend", {"effect": STRONG, "season": 2.0, "trend": 3.0}))
    tried = [(days, name, truth) for days in DAYS for name, truth in kinds] + [(LONG, *kinds[len(NOTHING) - 1])]
    lines = [line(name, seed, asked.patients, days, **truth) for seed, (days, name, truth) in enumerate(tried, 1)]
    print(table(lines))
    worst = max(one.bound for one in lines if not one.name.startswith("planted"))
    print(f"\n{asked.patients} patients a line; with nothing planted, upper bound at most {100 * worst:.1f} % (aim {100 * AIM:.0f} %)")
    where = measure.machine() | {"seconds": round(time.perf_counter() - start)}
    print(", ".join(f"{name} {value}" for name, value in where.items()))


if __name__ == "__main__":
    main()
