"""DICOM (PS3.5, PS3.10): one still picture becomes pixels and a few harmless tags; everything else is left behind."""

from __future__ import annotations

import io
import logging
import re
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import UID

from core.errors import PhotoRejected
from core.intake.container import Malformed, SizeCheck
from core.intake.dicom_pixels import decoded, samples, shown, stored_bits
from core.intake.formats import PDF
from core.intake.pixels import encode_jpeg, encode_png, resized
from core.intake.profile import clean_profile, to_srgb
from core.intake.refusals import LONGER_SIDE, incomplete, unreadable

log = logging.getLogger("carelens.photo")

# pydicom quotes values it does not like, which may be somebody's name: neither a log nor a screen is the place for them.
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
config.settings.reading_validation_mode = config.IGNORE

LOSSLESS = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90"})
"""Implicit and explicit little endian, big endian, RLE, JPEG 2000 without loss."""
LOSSY = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.91"})
"""JPEG baseline and extended (of 8 bits), JPEG 2000."""
EXTENDED = "1.2.840.10008.1.2.4.51"
DOCUMENTS = "1.2.840.10008.5.1.4.1.1.104."
"""SOP classes of encapsulated documents: PDF, CDA, STL and so on."""
COLOURS = {
    "MONOCHROME1": 1, "MONOCHROME2": 1, "RGB": 3, "YBR_FULL": 3, "YBR_FULL_422": 3, "YBR_ICT": 3, "YBR_RCT": 3,
}  # fmt: skip
"""Photometric interpretations that are read, and the values per pixel they have."""
ALLOWED = {
    "Modality": r"[A-Z]{2,16}",
    "Laterality": r"[LRB]",
    "BodyPartExamined": r"[A-Z][A-Z ]{0,15}",
    "PhotometricInterpretation": r"[A-Z0-9_]{1,16}",
    "BurnedInAnnotation": r"YES|NO",
    "AcquisitionDate": r"(19|20)\d{6}",
}
"""Tags that come along, and the only form each may have: no name, number or free text fits into one."""
READ = (
    "SOPClassUID", "Modality", "Laterality", "ImageLaterality", "BodyPartExamined", "BurnedInAnnotation", "AcquisitionDate", "ContentDate",
    "AcquisitionDateTime", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "Rows", "Columns",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit",
    "WindowCenter", "WindowWidth", "VOILUTFunction", "RescaleIntercept", "RescaleSlope", "ICCProfile", "EncapsulatedDocument", "PixelData",
)  # fmt: skip
"""Everything that is looked at; pydicom passes over the rest without taking it apart."""
MAX_READS = 150_000
"""Pieces a file is read in. A picture has some hundred elements; millions of empty ones would cost half a minute."""


@dataclass(frozen=True, eq=False)
class DicomPicture:
    """`pixels`: sRGB uint8 (h, w, 3), longer side at most 1600 px; `size`: (width, height); `original`: of `media_type`, to keep."""

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    original: bytes
    media_type: str
    tags: Mapping[str, str]


