"""The field of view is found where it was drawn, and every eye is levelled to the same one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.vision.field import BLANK, CUT, RIM, Field, Levelled, find_field, kept, level, seen, unlevel, whole

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Eye:
    """What is drawn: a field of known place and size on black, perhaps cut, with a notch, words and dark sides."""

    width: int
    height: int
    x: float
    y: float
    rx: float
    ry: float
    cut: float = 1.0
    notch: bool = False
    words: bool = False
    light: int = 170
    shade: float = 0.0

    def draw(self) -> Pixels:
        """RGB, twice as fine inside, so that edges lie between pixels."""
        fine = 2
        y, x = np.mgrid[0 : self.height * fine, 0 : self.width * fine] / fine + 0.5 / fine - 0.5
        dx, dy = (x - self.x) / self.rx, (y - self.y) / self.ry
        inside = (np.hypot(dx, dy) <= 1) & (np.abs(dy) <= self.cut)
        if self.notch:
            inside |= (np.abs(dx - 0.75) < 0.08) & (np.abs(dy + 0.72) < 0.08)
        light = self.light * (1 - self.shade * (dx + 1) / 2) * inside
        rng = np.random.default_rng(0)
        small = cv2.resize(light.astype(np.float32), (self.width, self.height), interpolation=cv2.INTER_AREA)
        out = np.stack((small, small * 0.5, small * 0.25), 2) + rng.normal(0, 2, (self.height, self.width, 3))
        pixels = np.clip(out, 0, 255).astype(np.uint8)
        if self.words:
            cv2.putText(pixels, "OD 07:15", (2, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (200, 200, 200), 1)
        return pixels

    def check(self, within: float = 0.015) -> Field:
        """Find it; its place and size must be those drawn, within that share of the radius."""
        found = find_field(self.draw())
        assert found is not None
        for got, drawn, unit in (
            (found.x, self.x, self.rx),
            (found.y, self.y, self.ry),
            (found.rx, self.rx, self.rx),
            (found.ry, self.ry, self.ry),
        ):
            assert abs(got - drawn) < within * unit
        return found


@settings(max_examples=25, deadline=None)
@given(
    r=st.floats(70, 118),
    x=st.floats(-4, 4),
    y=st.floats(-4, 4),
    cut=st.sampled_from((1.0, 0.85, 0.8, 0.75)),
    notch=st.booleans(),
    words=st.booleans(),
    light=st.integers(70, 240),
    shade=st.floats(0, 0.6),
)
def test_a_round_field_is_found_whole_or_cut(
    r: float, x: float, y: float, cut: float, notch: bool, words: bool, light: int, shade: float
) -> None:
    found = Eye(320, 240, 159.5 + x, 119.5 + y, r, r, cut, notch, words, light, shade).check()
    seen_up, seen_down = (min(cut, (119.5 + s * y + 0.5) / r) for s in (1, -1))
    assert found.rx == pytest.approx(found.ry)
    assert found.top == pytest.approx(min(1, seen_up), abs=0.03) and found.bottom == pytest.approx(min(1, seen_down), abs=0.03)
    assert found.cut == (min(seen_up, seen_down) < 0.95) or abs(min(seen_up, seen_down) - 0.95) < 0.03


@settings(max_examples=25, deadline=None)
@given(
    rx=st.floats(75, 108),
    aspect=st.floats(0.655, 0.85),
    x=st.floats(-3, 3),
    y=st.floats(-3, 3),
    notch=st.booleans(),
    shade=st.floats(0, 0.5),
)
def test_a_squashed_field_is_measured_by_its_arcs_and_not_by_what_is_left_of_its_height(
    rx: float, aspect: float, x: float, y: float, notch: bool, shade: float
) -> None:
    """In a photo of 224 x 224 most of these reach beyond top and bottom, so their height is nowhere to be read."""
    Eye(224, 224, 111.5 + x, 111.5 + y, rx, rx / aspect, 1.0, notch, False, 170, shade).check(within=0.03)


def test_a_round_field_in_a_square_photo_stays_round() -> None:
    found = Eye(224, 224, 111.5, 111.5, 108, 108).check()
    assert found.rx == found.ry


@pytest.mark.parametrize("factor", [1, 3.3, 12])
def test_what_is_found_does_not_depend_on_the_cameras_pixels(factor: float) -> None:
    eye = Eye(320, 240, 157.5, 121.5, 130, 130)
    large = cv2.resize(eye.draw(), None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    found = find_field(np.asarray(large, np.uint8))
    assert found is not None
    assert (found.x + 0.5) / factor - 0.5 == pytest.approx(157.5, abs=1.5) and found.rx / factor == pytest.approx(130, abs=1.5)


def test_a_dark_photo_has_its_field_found() -> None:
    Eye(320, 240, 159.5, 119.5, 110, 110, light=26).check(within=0.03)


@pytest.mark.parametrize("cut", [1.0, 0.8])
def test_every_eye_is_levelled_to_the_same_place(cut: float) -> None:
    """A cross drawn on the eye comes out at one place, whatever the camera: whole, cut, squashed, small or large."""
    for eye in (
        Eye(320, 240, 159.5, 119.5, 115, 115, cut),
        Eye(224, 224, 110, 112, 80, 80 / 0.7, cut),
        Eye(640, 480, 330, 230, 210, 210, cut),
    ):
        pixels = eye.draw()
        spot = (eye.x + 0.5 * eye.rx, eye.y - 0.4 * eye.ry)
        at = np.round(np.array(spot)).astype(int)
        pixels[at[1] - 3 : at[1] + 4, at[0] - 3 : at[0] + 4] = (0, 255, 0)
        done = level(pixels, find_field(pixels), 200)
        green = (done.image[..., 1] > 150) & (done.image[..., 0] < 100)
        y, x = (v.mean() for v in np.nonzero(green))
        assert x == pytest.approx(99.5 + 50, abs=3) and y == pytest.approx(99.5 - 40, abs=3)


def test_nothing_is_left_of_the_shape_of_the_field() -> None:
    """The blanked part is the same for a whole, a cut and a squashed eye, and all that is kept shows the eye."""
    same = kept(128)
    for eye in (Eye(320, 240, 159.5, 119.5, 110, 110), Eye(320, 240, 159.5, 119.5, 150, 150), Eye(224, 224, 111.5, 111.5, 95, 95 / 0.7)):
        pixels = eye.draw()
        done = level(pixels, find_field(pixels), 128)
        assert (done.image[~same] == BLANK).all()
        assert (done.image[same][:, 0] > 120).mean() > 0.995
    assert same.sum() / 64**2 == pytest.approx(_area(CUT, RIM), rel=0.02)


def _area(cut: float, rim: float) -> float:
    """Area of a disc of radius `rim` between two lines `cut` away from its middle, by the formula for circle segments."""
    return float(2 * (cut * np.sqrt(rim**2 - cut**2) + rim**2 * np.arcsin(cut / rim)))


def test_what_the_photo_shows_of_the_field_is_known() -> None:
    """All of a whole field; of a cut one the band that is left, and nothing of the black corners."""
    for cut in (1.0, 0.7):
        eye = Eye(width=300, height=round(200 * cut) if cut < 1 else 220, x=150, y=100 * cut if cut < 1 else 110, rx=100, ry=100, cut=cut)
        pixels = eye.draw()
        shown = seen(level(pixels, find_field(pixels), 160, blank=False), pixels.shape)
        assert not shown[0, 0] and shown[80, 10] and shown[20, 80] == (cut == 1)
        angle = np.arcsin(cut)
        assert shown.sum() / 160**2 == pytest.approx((2 * angle + np.sin(2 * angle)) / 4, abs=0.02)


def test_a_mask_finds_its_way_back() -> None:
    eye = Eye(224, 224, 111.5, 111.5, 95, 95 / 0.7)
    pixels = eye.draw()
    y, x = np.mgrid[0:224, 0:224]
    drawn = (((x - 130) / 20) ** 2 + ((y - 90) / 25) ** 2 <= 1).astype(np.uint8) * 255
    done = level(pixels, find_field(pixels), 300)
    there = cv2.warpAffine(drawn, done.matrix, (300, 300), flags=cv2.INTER_NEAREST)
    back = unlevel(there, done, pixels.shape)
    assert back.shape == (224, 224) and set(np.unique(back)) <= {0, 255}
    assert ((back > 0) & (drawn > 0)).sum() / ((back > 0) | (drawn > 0)).sum() > 0.96
    smaller = cv2.resize(there, (75, 75), interpolation=cv2.INTER_AREA)
    coarse = unlevel(smaller.astype(np.float32), done, pixels.shape, nearest=False)
    assert ((coarse > 127) & (drawn > 0)).sum() / ((coarse > 127) | (drawn > 0)).sum() > 0.9


def test_the_levelled_picture_does_not_depend_on_the_cameras_pixels() -> None:
    pixels = Eye(320, 240, 159.5, 119.5, 110, 110).draw()
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 2), np.uint8)
    large = np.asarray(cv2.resize(pixels, None, fx=9, fy=9, interpolation=cv2.INTER_CUBIC), np.uint8)
    one, other = (level(p, find_field(p), 128).image.astype(int) for p in (pixels, large))
    assert np.abs(one - other)[kept(128)].mean() < 3


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((100, 100, 3), np.uint8),
        np.full((100, 140, 3), 200, np.uint8),
        np.zeros((4, 4, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8),
    ],
    ids=["black", "plain", "tiny", "noise"],
)
def test_without_an_edge_there_is_no_field_and_the_whole_photo_is_taken(pixels: Pixels) -> None:
    assert find_field(pixels) is None
    done = level(pixels, None, 64)
    assert isinstance(done, Levelled) and done.image.shape == (64, 64, 3)
    assert whole(pixels.shape).found == 0


def test_a_field_larger_than_the_photo_is_found_by_the_arcs_that_are_left() -> None:
    """The circle reaches beyond all four sides; only its corners are black."""
    Eye(300, 240, 149.5, 119.5, 165, 165).check(within=0.03)


@pytest.mark.parametrize("source,least", [("aptos2019", 0.99), ("idrid", 1.0), ("eyepacs2015", 0.97)])
def test_in_real_photos_the_edge_lies_on_the_ellipse(
    source: str, least: float, data_folder: Path, unpacked: Callable[[str], dict[str, bytes]]
) -> None:
    """Independent of the fit: at the sides, light falls off from just inside the ellipse to just outside it."""
    with (data_folder / "retina" / "metadata.csv").open(newline="") as file:
        ids = [row["image_id"] for row in csv.DictReader(file) if row["source"] == source and row["split"] == "val"][:60]
    files = unpacked("retina/images.tar.gz")
    good = []
    for id in ids:
        pixels = cv2.imdecode(np.frombuffer(files[f"images/{id}.webp"], np.uint8), cv2.IMREAD_COLOR)
        field = find_field(pixels)
        if field is None:
            good.append(False)
            continue
        light, ratios = pixels.max(2).astype(float), []
        for angle in np.deg2rad([-25, -10, 0, 10, 25, 155, 170, 180, 190, 205]):
            inside, outside = (
                (round(field.y + f * field.ry * np.sin(angle)), round(field.x + f * field.rx * np.cos(angle))) for f in (0.96, 1.04)
            )
            if all(0 <= p[0] < light.shape[0] and 0 <= p[1] < light.shape[1] for p in (inside, outside)):
                ratios.append(light[outside] < 0.6 * light[inside] + 2)
        good.append(not ratios or np.mean(ratios) >= 0.6)
    assert np.mean(good) >= least
