"""The chance of shifted days: every turn counted by hand, and rows that hang together, where Fisher's test is fooled."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.insight.flares import Course
from core.insight.shifts import STRETCH, chance

MANY = 80


def days(onset, at_risk=None, worse=None) -> Course:
    """A course of which only what is compared is told."""
    none = np.zeros(len(onset), bool)
    return Course((), np.full(len(onset), 2.0), onset, ~none if at_risk is None else at_risk, none if worse is None else worse)


def excess(course: Course, preceded, low: int, high: int) -> tuple[float, float]:
    """Flares over those expected, and the variance, by the hypergeometric distribution of each kind of day."""
    more = spread = 0.0
    for alike in (course.worse, ~course.worse):
        rows = (course.at_risk & alike)[low:high] & np.isfinite(preceded)
        if rows.any():
            days, met, flares = rows.sum(), rows & (preceded == 1), rows & course.onset[low:high]
            could = np.arange(flares.sum() + 1)
            chances = stats.hypergeom.pmf(could, days, met.sum(), flares.sum())
            mean = (could * chances).sum()
            more += (flares & met).sum() - mean
            spread += ((could - mean) ** 2 * chances).sum()
    return more, spread


def counted(course: Course, preceded) -> float:
    """The share of all pairs of turns, of two stretches, in which so many flares follow the trigger."""
    each = []
    for low in (0, STRETCH):
        part = preceded[low : low + STRETCH]
        turned = [np.roll(row, by) for row in (part, part[::-1]) for by in range(STRETCH)]
        each.append([excess(course, row, low, low + STRETCH) for row in turned])
    values = [(a[0] + b[0]) / np.sqrt(a[1] + b[1]) for a, b in itertools.product(*each)]
    return float(np.mean(np.array(values) >= values[0] - 1e-9))


@pytest.mark.parametrize("seed", range(4))
def test_the_chance_is_the_share_of_turns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 2 * STRETCH
    at_risk, met = rng.random(size) < 0.9, (rng.random(size) < 0.3).astype(float)
    at_risk[[0, -1]] = True
    onset = at_risk & (rng.random(size) < np.where(met == 1, 0.25, 0.05))
    met[rng.random(size) < 0.1] = np.nan
    course = days(onset, at_risk, rng.random(size) < 0.3)
    assert chance(course, met[:, None])[0] == pytest.approx(counted(course, met), abs=0.015)


def runs(rng: np.random.Generator, size: int, long: int, share: float) -> np.ndarray:
    """Days on and off in runs of about so many days, on for about this share."""
    out, on = np.zeros(size, bool), rng.random() < share
    for at in range(size):
        if rng.random() < 1 / (long if on else long * (1 - share) / share):
            on = not on
        out[at] = on
    return out


def clustered(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Flares and a trigger that both come in runs, and have nothing to do with each other."""
    return runs(rng, 300, 7, 0.3) & (rng.random(300) < 0.4), runs(rng, 300, 7, 0.3)


def seasonal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Flares and a trigger that both belong to the winter."""
    winter = 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(300) / 300)
    return rng.random(300) < 0.2 * winter, rng.random(300) < 0.8 * winter


@pytest.mark.parametrize("drawn", [clustered, seasonal])
def test_runs_and_seasons_fool_fisher_and_not_the_shifts(drawn) -> None:
    rng = np.random.default_rng(5)
    few = stats.binom.ppf(0.995, MANY, 0.05)
    shifted = fisher = 0
    for _ in range(MANY):
        onset, met = drawn(rng)
        shifted += chance(days(onset), met.astype(float)[:, None])[0] < 0.05
        table = [[(onset & met).sum(), (onset & ~met).sum()], [(~onset & met).sum(), (~onset & ~met).sum()]]
        fisher += stats.fisher_exact(table, "greater")[1] < 0.05
    assert shifted <= few < fisher, (shifted, fisher)


def test_what_only_differs_from_stretch_to_stretch_counts_for_nothing() -> None:
    rng = np.random.default_rng(8)
    late = np.arange(6 * STRETCH) >= 4 * STRETCH
    p = []
    for _ in range(40):
        onset, met = late & (rng.random(len(late)) < 0.15), late & (rng.random(len(late)) < 0.5)
        p.append(chance(days(onset), met.astype(float)[:, None])[0])
    assert 0.4 < np.mean(p) < 0.7


@pytest.mark.parametrize(
    ("met", "ways"),
    [(range(0, STRETCH, 7), 1 / 7), ((0, 1, 4, 10, 18, 23), 1 / (2 * STRETCH))],
    ids=["a rhythm fits on one of seven turns", "days that fit in one way only"],
)
def test_turns_that_fit_as_well_are_chance(met, ways) -> None:
    onset = np.zeros(STRETCH, bool)
    onset[list(met)] = True
    assert chance(days(onset), onset.astype(float)[:, None])[0] == pytest.approx(ways, abs=0.005 if ways < 0.1 else 0.02)


def test_what_is_done_because_of_a_worse_day_before_is_no_trigger() -> None:
    rng = np.random.default_rng(6)
    few = stats.binom.ppf(0.995, MANY, 0.05)
    fooled = {"known": 0, "not known": 0}
    for _ in range(MANY):
        worse = rng.random(250) < 0.25
        onset, met = rng.random(250) < np.where(worse, 0.3, 0.03), rng.random(250) < np.where(worse, 0.7, 0.2)
        course = days(onset, worse=worse)
        fooled["known"] += chance(course, met.astype(float)[:, None])[0] < 0.05
        fooled["not known"] += chance(replace(course, worse=np.zeros(250, bool)), met.astype(float)[:, None])[0] < 0.05
    assert fooled["known"] <= few < fooled["not known"], fooled


def test_with_nothing_to_compare_it_is_chance() -> None:
    none = np.zeros(50, bool)
    rows = np.column_stack((np.ones(50), np.zeros(50), np.full(50, np.nan)))
    assert chance(days(none), rows).tolist() == [1, 1, 1] and chance(days(none, none), rows).tolist() == [1, 1, 1]
    assert chance(days(~none), rows).tolist() == [1, 1, 1] and chance(days(none), rows[:, :0]).size == 0
