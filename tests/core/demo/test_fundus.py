"""Drawn eyes: the same on every call, signs where their masks are, left and right mirrored, and faults that make them too poor."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.demo.fundus import EYES, FAULTS, FIELDS, GRADES, KINDS, DrawnFundus, fundus, fundus_jpeg
from core.demo.fundus_shapes import anatomy
from core.instruments.icdr import Signs, least_grade
from core.photo import read_photo

SMALL = (360, 300)


def drawn(seed: int = 4, **how: object) -> DrawnFundus:
    return fundus(seed, size=SMALL, **how)  # type: ignore[arg-type]


def pieces(mask: np.ndarray) -> int:
    return int(cv2.connectedComponents((mask > 0).astype(np.uint8), connectivity=8)[0]) - 1


@pytest.mark.parametrize("grade", range(5))
@pytest.mark.parametrize("eye", EYES)
def test_every_sign_that_was_asked_for_is_there_once(eye: str, grade: int) -> None:
    one = drawn(eye=eye, grade=grade)
    assert one.pixels.shape == (300, 360, 3) and one.pixels.dtype == np.uint8
    assert set(one.masks) == {*KINDS, "disc"}
    for kind in KINDS:
        assert one.masks[kind].shape == (300, 360) and set(np.unique(one.masks[kind])) <= {0, 255}
        assert pieces(one.masks[kind]) == GRADES[grade].get(kind, 0)
    together = sum((mask > 0).astype(int) for mask in one.masks.values())
    assert together.max() == 1, "no sign touches another, nor the disc"
    assert not any(mask[one.field == 0].any() for mask in one.masks.values()), "all of it lies in the field"
    assert pieces(one.masks["disc"]) == 1


@pytest.mark.parametrize("grade", range(4))
def test_the_signs_of_a_grade_allow_that_grade_by_the_scale(grade: int) -> None:
    """Counted about the middle of the field, in four quadrants; grade 4 is drawn by its new vessels, which are not counted."""
    one = drawn(grade=grade)
    y, x = np.mgrid[:300, :360]
    quadrants = [(x < 180) & (y < 150), (x >= 180) & (y < 150), (x < 180) & (y >= 150), (x >= 180) & (y >= 150)]
    blood = [pieces(np.where(where, one.masks["he"], 0)) for where in quadrants]
    counted = {kind: pieces(one.masks[kind]) for kind in KINDS}
    least = least_grade(Signs(counted["ma"], (blood[0], blood[1], blood[2], blood[3]), counted["ex"], counted["se"]))
    assert least == min(grade, 2) or (grade == 3 and least == 3)


def test_dark_signs_are_darker_than_the_retina_and_light_ones_lighter() -> None:
    one = drawn(grade=3)
    light = cv2.cvtColor(one.pixels, cv2.COLOR_RGB2GRAY).astype(float)
    for kind, sign in (("ma", -1), ("he", -1), ("ex", 1), ("se", 1), ("disc", 1)):
        inside = one.masks[kind] > 0
        around = (cv2.dilate(one.masks[kind], np.ones((11, 11), np.uint8)) > 0) & ~inside & (one.field > 0)
        assert sign * (light[inside].mean() - light[around].mean()) > 8, kind


def test_a_left_eye_is_a_right_one_in_the_mirror() -> None:
    right, left = drawn(grade=2), drawn(grade=2, eye="left")
    assert right.disc[0] > 180 > left.disc[0] and right.disc[1] == pytest.approx(left.disc[1])
    for name in ("disc", "he"):
        other = left.masks[name][:, ::-1]
        overlap = ((right.masks[name] > 0) & (other > 0)).sum() / ((right.masks[name] > 0) | (other > 0)).sum()
        assert overlap > 0.95, name
    assert abs(right.pixels.astype(int) - left.pixels[:, ::-1].astype(int))[right.field > 0].mean() < 4


@pytest.mark.parametrize("seed", range(6))
def test_the_fovea_lies_two_and_a_half_disc_diameters_to_the_temple_and_a_little_lower(seed: int) -> None:
    one = drawn(seed)
    width = 2 * np.sqrt((one.masks["disc"] > 0).sum() / np.pi)
    assert (one.disc[0] - one.fovea[0]) / width == pytest.approx(2.5, abs=0.1)
    assert 0 < one.fovea[1] - one.disc[1] < width
    rows, columns = np.nonzero(one.masks["disc"])
    assert (columns.mean(), rows.mean()) == pytest.approx(one.disc, abs=2)


def test_no_vessel_runs_over_the_fovea() -> None:
    for seed in range(6):
        eye = anatomy(seed)
        assert min(float(np.hypot(*(one.points - eye.fovea).T).min()) for one in eye.vessels) > 5
        assert len(eye.vessels) > 60


def test_fewer_signs_lie_among_more_so_that_one_eye_can_be_followed() -> None:
    few, many = drawn(signs={"ma": 3, "he": 4}), drawn(signs={"ma": 9, "he": 20})
    assert all(((few.masks[kind] > 0) <= (many.masks[kind] > 0)).all() for kind in KINDS)
    same = (few.field > 0) & ~np.any([many.masks[kind] > 0 for kind in ("ma", "he")], 0)
    assert abs(few.pixels.astype(int) - many.pixels.astype(int))[same].mean() < 1


def test_size_changes_nothing_of_what_is_drawn() -> None:
    large, small = fundus(7, grade=2, size=(720, 600)), fundus(7, grade=2, size=SMALL)
    for kind in ("he", "disc"):
        assert (large.masks[kind] > 0).mean() == pytest.approx((small.masks[kind] > 0).mean(), rel=0.2)
    assert large.radius == pytest.approx(2 * small.radius)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert fundus_jpeg(drawn(9, grade=2)) == fundus_jpeg(drawn(9, grade=2)) != fundus_jpeg(drawn(10, grade=2))
    assert read_photo(fundus_jpeg(drawn(9))).pixels.shape == (300, 360, 3)


@pytest.mark.parametrize("field", FIELDS)
def test_the_field_is_a_circle_cut_or_whole(field: str) -> None:
    one = drawn(field=field)
    rows, columns = np.nonzero(one.field)
    assert np.ptp(columns) == pytest.approx(2 * one.radius, abs=4)
    share = np.ptp(rows) / np.ptp(columns)
    assert share == pytest.approx(1.0 if field == "round" else 0.8, abs=0.02)
    assert one.pixels[0, 0].max() < 12, "around it is the black of the camera"


def test_faults_show_in_what_can_be_measured() -> None:
    light, fine = {}, {}
    for fault in FAULTS:
        one = drawn(grade=2, fault=fault)
        grey = cv2.cvtColor(one.pixels, cv2.COLOR_RGB2GRAY)
        inner = cv2.erode(one.field, np.ones((31, 31), np.uint8)) > 0
        light[fault], fine[fault] = float(grey[inner].mean()), float(cv2.Laplacian(grey, cv2.CV_32F)[inner].std())
        assert ((one.field > 0).mean() < 0.55 * (drawn().field > 0).mean()) == (fault == "cut")
    assert light["dark"] < 0.3 * light[""] and light["bright"] > 1.7 * light[""]
    assert fine["blurred"] < 0.5 * fine[""]


@pytest.mark.parametrize(
    "wrong", [{"eye": "both"}, {"grade": 5}, {"fault": "torn"}, {"field": "oval"}, {"signs": {"ma": 999}}, {"signs": {"x": 1}}]
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        drawn(**wrong)
