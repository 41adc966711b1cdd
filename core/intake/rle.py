"""RLE of DICOM (PS3.5 annex G), unpacked to at most what the picture holds.

pydicom's own unpacks every segment to its end, however far that is: a 25 MB file can ask for 1.6 GB.
"""

from __future__ import annotations

import struct

from core.intake.container import Malformed


def unpack_rle(frame: bytes, pixels: int, samples: int, bytes_each: int) -> bytes:
    """The frame as planes one after the other (planar configuration 1), values in little endian.

    `pixels`: rows times columns. Raises Malformed when there is less, or the segments do not fit.
    """
    header = struct.unpack("<16I", frame[:64])
    count, offsets = header[0], [*header[1:16]]
    if count != samples * bytes_each or count > 15:
        raise Malformed("another number of segments than the picture has")
    ends = [*offsets[1:count], len(frame)]
    out = bytearray(pixels * samples * bytes_each)
    for i, (start, end) in enumerate(zip(offsets[:count], ends, strict=True)):
        if not 64 <= start <= end <= len(frame):
            raise Malformed("a segment outside the frame")
        sample, byte = divmod(i, bytes_each)
        first = sample * pixels * bytes_each + (bytes_each - 1 - byte)  # the most significant byte comes first
        out[first : first + pixels * bytes_each : bytes_each] = _segment(frame[start:end], pixels)
    return bytes(out)


def _segment(data: bytes, wanted: int) -> bytes:
    """`wanted` bytes of one segment."""
    out = bytearray()
    at, end = 0, len(data)
    while len(out) < wanted and at < end:
        code = data[at]
        if code < 128:
            out += data[at + 1 : at + 2 + code]
            at += 2 + code
        else:
            if code > 128:
                out += data[at + 1 : at + 2] * (257 - code)
            at += 2 if code > 128 else 1
    if len(out) < wanted:
        raise Malformed("a segment ends early", incomplete=True)
    return bytes(out[:wanted])
