"""Chooses the walker by the first bytes of the file; what the file is called does not count."""

from __future__ import annotations

import struct

from core.intake.container import Container, Malformed, SizeCheck, any_size
from core.intake.jpeg import walk_jpeg
from core.intake.png import PNG_SIGNATURE, walk_png
from core.intake.webp import walk_webp


def walk(data: bytes, check: SizeCheck = any_size) -> Container:
    """The container of a JPEG, PNG or WebP file; raises Malformed, also for any other format.

    `check` is called with the size before anything is unpacked, and what it raises passes through.
    """
    try:
        if data[:3] == b"\xff\xd8\xff":
            return walk_jpeg(data, check)
        if data[:8] == PNG_SIGNATURE:
            return walk_png(data, check)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return walk_webp(data, check)
    except (struct.error, IndexError) as problem:
        raise Malformed("ends inside a segment", incomplete=True) from problem
    raise Malformed("not a photo format")
