"""The pixels of a DICOM picture: decoded, and grey ones as the file says they should be seen (PS3.3 C.11.1 and C.11.2)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import pixel_array
from pydicom.uid import ExplicitVRLittleEndian

from core.intake.container import Malformed, SizeCheck
from core.intake.decode import decode
from core.intake.rle import unpack_rle
from core.intake.walk import walk

RLE = "1.2.840.10008.1.2.5"
JPEG_2000 = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})
PLAIN = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})


def samples(ds: Dataset) -> int:
    """Values for each pixel."""
    return int(ds.get("SamplesPerPixel") or 1)


def stored_bits(ds: Dataset) -> int:
    """Bits of each value that are used."""
    return int(ds.get("BitsStored") or ds.BitsAllocated)


def decoded(ds: Dataset, syntax: str) -> NDArray[Any]:
    """Stored values (h, w), or RGB uint8 (h, w, 3). Malformed, or what pydicom raises, when they cannot be had."""
    if syntax == RLE:
        _unpack(ds)
    elif syntax not in PLAIN:
        _check_frame(ds, syntax)
    elif len(ds.PixelData) < _length(ds):
        raise Malformed("less data than pixels", incomplete=True)
    array = pixel_array(ds, index=0)
    shape = (int(ds.Rows), int(ds.Columns), 3) if samples(ds) == 3 else (int(ds.Rows), int(ds.Columns))
    if array.shape != shape:
        raise Malformed("another size than it says")
    if array.ndim == 3 and array.dtype != np.uint8:
        return np.asarray(array >> max(0, stored_bits(ds) - 8), dtype=np.uint8)
    return array


def _length(ds: Dataset) -> int:
    """Bytes of the pixels when they are not packed."""
    values = int(ds.Rows) * int(ds.Columns) * samples(ds)
    halved = 2 * values // 3 if ds.PhotometricInterpretation == "YBR_FULL_422" else values
    return halved * int(ds.BitsAllocated) // 8


def _frame(ds: Dataset) -> bytes:
    """The packed picture; the first frame is the only one."""
    return next(iter(generate_frames(ds.PixelData, number_of_frames=1)))


def _unpack(ds: Dataset) -> None:
    """Replace RLE data by what it stands for."""
    each = int(ds.BitsAllocated) // 8
    ds.PixelData = unpack_rle(_frame(ds), int(ds.Rows) * int(ds.Columns), samples(ds), each)
    ds["PixelData"].VR = "OW" if each == 2 else "OB"
    ds["PixelData"].is_undefined_length = False
    if samples(ds) == 3:
        ds.PlanarConfiguration = 1
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def _same_size(ds: Dataset) -> SizeCheck:
    def check(width: int, height: int) -> None:
        if (width, height) != (int(ds.Columns), int(ds.Rows)):
            raise Malformed("another size inside than outside")

    return check


def _check_frame(ds: Dataset, syntax: str) -> None:
    """Malformed or PhotoRejected unless the packed picture is whole, with the size and number of values that the file says."""
    frame = _frame(ds)
    if syntax not in JPEG_2000:
        frame = frame.rstrip(b"\x00")
        decode(walk(frame, _same_size(ds)))  # the same questions as of any JPEG; is all of it there?
    with (Jpeg2KImageFile if syntax in JPEG_2000 else JpegImageFile)(io.BytesIO(frame)) as image:
        if image.size != (int(ds.Columns), int(ds.Rows)) or len(image.getbands()) != samples(ds):
            raise Malformed("another size inside than outside")


def shown(values: NDArray[Any], ds: Dataset) -> NDArray[Any]:
    """Grey (h, w) as it should be seen: uint8 for values of up to 8 bits, else uint16 over its whole range.

    Rescale slope and intercept, then the first window (LINEAR, LINEAR_EXACT or SIGMOID). Without a window values
    of 8 bits stay as they are, and others span from the least to the greatest. Pixel padding is black.
    """
    low, high = int(values.min()), int(values.max())
    steps = np.arange(low, high + 1, dtype=np.int64)  # at most 65,536: every value that occurs is looked up in a table
    padding = _padding(ds, steps)
    slope, intercept = float(_first(ds, "RescaleSlope") or 1), float(_first(ds, "RescaleIntercept") or 0)
    if not (np.isfinite(slope) and np.isfinite(intercept)):
        raise Malformed("a rescaling that is no number")
    rescaled: NDArray[np.float64] = np.asarray(steps * slope + intercept, dtype=np.float64)
    small = stored_bits(ds) <= 8
    centre, width = _first(ds, "WindowCenter"), _first(ds, "WindowWidth")
    if centre is not None and width is not None and np.isfinite([centre, width]).all() and width > 0:
        share = windowed(rescaled, centre, width, str(ds.get("VOILUTFunction") or "LINEAR").upper())
    elif small and (slope, intercept) == (1, 0) and int(ds.get("PixelRepresentation") or 0) == 0:
        share = rescaled / (2 ** stored_bits(ds) - 1)
    else:
        share = _spread(rescaled, values, padding)
    if ds.PhotometricInterpretation == "MONOCHROME1":
        share = 1 - share
    share[padding] = 0
    most = 255 if small else 65535
    table = np.rint(np.clip(share, 0, 1) * most).astype(np.uint8 if small else np.uint16)
    out = np.empty(values.shape, table.dtype)
    for band, (top, bottom) in _bands(values):
        out[top:bottom] = table[band - low]
    return out


def _bands(values: NDArray[Any]) -> Iterator[tuple[NDArray[np.int32], tuple[int, int]]]:
    """The values as int32, some rows at a time with their place: a whole copy of a large picture would be a quarter of a gigabyte."""
    rows = max(1, 2_000_000 // values.shape[1])
    for top in range(0, len(values), rows):
        yield values[top : top + rows].astype(np.int32), (top, top + rows)


def windowed(x: NDArray[np.float64], centre: float, width: float, function: str) -> NDArray[np.float64]:
    """0-1 by a window, PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (x - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return np.clip((x - centre) / width + 0.5, 0, 1)
    if width < 1:
        raise Malformed("a window without a width")
    if width == 1:
        return (x > centre - 0.5).astype(np.float64)
    return np.clip((x - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def _spread(rescaled: NDArray[np.float64], values: NDArray[Any], padding: NDArray[np.bool_]) -> NDArray[np.float64]:
    """0-1 from the least to the greatest value that occurs and is no padding."""
    occurs = np.zeros(len(rescaled), bool)
    low = int(values.min())
    for band, _ in _bands(values):
        occurs[band - low] = True
    seen = rescaled[occurs & ~padding]
    if not len(seen) or seen.max() == seen.min():
        return np.zeros(len(rescaled))
    return np.asarray((rescaled - seen.min()) / (seen.max() - seen.min()))


def _padding(ds: Dataset, steps: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which values mean that there is no picture here (PS3.3 C.7.5.1.1.2)."""
    first = _first(ds, "PixelPaddingValue")
    if first is None:
        return np.zeros(len(steps), bool)
    last = _first(ds, "PixelPaddingRangeLimit")
    ends = sorted((first, first if last is None else last))
    return (steps >= ends[0]) & (steps <= ends[1])


def _first(ds: Dataset, name: str) -> float | None:
    """The number under a tag, the first where there are several; None when there is none."""
    value = ds.get(name)
    if isinstance(value, (list, tuple)) or hasattr(value, "__iter__") and not isinstance(value, (str, bytes)):
        value = next(iter(value), None)
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        return float(int.from_bytes(value[:2], "little"))
    return float(value)
