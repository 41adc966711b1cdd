"""What a browser sends for a painted mask, good and bad."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.ui import brush


def address(pixels: NDArray[np.uint8], ending: str = ".png") -> str:
    _, data = cv2.imencode(ending, pixels)
    return brush.HEAD + base64.b64encode(data.tobytes()).decode()


def test_a_painted_mask_comes_back_as_it_was_sent():
    mask = np.zeros((30, 40), np.uint8)
    mask[5:12, 20:33] = 255
    sent = np.dstack([mask, mask, mask, np.full_like(mask, 255)])
    assert np.array_equal(brush.painted(address(sent), (40, 30)), mask)


def test_a_soft_edge_is_cut_at_its_middle():
    mask = np.array([[0, 100, 127, 128, 200, 255]] * 2, np.uint8)
    assert brush.painted(address(mask), (6, 2)).tolist() == [[0, 0, 0, 255, 255, 255]] * 2


good = address(np.zeros((30, 40), np.uint8))


@pytest.mark.parametrize(
    "sent",
    [None, 7, "", "http://elsewhere/x.png", brush.HEAD, brush.HEAD + "*not base64*", brush.HEAD + base64.b64encode(b"GIF89a").decode(),
     address(np.zeros((31, 40), np.uint8)), address(np.zeros((30, 40), np.uint8), ".jpg"), good[:-40], good[:60],
     brush.HEAD + "A" * brush.MOST],
)  # fmt: skip
def test_what_is_no_such_mask_is_refused_in_a_sentence(sent):
    with pytest.raises(InvalidInput) as refusal:
        brush.painted(sent, (40, 30))
    assert refusal.value.hint


def test_the_canvas_begins_with_the_networks_outline():
    mask = np.zeros((30, 40), np.uint8)
    mask[:10, :10] = 255
    layer = cv2.imdecode(np.frombuffer(base64.b64decode(brush._paint(mask).partition(",")[2]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(layer[..., 3], mask) and tuple(layer[0, 0, 2::-1]) == brush.TEAL
