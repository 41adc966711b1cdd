"""What the shape of the field of view alone says of the grade: the shortcut, measured before and after it was taken away."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from core.vision.field import BLANK, Field

LIT = 12
"""From this value (0-255) of the lightest channel a pixel counts as shown."""
FINE = 10
"""Squares a side that the levelled photo is looked at in."""


def of_field(photos: Sequence[np.ndarray], found: Sequence[Field | None]) -> np.ndarray:
    """The shape of each photo's field (N, 8), in parts of the photo's width and height; no pixel of the eye is in it."""
    rows = []
    for photo, field in zip(photos, found, strict=True):
        height, width = photo.shape[:2]
        if field is None:
            rows.append([np.nan] * 8)
        else:
            rows.append(
                [
                    field.rx / width,
                    field.ry / height,
                    field.rx / field.ry,
                    field.top,
                    field.bottom,
                    field.coverage,
                    field.x / width,
                    field.y / height,
                ]
            )
    return np.array(rows)


def of_levelled(images: np.ndarray) -> np.ndarray:
    """What is left of it in levelled photos (N, h, h, 3): the share of each of 10 x 10 squares that shows the eye (N, 100)."""
    shown = (images != np.array(BLANK, np.uint8)).any(3) & (images.max(3) > LIT)
    return np.stack([cv2.resize(one.astype(np.float32), (FINE, FINE), interpolation=cv2.INTER_AREA).ravel() for one in shown])


def chance(train: np.ndarray, referable: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Chance (M,) of a referable grade by shape: trees learned from shapes (N, d) and answers (N,) bool, asked of (M, d)."""
    trees = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, min_samples_leaf=20, random_state=0)
    return np.asarray(trees.fit(train, referable).predict_proba(asked)[:, 1])
