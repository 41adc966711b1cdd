"""The disc as the app decides it, at every threshold at once."""

from __future__ import annotations

import numpy as np

from core.vision.signs import disc_of

CUTS = 32
"""Thresholds at which the one piece of the disc is sought."""


def one_piece(chance: np.ndarray) -> np.ndarray:
    """The chances (H, W) float32 of something that is one convex piece: of a pixel the largest cut at which that piece has it.

    At a cut t / 32 what reaches it is then what `core.vision.signs.disc_of` outlines there.
    """
    out = np.zeros_like(chance)
    for cut in range(1, CUTS):
        out[disc_of(chance, cut / CUTS) > 0] = cut / CUTS
    return out