class _Counted(io.BytesIO):
    """Bytes that can be read in so many pieces only."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise Malformed("too many elements")
        return super().read(size)


def read_dicom(data: bytes, check: SizeCheck) -> DicomPicture:
    """The one picture of a DICOM file; `check` is called with its size before it is decoded. Raises PhotoRejected only."""
    try:
        syntax, start = transfer_syntax(data)
        if syntax not in LOSSLESS | LOSSY:
            raise _packed(syntax)
        ds = _dataset(data, syntax, start)
        _check_kind(ds, syntax)
        check(int(ds.Columns), int(ds.Rows))
        array = decoded(ds, syntax)
        tags = tags_of(ds)
        if array.ndim == 3:
            in_srgb = _in_srgb(array, bytes(ds.get("ICCProfile") or b""))
            return _picture(resized(in_srgb, LONGER_SIDE), in_srgb, tags, syntax)
        grey = shown(array, ds)
        kept = (grey >> 8).astype(np.uint8) if grey.dtype == np.uint16 and syntax in LOSSY else grey
        # As the kept file would be read: made small first, then of 8 bits.
        small = resized(grey, LONGER_SIDE)
        small = (small >> 8).astype(np.uint8) if small.dtype == np.uint16 else small
        return _picture(np.repeat(small[..., None], 3, axis=2), kept, tags, syntax)
    except PhotoRejected:
        raise
    except Exception as problem:  # whatever a parser or decoder throws at bytes from outside means one thing here
        log.info("a DICOM file could not be read: %s", type(problem).__name__)
        cut = isinstance(problem, EOFError) or getattr(problem, "incomplete", False)
        raise incomplete() if cut else unreadable() from problem


def _picture(pixels: NDArray[np.uint8], kept: NDArray[Any], tags: Mapping[str, str], syntax: str) -> DicomPicture:
    lossless = syntax in LOSSLESS
    original = encode_png(kept) if lossless else encode_jpeg(kept, 95)
    return DicomPicture(pixels, (kept.shape[1], kept.shape[0]), original, "image/png" if lossless else "image/jpeg", tags)


def transfer_syntax(data: bytes) -> tuple[str, int]:
    """How the file is written (its UID), and where the data set begins; Malformed without a whole group 2."""
    at, found = (132 if data[128:132] == b"DICM" else 0), ""
    for _ in range(100):
        if at + 8 > len(data):
            raise Malformed("ends in the header", incomplete=True)
        group, element, kind, length = struct.unpack_from("<HH2sH", data, at)
        if group != 2:
            break
        body = at + 8
        if kind in (b"OB", b"OW", b"UN", b"SQ", b"UT"):
            (length,) = struct.unpack_from("<I", data, at + 8)
            body = at + 12
        if body + length > len(data):
            raise Malformed("ends in the header", incomplete=True)
        if element == 0x0010:
            found = data[body : body + length].rstrip(b"\x00 ").decode("ascii")
        at = body + length
    else:
        raise Malformed("a header without an end")
    if not re.fullmatch(r"[0-9.]{5,64}", found):
        raise Malformed("it does not say how it is written")
    return found, at


def _dataset(data: bytes, syntax: str, start: int) -> Dataset:
    """What pydicom finds behind a header that is written anew: it sees the transfer syntax that was checked, and no other."""
    uid = syntax.encode() + b"\x00" * (len(syntax) % 2)
    element = struct.pack("<HH2sH", 2, 0x0010, b"UI", len(uid)) + uid
    head = bytes(128) + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(element)) + element
    return pydicom.dcmread(_Counted(head + data[start:]), specific_tags=list(READ))


def _check_kind(ds: Dataset, syntax: str) -> None:
    """PhotoRejected unless it holds one still picture of a kind that is read."""
    if str(ds.get("SOPClassUID", "")).startswith(DOCUMENTS) or "EncapsulatedDocument" in ds:
        raise _refused("This DICOM file holds a document, not a picture.", PDF.hint)
    if "PixelData" not in ds:
        raise _refused("There is no picture in this DICOM file that can be shown.")
    if int(ds.get("NumberOfFrames") or 1) != 1:
        raise PhotoRejected(
            "This DICOM file holds several pictures (frames), not one.", "Send a file with a single picture.", code="animated"
        )
    colour = str(ds.get("PhotometricInterpretation", ""))
    if COLOURS.get(colour) != samples(ds):
        raise _refused("The colours of this DICOM picture are written in a way that cannot be read here.")
    allocated, stored = int(ds.BitsAllocated), stored_bits(ds)
    if syntax == EXTENDED and stored > 8:
        raise _packed(syntax)
    if allocated not in (8, 16) or not 1 <= stored <= allocated:
        raise _refused("This DICOM picture has more than 16 bits for each value, or fewer than 8, and cannot be read here.")


def _in_srgb(array: NDArray[Any], profile: bytes) -> NDArray[np.uint8]:
    pixels = np.ascontiguousarray(array, dtype=np.uint8)
    found = to_srgb(pixels, "RGB", clean_profile(profile))
    return pixels if found is None else found


def tags_of(ds: Dataset) -> dict[str, str]:
    """The tags on the allow-list that have the form they may have."""
    said = {name: str(ds.get(name) or "").strip() for name in ALLOWED}
    said["Laterality"] = str(ds.get("ImageLaterality") or "").strip() or said["Laterality"]
    said["AcquisitionDate"] = said["AcquisitionDate"] or str(ds.get("AcquisitionDateTime") or "")[:8] or str(ds.get("ContentDate") or "")
    return {name: value for name, value in said.items() if re.fullmatch(ALLOWED[name], value)}


def _packed(syntax: str) -> PhotoRejected:
    name = UID(syntax).name
    known = f" ({name})" if name.startswith(("JPEG", "Deflated")) else ""
    return _refused(f"This DICOM file is packed in a way that cannot be read here{known}.")


def _refused(reason: str, hint: str = "") -> PhotoRejected:
    return PhotoRejected(
        reason, hint or "Save the picture as JPEG or PNG in the program it comes from, and send that.", code="wrong_format"
    )
