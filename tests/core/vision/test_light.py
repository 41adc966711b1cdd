"""A dark photo is lifted to the light that the card names, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.vision.card import Input, input_of
from core.vision.engine import prepare
from core.vision.light import MOST_LIFTED, gain, level

WAY = Input(64, "middle_square", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)


def photo(seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Pink noise with a dark spot over a quarter of it."""
    pixels = np.random.default_rng(seed).normal((190, 150, 140), 6, (120, 160, 3))
    pixels[30:90, 40:120] *= 0.4
    return np.clip(pixels * scale, 0, 255).astype(np.uint8)


def least(pixels: np.ndarray) -> tuple[float, float, float]:
    """The photo's own level."""
    red, green, blue = (float(v) for v in level(pixels))
    return red, green, blue


def test_the_level_is_that_of_the_skin_and_follows_the_light() -> None:
    flat = np.full((50, 70, 3), (120, 90, 60), np.uint8)
    np.testing.assert_allclose(level(flat), (120, 90, 60), atol=0.01)
    assert (level(photo()) < (192, 152, 142)).all() and (level(photo()) > 0.92 * np.array((190, 150, 140))).all(), (
        "a spot takes little away"
    )
    np.testing.assert_allclose(level(photo(scale=0.6)), 0.6 * level(photo()), rtol=0.01)


def test_only_what_is_too_dark_is_lifted() -> None:
    red, green, blue = least(photo())
    np.testing.assert_array_equal(gain(photo(), (red - 5, green - 5, blue - 5)), 1)
    np.testing.assert_allclose(gain(photo(scale=0.6), (red, green, blue)), 1 / 0.6, rtol=0.01)
    np.testing.assert_array_equal(gain(photo(scale=0.1), (red, green, blue)), MOST_LIFTED)
    np.testing.assert_array_equal(gain(np.zeros((40, 40, 3), np.uint8), (red, green, blue)), MOST_LIFTED)


def test_the_same_photo_in_other_light_looks_the_same_to_the_network() -> None:
    way = replace(WAY, least_light=least(photo()))
    cold = (photo() * np.array((0.75, 1.0, 1.0))).astype(np.uint8)
    light = prepare(photo(), way)
    for other in (photo(scale=0.6), cold):
        assert np.abs(light - prepare(other, way)).max() < 0.02 < np.abs(light - prepare(other, WAY)).max()
    np.testing.assert_allclose(prepare(photo(), replace(WAY, least_light=(100.0, 100.0, 100.0))), prepare(photo(), WAY))


def test_white_stays_white() -> None:
    pixels = photo(scale=0.5)
    pixels[:20] = 255
    assert prepare(pixels, replace(WAY, least_light=(250.0, 250.0, 250.0))).max() <= 1 + 1e-6


def test_a_card_without_it_lifts_nothing() -> None:
    facts = {"size": 64, "crop": "squash", "mean": [0, 0, 0], "std": [1, 1, 1], "flips": False}
    assert input_of(facts).least_light == (0, 0, 0)
    assert input_of(facts | {"least_light": [1, 2, 3]}).least_light == (1, 2, 3)
