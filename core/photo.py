"""From the bytes somebody sent to a Photo: checked, upright, free of metadata, bounded in size."""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.errors import PhotoRejected
from core.photo_formats import named_format
from core.photo_metadata import Container, Malformed, walk
from core.settings import settings

log = logging.getLogger("carelens.photo")

LONGER_SIDE = 1600
"""Longer side of the working copy in pixels: more than any network or screen here needs."""
SMALLEST_SIDE = 64
"""Shorter side in pixels under which there is nothing to examine, in the photo and in its working copy."""

READERS: dict[str, type[ImageFile.ImageFile]] = {"image/jpeg": JpegImageFile, "image/png": PngImageFile, "image/webp": WebPImageFile}
"""Called directly: `Image.open` would add a limit of its own to the one in the settings."""


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo, ready to be examined and stored.

    `pixels`: RGB uint8 (h, w, 3), upright, the working copy: longer side at most 1600 px, never enlarged.
    `size`: (width, height) of the full upright photo. `original`: the file as stored: full resolution,
    the metadata removed without encoding again (the orientation stays, alone). `media_type`: image/jpeg,
    image/png or image/webp. `sha256`: hex digest of `original`.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    original: bytes
    media_type: str
    sha256: str


def read_photo(data: bytes, *, max_bytes: int | None = None, max_pixels: int | None = None) -> Photo:
    """The photo in `data`, a whole JPEG, PNG or WebP file.

    `max_bytes`, `max_pixels`: limits, by default those of the settings; both are checked before
    anything is decoded. Raises PhotoRejected, and nothing else, for whatever cannot be used; its code
    is one of empty, too_many_bytes, too_many_pixels, too_small, animated, wrong_format, incomplete,
    unreadable.
    """
    max_bytes = settings().max_upload_mb * 2**20 if max_bytes is None else max_bytes
    max_pixels = settings().max_megapixels * 1_000_000 if max_pixels is None else max_pixels
    if not data:
        raise PhotoRejected("The file is empty.", "Choose the photo again, or take a new one.", code="empty")
    if len(data) > max_bytes:
        raise PhotoRejected(
            f"The file is too large: {len(data) / 2**20:.0f} MB, and the limit is {max_bytes / 2**20:.0f} MB.",
            "Take the photo with a smaller size set in the camera, or send a smaller copy.",
            code="too_many_bytes",
        )
    container = _container(data)
    _check_size(container, max_pixels)
    pixels = _upright(_decode(container), container.orientation)
    pixels = np.ascontiguousarray(resized(pixels, LONGER_SIDE))
    width, height = container.width, container.height
    return Photo(
        pixels=pixels,
        size=(height, width) if container.orientation >= 5 else (width, height),
        original=container.clean,
        media_type=container.media_type,
        sha256=hashlib.sha256(container.clean).hexdigest(),
    )


def _container(data: bytes) -> Container:
    """The walked container, or PhotoRejected in the words that fit what was sent."""
    other = named_format(data)
    if other is not None:
        raise PhotoRejected(other.reason, other.hint, code="wrong_format")
    try:
        container = walk(data)
    except Malformed as problem:
        raise _incomplete() if problem.incomplete else _unreadable() from problem
    if container.animated:
        raise PhotoRejected("This is a moving picture, not a photo.", "Send a single photo as JPEG, PNG or WebP.", code="animated")
    return container


def _check_size(container: Container, max_pixels: int) -> None:
    width, height = container.width, container.height
    if width * height > max_pixels:
        raise PhotoRejected(
            f"The photo has too many pixels: {width * height / 1e6:.0f} million, and the limit is {max_pixels / 1e6:.0f} million.",
            "Take the photo with a smaller size set in the camera, or send a smaller copy.",
            code="too_many_pixels",
        )
    if min(width, height) < SMALLEST_SIDE:
        raise PhotoRejected(
            f"The picture is too small: {width} by {height} pixels. Each side needs at least {SMALLEST_SIDE}.",
            "Send the photo as the camera took it, not a small preview of it.",
            code="too_small",
        )
    if min(width, height) * LONGER_SIDE < SMALLEST_SIDE * max(width, height):
        raise PhotoRejected("The picture is a very narrow strip.", "Send the whole photo as the camera took it.", code="too_small")


