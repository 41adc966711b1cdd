"""Three models of severity from day to day, each fed one recorded day at a time, so that what it foretells knows the past only.

Each holds its parameters at the points of a grid; a point's weight is its prior times how likely it made every recorded day before that
day came. What a model foretells is the average over the points: no point is chosen, and nothing is fitted again.

- `Walk`: severity lies under what is noted and takes a random step every day; what is noted is its whole number with a probit error
  (the ordered random walk of Hurault et al. 2022, here with even thresholds and an exact filter on a grid, in place of sampling).
- `Pull`: it falls back to this patient's usual, AR(1); the usual is part of the state, starts at that of all patients (mixed AR(1)) and
  may drift, as over a season. A Kalman filter on the numbers, the forecast cut into whole ones.
- `Chain`: tomorrow depends on today's number; the chances are counts with a Dirichlet prior.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.special import ndtr, softmax

from core.insight.forecast_prior import PULLS, WALKS, Prior
from core.insight.forecast_scores import STATES, Values, Whole

EDGES = np.arange(STATES - 1) + 0.5
BOUNDS = np.concatenate(([-np.inf], EDGES, [np.inf]))
FLOOR = 1e-3
"""Share of every forecast that is spread evenly: nothing is impossible."""
NEGLIGIBLE = 1e-5
"""A point of less weight is left out of a forecast."""
LONGEST = 30
"""A longer gap is taken as one of so many days by the chain, which has long forgotten where it was."""


class Model(Protocol):
    """A model that was shown a diary. `evidence` (n, points): log chance of all days up to each, by point."""

    evidence: Values

    def ahead(self, rows: Whole, leads: Whole) -> Values:
        """The forecast (rows, leads, 11) from the recorded days numbered `rows`, `leads` days (1 or more, rising) later."""
        ...


def cut(mean: Values, spread: Values) -> Values:
    """Chances (..., 11) of the whole numbers of a normal value, what lies beyond 0 and 10 put there."""
    below = ndtr((EDGES - mean[..., None]) / spread[..., None])
    return np.asarray(np.diff(below, axis=-1, prepend=0.0, append=1.0), np.float64)


def weights(evidence: Values, prior: Values) -> Values:
    """Of the points (n, points) after each day; rows sum to 1."""
    return np.asarray(softmax(evidence + np.log(prior), -1), np.float64)


def _floored(told: Values) -> Values:
    return np.asarray((1 - FLOOR) * told / told.sum(-1, keepdims=True) + FLOOR / STATES, np.float64)


class Walk:
    """The ordered random walk. `at` (n,): place of each recorded day, rising; `y` (n,): its severity 0-10."""

    GRID = np.linspace(-1.5, 11.5, 53)

    def __init__(self, at: Whole, y: Whole, prior: Prior) -> None:
        half = (self.GRID[1] - self.GRID[0]) / 2
        step, noise = WALKS[:, 0, None, None], WALKS[:, 1, None]
        below = ndtr((self.GRID[:-1] + half - self.GRID[:, None]) / step)
        self._moves = np.diff(below, axis=-1, prepend=0.0, append=1.0)
        self._notes = _floored(cut(np.broadcast_to(self.GRID, (len(WALKS), len(self.GRID))), noise))
        self._doubled = [self._moves]
        self._after = np.empty((len(y), len(WALKS), len(self.GRID)))
        chances = np.empty((len(y), len(WALKS)))
        state = np.full((len(WALKS), len(self.GRID)), 1 / len(self.GRID))
        for row, value in enumerate(y):
            if row:
                state = self._later(state, int(at[row] - at[row - 1]))
            state = state * self._notes[:, :, value]
            chances[row] = state.sum(-1)
            state = state / chances[row][:, None]
            self._after[row] = state
        self.evidence = np.cumsum(np.log(chances), 0)
        self._weights = weights(self.evidence, prior.walk)

    def _later(self, state: Values, days: int) -> Values:
        power = 0
        while days:
            if len(self._doubled) <= power:
                self._doubled.append(self._doubled[-1] @ self._doubled[-1])
            if days & 1:
                state = (state[:, None] @ self._doubled[power])[:, 0]
            days, power = days >> 1, power + 1
        return state

    def ahead(self, rows: Whole, leads: Whole) -> Values:
        """See `Model`."""
        told = np.zeros((len(rows), len(leads), STATES))
        for point, weight in enumerate(self._weights[rows].T):
            (kept,) = np.nonzero(weight > NEGLIGIBLE)
            state = self._after[rows[kept], point]
            for number, days in enumerate(np.diff(leads, prepend=0)):
                state = state @ np.linalg.matrix_power(self._moves[point], int(days))
                told[kept, number] += weight[kept, None] * (state @ self._notes[point])
        return _floored(told)


class Pull:
    """AR(1) about the patient's own usual. `at`, `y` as of `Walk`."""

    def __init__(self, at: Whole, y: Whole, prior: Prior) -> None:
        keeps, spread, noise, drift = PULLS.T
        usual, off = np.full(len(PULLS), prior.usual), np.zeros(len(PULLS))
        uu, uo, oo = np.full(len(PULLS), prior.usual_spread**2), np.zeros(len(PULLS)), spread**2
        chances = np.empty((len(y), len(PULLS)))
        self._states = np.empty((len(y), 5, len(PULLS)))
        for row, value in enumerate(y):
            days = int(at[row] - at[row - 1]) if row else 0
            left, uu = keeps**days, uu + days * drift**2
            off, uo, oo = left * off, left * uo, left**2 * oo + (1 - left**2) * spread**2
            sure = uu + 2 * uo + oo
            low, high = ((bound - usual - off) / np.sqrt(sure + noise**2) for bound in BOUNDS[value : value + 2])
            chances[row] = ndtr(high) - ndtr(low)
            # A note is rounded: an error of variance 1/12.
            missed, total = value - usual - off, sure + noise**2 + 1 / 12
            gain_u, gain_o = (uu + uo) / total, (uo + oo) / total
            usual, off = usual + gain_u * missed, off + gain_o * missed
            uu, uo, oo = uu - gain_u**2 * total, uo - gain_u * gain_o * total, oo - gain_o**2 * total
            self._states[row] = usual, off, uu, uo, oo
        self.evidence = np.cumsum(np.log(np.maximum(chances, 1e-12)), 0)
        self._weights = weights(self.evidence, prior.pull)

    def ahead(self, rows: Whole, leads: Whole) -> Values:
        """See `Model`."""
        row, point = np.nonzero(self._weights[rows] > NEGLIGIBLE)
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        usual, off, uu, uo, oo = self._states[rows][row, :, point].T
        keeps, spread, noise, drift = PULLS[point].T
        weight = self._weights[rows][row, point, None]
        told = np.empty((len(rows), len(leads), STATES))
        for number, lead in enumerate(leads):
            left = keeps ** int(lead)
            sure = uu + int(lead) * drift**2 + 2 * left * uo + left**2 * oo + (1 - left**2) * spread**2
            told[:, number] = np.add.reduceat(weight * cut(usual + left * off, np.sqrt(sure + noise**2)), starts)
        return _floored(told)


