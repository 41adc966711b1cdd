"""What is learnt from many diaries: whatever their order, kept to the last bit, and in little memory."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.diaries import KINDS, diary
from core.insight.forecast import forecast
from core.insight.forecast_pool import pool
from core.insight.forecast_prior import DEFAULT, GRIDS, Prior, as_json, of_json

FIELDS = ("walk", "pull", "usual", "usual_spread", "chain")
RNG = np.random.default_rng(11)
DIARIES = [diary(RNG, kind, 40) for kind in KINDS]


def alike(one: Prior, other: Prior, tolerance: float = 0.0) -> bool:
    """Two priors are the same, up to how sums are rounded."""
    same = all(np.allclose(getattr(one, name), getattr(other, name), rtol=tolerance, atol=tolerance) for name in FIELDS)
    return same and one.patients == other.patients


@given(st.permutations(range(len(DIARIES))), st.integers(1, len(DIARIES)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_diaries_does_not_matter(order: list[int], many: int) -> None:
    learnt = pool(DIARIES[:many])
    assert alike(pool([DIARIES[at] for at in order if at < many]), learnt, 1e-9)
    assert not alike(learnt, DEFAULT, 1e-3), "something was learnt"


def test_it_is_kept_to_the_last_bit_and_not_read_for_other_grids() -> None:
    learnt = pool(DIARIES)
    told = json.loads(json.dumps(as_json(learnt), allow_nan=False))
    again = of_json(told, learnt.patients)
    assert again is not None and alike(again, learnt)
    assert of_json({**told, "grids": GRIDS[::-1]}, 10) is None and of_json({}, 10) is None and of_json({"usual": 4.25}, 10) is None


def test_a_forecast_says_from_how_many_its_prior_was_learnt() -> None:
    learnt = pool(DIARIES)
    short = DIARIES[0][:20]
    with_others, alone = (forecast(np.arange(len(short)), short, prior) for prior in (learnt, DEFAULT))
    assert (with_others.patients, alone.patients) == (len(DIARIES), 0)
    assert np.abs(with_others.probabilities - alone.probabilities).max() > 0.01
    assert forecast(np.arange(3), np.full(3, np.nan), learnt).patients == len(DIARIES)


@pytest.mark.alone
def test_a_diary_is_not_held_once_it_was_learnt_from() -> None:
    """A year of chances, day by day, is 0.7 MB of each diary."""
    long = [diary(RNG, "falls back", 365) for _ in range(8)]
    peaks = []
    for many in (2, 8):
        tracemalloc.start()
        pool(long[:many])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 6 * 100_000
