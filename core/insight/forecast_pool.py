"""What the diaries of patients who agreed teach about the next one: the prior of the forecast's models, by maximum likelihood.

`core.records.pooling` keeps who agreed, and `core.records.pooled` what this teaches from their diaries.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.insight.forecast_models import Pull, Walk, weights
from core.insight.forecast_prior import DEFAULT, Prior
from core.insight.forecast_scores import STATES, Values

AS_MANY = 5
"""The default counts as so many patients: a few diaries do not rule out what they do not show."""
ROUNDS = 200


def pool(diaries: Sequence[Values]) -> Prior:
    """The prior learnt from diaries, each (days,) severity 0 to 10, NaN where none was recorded. Without a recorded day: the default.

    Weights of the grids' points by expectation-maximisation (each diary was made by one of them: the nonparametric maximum likelihood of
    Laird 1978 on a fixed grid), the usual severity by its moments, the chain by counts in which each diary counts alike. All are pulled to
    the default, which counts as 5 patients. The order of the diaries does not matter. Whoever calls it has asked whether the patients
    agreed (`core.records.pooled` does).
    """
    recorded = [(np.flatnonzero(np.isfinite(one)), one[np.isfinite(one)].astype(np.int64)) for one in diaries if np.isfinite(one).any()]
    if not recorded:
        return DEFAULT
    own = len(recorded) / (len(recorded) + AS_MANY)
    means = np.array([y.mean() for _, y in recorded])
    usual = own * float(means.mean()) + (1 - own) * DEFAULT.usual
    spread = own * float(means.var() + (means.mean() - usual) ** 2) + (1 - own) * (DEFAULT.usual_spread**2 + (DEFAULT.usual - usual) ** 2)
    pairs = np.zeros((STATES, STATES))
    for at, y in recorded:
        (next_day,) = np.nonzero(np.diff(at) == 1)
        np.add.at(pairs, (y[next_day], y[next_day + 1]), 1 / max(1, len(next_day)))
    # A row seen by a share of the patients is moved from the default by as many as saw it.
    rows = pairs.sum(1, keepdims=True) * STATES
    chain = (pairs * STATES + AS_MANY * DEFAULT.chain) / (rows + AS_MANY)
    start = Prior(DEFAULT.walk, DEFAULT.pull, usual, float(np.sqrt(spread)), chain, len(recorded))
    # A copy of the last row: a view of it would keep the rows of every day, 2 MB of each diary.
    walk = _weights(np.stack([Walk(at, y, start).evidence[-1].copy() for at, y in recorded]), DEFAULT.walk)
    pull = _weights(np.stack([Pull(at, y, start).evidence[-1].copy() for at, y in recorded]), DEFAULT.pull)
    return Prior(walk, pull, usual, float(np.sqrt(spread)), chain, len(recorded))


def _weights(evidence: Values, default: Values) -> Values:
    """Of the points, from the log chance of each diary at each (diaries, points)."""
    out = default
    for _ in range(ROUNDS):
        out = (weights(evidence, out).sum(0) + AS_MANY * default) / (len(evidence) + AS_MANY)
    return out
