"""The colour of unaffected skin, against the definitions of sRGB and CIELAB written out, on skin whose colour is known."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.vision.skin_tone import BANDS, NOT_SEEN, band, ita, lab, unaffected

SKIN = [(235, 205, 190), (214, 176, 150), (190, 145, 115), (160, 115, 85), (110, 75, 50), (70, 48, 36)]


def lab_of(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """CIELAB under D65 by the definitions of sRGB (IEC 61966-2-1) and CIE 15."""
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb]
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = (sum(a * b for a, b in zip(row, linear, strict=True)) / white for row, white in zip(rows, (0.9505, 1, 1.089), strict=True))
    x, y, z = (v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@settings(deadline=None)
@given(some.tuples(*[some.integers(0, 255)] * 3))
def test_colours_follow_the_definitions(rgb: tuple[int, int, int]) -> None:
    np.testing.assert_allclose(lab(np.full((2, 2, 3), rgb, np.uint8))[0, 0], lab_of(rgb), atol=0.4)


def scene(rgb: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Skin of one colour on a blue sheet, with a red patch that fades out, a reflection and a shadow; patch and skin masks."""
    pixels, patch, skin = np.full((300, 400, 3), (60, 90, 170), np.uint8), *np.zeros((2, 300, 400), np.uint8)
    cv2.rectangle(skin, (60, 0), (340, 299), 255, -1)
    pixels[skin > 0] = rgb
    cv2.circle(patch, (150, 150), 45, 255, -1)
    pixels[cv2.dilate(patch, np.ones((7, 7), np.uint8)) > 0] = (170, 60, 60)
    pixels[250:, 61:340] = [v // 4 for v in rgb]
    pixels[20:60, 280:320] = 255
    return pixels, patch, skin


@pytest.mark.parametrize("rgb", SKIN)
def test_the_angle_is_that_of_unaffected_skin_alone(rgb: tuple[int, int, int]) -> None:
    pixels, patch, skin = scene(rgb)
    clear = unaffected(pixels, patch, skin)
    assert (pixels[clear] == rgb).all(), "no patch, no sheet, no reflection, no shadow"
    assert clear.sum() > 0.5 * (skin > 0).sum(), "and most of the skin is used"
    lightness, _, yellow = lab_of(rgb)
    assert ita(pixels, clear) == pytest.approx(np.degrees(np.arctan((lightness - 50) / yellow)), abs=0.5)


def test_too_little_unaffected_skin_says_nothing() -> None:
    pixels, _, skin = scene(SKIN[0])
    assert not unaffected(pixels, skin, skin).any()
    assert np.isnan(ita(pixels, np.zeros(skin.shape, bool))) and band(float("nan")) == NOT_SEEN
    some_skin = np.zeros(skin.shape, bool)
    some_skin[100:130, 100:136] = True  # 0.9 % of the picture
    assert np.isnan(ita(pixels, some_skin)) and not np.isnan(ita(pixels, some_skin, 0.005))


def test_bands_go_from_light_to_dark_at_the_published_angles() -> None:
    """Chardon 1991: over 55 very light, 41 light, 28 intermediate, 10 tan; Del Bino & Bernerd 2013: -30 brown, below it dark."""
    angles = (56, 55, 42, 41, 29, 28, 11, 10, -29, -30, -90)
    names = ["very_light", "light", "light", "intermediate", "intermediate", "tan", "tan", "brown", "brown", "dark", "dark"]
    assert [band(angle) for angle in angles] == names
    assert [name for name, _ in BANDS] == list(dict.fromkeys(names))
    seen = [band(ita(np.full((20, 20, 3), rgb, np.uint8), np.ones((20, 20), bool))) for rgb in SKIN]
    order = [name for name, _ in BANDS]
    assert seen == sorted(seen, key=order.index) and len(set(seen)) >= 5


def test_a_blue_cast_does_not_make_light_skin_dark() -> None:
    assert ita(np.full((20, 20, 3), (190, 190, 220), np.uint8), np.ones((20, 20), bool)) == pytest.approx(90, abs=0.1)
