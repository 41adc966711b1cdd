"""What is wrong with a live picture: drawn ones, made dark, blurred, far, glaring, and too light."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from core.demo.pictures import lesion
from core.vision.aim import TOO_FAR, aim, rough_spot

SEEDS = (2, 5, 11)


@pytest.fixture(scope="module", params=SEEDS)
def drawn(request):
    return lesion(request.param, "plain", size=(640, 480))


def shaken(pixels, far=25):
    """Moved by so many pixels while it was taken."""
    kernel = np.zeros((far, far), np.float32)
    kernel[far // 2] = 1 / far
    return np.asarray(cv2.filter2D(pixels, -1, kernel), np.uint8)


def glaring(pixels, wide=170):
    """With the light of a lamp on a good part of it: half as wide on skin without a lens is borne (`quality.LIMITS`)."""
    lit = pixels.astype(np.float32)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    spot = np.exp(-((((x - 260) / wide) ** 2 + ((y - 200) / wide) ** 2) ** 3))
    return np.clip(lit + 255 * spot[..., None], 0, 255).astype(np.uint8)


SPOILED = {
    "dark": lambda pixels: (pixels * 0.15).astype(np.uint8),
    "blurred": lambda pixels: np.asarray(cv2.GaussianBlur(pixels, (0, 0), 12), np.uint8),
    "glare": glaring,
    "bright": lambda pixels: np.clip(pixels.astype(int) + 130, 0, 255).astype(np.uint8),
}


def test_nothing_is_wrong_with_a_good_one(drawn):
    found = aim(drawn.pixels, "dermatoscopic")
    assert found.good and found.problems == () and aim(drawn.pixels, "clinical").good


@pytest.mark.parametrize("kind", ["dermatoscopic", "clinical"])
@pytest.mark.parametrize("code", SPOILED)
def test_it_says_what_is_wrong_first(drawn, code, kind):
    found = aim(SPOILED[code](drawn.pixels), kind)
    assert not found.good and found.problems[0].code == code


def test_a_hand_that_shakes_is_blur(drawn):
    assert [one.code for one in aim(shaken(drawn.pixels), "dermatoscopic").problems][:1] == ["blurred"]


def test_too_far_is_said_of_a_spot_and_not_of_a_rash():
    far = lesion(5, "plain", size=(640, 480), growth=0.3).pixels
    assert aim(far, "dermatoscopic").problems == (TOO_FAR,) and aim(far, "clinical").good


def test_the_size_of_the_picture_changes_nothing(drawn):
    large = np.asarray(cv2.resize(drawn.pixels, (1280, 960), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert aim(large, "dermatoscopic").good
    for code, spoil in SPOILED.items():
        assert aim(np.asarray(cv2.resize(spoil(drawn.pixels), (1280, 960)), np.uint8), "dermatoscopic").problems[0].code == code


def test_it_is_quick_enough_for_a_live_picture(drawn):
    large = np.asarray(cv2.resize(drawn.pixels, (1280, 720)), np.uint8)
    aim(large, "dermatoscopic")
    start = time.thread_time()
    for _ in range(5):
        aim(large, "dermatoscopic")
    assert (time.thread_time() - start) / 5 < 0.12, "of the quarter of a second between two looks"


def test_the_rough_spot_is_near_the_drawn_one(drawn):
    mask = rough_spot(drawn.pixels)
    assert mask is not None
    true = cv2.resize(drawn.mask, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_AREA) > 127
    found = mask > 0
    assert (true & found).sum() / (true | found).sum() > 0.5
    assert rough_spot(np.full((480, 640, 3), 180, np.uint8)) is None, "plain skin has none"
