"""Simulated diaries of severity whose course is known, with days that were missed and a gap of up to a fortnight."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.patients import wander
from core.insight.weather import YEAR, Values

MISSED = 0.1
"""Share of the days without an entry, beside the gap."""
LONG = 60
"""Days from which a diary has a gap."""


def _falls_back(rng: np.random.Generator, days: int) -> Values:
    return float(rng.uniform(2, 7)) + wander(rng, days, float(rng.uniform(0.6, 0.9)), float(rng.uniform(1, 2)))


def _walk(rng: np.random.Generator, days: int, low: float, high: float) -> Values:
    way = rng.uniform(2, 7) + np.cumsum(rng.normal(0, rng.uniform(low, high), days))
    return np.asarray(10 - np.abs((way % 20) - 10), np.float64)  # turned back at 0 and 10


def _wanders(rng: np.random.Generator, days: int) -> Values:
    return _walk(rng, days, 0.3, 0.8) + rng.normal(0, 0.4, days)


def _steps(rng: np.random.Generator, days: int) -> Values:
    moves = rng.choice([-1, 0, 1], days, p=[0.15, 0.7, 0.15])
    return np.asarray(10 - np.abs(((rng.integers(2, 8) + np.cumsum(moves)) % 20) - 10), np.float64)


def _noise(rng: np.random.Generator, days: int) -> Values:
    return rng.normal(rng.uniform(2, 7), rng.uniform(0.8, 2), days)


def _same(rng: np.random.Generator, days: int) -> Values:
    return np.full(days, float(rng.integers(0, 11)))


def _trend(rng: np.random.Generator, days: int) -> Values:
    slope = float(rng.choice([-1, 1]) * rng.uniform(2, 6))
    return rng.uniform(3, 7) + slope * np.linspace(-0.5, 0.5, days) + wander(rng, days, 0.3, 1.0)


def _season(rng: np.random.Generator, days: int) -> Values:
    wave = rng.uniform(1, 2.5) * np.sin(2 * np.pi * (np.arange(days) + rng.integers(365)) / YEAR)
    return rng.uniform(3, 6) + wave + wander(rng, days, 0.7, 1.2)


def _flares(rng: np.random.Generator, days: int) -> Values:
    out, height = np.empty(days), 0.0
    for at in range(days):
        height = rng.uniform(4, 8) if rng.random() < 0.04 else 0.8 * height
        out[at] = 1 + height
    return out + rng.normal(0, 0.6, days)


KINDS: Mapping[str, Callable[[np.random.Generator, int], Values]] = {
    "falls back": _falls_back,
    "wanders": _wanders,
    "trend": _trend,
    "season": _season,
    "flares": _flares,
    "noise": _noise,
    "steps": _steps,
    "same": _same,
}
"""Kinds of patients: AR(1) about a usual; random walk noted with an error; trend; season; sudden flares that fade; days that have nothing
to do with each other (nothing beats their own history); a random walk in whole points (nothing beats "like today"); always the same."""
UNBEATABLE = ("noise", "steps", "same")


def diary(rng: np.random.Generator, kind: str, days: int) -> Values:
    """A diary (days,) of one patient of this kind: whole numbers 0 to 10, NaN where a day was missed. The last day is there."""
    noted = np.round(np.clip(KINDS[kind](rng, days), 0, 10))
    missed = rng.random(days) < MISSED
    if days >= LONG:
        start = int(rng.integers(10, days - 30))
        missed[start : start + int(rng.integers(1, 15))] = True
    missed[-1] = False
    noted[missed] = np.nan
    return noted
