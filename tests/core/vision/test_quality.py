"""The quality measures: on made pictures where the answer is known, and on real photographs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.vision.quality import LIMITS, PROBLEMS, judge, measure, problems
from models.training.quality_report import quality_report


def skin(width: int = 640, height: int = 480, seed: int = 0) -> NDArray[np.uint8]:
    """Skin-coloured texture with detail of every size, a dark spot with a sharp border and a few hairs."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / height
    texture = sum(
        cv2.resize(rng.normal(0, 4, (n * 3 // 4, n)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for n in (8, 24, 80, 240)
    )
    picture = np.array([190.0, 150.0, 130.0]) + np.asarray(texture)[..., None]
    spot = np.hypot(x - 0.66, y - 0.5) < 0.2 + 0.02 * np.cos(9 * np.arctan2(y - 0.5, x - 0.66))
    picture[spot] *= 0.5
    for _ in range(6):
        ends = (rng.uniform(0, 1, (2, 2)) * (width, height)).astype(int)
        cv2.line(picture, ends[0].tolist(), ends[1].tolist(), (60.0, 45.0, 40.0), max(1, width // 300), cv2.LINE_AA)
    return np.clip(picture, 0, 255).astype(np.uint8)


def codes(pixels: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> list[str]:
    return [p.code for p in problems(pixels, "dermatoscopic", mask)]


def test_a_good_picture_passes() -> None:
    assert codes(skin()) == []


def test_each_fault_has_its_own_code() -> None:
    good = skin()
    glare = good.copy()
    cv2.circle(glare, (200, 200), 130, (255, 255, 255), -1)
    assert codes(cv2.GaussianBlur(good, (0, 0), 8)) == ["blurred"]
    assert codes((good * 0.2).astype(np.uint8)) == ["dark"]
    assert codes(np.clip(good * 2.5, 0, 255).astype(np.uint8)) == ["bright"]
    assert codes(glare) == ["glare"]
    assert codes(good[:60, :300])[0] == "too_small"
    assert codes(np.full((300, 400, 3), 130, np.uint8)) == ["blurred"], "a plain colour shows nothing"
    assert codes(np.zeros((300, 400, 3), np.uint8)) == ["dark"]
    assert codes(np.full((300, 400, 3), 255, np.uint8)) == ["bright"]


def test_several_faults_are_all_named() -> None:
    picture = cv2.GaussianBlur(skin(), (0, 0), 9)
    cv2.circle(picture, (200, 200), 130, (255, 255, 255), -1)
    mask = np.zeros((480, 640), np.uint8)
    assert codes(picture, mask)[0] == "glare" and codes(picture, mask)[-1] == "subject_small"


def test_motion_blurs_along_one_direction() -> None:
    for angle in (0, 30, 45, 90):
        kernel = np.zeros((61, 61), np.float32)
        d = (round(30 * np.cos(np.deg2rad(angle))), round(30 * np.sin(np.deg2rad(angle))))
        cv2.line(kernel, (30 - d[0], 30 - d[1]), (30 + d[0], 30 + d[1]), 1.0, 1)
        assert codes(cv2.filter2D(skin(), -1, kernel / kernel.sum())) == ["blurred"], angle


def test_noise_does_not_make_a_blurred_photo_sharp() -> None:
    blurred = cv2.GaussianBlur(skin(), (0, 0), 8)
    noisy = np.clip(blurred + np.random.default_rng(0).normal(0, 6, blurred.shape), 0, 255).astype(np.uint8)
    assert codes(noisy) == ["blurred"]


def test_megapixels_do_not_change_the_figures() -> None:
    small, large = measure(skin(640, 480)), measure(cv2.resize(skin(640, 480), (2560, 1920), interpolation=cv2.INTER_CUBIC))
    assert abs(small.sharpness / large.sharpness - 1) < 0.05
    assert abs(small.brightness - large.brightness) < 2 and abs(small.white - large.white) < 0.01


def test_size_of_the_subject() -> None:
    mask = np.zeros((48, 64), np.uint8)
    mask[10:14, 10:13] = 255  # 12 of 3072 pixels, 0.4 %
    assert codes(skin(), mask) == ["subject_small"]
    mask[10:16, 10:13] = 255
    assert codes(skin(), mask) == []
    assert measure(skin(), mask).subject == pytest.approx(18 / 3072)
    assert measure(skin()).subject is None


def test_black_around_the_field_and_frames_do_not_count() -> None:
    y, x = np.mgrid[:480, :640]
    outside = np.hypot(x - 320, y - 240) > 300
    round_field = skin()
    round_field[outside] = 0
    assert codes(round_field) == []
    blurred = cv2.GaussianBlur(skin(), (0, 0), 8)
    blurred[outside] = 0
    assert codes(blurred) == ["blurred"], "the sharp edge of the field does not hide that the skin is not"
    assert codes(cv2.copyMakeBorder(skin(), 40, 40, 90, 90, cv2.BORDER_CONSTANT, value=(255, 255, 255))) == []


def test_dark_skin_is_not_a_dark_photo() -> None:
    dark_skin = np.clip(skin() * np.array([0.5, 0.43, 0.39]), 0, 255).astype(np.uint8)
    assert dark_skin.reshape(-1, 3).mean(0)[0] < 100
    assert codes(dark_skin) == []


def test_limits_depend_on_the_kind() -> None:
    found = replace(measure(skin()), brightness=50.0)
    assert [p.code for p in judge(found, "dermatoscopic")] == ["dark"]
    assert judge(found, "clinical") == judge(found, "fundus") == ()
    assert judge(found, "something new") == judge(found, "clinical")
    assert set(LIMITS) == {"dermatoscopic", "clinical", "fundus"}


def test_every_problem_is_said_in_whole_sentences() -> None:
    assert set(PROBLEMS) == {"too_small", "dark", "bright", "glare", "blurred", "subject_small"}
    texts = [text for p in PROBLEMS.values() for text in (p.reason, p.hint)]
    assert len(set(texts)) == len(texts) and all(t.endswith(".") and t[0].isupper() for t in texts)


def test_on_real_photographs(data_folder: Path) -> None:
    """Some forty photos of `test`; the figures of all of them come from the report's own command."""
    table = quality_report(data_folder, limit=40)
    for name, row in table.items():
        assert row["n"] >= 40
        least = 0.97 if "passed" in row and row["right"] == row["passed"] else 0.90
        assert row["right"] >= least, (name, row)
