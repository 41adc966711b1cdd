"""Tells by the first bytes what somebody sent, so that it is read as that, or the refusal can say what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

TAKEN = "Send the photo as JPEG, PNG, WebP or HEIC."


@dataclass(frozen=True)
class Refusal:
    """A sentence on what the file is, and one on what to do."""

    reason: str
    hint: str = TAKEN


AVIF = Refusal("This is an AVIF picture, which cannot be read yet.")
VIDEO = Refusal("This is a video, not a photo.", "Send a single photo as JPEG, PNG, WebP or HEIC.")
PDF = Refusal("This is a PDF document, not a photo.")
ZIP = Refusal("This is a packed file or an office document, not a photo.", "Unpack it first. " + TAKEN)
WEB_PAGE = Refusal("This is a web page or a drawing in code, not a photo.")

PROGRAM = Refusal("This is a program, not a photo.")

MAGIC: tuple[tuple[bytes, Refusal], ...] = (
    (b"GIF8", Refusal("This is a GIF picture, which is not taken here.")),
    (b"%PDF", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"7z\xbc\xaf\x27\x1c", ZIP),
    (b"Rar!", ZIP),
    (b"BZh", ZIP),
    (b"\xfd7zXZ\x00", ZIP),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\x1f\x8b", ZIP),
    (b"\xd0\xcf\x11\xe0", ZIP),
    (b"BM", Refusal("This is a BMP picture, which is not taken here.")),
    (b"II*\x00", Refusal("This is a TIFF or raw photo, which cannot be read here.")),
    (b"MM\x00*", Refusal("This is a TIFF or raw photo, which cannot be read here.")),
    (b"\x1aE\xdf\xa3", VIDEO),
    (b"\x00\x00\x00\x0cjP  ", Refusal("This is a JPEG 2000 picture, which cannot be read here.")),
    (b"\xff\x4f\xff\x51", Refusal("This is a JPEG 2000 picture, which cannot be read here.")),
    (b"\xff\x0a", Refusal("This is a JPEG XL picture, which cannot be read here.")),
    (b"\x00\x00\x00\x0cJXL ", Refusal("This is a JPEG XL picture, which cannot be read here.")),
)
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2"})
SEQUENCE_BRANDS = frozenset({b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis"})
AVIF_BRANDS = frozenset({b"avif"})
META_START = re.compile(rb"\x02\x00[\x00-\x18]\x00(UL|OB|UI|SH)", re.DOTALL)
"""A DICOM file that lost its preamble begins with an element of group 2, in little endian with its type."""


def brands(data: bytes) -> frozenset[bytes]:
    """Major and compatible brands of an ISO media file (ISO/IEC 14496-12, 4.3); empty when it is none."""
    if data[4:8] != b"ftyp":
        return frozenset()
    length = min(int.from_bytes(data[:4], "big"), 256)
    return frozenset({data[8:12], *(data[i : i + 4] for i in range(16, length - 3, 4))})


def is_heic(data: bytes) -> bool:
    """A HEIC or HEIF file, moving or not. A picture inside may still be of another kind; reading it tells."""
    return data[4:8] == b"ftyp" and data[8:12] not in AVIF_BRANDS and _heic(data)


def _heic(data: bytes) -> bool:
    found = brands(data)
    if data[8:12] in HEIC_BRANDS | SEQUENCE_BRANDS - {b"avis"}:
        return not found & AVIF_BRANDS
    return bool(found & (HEIC_BRANDS - {b"mif1", b"mif2"}))


def is_dicom(data: bytes) -> bool:
    """A DICOM file, with the preamble (anything may stand in that) or without."""
    if data[:3] == b"\xff\xd8\xff" or data[:4] in (b"\x89PNG", b"RIFF"):
        return False
    return data[128:132] == b"DICM" or META_START.match(data) is not None


def is_taken(data: bytes) -> bool:
    """Whether the first bytes (132 or more) are those of a format that CareLens reads."""
    photo = data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n" or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    return photo or is_heic(data) or is_dicom(data)


def named_format(data: bytes) -> Refusal | None:
    """What the first bytes are known to be, other than what is taken; None for that and the unknown."""
    for start, refusal in MAGIC:
        if data.startswith(start):
            return refusal
    if data[4:8] == b"ftyp":
        return AVIF if brands(data) & (AVIF_BRANDS | {b"avis"}) else VIDEO
    if data[257:262] == b"ustar":
        return ZIP
    text = _text(data)
    if text is None:
        return None
    lowered = text.lstrip("\ufeff \t\r\n").lower()
    if lowered.startswith(("<svg", "<?xml", "<!doctype", "<html")):
        return WEB_PAGE
    return Refusal("This is a text file, not a photo.")


def _text(data: bytes) -> str | None:
    """The first bytes as text, None when they are not text."""
    head = data[:512]
    for cut in range(4 if len(data) > len(head) else 1):  # a character may be split where the head ends
        try:
            text = head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return text if all(c.isprintable() or c in "\ufeff\t\r\n\f" for c in text) else None
    return None
