"""Several looks at one photo come back to the same place, and pieces are kept as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.demo.limbs import limb
from core.examinations.severity import affected_fraction
from core.vision.looks import LOOKS, look_at
from core.vision.regions import SPECK, count_pieces, outlines_of, pieces_of

SIZE = 256


def right(pixels: np.ndarray) -> np.ndarray:
    """A network that is never wrong: the photo's red is the chance of the first class and its green that of the second."""
    small = cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return small[..., :2].transpose(2, 0, 1).astype(np.float32) / 255


@pytest.mark.parametrize("part", ["arm", "hand", "trunk"])
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_a_known_share_comes_out_when_the_network_is_right(part: str, share: float) -> None:
    """Through everything between the network and the figure: squashed to a square, looked at from near and far, cut, enlarged."""
    one = limb(3, part, share, size=(640, 480))
    truth = np.stack((one.lesion, one.skin, np.zeros_like(one.skin)), 2)
    seen = look_at(truth, right)
    assert seen.each.shape == (len(LOOKS), 2, SIZE, SIZE) and seen.mean.shape == (2, SIZE, SIZE)
    for chances in (seen.mean, *seen.each):
        lesion, skin = outlines_of(chances, truth.shape, (0.5, 0.5))
        assert affected_fraction(lesion, skin) == pytest.approx(share, abs=0.03)
        for mask, known in ((lesion, one.lesion), (skin, one.skin)):
            assert ((mask > 0) & (known > 0)).sum() / ((mask > 0) | (known > 0)).sum() > 0.8
    lesion, skin = outlines_of(seen.mean, truth.shape, (0.5, 0.5))
    assert ((skin > 0) & (one.skin > 0)).sum() / ((skin > 0) | (one.skin > 0)).sum() > 0.96


def test_every_look_brings_a_small_thing_back_to_its_place() -> None:
    photo = np.zeros((300, 500, 3), np.uint8)
    cv2.circle(photo, (130, 200), 24, (255, 255, 0), -1)
    for chances in look_at(photo, right).each:
        y, x = (np.average(axis, weights=chances[0]) for axis in np.mgrid[:SIZE, :SIZE])
        assert (x + 0.5) / SIZE == pytest.approx(130.5 / 500, abs=0.006) and (y + 0.5) / SIZE == pytest.approx(200.5 / 300, abs=0.006)


def test_where_the_nearer_look_sees_nothing_the_whole_one_stands() -> None:
    photo = np.zeros((300, 300, 3), np.uint8)
    photo[:12] = photo[-12:] = photo[:, :12] = photo[:, -12:] = (255, 0, 0)
    nearer = next(i for i, look in enumerate(LOOKS) if look.zoom > 1)
    found = look_at(photo, right)
    np.testing.assert_array_equal(found.each[nearer][0, :8], found.each[0][0, :8])


def test_all_pieces_are_kept_and_specks_and_pinholes_are_not() -> None:
    chance = np.zeros((100, 100), np.float32)
    chance[10:30, 10:30] = chance[50:90, 50:90] = 0.9
    chance[70, 70] = 0.1  # a pinhole
    chance[95, 5] = 0.9  # a speck
    mask = pieces_of(chance, (400, 400, 3), 0.5)
    assert mask.dtype == np.uint8 and set(np.unique(mask)) == {0, 255}
    assert count_pieces(mask, 0) == count_pieces(mask, SPECK) == 2
    assert mask[280, 280] == 255 and mask[382, 22] == 0
    assert (mask > 0).mean() == pytest.approx((20 * 20 + 40 * 40) / 100**2, rel=0.05)
    assert count_pieces(mask, 0.1) == 1
    assert not pieces_of(chance, (400, 400), 0.95).any() and pieces_of(chance + 1, (40, 30), 0.5).all()


def test_what_is_not_on_skin_is_not_affected() -> None:
    chances = np.zeros((2, 50, 50), np.float32)
    chances[0, 10:40, 10:40], chances[1, :, :25] = 1, 1
    lesion, skin = outlines_of(chances, (50, 50), (0.5, 0.5))
    assert (lesion > 0).sum() == 30 * 15 and not lesion[skin == 0].any()
