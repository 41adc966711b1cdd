"""The table of the simulated patients: shares, exact bounds, and aims that can be missed."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from benchmarks.weather import LENGTHS, Said, ask, fooled, planted, table, truths

RIGHT = Said(told=True, covered=True, found=True, lag=True, fooled=True, width=0.5)
WRONG = Said(told=True, covered=False, found=False, lag=False, fooled=False, width=0.5)
SILENT = Said(told=False, covered=False, found=False, lag=False, fooled=False, width=float("nan"))


@pytest.mark.parametrize(("covered", "met"), [(95, True), (92, True), (91, False), (99, False)])
def test_coverage_must_be_neither_too_low_nor_too_high(covered: int, met: bool) -> None:
    covers, power, lag = planted("90 days", "0.4", [RIGHT] * covered + [WRONG] * (100 - covered) + [SILENT] * 5)
    assert (covers.k, covers.n, covers.met) == (covered, 100, met) and power.k == lag.k == covered and power.met is None
    assert covers.low == pytest.approx(beta.ppf(0.025, covered, 101 - covered))
    assert covers.high == pytest.approx(beta.ppf(0.975, covered + 1, 100 - covered))


@pytest.mark.parametrize(("wrong", "met"), [(25, True), (26, False)])
def test_the_bound_of_the_fooled_is_one_sided_and_exact(wrong: int, met: bool) -> None:
    line = fooled("90 days", "nothing", [RIGHT] * wrong + [WRONG] * (500 - wrong))
    assert line.high == pytest.approx(beta.ppf(0.95, wrong + 1, 500 - wrong)) and line.met is met
    assert ("missed" in table([line])) is not met


@pytest.mark.parametrize("length", LENGTHS)
def test_each_length_can_be_asked_for_and_says_the_same_again(length: str) -> None:
    name, truth = truths(length)[2]
    assert ask(length, truth, 3) == ask(length, truth, 3) and ask(length, truth, 3).told and "planted" in name
