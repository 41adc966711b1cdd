"""What the walk through a JPEG, PNG or WebP file finds: the size before decoding, and the file without its metadata.

Nothing is decoded into pixels and nothing is encoded again: segments are kept or left out whole, so the
stored photo has every pixel of the sent one. What is not on the short list of things a decoder needs is
dropped, rather than known metadata being looked for: an unknown segment cannot carry a place along.
Anything after the end of the picture (motion photos, thumbnails, further pictures) goes too.

Sources: ITU-T T.81 annex B (JPEG), W3C PNG third edition, RFC 9649 (WebP), TIFF 6.0 (Exif).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass


class Malformed(Exception):
    """The container cannot be followed; `incomplete` when the file just ends too early."""

    def __init__(self, what: str, *, incomplete: bool = False) -> None:
        super().__init__(what)
        self.incomplete = incomplete


@dataclass(frozen=True)
class Container:
    """What the walk found. `width`, `height`: as stored, before orientation. `orientation`: Exif, 1-8.

    `clean`: the file without metadata; with an orientation other than 1 it carries an Exif block
    that holds that one tag. `profile`: its colour profile (cleaned ICC), empty when it has none.
    `scan_end`: where in `clean` the data of a JPEG's last scan ends, 0 when no question can be asked
    there (see core.intake.decode). `scans`: of a JPEG, else 0.
    """

    media_type: str
    width: int
    height: int
    orientation: int
    animated: bool
    clean: bytes
    profile: bytes = b""
    scans: int = 0
    scan_end: int = 0


SizeCheck = Callable[[int, int], None]
"""Called with width and height as soon as they are known; raises for a size that is not taken."""

MAX_SEGMENTS = 100_000
"""Of a JPEG or PNG; the longest honest files have some thousands. Millions of empty ones would cost seconds and a gigabyte."""


def any_size(width: int, height: int) -> None:
    """A check that lets every size pass."""


def one_more(seen: int) -> int:
    """Count a segment; Malformed when there are too many."""
    if seen >= MAX_SEGMENTS:
        raise Malformed("too many segments")
    return seen + 1


def read_orientation(tiff: bytes) -> int:
    """The Orientation tag (0x0112) of the first directory of a TIFF block; 1 when there is none or it is nonsense."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, start)
        for i in range(entries):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * i)
            if tag == 0x0112:
                return int(value) if kind == 3 and count == 1 and 1 <= value <= 8 else 1
    except struct.error:
        pass  # a broken block is no reason to refuse the photo: it is dropped anyway
    return 1


def write_orientation(orientation: int) -> bytes:
    """A TIFF block of one directory with the one tag Orientation, 26 bytes."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
