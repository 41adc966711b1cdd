"""Walks a PNG (W3C, third edition): keeps the chunks that decoding needs, and of the packed pixels just the pixels."""

from __future__ import annotations

import struct
import zlib

from core.intake.container import Container, Malformed, SizeCheck, one_more, read_orientation, write_orientation
from core.intake.profile import MAX_PROFILE, clean_profile

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LENGTHS = {b"gAMA": (4, 4), b"cHRM": (32, 32), b"sRGB": (1, 1), b"cICP": (4, 4), b"sBIT": (1, 4), b"tRNS": (1, 256), b"PLTE": (3, 768)}
"""Chunks that are kept as they are, once each, with the least and the most bytes they may have: more would be no colours."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values per pixel by colour type."""
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: start and step, across and down (section 8.1)."""
STEP = 1 << 20
"""Bytes unpacked at a time."""


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk with length and checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def walk_png(data: bytes, check: SizeCheck) -> Container:
    """See `core.intake.walk.walk`."""
    kept: dict[bytes, bytes] = {}
    packed: list[bytes] = []
    at, orientation, animated, seen, profile = 8, 1, False, 0, b""
    header = b""
    while True:
        seen = one_more(seen)
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Malformed("ends inside a chunk", incomplete=True)
        if bool(header) == (name == b"IHDR"):
            raise Malformed("the header is not first, or there are two")
        body = data[at + 8 : end - 4]
        if name in LENGTHS or name in (b"IHDR", b"IDAT", b"IEND", b"iCCP"):
            if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
                raise Malformed("a chunk is damaged")
            if name == b"IHDR":
                header = _checked(body, check)
            elif name == b"IDAT":
                packed.append(body)
            elif name == b"iCCP":
                profile = profile or _profile(body)
            elif name in LENGTHS and LENGTHS[name][0] <= length <= LENGTHS[name][1]:
                kept.setdefault(name, data[at:end])
            elif name == b"PLTE":
                raise Malformed("a palette of the wrong length")
        elif name == b"eXIf":
            orientation = read_orientation(body)
        elif name == b"acTL":
            animated = True
        elif not name[0] & 0x20:
            raise Malformed("an unknown chunk that decoding would need")
        at = end
        if name == b"IEND":
            break
    width, height = struct.unpack_from(">II", header)
    if header[9] == 3 and b"PLTE" not in kept:
        raise Malformed("no palette")
    pixels = b"" if animated else just_the_pixels(packed, header)
    front = [PNG_SIGNATURE, chunk(b"IHDR", header)]
    if orientation != 1:
        front.append(chunk(b"eXIf", write_orientation(orientation)))
    if profile:
        front.append(chunk(b"iCCP", b"ICC\x00\x00" + zlib.compress(profile)))
    palette, after = kept.pop(b"PLTE", b""), kept.pop(b"tRNS", b"")
    clean = b"".join([*front, *kept.values(), palette, after, chunk(b"IDAT", pixels), chunk(b"IEND", b"")])
    return Container("image/png", width, height, orientation, animated, clean, profile)


def _checked(header: bytes, check: SizeCheck) -> bytes:
    """The header, once its size and kind of pixels are known to be possible."""
    if len(header) != 13:
        raise Malformed("a header of the wrong length")
    width, height, depth, colour, packing, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if not (width and height):
        raise Malformed("no size")
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16) or packing or filtering or interlace > 1:
        raise Malformed("a kind of pixels that does not exist")
    check(width, height)
    return header


def raw_length(header: bytes) -> int:
    """Bytes the pixels take unpacked: rows with a filter byte each, in seven passes when interlaced."""
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
    bits = depth * CHANNELS[colour]
    sizes = [(width, height)]
    if interlace:
        sizes = [((width - x + dx - 1) // dx, (height - y + dy - 1) // dy) for x, y, dx, dy in PASSES]
    return sum(h * (1 + (w * bits + 7) // 8) for w, h in sizes if w > 0 and h > 0)


def just_the_pixels(packed: list[bytes], header: bytes) -> bytes:
    """The packed stream, cut where it ends: decoders ignore what follows, and anything could be hidden there.

    A stream that unpacks to more than the picture holds is Malformed: nothing honest writes one.
    """
    left, stream, used = raw_length(header), zlib.decompressobj(), 0
    try:
        for piece in packed:
            rest = piece
            while rest and not stream.eof:
                left -= len(stream.decompress(rest, STEP))
                if left < 0:
                    raise Malformed("more pixels than the picture has")
                used += len(rest) - len(stream.unconsumed_tail) - len(stream.unused_data)
                rest = stream.unconsumed_tail
            if stream.eof:
                break
        while not stream.eof and (more := stream.decompress(b"", STEP)):
            left -= len(more)
            if left < 0:
                raise Malformed("more pixels than the picture has")
    except zlib.error as problem:
        raise Malformed("the pixels are damaged") from problem
    if left or not stream.eof:
        raise Malformed("pixels are missing", incomplete=True)
    return b"".join(packed)[:used]


def _profile(body: bytes) -> bytes:
    """The cleaned colour profile of an iCCP chunk; empty when it cannot be used."""
    _, _, packed = body.partition(b"\x00")
    try:
        return clean_profile(zlib.decompressobj().decompress(packed[1:], MAX_PROFILE))
    except zlib.error:
        return b""
