"""Pixels made smaller or larger, and written to and read from files of our own."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Pixel = TypeVar("Pixel", np.uint8, np.uint16)


def resized(pixels: NDArray[Pixel], longer: int) -> NDArray[Pixel]:
    """The picture (h, w) or (h, w, 3), of 8 or 16 bits, with its longer side at most `longer` px; averaged down, never enlarged."""
    height, width = pixels.shape[:2]
    if max(height, width) <= longer:
        return pixels
    scale = longer / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA), dtype=pixels.dtype)


def to_full_size(mask: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask (h, w) of the working copy at the photo's own `size` (width, height), values unchanged."""
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT), dtype=np.uint8)


def encode_jpeg(pixels: NDArray[np.uint8], quality: int = 86) -> bytes:
    """A JPEG file of RGB pixels (h, w, 3) or grey (h, w); quality 1-100. The same pixels give the same bytes."""
    return _encoded(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])


def encode_png(array: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """A PNG file of a mask or grey (h, w) or of RGB pixels (h, w, 3), of 8 or 16 bits."""
    return _encoded(".png", array, [cv2.IMWRITE_PNG_COMPRESSION, 3])


def encode_mask(mask: NDArray[np.uint8]) -> bytes:
    """A PNG file of a mask (h, w) of 0 and 255: the same picture as `encode_png` makes, in a quarter of the time and of the size.

    A mask is long runs of one value: written as they are, without a filter, and packed as runs, nothing has to be searched for.
    """
    runs = [cv2.IMWRITE_PNG_COMPRESSION, 3, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    return _encoded(".png", mask, [*runs, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE])


def decode_png(data: bytes) -> NDArray[np.uint8]:
    """The array that `encode_png` was given: (h, w) or RGB (h, w, 3) uint8. For our own files only; ValueError otherwise."""
    array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if array is None or array.dtype != np.uint8:
        raise ValueError("not a PNG file of ours")
    return np.asarray(cv2.cvtColor(array, cv2.COLOR_BGR2RGB) if array.ndim == 3 else array, dtype=np.uint8)


def _encoded(extension: str, pixels: NDArray[np.uint8] | NDArray[np.uint16], options: list[int]) -> bytes:
    ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    done, data = cv2.imencode(extension, np.ascontiguousarray(ordered), options)
    if not done:
        raise ValueError(f"cannot be written as {extension}")
    return data.tobytes()
