"""The scale on which affected shares of skin are compared with the weather, and the way back to per cent.

The share is bounded and most of its values lie near 0, so in per cent a few bad weeks outweigh all others: of 500 simulated patients with a
year of photos (`benchmarks.weather`) in whom a step of the weather doubles the affected skin it is found in 15 of 100, and the interval
holds the truth in 90; on the scale of log-odds it is found in 60, and the interval holds the truth in 96. Evidence of nothing is rare on
both (bounds up to 3 and up to 4 in 100). A rash also spreads in proportion: from 2 to 4 % is about as far as from 20 to 33 %. Sizes are
told in points of 100 nevertheless, as those from a person's usual share.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from core.examinations.severity import CLEAR
from core.insight.weather import Effect, Values
from core.insight.weather_partial import Partial

LEAST = 100 * CLEAR / 2
"""Points that are added below and above, since 0 and 100 have no odds. Skin under `CLEAR` is called clear; this is the middle of that."""


def odds(share: Values) -> Values:
    """Log-odds of shares in per cent, 0-100; NaN stays."""
    return np.asarray(special.logit((share + LEAST) / (100 + 2 * LEAST)), np.float64)


def points(change: Values, usual: float) -> Values:
    """By how many points of 100 the share differs from `usual` (per cent) where its log-odds do by `change`."""
    at = (100 + 2 * LEAST) * special.expit(odds(np.array(usual)) + change) - LEAST
    return np.asarray(np.clip(at, 0.0, 100.0) - usual, np.float64)


def usual_of(share: Values) -> float:
    """The share from which sizes are told: the middle one (median) of those known; NaN without any."""
    known = share[np.isfinite(share)]
    return float(np.median(known)) if len(known) else float("nan")


def in_points(effect: Effect, usual: float) -> Effect:
    """An effect on log-odds as one in points of 100 from the `usual` share; its chances and verdict are the same."""
    size, low, high = points(np.array([effect.effect, effect.low, effect.high]), usual)
    return replace(effect, effect=float(size), low=float(low), high=float(high))


def partial_in_points(left: Partial, usual: float) -> Partial:
    """The chart of an effect on log-odds with all that is up in it in points of 100 from the `usual` share."""
    severity, line, low, high = (points(one, usual) for one in (left.severity, left.line, left.low, left.high))
    return replace(left, severity=severity, line=line, low=low, high=high)
