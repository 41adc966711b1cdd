"""The three models: against the joint normal distribution, drawn particles and a known chain; and what they may not know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks.diaries import diary
from core.insight.forecast_models import FLOOR, MODELS, Chain, Pull, Walk
from core.insight.forecast_pool import pool
from core.insight.forecast_prior import DEFAULT, PULLS, WALKS
from core.insight.forecast_scores import STATES

LEADS = np.arange(1, 8)


def only(grid, *point: float):
    """Weights of a grid that are all at one point, and its number."""
    (number,) = np.flatnonzero((grid == point).all(1))
    weights = np.full(len(grid), 1e-30)
    weights[number] = 1.0
    return weights, int(number)


def recorded(kind: str = "falls back", days: int = 120, seed: int = 1):
    severity = diary(np.random.default_rng(seed), kind, days)
    at = np.flatnonzero(np.isfinite(severity))
    return at, severity[at].astype(int)


@pytest.mark.parametrize("point", [(0.7, 1.6, 0.5, 0.0), (0.9, 1.0, 1.0, 0.1), (0.0, 0.6, 0.15, 0.1)])
def test_the_pull_is_the_joint_normal_distribution_given_the_days(point) -> None:
    keeps, spread, noise, drift = point
    at, y = recorded(days=20)
    prior = replace(DEFAULT, pull=only(PULLS, *point)[0])
    days = np.append(at, at[-1] + LEADS)
    usual = DEFAULT.usual_spread**2 + drift**2 * (np.minimum.outer(days, days) - at[0])
    joint = usual + spread**2 * keeps ** np.abs(np.subtract.outer(days, days)) + noise**2 * np.eye(len(days))
    n = len(at)
    pull = np.linalg.solve(joint[:n, :n] + np.eye(n) / 12, joint[:n, n:]).T
    mean = DEFAULT.usual + pull @ (y - DEFAULT.usual)
    deviation = np.sqrt(np.diag(joint[n:, n:] - pull @ joint[:n, n:]))
    below = stats.norm.cdf(np.arange(STATES - 1)[None] + 0.5, mean[:, None], deviation[:, None])
    expected = (1 - FLOOR) * np.diff(below, axis=1, prepend=0, append=1) + FLOOR / STATES
    assert Pull(at, y, prior).ahead(np.array([n - 1]), LEADS)[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("point", [(0.5, 0.8), (1.2, 0.4)])
def test_the_walk_is_what_drawn_walks_do(point) -> None:
    step, noise = point
    at, y = np.array([0, 1, 2, 5, 6]), np.array([5, 4, 5, 6, 5])
    rng = np.random.default_rng(3)
    way = rng.uniform(-1.5, 11.5, 150_000)
    for row, value in enumerate(y):
        way = way + (rng.normal(0, step * np.sqrt(at[row] - at[row - 1]), len(way)) if row else 0)
        likely = stats.norm.cdf(value + 0.5, way, noise) - stats.norm.cdf(value - 0.5, way, noise)
        way = rng.choice(way, len(way), p=likely / likely.sum())
    noted = np.round(way + rng.normal(0, np.hypot(step * np.sqrt(2), noise), len(way)))
    drawn = np.bincount(np.clip(noted, 0, 10).astype(int), minlength=STATES) / len(way)
    told = Walk(at, y, replace(DEFAULT, walk=only(WALKS, *point)[0])).ahead(np.array([4]), np.array([2]))[0, 0]
    assert told == pytest.approx(drawn, abs=0.012)


def test_the_chain_learns_a_chain_and_its_powers() -> None:
    rng = np.random.default_rng(4)
    true = np.array([[0.8, 0.2, 0.0], [0.1, 0.6, 0.3], [0.5, 0.0, 0.5]])
    y = np.zeros(4000, int)
    for at in range(1, len(y)):
        y[at] = rng.choice(3, p=true[y[at - 1]])
    told = Chain(np.arange(len(y)), y, DEFAULT).ahead(np.array([len(y) - 1]), np.array([1, 3, 7]))[0]
    for row, lead in zip(told, (1, 3, 7), strict=True):
        assert row[:3] == pytest.approx(np.linalg.matrix_power(true, lead)[y[-1]], abs=0.05)


def test_the_chain_learns_from_the_numbers_beside() -> None:
    seen = np.tile([4, 8], 20)
    beside, far = (Chain(np.arange(41), np.append(seen, last), DEFAULT).ahead(np.array([40]), LEADS[:1])[0, 0] for last in (5, 0))
    assert beside[8] > 3 * DEFAULT.chain[5, 8], "where 4 goes"
    assert beside[9] > 3 * DEFAULT.chain[5, 9], "how far 4 goes"
    gaps = Chain(2 * np.arange(40), seen, DEFAULT).ahead(np.array([38]), LEADS[:1])[0, 0]
    assert gaps == pytest.approx((1 - FLOOR) * DEFAULT.chain[4] + FLOOR / STATES), "two days are not counted as one"
    assert far[1:8] == pytest.approx((1 - FLOOR) * DEFAULT.chain[0, 1:8] + FLOOR / STATES, abs=1e-9), "nobody was near"


@pytest.mark.parametrize("name", MODELS)
def test_a_forecast_over_a_gap_is_the_chance_the_day_after_it_has(name: str) -> None:
    at, y = recorded(days=90)
    point = {"ordered_walk": only(WALKS, 0.5, 0.4), "mixed_ar1": only(PULLS, 0.8, 1.6, 0.5, 0.0)}.get(name)
    kept = {"walk": point[0]} if name == "ordered_walk" else {"pull": point[0]} if point else {}
    model = MODELS[name](at, y, replace(DEFAULT, **kept))
    row = int(np.diff(at).argmax())
    told = model.ahead(np.array([row]), np.array([at[row + 1] - at[row]]))[0, 0, y[row + 1]]
    chance = np.exp(np.diff(model.evidence, axis=0)[row])
    assert at[row + 1] - at[row] > 1
    if point:
        assert told == pytest.approx(chance[point[1]], abs=2 * FLOOR)
    else:
        assert chance.min() - FLOOR <= told <= chance.max() + FLOOR


@pytest.mark.parametrize("name", MODELS)
def test_what_comes_later_does_not_change_what_was_foretold(name: str) -> None:
    at, y = recorded()
    other = np.append(y[:60], 10 - y[60:])
    before = np.arange(60)
    told, again = (MODELS[name](at, one, DEFAULT).ahead(before, LEADS) for one in (y, other))
    assert told == pytest.approx(again, abs=1e-12)
    assert told.sum(-1) == pytest.approx(1) and told.min() > 0


def test_a_prior_of_many_foretells_the_first_days_of_others_better() -> None:
    rng = np.random.default_rng(5)
    learnt = pool([diary(rng, "steps", 90) for _ in range(12)])
    assert learnt.patients == 12 and learnt.chain.sum(1) == pytest.approx(1) and learnt.walk.sum() == pytest.approx(1)
    better = []
    for _ in range(8):
        severity = diary(rng, "steps", 20)
        at = np.flatnonzero(np.isfinite(severity))
        y, rows = severity[at].astype(int), np.flatnonzero(np.diff(at) == 1)
        for model in MODELS.values():
            told = (model(at, y, prior).ahead(rows, LEADS[:1])[np.arange(len(rows)), 0, y[rows + 1]] for prior in (DEFAULT, learnt))
            default, own = (np.log(chance).mean() for chance in told)
            better.append(own - default)
    assert np.mean(better) > 0.05 and np.mean(np.array(better) > 0) > 0.8


def test_without_a_recorded_day_the_prior_is_the_default() -> None:
    assert pool([]) is DEFAULT and pool([np.full(5, np.nan)]) is DEFAULT
    one = pool([np.array([3.0])])
    assert one.patients == 1 and one.pull.sum() == pytest.approx(1) and np.isfinite(one.usual_spread)
