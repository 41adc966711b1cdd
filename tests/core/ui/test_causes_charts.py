"""The chart of severity beside the weather: an axis on which small shares can be read, and numbers that are not too long."""

from __future__ import annotations

import numpy as np
import pytest

from core.ui.causes_charts import beside

DAY = np.arange(21) + 738_000


def drawn(values: list[float], most: int):
    severity = np.full(21, np.nan)
    severity[: 7 * len(values) : 7] = values
    return beside(DAY, severity, np.arange(21.0), 7, ("above", "below"), most)


@pytest.mark.parametrize(("values", "top"), [([3.2, 8.0], 10), ([3.2, 60.0], 69), ([99.0, 100.0], 104), ([], 10)])
def test_the_axis_of_shares_ends_a_little_above_the_largest(values: list[float], top: float) -> None:
    assert drawn(values, 100).layout.yaxis.range == pytest.approx((0, top))


@pytest.mark.parametrize("most", [10, 28])
def test_the_axis_of_a_score_is_its_whole_scale(most: int) -> None:
    assert drawn([1.0, 2.0], most).layout.yaxis.range == pytest.approx((0, 1.04 * most))


def test_the_weather_stands_under_the_photo_it_is_held_against() -> None:
    fig = drawn([12.3456], 100)
    assert fig.data[0].y[0] == 12.3456 and "{y:.3~g} of 100" in fig.data[0].hovertemplate
    assert list(fig.data[2].y[7:]) == list(range(14)) and np.isnan(fig.data[2].y[:7]).all()
