"""Photo files of every format, made in code: scenes, colour profiles by the numbers, HEIC, DICOM by pydicom's writer."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

# Display P3 adapted to D50, as Apple's profile has it (SMPTE EG 432-1 primaries, Bradford).
P3_TO_XYZ = np.array([[0.515102, 0.291965, 0.157153], [0.241182, 0.692236, 0.066582], [-0.001049, 0.041882, 0.784378]])
SRGB_TO_XYZ = np.array([[0.436066, 0.385147, 0.143066], [0.222488, 0.716873, 0.060608], [0.013916, 0.097076, 0.714096]])
SECRET = "Ana-Secret-4711"


def scene(width: int = 120, height: int = 90) -> NDArray[np.uint8]:
    """A smooth picture whose corners all differ, so that no turn of it equals another."""
    y, x = np.mgrid[:height, :width]
    picture = np.stack([x * 200 / width, y * 200 / height, 40 + 120 * ((x < width / 3) & (y < height / 3))], -1) + 25
    return picture.astype(np.uint8)


def saved(format: str, picture: NDArray[Any] | Image.Image | None = None, **options: Any) -> bytes:
    """A file by Pillow."""
    out = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(scene() if picture is None else picture)
    image.save(out, format, **options)
    return out.getvalue()


GREY = scene()[..., 0]
PEAK = """
import resource
def peak():
    try:  # Linux; the figure of `resource` begins with the peak of whoever started the process
        with open("/proc/self/status") as file:
            return int(file.read().split("VmHWM:")[1].split()[0]) // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
