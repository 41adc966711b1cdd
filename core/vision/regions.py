"""From chances per pixel to outlines in several pieces, at the photo's working size: a rash is seldom one patch."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SPECK = 0.0002
"""Pieces, and holes in them, smaller than this share of the picture are dropped: 13 of the 65 536 pixels a network of 256 px sees."""


def pieces_of(chance: NDArray[np.float32], shape: tuple[int, ...], threshold: float = 0.5) -> NDArray[np.uint8]:
    """All pieces: uint8 (H, W) 0/255 from chances (h, w) float32 over the whole photo.

    Specks are dropped and pinholes filled where the network drew them, which is quick; then the chances are enlarged and
    cut, which gives a smooth edge.
    """
    height, width = shape[:2]
    least = max(1, round(SPECK * chance.size))
    above = chance >= threshold
    kept = _large_pieces(above, least)
    filled = ~_large_pieces(~kept, least)
    clean = np.where(filled, np.where(above, chance, 1), np.where(above, 0, chance)).astype(np.float32)
    large = cv2.resize(clean, (width, height), interpolation=cv2.INTER_LINEAR)
    return (large >= threshold).astype(np.uint8) * np.uint8(255)


def outlines_of(chances: NDArray[np.float32], shape: tuple[int, ...], thresholds: tuple[float, float]) -> tuple[NDArray[np.uint8], ...]:
    """Affected and visible skin, uint8 (H, W) 0/255, from chances (2, h, w) in this order; `thresholds` of both.

    What is affected lies on visible skin, or it is not outlined: a red cloth is no rash.
    """
    skin = pieces_of(chances[1], shape, thresholds[1])
    return np.where(skin > 0, pieces_of(chances[0], shape, thresholds[0]), 0).astype(np.uint8), skin


def count_pieces(mask: NDArray[np.uint8], least: float) -> int:
    """Connected pieces of a mask (H, W), there where it is not 0, of at least `least` of the picture (0-1)."""
    count, _, facts, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8), connectivity=8)
    return int((facts[1:count, cv2.CC_STAT_AREA] >= least * mask.size).sum())


def _large_pieces(mask: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """The mask without its pieces of fewer than `least` pixels."""
    count, pieces, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = facts[:count, cv2.CC_STAT_AREA] >= least
    large[0] = False
    return np.asarray(large[pieces], bool)
