"""A dark photo is lifted to the light that the card names, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.vision.card import Input
from core.vision.engine import prepare
from core.vision.light import MOST_LIFTED, gain, level

WAY = Input(64, "middle_square", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), flips=False)


def photo(seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Pink noise with a dark spot over a quarter of it."""
    pixels = np.random.default_rng(seed).normal((190, 150, 140), 6, (120, 160, 3))
    pixels[30:90, 40:120] *= 0.4
    return np.clip(pixels * scale, 0, 255).astype(np.uint8)


def test_the_level_is_that_of_the_skin_and_follows_the_light() -> None:
    flat = np.full((50, 70, 3), 120, np.uint8)
    assert level(flat) == pytest.approx(120, abs=0.01)
    geometric = (190 * 150 * 140) ** (1 / 3)
    assert 0.92 * geometric < level(photo()) < geometric, "a spot over a quarter of it takes little away"
    assert level(photo(scale=0.6)) == pytest.approx(0.6 * level(photo()), rel=0.01)
    assert level(np.zeros((40, 40, 3), np.uint8)) < 1


def test_only_what_is_too_dark_is_lifted() -> None:
    at = level(photo())
    assert gain(photo(), at - 5) == 1.0
    assert gain(photo(scale=0.6), at) == pytest.approx(1 / 0.6, rel=0.01)
    assert gain(photo(scale=0.1), at) == MOST_LIFTED


def test_the_same_photo_in_less_light_looks_the_same_to_the_network() -> None:
    way = replace(WAY, least_light=level(photo()))
    light, dark = prepare(photo(), way), prepare(photo(scale=0.6), way)
    assert np.abs(light - dark).max() < 0.02 < np.abs(light - prepare(photo(scale=0.6), WAY)).max()
    np.testing.assert_allclose(prepare(photo(), replace(WAY, least_light=100.0)), prepare(photo(), WAY))


def test_white_stays_white() -> None:
    pixels = photo(scale=0.5)
    pixels[:20] = 255
    lifted = prepare(pixels, replace(WAY, least_light=250.0))
    assert lifted.max() <= 1 + 1e-6
