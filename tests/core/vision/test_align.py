"""Laying photos over each other: drawn limbs with a known turn, size and shift come back; what does not fit is left alone."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.vision.align import GREY, LEAST_AGREEMENT, Alignment, align, align_all, moved

SIZE = (320, 240)
CANVAS = (700, 600)


@cache  # drawn once for all tests
def limb(seed: int, severity: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A lower arm with grain and red patches on a cloth that is never the same: RGB float32 and its skin 0/255."""
    random, (width, height) = np.random.default_rng(seed), CANVAS
    y, x = np.mgrid[:height, :width].astype(np.float32)
    middle, half = 300 + 0.12 * (x - 350), 105 + 0.06 * (x - 350)
    noise = [cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), s) * s * g for s, g in ((2, 6), (6, 8))]
    light = np.array([224, 172, 148], np.float32) + sum(noise)[..., None]
    light = light * (1 - 0.25 * ((y - middle) / half)[..., None] ** 2)
    for _ in range(7):
        cx, cy, radius = random.uniform(150, 550), random.uniform(225, 375), random.uniform(12, 40)
        inside = np.clip((radius - np.hypot(x - cx, 1.2 * (y - cy)) - noise[1] / 2) / 6 + 0.5, 0, 1)
        light -= severity * inside[..., None] * np.array([20, 70, 60], np.float32)
    cloth = cv2.GaussianBlur(np.random.default_rng(int(100 * severity) + 7).normal(0, 1, y.shape).astype(np.float32), (0, 0), 3)
    skin = np.abs(y - middle) < half
    return np.where(skin[..., None], light, np.array([120, 140, 160]) + cloth[..., None] * 20), skin.astype(np.uint8) * np.uint8(255)


Shot = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]


