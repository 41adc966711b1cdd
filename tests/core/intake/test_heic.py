"""HEIC: decoded, upright, in sRGB, kept as a JPEG that any browser shows; against Pillow and by the numbers."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.errors import PhotoRejected
from core.photo import read_photo
from tests.core.intake.files import SECRET, heic, saved, scene


def exif(orientation: int = 1) -> bytes:
    """Exif with a maker and a place."""
    tags = Image.Exif()
    tags[0x0110], tags[0x0112] = SECRET, orientation
    tags.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0)})
    return tags.tobytes()


def test_heic_becomes_a_jpeg_without_metadata() -> None:
    data = heic(exif=exif(), xmp=b"<x>" + SECRET.encode() + b"</x>")
    assert data.count(SECRET.encode()) == 2, "the test plants what it looks for"
    photo = read_photo(data)
    assert photo.media_type == "image/jpeg" and photo.size == (120, 90) and not photo.tags
    assert np.abs(photo.pixels.astype(int) - scene()).mean() < 2
    stored = Image.open(io.BytesIO(photo.original))
    assert stored.format == "JPEG" and not stored.getexif() and set(stored.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert SECRET.encode() not in photo.original and b"GPS" not in photo.original
    assert np.abs(np.asarray(stored).astype(int) - photo.pixels).mean() < 1.5
    assert stored.quantization[0][0] <= 2, "quality 95"
    assert read_photo(photo.original).original == photo.original


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_and_mirrored_as_the_file_says(orientation: int) -> None:
    """pillow-heif writes the Exif orientation as irot and imir boxes; what is expected comes from Pillow."""
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(saved("PNG", exif=exif(orientation)))))
    photo = read_photo(heic(exif=exif(orientation)))
    assert photo.size == expected.size
    assert np.abs(photo.pixels.astype(int) - np.asarray(expected)).mean() < 2


@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_grey_and_see_through(mode: str) -> None:
    grey = scene()[..., 0]
    if mode == "RGBA":
        data = heic(np.dstack([scene(), np.where(grey > 100, 255, 0).astype(np.uint8)]), mode)
        pixels = read_photo(data).pixels
        assert (pixels[:, :30] > 245).all() and np.abs(pixels[:, 70:].astype(int) - scene()[:, 70:]).mean() < 4
    else:
        pixels = read_photo(heic(grey if mode == "L" else grey.astype(np.uint16) << 8, mode)).pixels
        assert np.abs(pixels.astype(int) - grey[..., None]).mean() < 3


def test_larger_than_the_working_copy() -> None:
    photo = read_photo(heic(scene(1700, 300)))
    assert photo.size == (1700, 300) and photo.pixels.shape == (282, 1600, 3)
    assert Image.open(io.BytesIO(photo.original)).size == (1700, 300)


def test_limits_come_before_decoding() -> None:
    with pytest.raises(PhotoRejected) as caught:
        read_photo(heic(), max_pixels=120 * 90 - 1)
    assert caught.value.code == "too_many_pixels"


def test_a_size_that_lies_is_refused() -> None:
    data = bytearray(heic())
    at = data.index(b"ispe") + 8
    for width, height, code in ((30000, 30000, "too_many_pixels"), (10, 10, "too_small"), (119, 90, "unreadable")):
        data[at : at + 8] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        with pytest.raises(PhotoRejected) as caught:
            read_photo(bytes(data))
        assert caught.value.code == code


def test_sequences_are_refused() -> None:
    data = heic()
    for moving in (b"msf1", b"hevc"):
        with pytest.raises(PhotoRejected) as caught:
            read_photo(data[:8] + moving + data[12:])
        assert caught.value.code == "animated"
    with pytest.raises(PhotoRejected) as caught:
        read_photo(data + b"\0\0\0\x08moov")
    assert caught.value.code == "animated"
