"""Walks a WebP file (RFC 9649): keeps the chunks that decoding needs."""

from __future__ import annotations

import struct

from core.intake.container import Container, Malformed, SizeCheck, one_more, read_orientation, write_orientation
from core.intake.profile import clean_profile

ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x02


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)


def walk_webp(data: bytes, check: SizeCheck) -> Container:
    """See `core.intake.walk.walk`."""
    parts, animated, orientation = _parts(data)
    width, height, picture, alpha = _frame(parts, animated)
    if not (width and height):
        raise Malformed("no size")
    check(width, height)
    profile = clean_profile(parts.pop(b"ICCP", b""))
    if profile:
        parts[b"ICCP"] = profile
    flags = ICC_FLAG * bool(profile) | ALPHA_FLAG * alpha | EXIF_FLAG * (orientation != 1)
    body = b"WEBP"
    if flags & ~ALPHA_FLAG or b"ALPH" in parts:
        body += _riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))
    for name in (b"ICCP", b"ALPH" if picture == b"VP8 " else b"", picture):
        if name in parts:
            body += _riff_chunk(name, parts[name])
    if orientation != 1:
        body += _riff_chunk(b"EXIF", write_orientation(orientation))
    return Container("image/webp", width, height, orientation, animated, _riff_chunk(b"RIFF", body), profile)


def _parts(data: bytes) -> tuple[dict[bytes, bytes], bool, int]:
    """The chunks that matter, whether it moves, and the orientation."""
    end = 8 + int(struct.unpack_from("<I", data, 4)[0])
    if end > len(data) + 1:  # some writers leave out the last padding byte
        raise Malformed("shorter than it says", incomplete=True)
    parts: dict[bytes, bytes] = {}
    at, animated, orientation, seen = 12, False, 1, 0
    while at + 8 <= end:
        seen = one_more(seen)
        name, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if at + 8 + length > min(end, len(data)):
            raise Malformed("ends inside a chunk", incomplete=True)
        at += 8 + length + (length & 1)
        if name == b"EXIF":
            orientation = read_orientation(body.removeprefix(b"Exif\x00\x00"))
        elif name in (b"ANIM", b"ANMF") or (name == b"VP8X" and body[0] & ANIMATION_FLAG):
            animated = True
        if name in (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"):
            parts.setdefault(name, body)
    return parts, animated, orientation


def _frame(parts: dict[bytes, bytes], animated: bool) -> tuple[int, int, bytes, bool]:
    """Width, height, the chunk that holds the picture, and whether parts of it are see-through."""
    if b"VP8L" in parts:
        (bits,) = struct.unpack_from("<I", parts[b"VP8L"], 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, b"VP8L", bool(parts[b"VP8L"][4] & 0x10)
    if b"VP8 " in parts:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", parts[b"VP8 "], 6))
        return width, height, b"VP8 ", b"ALPH" in parts
    canvas = parts.get(b"VP8X")
    if animated and canvas is not None:
        return (*(int.from_bytes(canvas[i : i + 3], "little") + 1 for i in (4, 7)), b"", False)  # type: ignore[return-value]
    raise Malformed("no picture in it")