def shot(
    seed: int, size: float, turn: float = 0, x: float = 0, y: float = 0, severity: float = 1, gain: float = 1, lamp: float = 0
) -> Shot:
    """A photo of the limb: pixels, skin, and the matrix (3, 3) from its pixels to the drawing's."""
    pixels, skin = limb(seed, severity)
    a, b = np.cos(np.radians(turn)) / size, np.sin(np.radians(turn)) / size
    cx, cy = SIZE[0] / 2, SIZE[1] / 2
    matrix = np.array([[a, -b, 350 + x - a * cx + b * cy], [b, a, 300 + y - b * cx - a * cy]])
    seen = cv2.warpAffine(pixels.astype(np.float32), matrix, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    seen = seen * gain * (1 + lamp * np.linspace(-1, 1, SIZE[0])[None, :, None]) + np.random.default_rng(3).normal(0, 4, seen.shape)
    mask = cv2.warpAffine(skin, matrix, SIZE, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.clip(seen, 0, 255).astype(np.uint8), mask, np.vstack([matrix, [0, 0, 1]])


def furthest(found: Alignment, moving: NDArray[np.float64], fixed: NDArray[np.float64]) -> float:
    """How many pixels of the moving photo a point of the arm is off, at most."""
    points = np.array([(x, y, 1) for x in (80, 160, 240) for y in (90, 120, 150)]).T
    return float(np.abs(found.matrix @ points - (np.linalg.inv(moving) @ fixed @ points)[:2]).max())


VIEWS = [
    {"size": 0.7},
    {"size": 0.8, "turn": 8, "x": 20, "y": -15},
    {"size": 0.6, "turn": -15, "x": -30, "y": 20, "severity": 0.5, "gain": 0.85, "lamp": 0.15},
    {"size": 0.95, "turn": 20, "x": 15, "y": 10, "severity": 0.3, "gain": 1.1, "lamp": -0.2},
    {"size": 0.5, "turn": 30, "severity": 0.6, "lamp": 0.1},
]


@pytest.mark.parametrize("outlined", [True, False], ids=["with skin", "without"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view['size']} {view.get('turn', 0)}")
def test_a_known_view_comes_back_though_patches_heal_and_lamps_change(view, outlined):
    fixed, fixed_skin, fixed_at = shot(1, 0.7)
    moving, moving_skin, moving_at = shot(1, **view)
    found = align(moving, fixed, *((moving_skin, fixed_skin) if outlined else ()))
    assert found.converged and found.agreement >= LEAST_AGREEMENT
    assert furthest(found, moving_at, fixed_at) < 0.01 * SIZE[0]
    assert found.size == pytest.approx(view["size"] / 0.7, rel=0.02)
    assert found.turn == pytest.approx(-view.get("turn", 0), abs=1)


def test_laid_over_each_other_the_patches_meet():
    fixed, skin, _ = shot(1, 0.7)
    moving, moving_skin, _ = shot(1, 0.85, 12, 15, -10)
    laid = moved(moving, align(moving, fixed, moving_skin, skin), SIZE)
    arm = cv2.erode(skin, np.ones((13, 13), np.uint8)) > 0
    arm &= ~(laid == GREY).all(2)
    apart = [np.abs(one.astype(int) - fixed).mean(2)[arm].mean() for one in (laid, moving)]
    assert apart[0] < 8 < 2 * apart[0] + 8 < apart[1] + 8 and apart[0] < apart[1] / 2


@pytest.mark.parametrize("other", [20, 22, 23])
def test_another_limb_is_left_as_it_is(other):
    fixed, fixed_skin, _ = shot(other - 20, 0.7)
    moving, moving_skin, _ = shot(other, 0.8, 5, 10, 5)
    found = align(moving, fixed, moving_skin, fixed_skin)
    assert not found.converged
    assert found.matrix == pytest.approx(np.eye(2, 3)), "centre on centre, nothing turned, nothing made larger"


@pytest.mark.parametrize("pixels", [np.full((150, 200, 3), 90, np.uint8), np.zeros((40, 40, 3), np.uint8)])
def test_nothing_to_hold_on_to_is_no_error(pixels):
    found = align(pixels, shot(1, 0.7)[0])
    assert not found.converged and np.isfinite(found.matrix).all()
    assert moved(pixels, found, SIZE).shape == (240, 320, 3)


def test_photos_of_other_sizes_fit():
    fixed, skin, _ = shot(1, 0.7)
    half = np.asarray(cv2.resize(fixed, (160, 120), interpolation=cv2.INTER_AREA), np.uint8)
    found = align(half, fixed, cv2.resize(skin, (160, 120)), skin)
    assert found.converged and found.size == pytest.approx(0.5, rel=0.01)
    assert np.abs(found.matrix[:, 2]).max() < 2


def test_a_row_of_photos_is_laid_over_the_chosen_one():
    shots = [shot(1, 0.7, severity=1.0), shot(1, 0.75, 5, severity=0.6), shot(1, 0.65, -5, 10, severity=0.3), shot(20, 0.7)]
    found = align_all([one[0] for one in shots], [one[1] for one in shots], at=1)
    assert [one.converged for one in found] == [True, True, True, False]
    assert found[1].matrix == pytest.approx(np.eye(2, 3))
    for one, (_, _, at) in zip(found[:3], shots[:3], strict=True):
        assert furthest(one, at, shots[1][2]) < 0.01 * SIZE[0]


def test_a_photo_too_far_is_reached_by_way_of_the_one_before():
    shots = [shot(1, 0.5, 0), shot(1, 0.8, 25), shot(1, 1.3, 50)]
    far = align(shots[2][0], shots[0][0], shots[2][1], shots[0][1])
    assert not far.converged, "2.6 times nearer is more than is looked for at once"
    found = align_all([one[0] for one in shots], [one[1] for one in shots])
    assert found[2].converged and found[2].size == pytest.approx(2.6, rel=0.03)
    assert furthest(found[2], shots[2][2], shots[0][2]) < 0.03 * SIZE[0]
