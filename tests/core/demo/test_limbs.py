"""Drawn limbs, and with them the geometry of severity: the share, the camera's distance and the lamp."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.demo.limb_shapes import PARTS
from core.demo.limbs import LIGHTS, DrawnLimb, limb, limb_jpeg
from core.demo.pictures import TONES
from core.examinations.severity import severity
from core.photo import read_photo
from core.vision.quality import problems

SMALL = (400, 300)
LAMP = 1.0
"""Units of a* by which the colour of a lamp may move the redness; so much that an eye would not see it."""
DIM = 0.3
"""Share of the redness that a light of three quarters may take: a* grows with the light."""


def drawn(part: str = "arm", share: float = 0.2, seed: int = 5, **how: object) -> DrawnLimb:
    return limb(seed, part, share, size=SMALL, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.55])
def test_the_share_that_was_asked_for_is_measured(part: str, share: float) -> None:
    one = drawn(part, share, tone="medium")
    assert one.pixels.shape == (300, 400, 3) and one.pixels.dtype == np.uint8
    assert set(np.unique(one.lesion)) == set(np.unique(one.skin)) == {0, 255}
    assert not (one.lesion[one.skin == 0]).any(), "patches lie on bare skin"
    found = severity(one.pixels, one.lesion, one.skin)
    assert found.affected_fraction == pytest.approx(share, abs=0.01) and found.affected_fraction == pytest.approx(one.share)
    assert found.lesions >= 1 and found.redness > 3


@pytest.mark.parametrize("part", PARTS)
def test_the_distance_to_the_camera_does_not_change_the_share(part: str) -> None:
    """What the older project got wrong: from farther away less seemed affected."""
    near, far = limb(5, part, 0.2, size=(600, 450)), limb(5, part, 0.2, distance=1.5, size=(600, 450))
    seen = [severity(one.pixels, one.lesion, one.skin) for one in (near, far)]
    assert seen[1].skin_fraction < 0.5 * seen[0].skin_fraction, "the limb is really smaller"
    small = [cv2.resize(mask, (400, 300), interpolation=cv2.INTER_AREA) > 127 for mask in (near.lesion, near.skin)]
    again = [mask[75:375, 100:500] > 0 for mask in (far.lesion, far.skin)]
    for left, right, least in zip(small, again, (0.85, 0.95), strict=True):
        assert (left & right).sum() / (left | right).sum() > least, "and nothing else is different"
    assert seen[1].affected_fraction == pytest.approx(seen[0].affected_fraction, abs=0.03)
    assert seen[1].redness == pytest.approx(seen[0].redness, rel=0.15)


@pytest.mark.parametrize("tone", TONES)
def test_the_colour_of_the_lamp_hardly_changes_the_redness(tone: str) -> None:
    reds, angles = {}, {}
    for light in LIGHTS:
        one = drawn("trunk", tone=tone, light=light)
        found = severity(one.pixels, one.lesion, one.skin)
        reds[light], angles[light] = found.redness, found.ita
    for light in ("lamp", "cold"):
        assert reds[light] == pytest.approx(reds["day"], abs=LAMP)
    assert reds["dim"] == pytest.approx(reds["day"], rel=DIM)
    assert max(angles.values()) - min(angles.values()) > 20, "while the tone of the skin looks other in every light"


def test_redder_patches_measure_redder_and_lighter_skin_lighter() -> None:
    reds, angles = [], []
    for redness in (0.4, 0.8, 1.2):
        one = drawn(redness=redness)
        reds.append(severity(one.pixels, one.lesion, one.skin).redness)
    for tone in TONES:
        one = drawn(tone=tone)
        angles.append(severity(one.pixels, one.lesion, one.skin).ita)
    assert reds == sorted(reds) and reds[2] > 2 * reds[0]
    assert angles == sorted(angles, reverse=True) and angles[0] > 41 and angles[-1] < 10


def test_patches_shrink_in_their_places() -> None:
    masks = [drawn(share=share).lesion > 0 for share in (0.3, 0.15, 0.05)]
    for large, small in zip(masks, masks[1:], strict=False):
        assert (large | ~small).all() and small.any()
    assert not drawn(share=0).lesion.any()


def test_the_other_side_is_the_mirror_image() -> None:
    left, right = drawn("hand"), drawn("hand", mirrored=True)
    assert (np.fliplr(left.skin) == right.skin).mean() > 0.995 and right.share == pytest.approx(left.share, abs=0.01)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("light", LIGHTS)
def test_they_are_good_enough_to_be_examined(part: str, light: str) -> None:
    assert problems(drawn(part, tone="dark", light=light).pixels, "clinical") == ()


def test_the_same_arguments_give_the_same_file() -> None:
    assert limb_jpeg(drawn()) == limb_jpeg(drawn()) != limb_jpeg(drawn(seed=6))
    photo = read_photo(limb_jpeg(drawn()))
    assert photo.pixels.shape == (300, 400, 3)


@pytest.mark.parametrize("wrong", [{"part": "tail"}, {"tone": "green"}, {"light": "moon"}, {"share": 1.0}, {"share": -0.1}])
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        drawn(**wrong)  # type: ignore[arg-type]
