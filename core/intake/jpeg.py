"""Walks a JPEG (ITU-T T.81): keeps what decoding needs, and sees from the scans whether all of it is there."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from core.intake.container import Container, Malformed, SizeCheck, one_more, read_orientation, write_orientation
from core.intake.profile import clean_profile

SOI, EOI, SOS, APP0, APP1, APP2, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = frozenset({0xC2, 0xCA})
ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB})
TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})
"""Huffman and arithmetic tables, quantisation, number of lines, restart interval."""
MAX_SCANS = 100
"""Progressive files have about ten; each costs a pass over the whole picture, so thousands are an attack."""
ICC_PIECE = 65519
"""Bytes of a colour profile in one segment (ICC.1, annex B.4)."""

# Without a repeat in them: over a long run of fill bytes `\xff+` would take the square of its length, with the whole server waiting.
_marker = re.compile(rb"\xff([^\x00\xff])")
_scan_end = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def segment(marker: int, body: bytes) -> bytes:
    """A marker segment with its length."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


@dataclass
class Scans:
    """How exactly the scans so far give every coefficient of every component.

    A progressive file sends them in pieces: after each, `bits[component][k]` says how many of the low
    bits of coefficient k are still missing (64 and more: all of it). A file that was cut between two
    scans and closed with an end marker has pieces missing, though every decoder takes it.
    """

    progressive: bool
    bits: dict[int, list[int]] = field(default_factory=dict)
    count: int = 0

    def frame(self, body: bytes) -> None:
        """The components of the frame header."""
        self.bits = {body[6 + 3 * i]: [64] * 64 for i in range(body[5])}

    def scan(self, body: bytes) -> None:
        """One scan header."""
        self.count += 1
        if not self.bits or self.count > MAX_SCANS:
            raise Malformed("scans without a frame, or too many")
        parts = body[0]
        first, last, low = (body[1 + 2 * parts], body[2 + 2 * parts], body[3 + 2 * parts] & 15) if self.progressive else (0, 63, 0)
        for i in range(parts):
            known = self.bits.get(body[1 + 2 * i])
            if known is None or not first <= last <= 63:
                raise Malformed("a scan of something that is not there")
            known[first : last + 1] = [low] * (last + 1 - first)

    @property
    def complete(self) -> bool:
        """Every coefficient was sent to its last bit."""
        return all(not any(known) for known in self.bits.values())


def walk_jpeg(data: bytes, check: SizeCheck) -> Container:
    """See `core.intake.walk.walk`."""
    kept: list[bytes] = []
    jfif = adobe = b""
    pieces: dict[int, bytes] = {}
    orientation, exif_seen, frame = 1, False, 0
    width = height = seen = last_scan = 0
    scans = Scans(False)
    at = 2
    while True:
        seen = one_more(seen)
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
        if marker in FRAMES:
            if frame:
                raise Malformed("two frames")
            frame, scans = marker, Scans(marker in PROGRESSIVE)
            height, width = struct.unpack_from(">HH", body, 1)
            if not (width and height):
                raise Malformed("no size")
            check(width, height)
            scans.frame(body)
            kept.append(segment(marker, body))
        elif marker in TABLES:
            kept.append(segment(marker, body))
        elif marker == SOS:
            scans.scan(body)
            end = _scan_end.search(data, at)
            if end is None:
                raise Malformed("no end marker", incomplete=True)
            kept += [segment(marker, body), data[at : end.start()].rstrip(b"\xff")]  # without the fill bytes before the marker
            at, last_scan = end.start(), len(kept)
        elif marker == APP0 and body[:5] == b"JFIF\x00" and not jfif:
            jfif = segment(APP0, body[:12].ljust(12, b"\x00") + b"\x00\x00")  # without the thumbnail it may carry
        elif marker == APP1 and body[:6] == b"Exif\x00\x00" and not exif_seen:
            orientation, exif_seen = read_orientation(body[6:]), True
        elif marker == APP2 and body[:12] == b"ICC_PROFILE\x00" and len(body) > 14:
            pieces.setdefault(body[12], body[14:])
        elif marker == APP14 and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = segment(APP14, body[:12])
    if not scans.count:
        raise Malformed("no picture in it")
    if not scans.complete:
        raise Malformed("scans are missing", incomplete=True)
    profile = clean_profile(b"".join(pieces[i] for i in sorted(pieces)))
    exif = segment(APP1, b"Exif\x00\x00" + write_orientation(orientation)) if orientation != 1 else b""
    front = [b"\xff\xd8", jfif, exif, *profile_segments(profile), adobe]
    clean = b"".join([*front, *kept, b"\xff\xd9"])
    # An arithmetic decoder may read past the end of honest data, so there the end says nothing.
    scan_end = 0 if frame in ARITHMETIC else sum(map(len, front)) + sum(map(len, kept[:last_scan]))
    return Container("image/jpeg", width, height, orientation, False, clean, profile, scans.count, scan_end)


def profile_segments(profile: bytes) -> list[bytes]:
    """An ICC profile in as many APP2 segments as it needs."""
    pieces = [profile[i : i + ICC_PIECE] for i in range(0, len(profile), ICC_PIECE)]
    return [segment(APP2, b"ICC_PROFILE\x00" + bytes([i, len(pieces)]) + piece) for i, piece in enumerate(pieces, 1)]
