"""`python -m benchmarks.weather`: what `core.insight.weather` says of simulated patients whose truth is known (`benchmarks.patients`).

With an effect planted: how often the interval covers it (aim: 92 to 98 in 100), how often it is told as evidence and at the right lag.
With none, and with a season, a trend or both alone: how many patients are told of evidence of anything (aim: the one-sided 95 % upper
bound at most 7 in 100). Exit status 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

import numpy as np
from scipy.stats import binomtest

from benchmarks import measure
from benchmarks.measure import ROOT
from benchmarks.patients import PLANTED, Patient, patient, photographed, weekly
from core.insight import photo_scale
from core.insight.weather import effects

LENGTHS: Mapping[str, tuple[Callable[..., Patient], int]] = {
    "90 days": (patient, 90),
    "180 days": (patient, 180),
    "52 weeks": (weekly, 52),
    "52 weeks of photos": (photographed, 52),
}
EFFECTS: Mapping[str, tuple[float, ...]] = {
    "90 days": (0.2, 0.4, 0.8),
    "180 days": (0.2, 0.4, 0.8),
    "52 weeks": (0.5, 1.0, 2.0),
    "52 weeks of photos": (0.2, 0.4, 0.8),
}
"""Points of the score (of 10, of 28) for ten points of humidity less; of photos log-odds of the affected share."""
NOTHING = ("nothing", "a season alone", "a trend alone", "season and trend alone")
HEIGHTS: Mapping[str, tuple[float, float]] = {"90 days": (2.0, 3.0), "180 days": (2.0, 3.0), "52 weeks": (4.0, 6.0),
                                                "52 weeks of photos": (0.8, 1.2)}  # fmt: skip
"""Half the height of the season's wave, and points of trend, where they are alone."""
COVERS, FOOLS = (0.92, 0.98), 0.07
SEED = 2_027


@dataclass(frozen=True)
class Said:
    """What was said of the planted factor, and of all: `covered`, `found` as evidence, at the right `lag`, `fooled` by any factor;
    `told`: there were days enough. `width` of the interval, in points."""

    told: bool
    covered: bool
    found: bool
    lag: bool
    fooled: bool
    width: float


@dataclass(frozen=True)
class Line:
    """A share, `k` of `n`, with the bounds that are printed (exact: Clopper and Pearson 1934), and whether the aim is met (None: none)."""

    group: str
    name: str
    k: int
    n: int
    low: float
    high: float
    aim: str = ""
    met: bool | None = None


def truths(length: str) -> list[tuple[str, dict[str, float]]]:
    """What is planted, with its name."""
    season, trend = HEIGHTS[length]
    alone: tuple[dict[str, float], ...] = ({}, {"season": season}, {"trend": trend}, {"season": season, "trend": trend})
    return [(f"{size:g} planted", {"effect": size}) for size in EFFECTS[length]] + list(zip(NOTHING, alone, strict=True))


def ask(length: str, truth: Mapping[str, float], seed: int) -> Said:
    """Draw one patient and say what the weather does to them."""
    make, many = LENGTHS[length]
    one = make(np.random.default_rng(seed), many, **truth)
    values = photo_scale.odds(one.severity) if make is photographed else one.severity
    all_ = effects(one.day, values, one.factors, one.treatments, weekly=make is not patient)
    said, true = next(effect for effect in all_ if effect.factor == PLANTED), one.effect
    if make is photographed:
        said = photo_scale.in_points(said, photo_scale.usual_of(one.severity))
    return Said(
        said.verdict != "not_enough", said.low <= true <= said.high, said.verdict == "evidence", said.lag == one.lag,
        any(effect.verdict == "evidence" for effect in all_), said.high - said.low,
    )  # fmt: skip


def ask_many(length: str, truth: Mapping[str, float], seeds: range) -> list[Said]:
    """`ask` for each seed; the work of one process."""
    return [ask(length, truth, seed) for seed in seeds]


