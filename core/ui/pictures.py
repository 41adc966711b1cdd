"""Photos, outlines and heat maps as addresses a browser can draw, and the two elements that show them.

Addresses are kept by content (a hash of what they show), so a rerun does not encode a picture twice
and nobody can ask for a picture they do not already hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.parts import data_url, element

Rgb = tuple[int, int, int]
TEAL = (18, 142, 148)
DISPLAY = 1000
"""Longer side of a photo on the screen, in pixels."""


@dataclass(frozen=True)
class Picture:
    """A picture to show: its address (`data:image/...`), its width and height in pixels, and what it shows in words."""

    address: str
    width: int
    height: int
    alt: str


def _encoded(rgb: NDArray[np.uint8], ending: str) -> str:
    turned = cv2.cvtColor(rgb, cv2.COLOR_RGBA2BGRA if rgb.shape[2] == 4 else cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(ending, turned, [cv2.IMWRITE_JPEG_QUALITY, 86] if ending == ".jpg" else [])
    if not done:
        raise ValueError("OpenCV did not encode the picture")
    return data_url(data.tobytes(), "image/jpeg" if ending == ".jpg" else "image/png")


def _bounded(size: tuple[int, int], longer: int) -> tuple[int, int]:
    """(width, height) with the longer side at most `longer`, never enlarged."""
    scale = min(1.0, longer / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _hash(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes() + repr(array.shape).encode()).hexdigest()


@st.cache_data(show_spinner=False, max_entries=64, ttl=1800)
def _photo(key: str, longer: int, _pixels: NDArray[np.uint8]) -> str:
    width, height = _bounded((_pixels.shape[1], _pixels.shape[0]), longer)
    return _encoded(np.asarray(cv2.resize(_pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8), ".jpg")


def photo_picture(pixels: NDArray[np.uint8], alt: str, longer: int = DISPLAY) -> Picture:
    """A photo (uint8 RGB, (h, w, 3)) for the screen: JPEG, longer side at most `longer` pixels."""
    width, height = _bounded((pixels.shape[1], pixels.shape[0]), longer)
    return Picture(_photo(_hash(pixels), longer, pixels), width, height, alt)


@st.cache_data(show_spinner=False, max_entries=64, ttl=1800)
def _outline(key: str, longer: int, _mask: NDArray[np.uint8]) -> str:
    width, height = _bounded((_mask.shape[1], _mask.shape[0]), longer)
    small = np.asarray(cv2.resize(_mask, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    contours, _ = cv2.findContours(np.asarray(small > 127, np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    thick = max(2, max(width, height) // 200)
    outer, inner = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    cv2.drawContours(outer, contours, -1, 255, thick + 4, cv2.LINE_AA)  # type: ignore[call-overload,unused-ignore]
    cv2.drawContours(inner, contours, -1, 255, thick, cv2.LINE_AA)  # type: ignore[call-overload,unused-ignore]
    share = inner[..., None] / 255.0
    colour = np.array(TEAL) * share + 255.0 * (1 - share)  # a white edge keeps the line visible on brown and on pink
    return _encoded(np.dstack([colour.astype(np.uint8), np.maximum(outer, inner)]).astype(np.uint8), ".png")


def outline_address(mask: NDArray[np.uint8], longer: int = DISPLAY) -> str:
    """The outline of a mask (uint8 (h, w), 0 or 255) as a see-through PNG of the mask's own aspect."""
    return _outline(_hash(mask), longer, mask)


@st.cache_data(show_spinner=False, max_entries=64, ttl=1800)
def _signs(key: str, size: tuple[int, int], colours: tuple[Rgb, ...], _masks: list[NDArray[np.uint8]]) -> str:
    shape = (size[1], size[0])
    rgb, alpha = np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)
    thick = max(1, max(size) // 500)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (6 * thick + 1, 6 * thick + 1))
    for mask, colour in zip(_masks, colours, strict=True):
        small = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0, np.uint8)
        contours, _ = cv2.findContours(cv2.dilate(small, around), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for ink, wide in (((30, 26, 24), thick + 2), (colour, thick)):
            cv2.drawContours(rgb, contours, -1, ink, wide)
            cv2.drawContours(alpha, contours, -1, 255, wide)  # type: ignore[call-overload,unused-ignore]
    return _encoded(np.dstack([rgb, alpha]).astype(np.uint8), ".png")


def signs_address(masks: Mapping[str, NDArray[np.uint8]], colours: Mapping[str, Rgb], size: tuple[int, int]) -> str:
    """Rings round every piece of several masks (uint8 (h, w), 0 or 255), each kind in its colour, as a see-through PNG of `size`.

    A ring keeps its distance: the smallest signs are a few pixels wide, and a line on them would hide them.
    """
    key = hashlib.sha256("".join(f"{name}{_hash(mask)}" for name, mask in masks.items()).encode()).hexdigest()
    return _signs(key, size, tuple(colours[name] for name in masks), list(masks.values()))


@st.cache_data(show_spinner=False, max_entries=64, ttl=1800)
def _heat(key: str, size: tuple[int, int], _heat: NDArray[np.float32]) -> str:
    grown = np.clip(cv2.resize(_heat.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), 0, 1)
    level = np.asarray(grown * 255, np.uint8)
    colour = cv2.cvtColor(cv2.applyColorMap(level, cv2.COLORMAP_CIVIDIS), cv2.COLOR_BGR2RGB)
    return _encoded(np.dstack([colour, level]).astype(np.uint8), ".png")


def heat_address(heat: NDArray[np.float32], size: tuple[int, int], longer: int = 480) -> str:
    """What a network looked at (float32 (h, w), 0-1, over the whole photo of `size` = (width, height)) as a
    see-through PNG of the photo's aspect: clear where it did not look, yellow where it looked most."""
    return _heat(_hash(heat), _bounded(size, longer), heat)


def share_of_photo(mask: NDArray[np.uint8]) -> float:
    """The part of the photo inside the outline, 0-1. It says nothing about millimetres."""
    return float(np.count_nonzero(mask > 127) / mask.size)


def lens(picture: Picture, layer: str, name: str, start: int, key: str) -> None:
    """A picture with a layer over it and a slider for the layer's strength (percent to start with)."""
    data = {
        "picture": picture.address,
        "alt": picture.alt,
        "layer": layer,
        "name": name,
        "label": "Strength",
        "start": start,
        "ratio": picture.width / picture.height,
    }
    element("lens", data=data, key=key)


def compare(before: Picture, after: Picture, before_text: str, after_text: str, caption: str, key: str) -> None:
    """Two pictures side by side under one slider; the second is cut to the shape of the first."""
    data = {
        "before": before.address,
        "after": after.address,
        "before_alt": before.alt,
        "after_alt": after.alt,
        "before_text": before_text,
        "after_text": after_text,
        "caption": caption,
        "ratio": before.width / before.height,
    }
    element("compare", data=data, key=key)
