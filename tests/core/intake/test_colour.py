"""Colours: profiles, deep pixels, inks and see-through parts, against littlecms and against the formulas."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from core.intake.profile import clean_profile, to_srgb
from core.photo import read_photo
from tests.core.intake.files import P3_TO_XYZ, SECRET, SRGB_TO_XYZ, by_the_numbers, dicom, heic, png, profile, saved, scene

PATCHES = np.array([[200, 100, 50], [60, 160, 90], [30, 60, 180], [128, 128, 128], [230, 190, 160], [90, 60, 40]], np.uint8)


def patches() -> np.ndarray:
    """Six colours in squares of 40 px, muted enough to exist in both spaces."""
    return np.kron(PATCHES.reshape(2, 3, 3), np.ones((40, 40, 1), np.uint8)).astype(np.uint8)


def middle(pixels: np.ndarray) -> np.ndarray:
    """The colour in the middle of each square."""
    return pixels[20::40, 20::40].reshape(6, 3).astype(float)


FILES = {
    "jpeg": lambda p: saved("JPEG", patches(), quality=98, subsampling=0, icc_profile=p),
    "png": lambda p: saved("PNG", patches(), icc_profile=p),
    "webp": lambda p: saved("WEBP", patches(), lossless=True, icc_profile=p),
    "heic": lambda p: heic(patches(), quality=95, icc_profile=p),
    "dicom": lambda p: dicom(patches(), ICCProfile=p),
}


@pytest.mark.parametrize("format", FILES)
def test_a_display_p3_photo_has_the_colours_the_formulas_give(format: str) -> None:
    photo = read_photo(FILES[format](profile()))
    expected = by_the_numbers(PATCHES)
    assert np.abs(expected - PATCHES).max() > 15, "the profile matters"
    assert np.abs(middle(photo.pixels) - expected).max() <= (1.01 if format in ("png", "webp", "dicom") else 4)
    seen = Image.open(io.BytesIO(photo.original))  # what a browser shows of the stored file, by littlecms
    if "icc_profile" in seen.info:
        source = ImageCms.ImageCmsProfile(io.BytesIO(seen.info["icc_profile"]))
        seen = ImageCms.profileToProfile(seen, source, ImageCms.createProfile("sRGB"))
    assert np.abs(middle(np.asarray(seen)) - expected).max() <= 4
    assert SECRET.encode() not in photo.original and SECRET.encode("utf-16-be") not in photo.original


@pytest.mark.parametrize("format", FILES)
def test_a_broken_profile_is_ignored(format: str) -> None:
    whole = profile()
    for broken in (b"nonsense" * 40, whole[:200], whole[:36] + b"xxxx" + whole[40:], whole.replace(b"para", b"parb")):
        photo = read_photo(FILES[format](broken))
        assert np.abs(middle(photo.pixels) - PATCHES).max() <= 4
        assert b"ICC" not in photo.original and b"iCCP" not in photo.original


def test_a_profile_for_other_pixels_is_ignored() -> None:
    photo = read_photo(saved("PNG", scene()[..., 0], icc_profile=profile()))
    assert np.array_equal(photo.pixels[..., 1], scene()[..., 0])


def test_a_cleaned_profile_says_the_same_colours_and_nothing_else() -> None:
    dirty = profile(extra=b"hidden behind the numbers")
    clean = clean_profile(dirty)
    for sign in (SECRET.encode(), SECRET.encode("utf-16-be"), b"APPL", b"priv", b"hidden", b"4711", struct.pack(">H", 2026)):
        assert sign in dirty and sign not in clean
    assert clean_profile(clean) == clean and len(clean) < 600
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    before, after = (
        np.asarray(ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(p)), ImageCms.createProfile("sRGB")))
        for p in (dirty, clean)
    )
    assert np.array_equal(before, after)
    assert np.array_equal(to_srgb(np.asarray(image), "RGB", clean), before)


def test_littlecms_own_profiles_survive_cleaning() -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert clean_profile(own)
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    there = to_srgb(pixels, "RGB", clean_profile(own))
    assert there is not None and np.abs(there.astype(int) - pixels).max() <= 1
    assert np.abs(by_the_numbers(PATCHES, SRGB_TO_XYZ) - PATCHES).max() < 0.01, "the formulas agree with themselves"


@given(st.binary(max_size=400), st.integers(0, 700), st.booleans())
def test_any_profile_is_cleaned_or_dropped(noise: bytes, at: int, header: bool) -> None:
    whole = profile()
    data = whole[:at] + noise + whole[at + len(noise) :] if header else noise
    clean = clean_profile(data)
    assert clean_profile(clean) == clean


def test_a_profile_that_unpacks_to_gigabytes_is_dropped() -> None:
    bomb = zlib.compress(bytes(50_000_000))
    rows = b"".join(b"\0" + row.tobytes() for row in scene())
    photo = read_photo(png(120, 90, 8, 2, rows, iCCP=b"x\0\0" + bomb))
    assert np.array_equal(photo.pixels, scene()) and b"iCCP" not in photo.original


@pytest.mark.parametrize(("channels", "colour"), [(1, 0), (3, 2), (2, 4), (4, 6)])
def test_png_of_16_bits(channels: int, colour: int) -> None:
    """By hand: Pillow writes only the grey kind. The high byte is what 8 bits show; see-through lies on white."""
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65536, (90, 120, channels), dtype=np.uint16)
    if channels in (2, 4):
        deep[..., -1] = np.where(rng.random((90, 120)) > 0.5, 65535, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    photo = read_photo(png(120, 90, 16, colour, rows))
    expected = (deep[..., : 3 if channels > 2 else 1] >> 8).astype(int)
    if channels in (2, 4):
        expected = np.where(deep[..., -1:] > 0, expected, 255)
    assert np.abs(photo.pixels.astype(int) - expected).max() <= 1
    assert b"IDAT" in photo.original and struct.unpack_from(">B", photo.original, 24)[0] == 16, "stored with all its bits"


def ink(adobe: bool = True) -> tuple[bytes, np.ndarray]:
    """A JPEG of four inks, and the inks (0: none, 255: full)."""
    inks = np.kron(
        np.array([[[0, 0, 0, 0], [255, 0, 0, 0]], [[0, 255, 0, 0], [0, 0, 0, 255]]], np.uint8), np.ones((50, 50, 1), np.uint8)
    ).astype(np.uint8)
    data = saved("JPEG", Image.fromarray(inks, "CMYK"), quality=95)
    assert b"Adobe" in data
    return data, inks


def test_cmyk_jpeg_is_not_a_negative() -> None:
    pixels = read_photo(ink()[0]).pixels
    for (y, x), colour in {(25, 25): (255, 255, 255), (25, 75): (0, 255, 255), (75, 25): (255, 0, 255), (75, 75): (0, 0, 0)}.items():
        assert np.abs(pixels[y, x].astype(int) - colour).max() <= 6


def test_ycck_jpeg_is_not_a_negative() -> None:
    """The same inks as luma and chroma (Adobe transform 2): the converted planes under a marker that says so."""
    data, inks = ink()
    # Photoshop stores 255 - ink; libjpeg takes R = 255 - C of what is stored, which is the ink itself.
    ycc = np.asarray(Image.fromarray(inks[..., :3]).convert("YCbCr"))
    planes = np.dstack([255 - ycc, inks[..., 3]])  # Pillow inverts all four when it writes
    turned = bytearray(saved("JPEG", Image.fromarray(planes.astype(np.uint8), "CMYK"), quality=95))
    turned[turned.index(b"Adobe") + 11] = 2
    expected = read_photo(data).pixels.astype(int)
    assert np.abs(read_photo(bytes(turned)).pixels[10::30, 10::30].astype(int) - expected[10::30, 10::30]).max() <= 8


def test_one_bit_and_palette_and_grey() -> None:
    image = Image.fromarray(scene())
    for made in (image.convert("1"), image.convert("P"), image.convert("L"), image.quantize(16)):
        photo = read_photo(saved("PNG", made))
        assert np.array_equal(photo.pixels, np.asarray(made.convert("RGB")))


def test_the_primaries_are_those_of_display_p3() -> None:
    assert np.allclose(P3_TO_XYZ.sum(1), (0.9642, 1.0, 0.8252), atol=5e-4) and np.allclose(SRGB_TO_XYZ.sum(1), P3_TO_XYZ.sum(1), atol=5e-4)