def share(group: str, name: str, of: list[bool]) -> Line:
    """A share with its two-sided 95 % interval."""
    bounds = binomtest(sum(of), len(of)).proportion_ci(0.95)
    return Line(group, name, sum(of), len(of), float(bounds.low), float(bounds.high))


def planted(length: str, name: str, said: list[Said]) -> list[Line]:
    """Coverage, power and right lag of patients with an effect; those with too little are left out."""
    told = [one for one in said if one.told]
    covers = share(length, f"{name}: in the interval", [one.covered for one in told])
    met = COVERS[0] <= covers.k / covers.n <= COVERS[1]
    return [
        Line(**asdict(covers) | {"aim": "92 to 98", "met": met}),
        share(length, f"{name}: told of evidence", [one.found for one in told]),
        share(length, f"{name}: the right lag", [one.lag for one in told]),
    ]


def fooled(length: str, name: str, said: list[Said]) -> Line:
    """Patients told of evidence where there is none, with the one-sided 95 % upper bound."""
    k, n = sum(one.fooled for one in said), len(said)
    high = float(binomtest(k, n, alternative="less").proportion_ci(0.95).high)
    return Line(length, f"{name}: told of evidence", k, n, 0.0, high, "at most 7", high <= FOOLS)


def run(patients: int, processes: int = 2, seed: int = SEED) -> list[Line]:
    """All settings, each with so many patients of its own; other patients with another `seed`."""
    lines: list[Line] = []
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs, first = [], seed * 1_000_000
        for length in LENGTHS:
            for name, truth in truths(length):
                halves = [range(first + at, first + patients, processes) for at in range(processes)]
                jobs.append((length, name, truth, [pool.submit(ask_many, length, truth, half) for half in halves]))
                first += patients
        for length, name, truth, halves_ in jobs:
            said = [one for half in halves_ for one in half.result()]
            lines += planted(length, name, said) if "effect" in truth else [fooled(length, name, said)]
    return lines


def table(lines: list[Line]) -> str:
    """The shares as text, one length after the other."""
    out, group = [f"{'of 100 patients':44}{'n':>4}{'share':>10}{'95 %':>16}{'aim':>12}"], ""
    for line in lines:
        if line.group != group:
            group = line.group
            out += ["", group]
        bounds = f"{100 * line.low:.1f} to {100 * line.high:.1f}" if line.low or line.met is None else f"up to {100 * line.high:.1f}"
        mark = "" if line.met is None else "  ok" if line.met else "  missed"
        out.append(f"  {line.name:42}{line.n:>4}{100 * line.k / line.n:>10.1f}{bounds:>16}{line.aim:>12}{mark}")
    return "\n".join(out)


def main() -> None:
    """Measure, print, write JSON; exit 1 when an aim is missed."""
    line = argparse.ArgumentParser(prog="python -m benchmarks.weather", description="Simulated patients whose truth is known.")
    line.add_argument("--patients", type=int, default=500, help="of each setting (default 500)")
    line.add_argument("--processes", type=int, choices=(1, 2), default=2, help="at once (default 2)")
    line.add_argument("--seed", type=int, default=SEED, help=f"of the patients (default {SEED})")
    asked = line.parse_args()
    # Small matrices: threads of the arithmetic would only wait for each other.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    where, start = measure.machine(), time.perf_counter()
    lines = run(asked.patients, asked.processes, asked.seed)
    print(table(lines))
    print(f"\n{time.perf_counter() - start:.0f} s, " + ", ".join(f"{name} {value}" for name, value in where.items()))
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    path = results / f"weather-{where['at'].replace(':', '')}.json"
    path.write_text(json.dumps({"machine": where, "shares": [asdict(one) for one in lines]}, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path.relative_to(ROOT)}")
    sys.exit(0 if all(one.met is not False for one in lines) else 1)


if __name__ == "__main__":
    main()
