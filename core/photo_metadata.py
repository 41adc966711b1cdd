"""Walks the containers of JPEG, PNG and WebP: the size before decoding, and the file without its metadata.

Nothing is decoded and nothing is encoded again: segments are kept or left out whole, so the stored
photo has every pixel of the sent one. What is not on the short list of things a decoder needs is
dropped, rather than known metadata being looked for: an unknown segment cannot carry a place along.
Anything after the end of the picture (motion photos, thumbnails, further pictures) goes too.

Sources: ITU-T T.81 annex B (JPEG), W3C PNG third edition, RFC 9649 (WebP), TIFF 6.0 (Exif).
"""

from __future__ import annotations

import re
import struct
import zlib
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
    that holds that one tag.
    """

    media_type: str
    width: int
    height: int
    orientation: int
    animated: bool
    clean: bytes


def walk(data: bytes) -> Container:
    """The container of a JPEG, PNG or WebP file; raises Malformed, also for any other format."""
    try:
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg(data)
        if data[:8] == PNG_SIGNATURE:
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError) as problem:
        raise Malformed("ends inside a segment", incomplete=True) from problem
    raise Malformed("not a photo format")


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


# JPEG -------------------------------------------------------------------------------------------

SOI, EOI, SOS, APP0, APP1, APP2, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})
"""Huffman and arithmetic tables, quantisation, number of lines, restart interval."""
MAX_SCANS = 100
"""Progressive files have about ten; each costs a pass over the whole picture, so thousands are an attack."""

MAX_SEGMENTS = 100_000
"""Of a JPEG or PNG; the longest honest files have some thousands. Millions of empty ones would cost seconds and a gigabyte."""

# Without a repeat in them: over a long run of fill bytes `\xff+` would take the square of its length, with the whole server waiting.
_marker = re.compile(rb"\xff([^\x00\xff])")
_scan_end = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def _one_more(seen: int) -> int:
    if seen >= MAX_SEGMENTS:
        raise Malformed("too many segments")
    return seen + 1


def _jpeg(data: bytes) -> Container:
    tables: list[bytes] = []
    jfif = b""
    icc: list[bytes] = []
    adobe = b""
    orientation, exif_seen = 1, False
    width = height = scans = seen = 0
    at = 2
    while True:
        seen = _one_more(seen)
        found = _marker.search(data, at)
        if found is None:
            raise Malformed("no end marker", incomplete=True)
        marker, at = found.group(1)[0], found.end()
        if marker == EOI:
            break
        if marker in (SOI, 0x01) or 0xD0 <= marker <= 0xD7:
            continue  # stand-alone markers that mean nothing here
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2:
            raise Malformed("a segment without a length")
        body, at = data[at + 2 : at + length], at + length
        if at > len(data):
            raise Malformed("ends inside a segment", incomplete=True)
        segment = b"\xff" + bytes([marker]) + struct.pack(">H", length) + body
        if marker in FRAMES:
            if width:
                raise Malformed("two frames")
            height, width = struct.unpack_from(">HH", body, 1)
            tables.append(segment)
        elif marker in TABLES:
            tables.append(segment)
        elif marker == SOS:
            scans += 1
            if not width or scans > MAX_SCANS:
                raise Malformed("scans without a frame, or too many")
            end = _scan_end.search(data, at)
            if end is None:
                raise Malformed("no end marker", incomplete=True)
            tables += [segment, data[at : end.start()].rstrip(b"\xff")]  # without the fill bytes before the marker
            at = end.start()
        elif marker == APP0 and body[:5] == b"JFIF\x00" and not jfif:
            jfif = b"\xff\xe0\x00\x10" + body[:12] + b"\x00\x00"  # without the thumbnail it may carry
        elif marker == APP1 and body[:6] == b"Exif\x00\x00" and not exif_seen:
            orientation, exif_seen = read_orientation(body[6:]), True
        elif marker == APP2 and body[:12] == b"ICC_PROFILE\x00":
            icc.append(segment)
        elif marker == APP14 and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = b"\xff\xee\x00\x0e" + body[:12]
    if not scans:
        raise Malformed("no picture in it")
    if not (width and height):
        raise Malformed("no size")
    exif = b""
    if orientation != 1:
        block = b"Exif\x00\x00" + write_orientation(orientation)
        exif = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    clean = b"".join([b"\xff\xd8", jfif, exif, *icc, adobe, *tables, b"\xff\xd9"])
    return Container("image/jpeg", width, height, orientation, False, clean)


# PNG --------------------------------------------------------------------------------------------

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT"})


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(data: bytes) -> Container:
    kept = [PNG_SIGNATURE]
    at, orientation, animated, seen = 8, 1, False, 0
    size: tuple[int, int] | None = None
    while True:
        seen = _one_more(seen)
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Malformed("ends inside a chunk", incomplete=True)
        if (size is None) != (name == b"IHDR"):
            raise Malformed("the header is not first, or there are two")
        if name == b"IHDR":
            size = struct.unpack_from(">II", data, at + 8)
        if name in PNG_KEPT:
            if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
                raise Malformed("a chunk is damaged")
            kept.append(data[at:end])
        elif name == b"eXIf":
            orientation = read_orientation(data[at + 8 : end - 4])
        elif name == b"acTL":
            animated = True
        elif not name[0] & 0x20:
            raise Malformed("an unknown chunk that decoding would need")
        at = end
        if name == b"IEND":
            break
    if size is None or not all(size):
        raise Malformed("no size")
    if orientation != 1:
        kept.insert(2, _png_chunk(b"eXIf", write_orientation(orientation)))
    return Container("image/png", *size, orientation, animated, b"".join(kept))


# WebP -------------------------------------------------------------------------------------------

ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x02


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)


def _webp(data: bytes) -> Container:
    end = 8 + int(struct.unpack_from("<I", data, 4)[0])
    if end > len(data) + 1:  # some writers leave out the last padding byte
        raise Malformed("shorter than it says", incomplete=True)
    parts: dict[bytes, bytes] = {}
    at, animated, orientation = 12, False, 1
    while at + 8 <= end:
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
    canvas = parts.get(b"VP8X")
    if b"VP8L" in parts:
        picture, alpha = b"VP8L", bool(parts[b"VP8L"][4] & 0x10)
        (bits,) = struct.unpack_from("<I", parts[b"VP8L"], 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif b"VP8 " in parts:
        picture, alpha = b"VP8 ", b"ALPH" in parts
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", parts[b"VP8 "], 6))
    elif animated and canvas is not None:
        picture, alpha = b"", False
        width, height = (int.from_bytes(canvas[i : i + 3], "little") + 1 for i in (4, 7))
    else:
        raise Malformed("no picture in it")
    if not (width and height):
        raise Malformed("no size")
    flags = ICC_FLAG * (b"ICCP" in parts) | ALPHA_FLAG * alpha | EXIF_FLAG * (orientation != 1)
    body = b"WEBP"
    if flags & ~ALPHA_FLAG or b"ALPH" in parts:
        body += _riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))
    for name in (b"ICCP", b"ALPH" if picture == b"VP8 " else b"", picture):
        if name in parts:
            body += _riff_chunk(name, parts[name])
    if orientation != 1:
        body += _riff_chunk(b"EXIF", write_orientation(orientation))
    return Container("image/webp", width, height, orientation, animated, _riff_chunk(b"RIFF", body))
