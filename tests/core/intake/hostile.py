"""Files that are broken, or made to do harm, all from code and the same on every run: name to bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests.core.intake.broken import broken_dicom, broken_heic, broken_jpeg, broken_png, broken_webp
from tests.core.intake.files import chunk, dicom, heic, riff, saved, scene, valid


def cut() -> dict[str, bytes]:
    """Every kind of photo, ending too early."""
    places = (0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.97)
    return {f"{kind} cut at {place:.0%}": data[: int(len(data) * place)] for kind, data in valid().items() for place in places}


def packed(kind: str, size: int = 4000) -> bytes:
    """An archive with a photo, or with nothing but zeros, in it."""
    out, inside = io.BytesIO(), saved("JPEG")
    if kind == "tar":
        with tarfile.open(fileobj=out, mode="w") as tar:
            info = tarfile.TarInfo("photo.jpg")
            info.size = len(inside)
            tar.addfile(info, io.BytesIO(inside))
    else:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("photo.jpg" if size < 10_000 else "zeros", inside if size < 10_000 else bytes(size))
    return out.getvalue()


def something_else() -> dict[str, bytes]:
    """What is no photo, whatever it may be called."""
    frames = [Image.fromarray(np.roll(scene(), 9 * i, 1)) for i in range(3)]
    moving = {"save_all": True, "append_images": frames[1:], "duration": 100}
    found = {
        "nothing": b"",
        "gif": saved("GIF"),
        "gif that moves": saved("GIF", frames[0], **moving),
        "bmp": saved("BMP"),
        "tiff": saved("TIFF"),
        "ico": saved("ICO"),
        "jpeg 2000": saved("JPEG2000"),
        "avif": saved("AVIF"),
        "ppm": saved("PPM"),
        "tga": saved("TGA"),
        "eps": saved("EPS"),
        "pdf": saved("PDF"),
        "png that moves": saved("PNG", frames[0], **moving),
        "webp that moves": saved("WEBP", frames[0], **moving),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "svg with a head": b"<?xml version='1.0'?>\n<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
        "html": b"<!DOCTYPE html><script>alert(1)</script>",
        "html in capitals": b"\n\n  <HTML><body>",
        "html with a mark": b"\xef\xbb\xbf<html>",
        "text": b"Dear doctor, the spot is on my back.",
        "json": json.dumps({"photo": "none"}).encode(),
        "csv": b"a,b\n1,2\n",
        "php": b"<?php system($_GET['c']); ?>",
        "shell": b"#!/bin/sh\nrm -rf /\n",
        "utf-16": "a letter".encode("utf-16"),
        "zip": packed("zip"),
        "zip bomb": packed("zip", 50_000_000),
        "tar": packed("tar"),
        "gzip": gzip.compress(saved("JPEG"), mtime=0),
        "gzip bomb": gzip.compress(bytes(20_000_000), mtime=0),
        "bzip2": bz2.compress(saved("JPEG")),
        "xz": lzma.compress(saved("JPEG")),
        "7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(60),
        "rar": b"Rar!\x1a\7\1\0" + bytes(60),
        "mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(400),
        "mov": b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(400),
        "avi": riff(b"AVI ", bytes(400)),
        "wav": riff(b"WAVE", b"fmt " + bytes(400)),
        "webm": b"\x1aE\xdf\xa3" + bytes(400),
        "mp3": b"ID3\4" + bytes(400),
        "ogg": b"OggS" + bytes(400),
        "exe": b"MZ\x90\0" + bytes(60) + b"PE\0\0" + bytes(400),
        "elf": b"\x7fELF\2\1\1" + bytes(400),
        "class": b"\xca\xfe\xba\xbe" + bytes(400),
        "pickle": pickle.dumps(list(range(99))),
        "sqlite": b"SQLite format 3\0" + bytes(400),
        "office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(400),
        "psd": b"8BPS\0\1" + bytes(400),
        "jpeg xl": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(400),
        "font": b"\0\1\0\0" + bytes(400),
        "zeros": bytes(5000),
        "ones": b"\xff" * 5000,
        "noise": np.random.default_rng(5).integers(0, 256, 5000, np.uint8).tobytes(),
        "flac": b"fLaC" + bytes(400),
        "pdf with a photo": b"%PDF-1.7\n" + saved("JPEG"),
        "gif that is a script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
    }
    found |= {f"one byte {value}": bytes([value]) for value in (0, 10, 60, 137, 255)}
    for order in "<>":  # a directory that points at itself, and ten thousand of them in a row
        head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
        found[f"tiff in a circle {order}"] = head + struct.pack(order + "HHHII", 1, 256, 3, 1, 1) + struct.pack(order + "I", 8)
        chain = b"".join(struct.pack(order + "HHHIII", 1, 256, 3, 1, 1, 8 + 18 * (i + 1)) for i in range(10_000))
        found[f"tiff without an end {order}"] = head + chain
    return found


@cache
def hostile() -> dict[str, bytes]:
    """All of them: whatever is done with one, it must be refused."""
    found = cut() | something_else()
    for kind, made in (("jpeg", broken_jpeg), ("png", broken_png), ("webp", broken_webp), ("heic", broken_heic), ("dicom", broken_dicom)):
        found |= {f"{kind}: {name}": data for name, data in made().items()}
    return found


@cache
def carriers() -> dict[str, tuple[bytes, bytes]]:
    """Good photos with something on board that must not get into the store: name to (file, what it carries)."""
    pay = b"<?php system($_GET['c']); ?> PK\x03\x04 hidden-4711"
    files = valid()
    stream = zlib.compress(b"".join(b"\0" + row.tobytes() for row in scene()))
    head = files["png"][:33]
    trailing = {f"{kind} with a zip behind it": (data + pay, pay) for kind, data in files.items() if "dicom" not in kind}
    return trailing | {
        "jpeg with a comment": (files["jpeg"][:2] + b"\xff\xfe" + struct.pack(">H", len(pay) + 2) + pay + files["jpeg"][2:], pay),
        "png with php in a text": (files["png"][:33] + chunk(b"tEXt", b"Comment\0" + pay) + files["png"][33:], pay),
        "png with bytes behind the stream": (head + chunk(b"IDAT", stream + pay) + chunk(b"IEND", b""), pay),
        "png with a chunk behind the stream": (head + chunk(b"IDAT", stream) + chunk(b"IDAT", pay) + chunk(b"IEND", b""), pay),
        "png with a fat chunk": (
            head + chunk(b"sBIT", b"\x08\x08\x08" + pay) + chunk(b"gAMA", pay) + chunk(b"IDAT", stream) + chunk(b"IEND", b""),
            pay,
        ),
        "png with something in its end": (files["png"][:-12] + chunk(b"IEND", pay), pay),
        "webp with a chunk": (
            riff(b"WEBP", saved("WEBP")[12:] + b"PAYL" + struct.pack("<I", len(pay) + len(pay) % 2) + pay + b"\0" * (len(pay) % 2)),
            pay,
        ),
        "dicom with a program before it": (b"MZ" + pay + bytes(126 - len(pay)) + dicom()[128:], pay),
        "dicom with more behind its pixels": (dicom(PixelData=scene().tobytes() + pay + b"\0" * (len(pay) % 2)), pay),
        "heic with a free box": (heic() + struct.pack(">I4s", len(pay) + 8, b"free") + pay, pay),
    }
