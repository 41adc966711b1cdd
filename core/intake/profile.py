"""Colour profiles (ICC.1:2022): cleaned before they are stored, and used to bring every photo to sRGB.

A profile is a small file of its own, with texts, dates, a maker and room for anything else. What is kept
are the numbers that say which colours are meant; everything around them is written anew.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

MAX_PROFILE = 4 * 2**20
"""Bytes; the largest of printing presses have 2 to 3 MB, that of a camera about 1 kB."""
MODES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}
D50 = bytes.fromhex("0000f6d6000100000000d32d")
XYZ, CURVE, TABLE, MATRIX = (b"XYZ ",), (b"curv", b"para"), (b"mft1", b"mft2", b"mAB "), (b"sf32",)
KEPT = {
    b"wtpt": XYZ, b"chad": MATRIX, b"rXYZ": XYZ, b"gXYZ": XYZ, b"bXYZ": XYZ,
    b"rTRC": CURVE, b"gTRC": CURVE, b"bTRC": CURVE, b"kTRC": CURVE, b"A2B0": TABLE,
}  # fmt: skip
"""Tags that are kept, and the types they may have."""
STRIP = 4_000_000
"""Pixels converted at a time, so that a large photo needs little besides itself."""


def _exact(tag: bytes) -> bytes:
    """A tag's data without anything after its numbers; struct.error or ValueError when it is not what it says."""
    kind = tag[:4]
    if kind == b"XYZ ":
        length = 20
    elif kind == b"sf32":
        length = 8 + 36
    elif kind == b"curv":
        length = 12 + 2 * int(struct.unpack_from(">I", tag, 8)[0])
    elif kind == b"para":
        length = 12 + 4 * (1, 3, 4, 5, 7)[struct.unpack_from(">H", tag, 8)[0]]
    elif kind in (b"mft1", b"mft2"):
        inputs, outputs, grid = tag[8:11]
        if kind == b"mft1":
            length = 48 + 256 * inputs + grid**inputs * outputs + 256 * outputs
        else:
            before, after = struct.unpack_from(">HH", tag, 48)
            length = 52 + 2 * (before * inputs + grid**inputs * outputs + after * outputs)
    else:
        length = len(tag)  # mAB: parts that point at each other
    if not 12 <= length <= len(tag):
        raise ValueError("a tag that is shorter than it says")
    return kind + bytes(4) + tag[8:length]


def _texts(version: int) -> dict[bytes, bytes]:
    """The two texts that every profile must have."""
    if version >= 4:
        text = "colours".encode("utf-16-be")
        body = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text
        return {b"desc": body, b"cprt": body}
    return {b"desc": b"desc" + struct.pack(">II", 0, 8) + b"colours\x00" + bytes(78), b"cprt": b"text\x00\x00\x00\x00colours\x00"}


@lru_cache(maxsize=16)
def clean_profile(data: bytes) -> bytes:
    """The profile with nothing but its colours; empty when it is broken or of no use here.

    The same profile cleaned again stays as it is.
    """
    try:
        clean = _rebuilt(data)
        if clean:
            _transform(clean)
    except (struct.error, IndexError, ValueError, OverflowError, OSError, ImageCms.PyCMSError):
        return b""
    return clean


def _rebuilt(data: bytes) -> bytes:
    if not 132 <= len(data) <= MAX_PROFILE or data[36:40] != b"acsp" or data[16:20] not in MODES:
        return b""
    if data[12:16] not in (b"mntr", b"scnr", b"prtr", b"spac") or data[20:24] not in (b"XYZ ", b"Lab "):
        return b""
    tags = _texts(data[8])
    (count,) = struct.unpack_from(">I", data, 128)
    for i in range(min(count, 200)):
        name, start, length = struct.unpack_from(">4sII", data, 132 + 12 * i)
        body = data[start : start + length]
        if name in KEPT and body[:4] in KEPT[name]:
            tags.setdefault(name, _exact(body))
    ordered = [(name, tags[name]) for name in (b"desc", b"cprt", *KEPT) if name in tags]
    table, bodies, places = b"", b"", {}
    start = 128 + 4 + 12 * len(ordered)
    for name, body in ordered:
        if body not in places:
            places[body] = start + len(bodies)
            bodies += body + bytes(-len(body) % 4)
        table += struct.pack(">4sII", name, places[body], len(body))
    header = bytearray(128)
    header[:4] = struct.pack(">I", start + len(bodies))
    header[8:10], header[12:24], header[36:40] = data[8:10], data[12:24], b"acsp"
    header[67], header[68:80] = data[67] & 3, D50
    return bytes(header) + struct.pack(">I", len(ordered)) + table + bodies


@lru_cache(maxsize=16)
def _transform(profile: bytes) -> tuple[str, Callable[[Image.Image], Image.Image]]:
    """The mode of the pixels a profile is for, and what turns them into sRGB."""
    mode = MODES[profile[16:20]]
    made = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.PERCEPTUAL
    )
    return mode, lambda image: made.apply(image)


def to_srgb(pixels: NDArray[np.uint8], mode: str, profile: bytes) -> NDArray[np.uint8] | None:
    """sRGB pixels (h, w, 3) of `pixels` (h, w) or (h, w, channels) of a Pillow mode L, RGB or CMYK.

    `profile`: cleaned. None when there is none, or one for another kind of pixels: such a profile says nothing.
    Perceptual intent, as browsers do; by a matrix (all cameras) that is relative colorimetric.
    """
    if not profile:
        return None
    wanted, apply = _transform(profile)
    if wanted != mode:
        return None
    height, width = pixels.shape[:2]
    out = np.empty((height, width, 3), np.uint8)
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        part = np.ascontiguousarray(pixels[top : top + rows])
        out[top : top + rows] = np.asarray(apply(Image.frombuffer(mode, (width, len(part)), part, "raw", mode, 0, 1)))
    return out