def _decode(container: Container) -> NDArray[np.uint8]:
    """RGB pixels, not yet upright; a large JPEG at a half, a quarter or an eighth, but at least the working size."""
    try:
        with READERS[container.media_type](io.BytesIO(container.clean)) as image:
            if image.size != (container.width, container.height):
                raise _unreadable()
            # The decoder makes the smaller copy from the DCT itself: a 12 MP photo takes half the time.
            scale = min(1.0, LONGER_SIDE / max(image.size))
            image.draft(image.mode, (int(image.width * scale), int(image.height * scale)))
            image.load()
            pixels = _rgb(image)
    except PhotoRejected:
        raise
    except Exception as problem:  # whatever a decoder throws at bytes from outside means one thing here
        log.info("a photo could not be decoded: %s", type(problem).__name__)
        raise _incomplete() if "truncated" in str(problem) else _unreadable() from problem
    if container.media_type == "image/jpeg" and bool((pixels[-4:, -4:] == 128).all()) and not bool((pixels == 128).all()):
        # Where the data of a JPEG stops early the decoder goes on in flat middle grey, without an error.
        raise _incomplete()
    return pixels


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    """RGB uint8 of an image of any mode; what is see-through lies on white."""
    if image.mode.startswith("I"):  # 16-bit grey
        wide = np.clip(np.asarray(image, dtype=np.int64), 0, 65535) >> 8
        return np.repeat(wide.astype(np.uint8)[..., None], 3, axis=2)
    if "A" in image.mode.upper() or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        image.alpha_composite(layer)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"), dtype=np.uint8)


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turned and mirrored as the Exif tag 0x0112 says (Exif 2.32, 4.6.4)."""
    if orientation in (2, 5, 7, 4):
        pixels = pixels[:, ::-1]
    quarter_turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.rot90(pixels, quarter_turns)


def _incomplete() -> PhotoRejected:
    return PhotoRejected(
        "The photo is not complete: a part of the file is missing.", "Send it again, or take a new one.", code="incomplete"
    )


def _unreadable() -> PhotoRejected:
    return PhotoRejected(
        "The file cannot be read as a photo. It may be damaged.",
        "Send it again, or take a new one as JPEG, PNG or WebP.",
        code="unreadable",
    )


def resized(pixels: NDArray[np.uint8], longer: int) -> NDArray[np.uint8]:
    """The picture (h, w) or (h, w, 3) with its longer side at most `longer` px; averaged down, never enlarged."""
    height, width = pixels.shape[:2]
    if max(height, width) <= longer:
        return pixels
    scale = longer / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def to_full_size(mask: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask (h, w) of the working copy at the photo's own `size` (width, height), values unchanged."""
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT), dtype=np.uint8)


def encode_jpeg(pixels: NDArray[np.uint8], quality: int = 86) -> bytes:
    """A JPEG file of RGB pixels (h, w, 3) or grey (h, w); quality 1-100. The same pixels give the same bytes."""
    return _encoded(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])


def encode_png(array: NDArray[np.uint8]) -> bytes:
    """A PNG file of a mask (h, w) or of RGB pixels (h, w, 3)."""
    return _encoded(".png", array, [cv2.IMWRITE_PNG_COMPRESSION, 3])


def decode_png(data: bytes) -> NDArray[np.uint8]:
    """The array that `encode_png` was given: (h, w) or RGB (h, w, 3) uint8. For our own files only; ValueError otherwise."""
    array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if array is None or array.dtype != np.uint8:
        raise ValueError("not a PNG file of ours")
    return np.asarray(cv2.cvtColor(array, cv2.COLOR_BGR2RGB) if array.ndim == 3 else array, dtype=np.uint8)


def _encoded(extension: str, pixels: NDArray[np.uint8], options: list[int]) -> bytes:
    ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    done, data = cv2.imencode(extension, np.ascontiguousarray(ordered), options)
    if not done:
        raise ValueError(f"cannot be written as {extension}")
    return data.tobytes()
