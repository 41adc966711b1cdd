"""Counting and placing signs, on masks that are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vision.signs import DISC, SIGNS, disc_of, eye_side, find_disc, fovea_of, masks_of, read_signs

SIZE = 400
FIELD = np.zeros((SIZE, SIZE), np.uint8)
cv2.circle(FIELD, (200, 200), 190, 255, cv2.FILLED)
FIELD[:60] = FIELD[340:] = 0  # cut, as cameras do


def dots(*centres: tuple[int, int], radius: int = 4) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    for centre in centres:
        cv2.circle(mask, centre, radius, 255, cv2.FILLED)
    return mask


RIGHT_DISC = dots((300, 195), radius=30)


def test_signs_are_counted_by_piece_and_quadrant_about_the_disc() -> None:
    blots = dots((100, 100), (150, 120), (330, 120), (120, 300))
    found = read_signs({"haemorrhages": blots, DISC: RIGHT_DISC}, FIELD)
    assert (found.side, found["haemorrhages"].count) == ("right", 4)
    assert found["haemorrhages"].quadrants == {
        "superior_temporal": 2,
        "superior_nasal": 1,
        "inferior_temporal": 1,
        "inferior_nasal": 0,
    }


def test_areas_are_in_discs_and_shares_of_the_visible_field() -> None:
    blots = dots((100, 150), radius=30)
    found = read_signs({"hard_exudates": blots, DISC: RIGHT_DISC}, FIELD)["hard_exudates"]
    assert found.discs == pytest.approx(1.0)
    assert found.share == pytest.approx((blots > 0).sum() / (FIELD > 0).sum())


def test_without_a_disc_there_is_a_count_and_a_share_and_no_place() -> None:
    found = read_signs({"microaneurysms": dots((100, 100)), DISC: np.zeros_like(FIELD)}, FIELD)
    assert (found.disc, found.side, found.fovea) == (None, "", None)
    sign = found["microaneurysms"]
    assert (sign.count, sign.discs, dict(sign.quadrants), sign.macular) == (1, None, {}, None)


def test_a_disc_in_the_middle_tells_no_side_and_quadrants_are_those_of_the_picture() -> None:
    found = read_signs({"soft_exudates": dots((120, 120)), DISC: dots((200, 200), radius=30)}, FIELD)
    assert (found.side, found.confidence) == ("", 0.0)
    assert found["soft_exudates"].quadrants["superior_left"] == 1 and found["soft_exudates"].macular is None


def test_a_side_that_is_known_goes_before_the_guess() -> None:
    found = read_signs({"haemorrhages": dots((340, 150)), DISC: RIGHT_DISC}, FIELD, side="left")
    assert (found.side, found.confidence) == ("left", 1.0)
    assert found["haemorrhages"].quadrants["superior_temporal"] == 1


def test_hard_exudates_near_the_fovea_are_known() -> None:
    found = read_signs({"hard_exudates": dots((156, 210), (110, 100)), DISC: RIGHT_DISC}, FIELD)
    assert found.fovea is not None and np.hypot(found.fovea[0] - 156, found.fovea[1] - 210) < 5
    assert found["hard_exudates"].macular == 1


def test_specks_are_not_counted() -> None:
    speck = np.zeros((1000, 1000), np.uint8)
    field = np.full_like(speck, 255)
    speck[500, 500] = 255
    speck[100:110, 100:110] = 255
    assert read_signs({"microaneurysms": speck}, field)["microaneurysms"].count == 1


def test_the_disc_has_no_bays_where_vessels_cross_its_edge() -> None:
    whole = np.zeros((120, 120), np.uint8)
    cv2.circle(whole, (60, 60), 40, 255, cv2.FILLED)
    chance = (whole / 255 * 0.8).astype(np.float32)
    chance[55:65, 60:] = 0.1  # a vessel, from the middle out
    chance[5:9, 5:9] = 0.9  # and a speck elsewhere
    found = disc_of(chance, 0.5)
    assert ((found > 0) & (whole > 0)).sum() / ((found > 0) | (whole > 0)).sum() > 0.97
    assert not found[:20, :20].any() and not disc_of(chance, 0.95).any()


def test_masks_are_cut_at_their_own_thresholds_and_the_disc_is_one_filled_piece() -> None:
    chances = np.full((5, 50, 50), 0.3, np.float32)
    chances[1, :10] = 0.6
    chances[4] = 0
    chances[4, 10:30, 10:30], chances[4, 15:20, 15:20], chances[4, 40:43, 40:43] = 0.9, 0.1, 0.9
    names = (*SIGNS, DISC)
    masks = masks_of(chances, names, dict(zip(names, (0.2, 0.5, 0.5, 0.4, 0.5), strict=True)))
    assert [int((masks[n] > 0).sum()) for n in names] == [2500, 500, 0, 0, 400]


@given(st.integers(60, 340), st.integers(90, 310), st.integers(12, 40))
def test_a_mirrored_eye_is_the_other_eye(x: int, y: int, radius: int) -> None:
    disc = dots((x, y), radius=radius)
    side, sure = eye_side(disc, FIELD)
    other, as_sure = eye_side(disc[:, ::-1], FIELD[:, ::-1])
    assert {side, other} in ({"left", "right"}, {""})
    assert sure == pytest.approx(as_sure)
    found = find_disc(disc)
    assert found is not None and found.diameter == pytest.approx(2 * radius, rel=0.06)
    if side and (place := fovea_of(found, side)) is not None:
        assert (place[0] < x) == (side == "right") and place[1] > y


@given(st.lists(st.tuples(st.integers(30, 370), st.integers(80, 320)), max_size=12))
def test_quadrants_add_up_to_the_count_for_every_side(centres: list[tuple[int, int]]) -> None:
    for side in ("", "left", "right"):
        sign = read_signs({"microaneurysms": dots(*centres), DISC: RIGHT_DISC}, FIELD, side=side)["microaneurysms"]  # type: ignore[arg-type]
        assert sum(sign.quadrants.values()) == sign.count == cv2.connectedComponents(dots(*centres))[0] - 1
