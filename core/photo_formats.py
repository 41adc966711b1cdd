"""Names what somebody sent instead of a photo, so that the refusal can say it."""

from __future__ import annotations

from dataclasses import dataclass

TAKEN = "Send the photo as JPEG, PNG or WebP."


@dataclass(frozen=True)
class Refusal:
    """A sentence on what the file is, and one on what to do."""

    reason: str
    hint: str = TAKEN


HEIC = Refusal(
    "This is a HEIC photo, which cannot be read yet.",
    "On an iPhone choose Settings, Camera, Formats, Most Compatible, and take the photo again. " + TAKEN,
)
AVIF = Refusal("This is an AVIF picture, which cannot be read yet.")
VIDEO = Refusal("This is a video, not a photo.", "Send a single photo as JPEG, PNG or WebP.")
PDF = Refusal("This is a PDF document, not a photo.")
ZIP = Refusal("This is a packed file or an office document, not a photo.", "Unpack it first. " + TAKEN)
WEB_PAGE = Refusal("This is a web page or a drawing in code, not a photo.")

MAGIC: tuple[tuple[bytes, Refusal], ...] = (
    (b"GIF8", Refusal("This is a GIF picture, which is not taken here.")),
    (b"%PDF", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"7z\xbc\xaf\x27\x1c", ZIP),
    (b"Rar!", ZIP),
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
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def named_format(data: bytes) -> Refusal | None:
    """What the first bytes are known to be, other than JPEG, PNG or WebP; None for those three and the unknown."""
    for start, refusal in MAGIC:
        if data.startswith(start):
            return refusal
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return AVIF if brand in (b"avif", b"avis") else HEIC if brand in HEIC_BRANDS else VIDEO
    if data[128:132] == b"DICM":
        return Refusal("This is a DICOM file from a hospital system, which cannot be read yet.")
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
