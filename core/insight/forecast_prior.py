"""What is known of patients before one of them has written a day: the weights of the models' parameters.

Each model is tried at every point of a grid, and each point counts by how well it foretold the patient's days so far. A `Prior` is where
the weights start. `DEFAULT` is a choice of this house (even weights, mild pull to the diagonal) and measured on nobody; `pool` learns
one from patients who agreed, and holds for severity as soon as there are enough of them (`core.records.pooled`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

import numpy as np

from core.insight.forecast_scores import STATES, Values

STEPS = (0.15, 0.3, 0.5, 0.8, 1.2, 1.8)
NOISES = (0.15, 0.4, 0.8, 1.3)
WALKS = np.array(list(product(STEPS, NOISES)))
"""Ordered random walk (24, 2): standard deviation of the step from day to day, and of what a day's note is off, in points."""
KEEPS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.96)
SPREADS = (0.3, 0.6, 1.0, 1.6, 2.4)
OFF = (0.15, 0.5, 1.0)
DRIFTS = (0.0, 0.1)
PULLS = np.array(list(product(KEEPS, SPREADS, OFF, DRIFTS)))
"""AR(1) (210, 4): share of the distance to the usual that is left a day later, standard deviation about the usual, of a day's note, and of
the step that the usual itself takes from day to day."""


@dataclass(frozen=True)
class Prior:
    """Where the weights start.

    `walk` (24,), `pull` (210,): of the points of `WALKS` and `PULLS`, each sums to 1. `usual`, `usual_spread`: mean and standard deviation
    of the patients' usual severity. `chain` (11, 11): chances of tomorrow's severity (columns) after today's (rows), each row sums to 1.
    `patients`: of how many it was learnt.
    """

    walk: Values
    pull: Values
    usual: float
    usual_spread: float
    chain: Values
    patients: int = 0


def _near(width: float = 1.0, anywhere: float = 0.1) -> Values:
    """Rows that fall off with the distance from the diagonal, and so much spread evenly."""
    states = np.arange(STATES)
    near = np.exp(-np.abs(states[:, None] - states) / width)
    return np.asarray((1 - anywhere) * near / near.sum(1, keepdims=True) + anywhere / STATES, np.float64)


DEFAULT = Prior(np.full(len(WALKS), 1 / len(WALKS)), np.full(len(PULLS), 1 / len(PULLS)), 4.0, 3.0, _near())
"""Without other patients. A choice, not a measurement."""

GRIDS = sha256(WALKS.tobytes() + PULLS.tobytes()).hexdigest()[:16]
"""A name for the points of the grids: weights of other points say nothing of these."""


def as_json(prior: Prior) -> dict[str, Any]:
    """The fields of a prior as plain numbers, with the name of the grids; how many patients taught it is told beside."""
    rows = {"walk": prior.walk.tolist(), "pull": prior.pull.tolist(), "chain": prior.chain.tolist()}
    return {"grids": GRIDS, "usual": float(prior.usual), "usual_spread": float(prior.usual_spread), **rows}


def of_json(told: Mapping[str, Any], patients: int) -> Prior | None:
    """The prior of what `as_json` made, to the last bit; None for other grids, as of another version."""
    if told.get("grids") != GRIDS:
        return None
    walk, pull, chain = (np.array(told[name], np.float64) for name in ("walk", "pull", "chain"))
    return Prior(walk, pull, told["usual"], told["usual_spread"], chain, patients)
