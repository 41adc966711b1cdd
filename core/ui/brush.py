"""The brush with which a person corrects an outline: a photo, a mask to paint on, and the painted mask back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.ui.parts import data_url, element
from core.ui.pictures import TEAL, Picture

HEAD = "data:image/png;base64,"
MOST = 8_000_000
"""Characters of a painted mask that are read. One of 1600 x 1600 pixels has a hundredth of it."""


def brush(picture: Picture, mask: NDArray[np.uint8], key: str) -> NDArray[np.uint8] | None:
    """Show the brush; the mask as painted, uint8 (h, w) 0 or 255 of `mask`'s size; None while nothing is painted.

    `mask`: the outline to begin with, at the photo's working size. Raises `InvalidInput` for an answer that is no such mask.
    """
    height, width = mask.shape
    id = hashlib.sha256(np.ascontiguousarray(mask).tobytes() + repr((width, height, key)).encode()).hexdigest()[:16]
    data = {
        "id": id,
        "picture": picture.address,
        "alt": picture.alt,
        "mask": _paint(mask),
        "width": width,
        "height": height,
    }
    told = element("brush", data=data, key=key, on_drawn_change=_noted).drawn
    if not isinstance(told, Mapping) or told.get("id") != id or not told.get("mask"):
        return None
    return painted(told["mask"], (width, height))


def painted(address: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The mask in a browser's answer (a PNG as a data address) of `size` = (width, height): uint8 (h, w), 0 or 255.

    The answer comes from outside, so its size is read before it is unpacked. Raises `InvalidInput`.
    """
    wrong = InvalidInput("The outline you drew did not arrive whole.", "Please draw it again.")
    if not isinstance(address, str) or not address.startswith(HEAD) or len(address) > MOST:
        raise wrong
    try:
        data = base64.b64decode(address[len(HEAD) :], validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33 or struct.unpack(">II", data[16:24]) != size:
        raise wrong
    try:
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        raise wrong from None
    if grey is None or grey.shape != size[::-1]:
        raise wrong
    return np.asarray((grey > 127) * 255, dtype=np.uint8)


def _paint(mask: NDArray[np.uint8]) -> str:
    """The mask as see-through colour, for the canvas."""
    colour = np.empty((*mask.shape, 4), np.uint8)
    colour[..., :3], colour[..., 3] = TEAL[::-1], np.where(mask > 0, 255, 0)
    _, data = cv2.imencode(".png", colour)
    return data_url(data.tobytes(), "image/png")


def _noted() -> None:
    """What was painted is read in the run that follows."""
