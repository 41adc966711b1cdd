"""How right a network was, counted by hand and against an independent interval."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from core.insight.outcomes import Share, agreement


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (3, 7), (0, 40), (40, 40), (17, 60), (499, 500)])
def test_the_interval_is_wilsons(k: int, n: int) -> None:
    expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert Share(k, n).interval == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert Share(k, n).value == k / n


def test_what_was_named_and_what_was_not_excluded() -> None:
    pairs = [("mel", "mel", ("mel", "nv")), ("mel", "nv", ("mel", "nv")), ("mel", "nv", ("nv",)), ("nv", "nv", ("nv",))]
    found = agreement(pairs)
    assert found is not None and (found.named, found.kept) == (Share(2, 4), Share(3, 4))
    assert found.by_class == (("mel", Share(1, 3), Share(2, 3)), ("nv", Share(1, 1), Share(1, 1)))
    assert agreement([]) is None
    odd = agreement([("mel", "mel", ())])
    assert odd is not None and odd.kept == Share(1, 1), "what was named was not excluded"
