"""Pictures for the screen, decoded again and compared with what went in."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.ui import pictures


def decoded(address: str) -> NDArray[np.uint8]:
    head, _, body = address.partition(",")
    assert head in ("data:image/jpeg;base64", "data:image/png;base64")
    image = cv2.imdecode(np.frombuffer(base64.b64decode(body), np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB))


def disc(size: tuple[int, int] = (400, 300), centre: tuple[int, int] = (250, 120), radius: int = 60) -> NDArray[np.uint8]:
    y, x = np.mgrid[: size[1], : size[0]]
    return ((x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2).astype(np.uint8) * np.uint8(255)


def test_a_photo_keeps_its_colours_and_shape_and_is_never_enlarged():
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[:, :200], pixels[:, 200:] = (200, 30, 20), (20, 40, 210)
    small = pictures.photo_picture(pixels, "two halves")
    shown = decoded(small.address).astype(int)
    assert (small.width, small.height) == (400, 300) == (shown.shape[1], shown.shape[0])
    assert abs(shown[150, 50] - (200, 30, 20)).max() < 8 and abs(shown[150, 350] - (20, 40, 210)).max() < 8
    large = pictures.photo_picture(np.repeat(np.repeat(pixels, 4, 0), 4, 1), "two halves", longer=800)
    assert (large.width, large.height) == (800, 600) == decoded(large.address).shape[1::-1]


def test_the_outline_lies_on_the_edge_and_nowhere_else():
    layer = decoded(pictures.outline_address(disc()))
    y, x = np.nonzero(layer[..., 3] > 127)
    distance = np.hypot(x - 250, y - 120)
    assert abs(float(np.median(distance)) - 60) < 2 and distance.min() > 50 and distance.max() < 70
    angles = np.degrees(np.arctan2(y - 120, x - 250))
    assert len(np.unique(np.round(angles / 10))) >= 36, "it goes all the way round"
    assert layer[120, 250, 3] == 0, "the inside stays visible"


def test_the_outline_has_the_photos_aspect_at_display_size():
    grown = np.repeat(np.repeat(disc(), 4, 0), 4, 1)
    assert decoded(pictures.outline_address(grown, longer=800)).shape[:2] == (600, 800)


@pytest.mark.parametrize("mask", [np.zeros((300, 400), np.uint8), np.full((300, 400), 255, np.uint8)])
def test_nothing_and_everything_have_an_outline_too(mask):
    assert decoded(pictures.outline_address(mask)).shape == (300, 400, 4)


def test_heat_is_strongest_and_yellow_where_the_network_looked():
    heat = np.zeros((12, 16), np.float32)
    heat[3, 12] = 1.0
    layer = decoded(pictures.heat_address(heat, (640, 480)))
    assert layer.shape == (360, 480, 4)
    y, x = np.unravel_index(int(layer[..., 3].argmax()), layer.shape[:2])
    assert abs(x - 12.5 / 16 * 480) < 16 and abs(y - 3.5 / 12 * 360) < 16
    red, green, blue = (int(value) for value in layer[y, x, :3])
    assert red > 200 and green > 180 and blue < 120
    assert layer[350, 20, 3] == 0


def test_the_share_is_counted():
    mask = np.zeros((10, 10), np.uint8)
    mask[:3] = 255
    assert pictures.share_of_photo(mask) == pytest.approx(0.3)


def test_two_photos_never_share_an_address():
    one, other = np.full((80, 80, 3), 10, np.uint8), np.full((80, 80, 3), 11, np.uint8)
    assert pictures.photo_picture(one, "").address != pictures.photo_picture(other, "").address
    assert pictures.photo_picture(one.reshape(40, 160, 3), "").width == 160, "the same bytes in another shape are another picture"