class Chain:
    """The Markov chain. `at`, `y` as of `Walk`. Counted are steps between days that follow each other; a gap is a power of the chain.

    Its points: the prior's pairs weigh 4 or 16 a row, and a row's own counts stand alone, or with those of the rows beside it, taken as
    numbers or as changes.
    """

    HEAVY = (4.0, 16.0)
    KERNEL = np.array([0.25, 0.5, 1.0, 0.5, 0.25])

    def __init__(self, at: Whole, y: Whole, prior: Prior) -> None:
        n = len(y)
        steps = np.zeros((n, STATES, STATES))
        (next_day,) = np.nonzero(np.diff(at) == 1)
        steps[next_day + 1, y[next_day], y[next_day + 1]] = 1
        counts = np.cumsum(steps, 0)
        kinds = [counts, self._numbers(counts), self._changes(counts)]
        chains = [(kind + heavy * prior.chain) / (kind.sum(-1, keepdims=True) + heavy) for kind in kinds for heavy in self.HEAVY]
        self._chains = np.stack(chains, 1)  # n, points, from, to
        self._y = y
        chances = np.full((n, self._chains.shape[1]), 1 / STATES)
        gaps = np.minimum(np.diff(at), LONGEST)
        for gap in np.unique(gaps):
            (rows,) = np.nonzero(gaps == gap)
            chances[rows + 1] = self._later(rows, np.array([gap]))[:, :, 0][np.arange(len(rows)), :, y[rows + 1]]
        self.evidence = np.cumsum(np.log(chances), 0)
        self._weights = weights(self.evidence, np.full(len(chains), 1 / len(chains)))

    def _numbers(self, counts: Values) -> Values:
        out = np.zeros_like(counts)
        for weight, away in zip(self.KERNEL, range(-2, 3), strict=True):
            low, high = max(0, away), STATES + min(0, away)
            out[:, low - away : high - away] += weight * counts[:, low:high]
        return out

    def _changes(self, counts: Values) -> Values:
        out = np.zeros_like(counts)
        for weight, away in zip(self.KERNEL, range(-2, 3), strict=True):
            low, high = max(0, away), STATES + min(0, away)
            out[:, low - away : high - away, low - away : high - away] += weight * counts[:, low:high, low:high]
        return out

    def _later(self, rows: Whole, leads: Whole) -> Values:
        """By point (rows, points, leads, 11)."""
        chains = self._chains[rows]
        state = np.broadcast_to(np.eye(STATES)[self._y[rows]][:, None, None], (*chains.shape[:2], 1, STATES))
        told = np.empty((*chains.shape[:2], len(leads), STATES))
        day = 0
        for number, lead in enumerate(leads):
            for _ in range(int(lead) - day):
                state = state @ chains
            day = int(lead)
            told[:, :, number] = state[:, :, 0]
        return told

    def ahead(self, rows: Whole, leads: Whole) -> Values:
        """See `Model`."""
        return _floored(np.einsum("np,nplk->nlk", self._weights[rows], self._later(rows, leads)))


MODELS: dict[str, type[Walk] | type[Pull] | type[Chain]] = {"ordered_walk": Walk, "mixed_ar1": Pull, "markov_chain": Chain}
