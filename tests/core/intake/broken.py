"""Photos of every kind with one thing broken in each, all from code and the same on every run: name to bytes."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from tests.core.intake.files import GREY, chunk, dicom, heic, png, riff, rle, saved, scene

JPEG, RLE, J2K = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90"


def swap(data: bytes, old: bytes, new: bytes) -> bytes:
    """`data` with the first `old` replaced; it has to be there."""
    assert old in data and old != new
    return data.replace(old, new, 1)


def after(data: bytes, sign: bytes, skip: int, new: bytes) -> bytes:
    """`data` overwritten `skip` bytes behind a sign."""
    at = data.index(sign) + len(sign) + skip
    return data[:at] + new + data[at + len(new) :]


def broken_jpeg() -> dict[str, bytes]:
    whole, progressive = saved("JPEG"), saved("JPEG", progressive=True)
    sof, dqt, sos = (whole.index(sign) for sign in (b"\xff\xc0", b"\xff\xdb", b"\xff\xda"))

    def without(start: int) -> bytes:
        return whole[:start] + whole[start + 2 + struct.unpack_from(">H", whole, start + 2)[0] :]

    return {
        "bomb": after(whole, b"\xff\xc0", 3, struct.pack(">HH", 65000, 65000)),
        "no huffman tables": saved("JPEG", optimize=True).replace(b"\xff\xc4", b"\xff\xfe"),
        "huffman counts": after(whole, b"\xff\xc4", 3, b"\xff" * 16),
        "huffman class": after(whole, b"\xff\xc4", 2, b"\x77"),
        "huffman length": after(whole, b"\xff\xc4", 0, b"\xff\xf0"),
        "no quantisation": whole.replace(b"\xff\xdb", b"\xff\xfe"),
        "quantisation number": after(whole, b"\xff\xdb", 2, b"\x0f"),
        "no frame": without(sof),
        "two frames": whole[:sof] + whole[sof : sof + 19] * 2 + whole[sof + 19 :],
        "no height": after(whole, b"\xff\xc0", 3, b"\0\0"),
        "no width": after(whole, b"\xff\xc0", 5, b"\0\0"),
        "no components": after(whole, b"\xff\xc0", 7, b"\0"),
        "nine components": after(whole, b"\xff\xc0", 7, b"\x09"),
        "sampling of nothing": after(whole, b"\xff\xc0", 9, b"\0"),
        "precision": after(whole, b"\xff\xc0", 2, b"\x0c"),
        "lossless": swap(whole, b"\xff\xc0", b"\xff\xc3"),
        "hierarchical": swap(whole, b"\xff\xc0", b"\xff\xc5"),
        "scan of nobody": after(whole, b"\xff\xda", 3, b"\x55"),
        "scan of nothing": after(whole, b"\xff\xda", 2, b"\0"),
        "only a scan": whole[:2] + whole[sos:],
        "only tables": whole[:sos] + b"\xff\xd9",
        "only marks": b"\xff\xd8\xff" + b"\x01\xff" * 200_000,
        "fill": b"\xff\xd8\xff" + b"\xff" * 200_000,
        "scan after scan": progressive[:-2] + progressive[progressive.rindex(b"\xff\xda") : -2] * 200 + b"\xff\xd9",
        "progressive without the last scan": progressive[: progressive.rindex(b"\xff\xda")] + b"\xff\xd9",
        "progressive of the first scan": progressive[: progressive.index(b"\xff\xc4", progressive.index(b"\xff\xda"))] + b"\xff\xd9",
        "cut and closed": whole[: (len(whole) + sos) // 2] + b"\xff\xd9",
        "length of one": after(whole, b"\xff\xdb", 0, b"\0\1"),
        "ends in a length": whole[: dqt + 3],
    }


def broken_png() -> dict[str, bytes]:
    whole = saved("PNG")
    rows = b"".join(b"\0" + row.tobytes() for row in scene())
    header, data, end = whole.index(b"IHDR"), whole.index(b"IDAT"), whole.index(b"IEND")
    length = struct.unpack_from(">I", whole, data - 4)[0]
    tail = whole[data + length + 8 :]
    return {
        "bomb": png(30000, 30000, 8, 2, bytes(1_000_000)),
        "bomb of one row": png(64, 100_000_000, 8, 2, bytes(1000)),
        "more pixels than it has": png(120, 90, 8, 2, rows + bytes(3_000_000)),
        "fewer pixels than it has": png(120, 90, 8, 2, rows[:-500]),
        "bomb behind a small size": png(64, 64, 1, 0, bytes(90_000_000)),
        "damaged header": after(whole, b"IHDR", 15, b"\x55"),
        "damaged pixels": after(whole, b"IDAT", length // 2, b"\x55\xaa\x55"),
        "damaged end": whole[:-1] + b"\0",
        "wrong sum of the stream": whole[: data + length] + whole[data + length : data + length] + tail,
        "no end": whole[: end - 4],
        "no pixels": whole[: data - 4] + tail,
        "empty pixels": whole[: data - 4] + chunk(b"IDAT", b"") + tail,
        "no header": whole[:8] + whole[header + 21 :],
        "two headers": whole[: header + 21] + whole[8:],
        "short header": whole[:8] + chunk(b"IHDR", b"\0\0\0\x78") + whole[header + 21 :],
        "depth of three": png(120, 90, 3, 2, rows),
        "colour that is none": png(120, 90, 8, 5, rows),
        "packing": png(120, 90, 8, 2, rows).replace(b"\x08\x02\0\0\0", b"\x08\x02\x09\0\0", 1),
        "filter": png(120, 90, 8, 2, b"\x09" + rows[1:]),
        "palette missing": png(120, 90, 8, 3, b"".join(b"\0" + row.tobytes() for row in GREY)),
        "palette of one byte": png(120, 90, 8, 3, b"".join(b"\0" + row.tobytes() for row in GREY), PLTE=b"\0"),
        "unknown and needed": png(120, 90, 8, 2, rows, ABCD=b"?"),
        "nothing but empty chunks": whole[: data - 4] + chunk(b"IDAT", b"") * 150_000,
        "length of four gigabytes": whole[: data - 4] + b"\xff\xff\xff\xff" + whole[data:],
        "only the signature": whole[:8],
        "no width": png(0, 90, 8, 2, rows),
        "not packed": whole[: data - 4] + chunk(b"IDAT", rows) + tail,
    }


def broken_webp() -> dict[str, bytes]:
    whole, exact = saved("WEBP"), saved("WEBP", lossless=True)
    return {
        "bomb": exact[:21] + struct.pack("<I", 16383 | 16383 << 14) + exact[25:],
        "shorter than it says": swap(whole, whole[4:8], struct.pack("<I", 9_000_000)),
        "chunk without an end": after(whole, b"VP8 ", 0, b"\xff\xff\xff\x7f"),
        "no picture": riff(b"WEBP", b"EXIF" + struct.pack("<I", 4) + b"abcd"),
        "nothing in it": riff(b"WEBP", b""),
        "no key frame": after(whole, b"VP8 ", 4, b"\x01\x01\x01"),
        "start code": after(whole, b"VP8 ", 7, b"\0\0\0"),
        "exact and broken": after(exact, b"VP8L", 4, b"\x00"),
        "exact and full of ones": exact[:25] + b"\xff" * (len(exact) - 25),
        "a canvas only": riff(b"WEBP", b"VP8X" + struct.pack("<I", 10) + bytes(10)),
        "chunk after chunk": riff(b"WEBP", b"JUNK\0\0\0\0" * 200_000),
    }


def broken_heic() -> dict[str, bytes]:
    whole = heic()
    start = whole.index(b"mdat")
    return {
        "bomb": after(whole, b"ispe", 4, struct.pack(">II", 60000, 60000)),
        "smaller than inside": after(whole, b"ispe", 4, struct.pack(">II", 100, 80)),
        "only the type": whole[:28],
        "meta alone": whole[: start - 4],
        "no meta": whole[:28] + whole[start - 4 :],
        "sequence": whole[:8] + b"msf1" + whole[12:],
        "sequence of the other kind": whole[:8] + b"hevc" + whole[12:],
        "film": whole + b"\0\0\0\x08moov",
        "box of no length": after(whole, b"ftyp", 4, bytes(20)),
        "item outside": after(whole, b"iloc", 8, b"\xff" * 12),
        "no item": swap(whole, b"iloc", b"xloc"),
        "no properties": swap(whole, b"iprp", b"xprp"),
        "no decoder set up": swap(whole, b"hvcC", b"xvcC"),
        "decoder set up with noise": after(whole, b"hvcC", 1, b"\xaa" * 60),
        "picture of zeros": whole[: start + 4] + bytes(len(whole) - start - 4),
        "picture of noise": whole[: start + 4] + np.random.default_rng(1).bytes(len(whole) - start - 4),
        "boxes in boxes": whole[:28] + b"".join(struct.pack(">I4s", 90_000 - 8 * i, b"meta") for i in range(10_000)),
        "another picture": swap(whole, b"hvc1", b"xxxx"),
        "huge box": whole[:28] + struct.pack(">I4sQ", 1, b"meta", 2**62) + whole[28:],
    }


def broken_dicom() -> dict[str, bytes]:
    whole = dicom()
    deep = b"".join(b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" for _ in range(20_000))
    body = whole.index(b"\x08\x00\x16\x00UI")
    bomb = rle(GREY)[:64] + b"\x81\x00" * 2_000_000
    zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = swap(whole[:body], b"UI\x14\x001.2.840.10008.1.2.1\0", b"UI\x16\x001.2.840.10008.1.2.1.99")
    cut_jpeg = saved("JPEG", np.random.default_rng(2).integers(0, 256, (90, 120, 3), np.uint8))
    return {
        "bomb": dicom(Rows=65535, Columns=65535),
        "bomb of runs": dicom(GREY, syntax=RLE, packed=bomb[:64], Rows=8000, Columns=7000),
        "runs that never end": dicom(np.stack([GREY] * 3, -1), syntax=RLE, packed=bomb),
        "jpeg 2000 of another size": dicom(GREY, syntax=J2K, packed=saved("JPEG2000", np.zeros((900, 900), np.uint8), no_jp2=True)),
        "jpeg of another size": dicom(syntax=JPEG, packed=saved("JPEG", scene(400, 300))),
        "jpeg bomb": dicom(syntax=JPEG, packed=broken_jpeg()["bomb"]),
        "jpeg cut and closed": dicom(syntax=JPEG, packed=cut_jpeg[: len(cut_jpeg) // 2] + b"\xff\xd9"),
        "png as jpeg": dicom(syntax=JPEG, packed=saved("PNG")),
        "jpeg as jpeg 2000": dicom(GREY, syntax=J2K, packed=saved("JPEG", GREY)),
        "nothing packed": dicom(syntax=JPEG, packed=bytes(2)),
        "packed bomb": deflated + zeros.compress(bytes(30_000_000)) + zeros.flush(),
        "several frames": dicom(NumberOfFrames=3, PixelData=scene().tobytes() * 3),
        "frames below none": dicom(NumberOfFrames=-1),
        "frames without end": dicom(NumberOfFrames=2_000_000_000),
        "document": dicom(SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", EncapsulatedDocument=b"%PDF-1.7"),
        "no rows": dicom(Rows=0),
        "no columns": dicom(Columns=0),
        "too few rows": dicom(Rows=40),
        "more rows than data": dicom(Rows=900),
        "rows missing": dicom(Rows=None),
        "no bits": dicom(BitsStored=0),
        "seven bits": dicom(BitsAllocated=7),
        "one bit": dicom(GREY, BitsAllocated=1, BitsStored=1),
        "32 bits": dicom(GREY, BitsAllocated=32),
        "more stored than there is": dicom(BitsStored=16),
        "two values": dicom(SamplesPerPixel=2),
        "four values": dicom(SamplesPerPixel=4),
        "palette": dicom(GREY, PhotometricInterpretation="PALETTE COLOR"),
        "colour unknown": dicom(PhotometricInterpretation="XYZ"),
        "grey that says three": dicom(PhotometricInterpretation="MONOCHROME2"),
        "slope that is none": dicom(GREY, RescaleSlope="1e400"),
        "syntax unknown": dicom(syntax="1.2.3.4.5"),
        "syntax of letters": swap(whole, b"1.2.840.10008.1.2.1\0", b"hello, I am Ana.  \0\0"),
        "syntax of another": swap(whole, b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0"),
        "lossless jpeg": dicom(syntax="1.2.840.10008.1.2.4.70", packed=saved("JPEG")),
        "film": dicom(syntax="1.2.840.10008.1.2.4.102", packed=b"\0" * 99),
        "only the preamble": whole[:132],
        "only the header": whole[:body],
        "preamble twice": whole[:132] * 2 + whole[132:],
        "sequences in sequences": whole[:body] + deep,
        "sequence without an end": whole[:body] + deep[:12] + whole[body:],
        "nothing but elements": whole[:body] + b"\x09\x00\x01\x00UN\0\0\0\0\0\0" * 300_000 + whole[body:],
        "header without an end": whole[:144] + b"\x02\x00\x01\x00UL\x04\x00\0\0\0\0" * 50_000,
        "length of four gigabytes": whole[:body] + b"\x09\x00\x01\x00OB\0\0\xf0\xff\xff\xff" + whole[body:],
        "fragments without an end": dicom(syntax=JPEG, packed=saved("JPEG")).rstrip(b"\0").removesuffix(b"\xfe\xff\xdd\xe0"),
        "fragment longer than the file": after(dicom(syntax=JPEG, packed=saved("JPEG")), b"\xfe\xff\x00\xe0", 0, b"\xf0\xff\xff\x7f"),
        "runs of no segment": dicom(GREY, syntax=RLE, packed=bytes(64) + bytes(90)),
        "runs of sixteen segments": dicom(GREY, syntax=RLE, packed=struct.pack("<16I", 16, *range(64, 79)) + bytes(99)),
        "runs from outside": dicom(GREY, syntax=RLE, packed=struct.pack("<16I", 1, 9_000_000, *[0] * 14) + bytes(99)),
        "runs that end early": dicom(GREY, syntax=RLE, packed=rle(GREY[:80])),
        "no header": whole[body:],
    }
