"""Heat maps lie where the activation is, and outlines are one filled piece."""

import numpy as np
import pytest

from core.vision.card import Input
from core.vision.explanation import heat_map, peak_of
from core.vision.field import Field, level
from core.vision.outline import mask_of

MIDDLE = Input(224, "middle_square", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)
SQUASH = Input(224, "squash", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)


@pytest.mark.parametrize("row,column", [(0, 0), (3, 3), (6, 1)])
def test_peak_is_where_the_activation_is(row: int, column: int) -> None:
    """In a 320 x 240 photo the middle square starts at x = 40."""
    activation = np.full((7, 7), -1.0, np.float32)
    activation[row, column] = 5.0
    x, y = peak_of(heat_map(activation, MIDDLE, (240, 320, 3)))
    assert x * 320 == pytest.approx(40 + (column + 0.5) * 240 / 7, abs=20)
    assert y * 240 == pytest.approx((row + 0.5) * 240 / 7, abs=20)


def test_outside_the_window_there_is_no_heat_and_the_range_is_zero_to_one() -> None:
    heat = heat_map(np.ones((7, 7), np.float32), MIDDLE, (240, 320, 3))
    assert heat.shape == (96, 128)
    assert heat[:, :15].max() == 0 and heat[:, -15:].max() == 0
    assert heat.min() == 0 and heat.max() == 1


def test_squashed_window_covers_the_whole_photo_and_no_activation_is_no_heat() -> None:
    assert heat_map(np.ones((7, 7), np.float32), SQUASH, (240, 320, 3)).min() > 0.99
    assert heat_map(-np.ones((7, 7), np.float32), SQUASH, (240, 320, 3)).max() == 0


def test_outline_keeps_the_largest_piece_and_fills_its_holes() -> None:
    chance = np.zeros((80, 80), np.float32)
    chance[10:50, 10:50] = 0.9
    chance[25:32, 25:32] = 0.1  # a reflection
    chance[70:74, 70:74] = 1.0
    mask = mask_of(chance, (240, 320, 3))
    assert mask.shape == (240, 320) and set(np.unique(mask)) == {0, 255}
    assert mask[85, 115] == 255  # the hole
    assert mask[216, 288] == 0  # the small piece
    assert (mask > 0).mean() == pytest.approx(0.25, abs=0.01)


def test_nothing_over_the_threshold_is_an_empty_outline() -> None:
    assert mask_of(np.full((56, 56), 0.3, np.float32), (100, 100, 3)).max() == 0


def test_the_heat_of_an_eye_lies_where_the_eye_is() -> None:
    """A squashed eye off the middle: what is hot right above its centre in the levelled square is so in the photo."""
    field = Field(x=120, y=100, rx=70, ry=95, top=1, bottom=1, coverage=1, found=1)
    seen = level(np.zeros((224, 224, 3), np.uint8), field, 128)
    activation = np.zeros((8, 8), np.float32)
    activation[2, 5] = 1  # 3/8 of a radius right and above of the middle
    x, y = peak_of(heat_map(activation, SQUASH, (224, 224, 3), field=seen))
    assert (x * 224, y * 224) == (pytest.approx(120 + 70 * 3 / 8, abs=5), pytest.approx(100 - 95 * 3 / 8, abs=5))
