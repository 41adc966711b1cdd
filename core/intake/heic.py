"""HEIC and HEIF (ISO/IEC 23008-12), as iPhones write it: decoded once, and from then on a JPEG in sRGB.

The file itself is not kept: browsers cannot show it, and its boxes have room for anything.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from pillow_heif import options

from core.errors import PhotoRejected
from core.intake.container import SizeCheck
from core.intake.formats import SEQUENCE_BRANDS
from core.intake.pixels import encode_jpeg
from core.intake.profile import clean_profile, to_srgb
from core.intake.refusals import animated, incomplete, unreadable

log = logging.getLogger("carelens.photo")

QUALITY = 95
options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
options.DECODE_THREADS = 2
"""A photo is one of several things the server does; and each thread has tiles of its own in memory."""


def read_heic(data: bytes, check: SizeCheck) -> tuple[NDArray[np.uint8], bytes]:
    """The main photo: upright sRGB pixels (h, w, 3) at full size, and the JPEG file to keep.

    Turned and mirrored as the file says (boxes irot and imir; an Exif orientation beside them has no meaning
    in this format). `check` is called with the size before anything is decoded. Raises PhotoRejected only.
    """
    boxes = set(_boxes(data))
    if data[8:12] in SEQUENCE_BRANDS or b"moov" in boxes:
        raise animated()
    try:
        file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        photo = file[file.primary_index]
        check(*photo.size)
        pixels: NDArray[Any] = np.asarray(photo)  # libheif gives up where the picture inside is larger than the size just checked
        if pixels.dtype == np.uint16:  # grey of 10 or 12 bits comes in 16
            pixels = (pixels >> 8).astype(np.uint8)
        profile = photo.info.get("icc_profile")
    except PhotoRejected:
        raise
    except Exception as problem:  # whatever the decoder throws at bytes from outside means one thing here
        log.info("a HEIC photo could not be decoded: %s", type(problem).__name__)
        cut = isinstance(problem, EOFError) or "end of file" in str(problem).lower() or not {b"meta", b"mdat"} <= boxes
        raise incomplete() if cut else unreadable() from problem
    pixels = _on_white(pixels)
    in_srgb = to_srgb(pixels, "RGB", clean_profile(profile if isinstance(profile, bytes) else b""))
    pixels = in_srgb if in_srgb is not None else pixels
    return pixels, encode_jpeg(pixels, QUALITY)


def _on_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of grey or see-through pixels."""
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    colour, rest = (pixels[..., :1], pixels[..., 1:]) if pixels.shape[2] == 2 else (pixels[..., :3], pixels[..., 3:])
    if rest.shape[2]:
        alpha = rest.astype(np.uint16)
        colour = ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else colour


def _boxes(data: bytes) -> Iterator[bytes]:
    """The names of the boxes of the file's top level."""
    at = 0
    for _ in range(1000):
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        if length and length < head:
            return
        yield name
        at = at + length if length else len(data)
