"""Severity from outlines: areas counted by hand, redness by the CIE's formula, and laws that hold for any outline."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from core.examinations.severity import LEAST_SKIN, Interval, Severity, affected_fraction, count_lesions, recompute, redness, severity

PALE, RED = (214, 176, 150), (200, 130, 120)
A_OF = {PALE: 10.01, RED: 25.81}
"""a* of the two colours, by the formulas of sRGB and CIELAB under D65, worked out by hand."""

masks = arrays(np.uint8, (24, 32), elements=some.sampled_from([0, 255]))


def arm(patches: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A square of skin, 200 x 200 of 300 x 300 px, with patches of 40 x 40 px."""
    pixels, affected, skin = np.full((300, 300, 3), (40, 60, 90), np.uint8), *np.zeros((2, 300, 300), np.uint8)
    skin[50:250, 50:250] = 255
    pixels[skin > 0] = PALE
    for i in range(patches):
        affected[70 + 80 * i : 110 + 80 * i, 80:120] = 255
    pixels[affected > 0] = RED
    return pixels, affected, skin


def test_areas_and_redness_are_those_of_the_picture() -> None:
    found = severity(*arm())
    assert found.affected_fraction == 2 * 40 * 40 / (200 * 200)
    assert found.skin_fraction == pytest.approx(200 * 200 / 300**2)
    assert found.lesions == 2
    assert found.redness == pytest.approx(A_OF[RED] - A_OF[PALE], abs=0.4)
    assert redness(*arm()) == found.redness
    assert not math.isnan(found.ita)
    assert math.isnan(found.affected_low) and math.isnan(found.redness_high), "one look gives no interval"


def test_without_patches_there_is_a_fraction_and_no_redness() -> None:
    found = severity(*arm(0))
    assert (found.affected_fraction, found.lesions) == (0, 0) and math.isnan(found.redness)
    assert set(found.numbers()) == {"affected_fraction", "skin_fraction", "lesions", "ita"}


def test_all_affected_has_nothing_to_compare_with() -> None:
    pixels, _, skin = arm()
    found = severity(pixels, skin, skin)
    assert found.affected_fraction == 1 and math.isnan(found.redness) and math.isnan(found.ita)


@pytest.mark.parametrize("side,given_it", [(66, False), (68, True)])
def test_under_five_percent_of_skin_no_fraction_is_given(side: int, given_it: bool) -> None:
    """66 x 66 px are 4.8 % of 300 x 300, 68 x 68 are 5.1 %."""
    assert LEAST_SKIN == 0.05
    pixels, _, _ = arm()
    skin = np.zeros((300, 300), np.uint8)
    skin[:side, :side] = 255
    found = severity(pixels, np.zeros_like(skin), skin)
    assert ("affected_fraction" in found.numbers()) is given_it
    assert found.skin_fraction == pytest.approx(side**2 / 300**2)


def test_what_is_affected_counts_as_skin_after_a_correction() -> None:
    pixels, affected, skin = arm()
    beyond = affected.copy()
    beyond[0:50, 50:250] = 255  # the network had missed this skin
    numbers = recompute(pixels, {"lesion": beyond, "skin": skin})
    assert numbers["affected_fraction"] == pytest.approx((2 * 1600 + 50 * 200) / (200 * 200 + 50 * 200))
    assert numbers["lesions"] == 3 and "affected_low" not in numbers
    assert recompute(pixels, {"lesion": affected, "skin": skin}) == severity(pixels, affected, skin).numbers()


def test_specks_are_not_counted_and_pieces_that_touch_are_one() -> None:
    _, affected, skin = arm()
    affected[200:206, 200:206] = 255  # 36 px: under a thousandth of 40 000
    assert count_lesions(affected, skin) == 2
    affected[200:207, 200:206] = 255  # 42 px
    assert count_lesions(affected, skin) == 3
    affected[110:150, 120:140] = 255  # touches both patches, one of them at a corner alone
    assert count_lesions(affected, skin) == 2


def test_the_interval_is_the_spread_of_the_views() -> None:
    pixels, affected, skin = arm()
    wider = cv2.dilate(affected, np.ones((5, 5), np.uint8))
    fractions = [affected_fraction(m, skin) for m in (affected, wider)]
    found = severity(pixels, affected, skin, [(affected, skin), (wider, skin)])
    spread = math.sqrt((fractions[1] - fractions[0]) ** 2 / 2)
    assert found.affected_high - found.affected_fraction == pytest.approx(2 * spread)
    assert found.affected_low == pytest.approx(found.affected_fraction - 2 * spread)
    assert found.redness_low <= found.redness <= found.redness_high
    same = severity(pixels, affected, skin, [(affected, skin)] * 3, Interval(2, 0.03, 1.5))
    assert same.affected_high - same.affected_low == pytest.approx(0.06) and same.redness_high - same.redness_low == pytest.approx(3)


def test_the_interval_is_read_from_the_card() -> None:
    assert Interval.of({}) == Interval(2.0, 0.0, 0.0)
    assert Interval.of({"interval": {"factor": 3, "least_fraction": 0.02, "coverage": 0.9}}) == Interval(3.0, 0.02, 0.0)


def test_the_size_of_the_picture_changes_nothing() -> None:
    pixels, affected, skin = arm()
    large = [cv2.resize(a, (1500, 1500), interpolation=cv2.INTER_NEAREST) for a in (pixels, affected, skin)]
    small, grown = severity(pixels, affected, skin), severity(*large)
    assert grown.affected_fraction == small.affected_fraction and grown.lesions == small.lesions
    assert grown.redness == pytest.approx(small.redness, abs=0.2) and grown.ita == pytest.approx(small.ita, abs=0.5)


@settings(max_examples=40, deadline=None)
@given(masks, masks, masks, some.integers(0, 2**32 - 1))
def test_bounds_and_order_hold_for_any_outline(affected: np.ndarray, skin: np.ndarray, other: np.ndarray, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (*skin.shape, 3), np.uint8)
    found = severity(pixels, affected, skin, [(affected, skin), (other, skin)])
    if not math.isnan(found.affected_low):
        assert 0 <= found.affected_low <= found.affected_fraction <= found.affected_high <= 1
    assert math.isnan(found.affected_low) == math.isnan(found.affected_high)
    if not math.isnan(found.redness_low):
        assert found.redness_low <= found.redness <= found.redness_high
    assert found.numbers().keys() <= set(Severity.__dataclass_fields__)


@settings(deadline=None)
@given(masks, masks, masks)
def test_more_affected_is_never_a_smaller_fraction(affected: np.ndarray, more: np.ndarray, skin: np.ndarray) -> None:
    before, after = affected_fraction(affected, skin), affected_fraction(np.maximum(affected, more), skin)
    assert math.isnan(before) or after >= before
