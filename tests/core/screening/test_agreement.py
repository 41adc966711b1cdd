"""Agreement against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from core.screening.agreement import agreement, quadratic_weighted_kappa

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    one, other = zip(*pairs, strict=True)
    mine = quadratic_weighted_kappa(pairs, 5)
    if len({*one, *other}) == 1:
        assert mine is None
        return
    theirs = cohen_kappa_score(one, other, labels=range(5), weights="quadratic")
    if np.isnan(theirs):
        assert mine is None
    else:
        assert mine == pytest.approx(theirs, abs=1e-12)


def test_agreement_counts() -> None:
    found = agreement([(0, 0), (2, 3), (4, 4)], 5)
    assert (found.same, found.compared) == (2, 3) and found.kappa is not None and 0.8 < found.kappa < 1
    assert agreement([], 5).kappa is None
    with pytest.raises(ValueError):
        agreement([(5, 0)], 5)