"""
"""For the start of a program that measures itself: the most memory it has held so far, in MB."""


def fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def profile(matrix: NDArray[np.float64] = P3_TO_XYZ, secret: str = SECRET, extra: bytes = b"") -> bytes:
    """An ICC profile (version 4) of three primaries and the curve of sRGB, with texts, dates and private tags as makers add them."""
    text = secret.encode("utf-16-be")
    tags = {b"desc": b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text}
    tags[b"cprt"] = tags[b"desc"]
    tags[b"wtpt"] = b"XYZ \0\0\0\0" + b"".join(map(fixed, (0.9642, 1.0, 0.8249)))
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True):
        tags[name] = b"XYZ \0\0\0\0" + b"".join(map(fixed, column)) + extra
    curve = b"para\0\0\0\0\0\3\0\0" + b"".join(map(fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags[b"priv"] = b"data\0\0\0\0" + secret.encode()
    table, bodies, at = b"", b"", 132 + 12 * len(tags)
    for name, body in tags.items():
        table += struct.pack(">4sII", name, at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    header = bytearray(128)
    header[:4] = struct.pack(">I", at + len(bodies))
    header[4:8], header[8:12], header[12:24] = b"APPL", b"\4\0\0\0", b"mntrRGB XYZ "
    header[24:36], header[36:44] = struct.pack(">6H", 2026, 1, 2, 3, 4, 5), b"acspAPPL"
    header[48:56], header[68:80], header[80:84] = secret[:8].encode(), b"".join(map(fixed, (0.9642, 1.0, 0.8249))), b"4711"
    return bytes(header) + struct.pack(">I", len(tags)) + table + bodies


def by_the_numbers(pixels: NDArray[np.uint8], matrix: NDArray[np.float64] = P3_TO_XYZ) -> NDArray[np.float64]:
    """What pixels of such a profile are in sRGB, 0-255, from the formulas of IEC 61966-2-1."""
    v = pixels / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    there = np.clip(linear @ matrix.T @ np.linalg.inv(SRGB_TO_XYZ).T, 0, 1)
    return np.asarray(255 * np.where(there <= 0.0031308, there * 12.92, 1.055 * there ** (1 / 2.4) - 0.055))


def heic(pixels: NDArray[Any] | None = None, mode: str = "RGB", **options: Any) -> bytes:
    """A HEIC file; options as of `pillow_heif.HeifFile.save` (exif, icc_profile)."""
    pixels = scene() if pixels is None else pixels
    file = pillow_heif.from_bytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
    out = io.BytesIO()
    file.save(out, **{"quality": 90, "chroma": 444} | options)
    return out.getvalue()


def dicom(pixels: NDArray[Any] | None = None, syntax: str = ExplicitVRLittleEndian, packed: bytes | None = None, **tags: Any) -> bytes:
    """A DICOM file with a patient in it; `packed`: the frame as it is when the transfer syntax packs it; None drops a tag."""
    pixels = scene() if pixels is None else pixels
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.4"
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["carelens"])
    meta.TransferSyntaxUID = syntax
    implicit, big = syntax == "1.2.840.10008.1.2", syntax == "1.2.840.10008.1.2.2"
    ds = FileDataset("x", {}, file_meta=meta, preamble=bytes(128), is_implicit_VR=implicit, is_little_endian=not big)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = f"{SECRET}^Name", SECRET, "19620304"
    ds.InstitutionName, ds.StudyDescription = SECRET, SECRET
    ds.Modality, ds.BodyPartExamined, ds.AcquisitionDate = "XC", "SKIN", "20260102"
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    ds.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == "i")
    ds.PixelData = encapsulate([packed]) if packed is not None else pixels.astype(pixels.dtype.newbyteorder(">" if big else "<")).tobytes()
    for name, value in tags.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    ds["PixelData"].is_undefined_length = packed is not None
    out = io.BytesIO()
    ds.save_as(out, implicit_vr=implicit, little_endian=not big, enforce_file_format=True)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff(kind: bytes, body: bytes) -> bytes:
    """A RIFF file."""
    return b"RIFF" + struct.pack("<I", len(body) + 4) + kind + body


def png(width: int, height: int, depth: int, colour: int, rows: bytes, **more: bytes) -> bytes:
    """A PNG of unpacked rows (each with its filter byte); `more`: further chunks by name, before the pixels."""
    front = b"".join(chunk(name.encode(), body) for name, body in more.items())
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + front + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@cache
def valid() -> dict[str, bytes]:
    """One good file of every kind that is taken."""
    grey = scene()[..., 0]
    deep = (grey.astype(np.uint16) << 8) + 7
    return {
        "jpeg": saved("JPEG", quality=90, icc_profile=profile()),
        "progressive jpeg": saved("JPEG", progressive=True),
        "cmyk jpeg": saved("JPEG", Image.fromarray(scene()).convert("CMYK")),
        "png": saved("PNG", icc_profile=profile()),
        "png of 16 bits": saved("PNG", deep),
        "png with a palette": saved("PNG", Image.fromarray(scene()).convert("P")),
        "webp": saved("WEBP", quality=90, icc_profile=profile()),
        "webp without loss": saved("WEBP", np.dstack([scene(), grey]), lossless=True),
        "heic": heic(icc_profile=profile()),
        "dicom": dicom(),
        "dicom of 16 bits": dicom(deep),
        "dicom, implicit": dicom(syntax="1.2.840.10008.1.2"),
        "dicom, big endian": dicom(deep, syntax="1.2.840.10008.1.2.2"),
        "dicom with jpeg": dicom(
            syntax="1.2.840.10008.1.2.4.50", packed=saved("JPEG", subsampling="4:2:2"), PhotometricInterpretation="YBR_FULL_422"
        ),
        "dicom with jpeg 2000": dicom(grey, syntax="1.2.840.10008.1.2.4.90", packed=saved("JPEG2000", grey, no_jp2=True)),
        "dicom with rle": dicom(grey, syntax="1.2.840.10008.1.2.5", packed=rle(grey)),
    }


def rle(*planes: NDArray[np.uint8]) -> bytes:
    """A frame of RLE (PS3.5 annex G) in literal runs, one segment for each plane of bytes."""
    segments = []
    for plane in planes:
        raw = plane.tobytes()
        runs = b"".join(bytes([len(raw[i : i + 128]) - 1]) + raw[i : i + 128] for i in range(0, len(raw), 128))
        segments.append(runs + bytes(len(runs) % 2))
    starts = [64 + sum(map(len, segments[:i])) for i in range(len(segments))]
    return struct.pack("<16I", len(segments), *starts, *[0] * (15 - len(segments))) + b"".join(segments)
