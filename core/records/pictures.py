"""The pictures of a record: which there are, and in which form the store has them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CareLensError
from core.examinations.finding import Finding
from core.photo import Photo, encode_jpeg, encode_mask, encode_png, resized
from core.records.photos import PhotoStore

THUMBNAIL = 480
"""Longer side of a thumbnail, in pixels."""


def put_all(blobs: PhotoStore, keys: list[str], photo: Photo, finding: Finding) -> dict[str, Any]:
    """Write every picture, noting each key in `keys` at once; returns the columns that name them."""

    def put(data: bytes) -> str:
        keys.append(blobs.put(data))
        return keys[-1]

    return {
        "photo_key": put(photo.original),
        "photo_sha256": photo.sha256,
        "media_type": photo.media_type,
        "thumbnail_key": put(encode_jpeg(resized(photo.pixels, THUMBNAIL))),
        "mask_keys": {name: put(encode_mask(mask)) for name, mask in finding.masks.items()},
        "heat_key": None if finding.heat is None else put(encode_png(heat_to_grey(finding.heat))),
    }


def drop(blobs: PhotoStore, keys: list[str]) -> None:
    """Remove pictures; never raises."""
    for key in keys:
        with suppress(CareLensError):  # what cannot be removed now is unseen, and `core.records.check` finds it later
            blobs.delete(key)


def heat_to_grey(heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """float32 0-1 to uint8 0-255, rounded: at most 1/510 is lost, far below what a picture can show."""
    return np.rint(np.clip(heat, 0.0, 1.0) * 255).astype(np.uint8)


def grey_to_heat(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 0-255 back to float32 0-1."""
    return grey.astype(np.float32) / np.float32(255)
