"""From the bytes somebody sent to a Photo: checked, upright, free of metadata, bounded in size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.errors import PhotoRejected
from core.intake.container import Container, Malformed, SizeCheck
from core.intake.decode import decode
from core.intake.formats import is_dicom, is_heic, named_format
from core.intake.pixels import decode_png, encode_jpeg, encode_mask, encode_png, resized, to_full_size
from core.intake.refusals import LONGER_SIDE, SMALLEST_SIDE, animated, check_size, incomplete, unreadable
from core.intake.walk import walk
from core.settings import settings

__all__ = [
    "LONGER_SIDE", "SMALLEST_SIDE", "Photo", "PhotoRejected", "decode_png", "encode_jpeg", "encode_mask", "encode_png", "read_photo",
    "resized", "to_full_size",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo, ready to be examined and stored.

    `pixels`: sRGB uint8 (h, w, 3), upright, the working copy: longer side at most 1600 px, never enlarged.
    `size`: (width, height) of the full upright photo. `original`: the file as stored, at full resolution and
    without metadata. A JPEG, PNG or WebP is not encoded again (its orientation stays, alone, and the numbers of
    its colour profile); HEIC is stored as JPEG of quality 95 in sRGB; DICOM as PNG, or as JPEG of quality 95 when
    its pixels were packed with loss. `media_type`: of `original`: image/jpeg, image/png or image/webp.
    `sha256`: hex digest of `original`. `tags`: of a DICOM file, the few on the allow-list; never who it is.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    original: bytes
    media_type: str
    sha256: str
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_photo(data: bytes, *, max_bytes: int | None = None, max_pixels: int | None = None) -> Photo:
    """The photo in `data`, a whole JPEG, PNG, WebP, HEIC or DICOM file; what it is called does not count.

    `max_bytes`, `max_pixels`: limits, by default those of the settings; both are checked before
    anything is decoded. Raises PhotoRejected, and nothing else, for whatever cannot be used; its code
    is one of empty, too_many_bytes, too_many_pixels, too_small, animated, wrong_format, incomplete,
    unreadable.
    """
    max_bytes = settings().max_upload_mb * 2**20 if max_bytes is None else max_bytes
    most = settings().max_megapixels * 1_000_000 if max_pixels is None else max_pixels
    if not data:
        raise PhotoRejected("The file is empty.", "Choose the photo again, or take a new one.", code="empty")
    if len(data) > max_bytes:
        raise PhotoRejected(
            f"The file is too large: {len(data) / 2**20:.0f} MB, and the limit is {max_bytes / 2**20:.0f} MB.",
            "Take the photo with a smaller size set in the camera, or send a smaller copy.",
            code="too_many_bytes",
        )

    def check(width: int, height: int) -> None:
        check_size(width, height, most)

    if is_heic(data):
        from core.intake.heic import read_heic  # the two libraries are loaded when the first such file comes

        pixels, original = read_heic(data, check)
        return _photo(pixels, (pixels.shape[1], pixels.shape[0]), original, "image/jpeg")
    if is_dicom(data):
        from core.intake.dicom import read_dicom

        picture = read_dicom(data, check)
        return _photo(picture.pixels, picture.size, picture.original, picture.media_type, picture.tags)
    container = _container(data, check)
    pixels = decode(container)
    width, height = container.width, container.height
    return _photo(pixels, (height, width) if container.orientation >= 5 else (width, height), container.clean, container.media_type)


def _photo(
    pixels: NDArray[np.uint8], size: tuple[int, int], original: bytes, media_type: str, tags: Mapping[str, str] | None = None
) -> Photo:
    return Photo(
        pixels=np.ascontiguousarray(resized(pixels, LONGER_SIDE)),
        size=size,
        original=original,
        media_type=media_type,
        sha256=hashlib.sha256(original).hexdigest(),
        tags=MappingProxyType(dict(tags or {})),
    )


def _container(data: bytes, check: SizeCheck) -> Container:
    """The walked container, or PhotoRejected in the words that fit what was sent."""
    other = named_format(data)
    if other is not None:
        raise PhotoRejected(other.reason, other.hint, code="wrong_format")
    try:
        container = walk(data, check)
    except Malformed as problem:
        raise incomplete() if problem.incomplete else unreadable() from problem
    if container.animated:
        raise animated()
    return container
