"""Run the shipped `eczema_outline` over the outlined photos as the app does, and every figure of its card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.examinations.severity import Interval, severity
from core.vision.card import card
from core.vision.skin_tone import BANDS, NOT_SEEN
from models.eczema_outline.recipe import iou
from models.eczema_outline.tones import outlines, tone
from models.skin_condition.recipe import CORNER
from models.training.clinical import eczema
from models.training.metrics import bootstrap, share

FEWEST = 20
"""Photos a group needs before it gets figures."""


@dataclass(frozen=True)
class Measured:
    """What was drawn on the photos of one split, row by row; NaN where nobody outlined the skin, or only one annotator drew.

    `affected`, `skin`: IoU with the annotator's outline. `fraction`, `true_fraction`: affected by visible skin. `spread`: of
    the views about the fraction. `redness`, `true_redness`. `held`: the annotator's fraction lies in the interval.
    `second`: IoU of both annotators; `second_affected`: of the app with the second. `corner_iou`: of the outlines with and
    without the corner painted over, outside the corner; `corner_change`: by how much the fraction changes there.
    """

    groups: np.ndarray
    sources: np.ndarray
    qualities: np.ndarray
    tones: np.ndarray
    affected: np.ndarray
    skin: np.ndarray
    fraction: np.ndarray
    true_fraction: np.ndarray
    spread: np.ndarray
    redness: np.ndarray
    true_redness: np.ndarray
    red_spread: np.ndarray
    held: np.ndarray
    red_held: np.ndarray
    second: np.ndarray
    second_affected: np.ndarray
    corner_iou: np.ndarray
    corner_change: np.ndarray


def without_corner(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The photo with its lower left corner in the photo's mean colour, and where that is not (H, W) bool."""
    height, width = pixels.shape[:2]
    out, outside = pixels.copy(), np.ones((height, width), bool)
    outside[height - round(CORNER[0] * height) :, : round(CORNER[1] * width)] = False
    out[~outside] = pixels.mean((0, 1))
    return out, outside


def _fraction(affected: np.ndarray, skin: np.ndarray) -> float:
    shown = ((affected > 0) | (skin > 0)).sum()
    return float((affected > 0).sum() / shown) if shown else float("nan")


def _row(photo: np.ndarray, first: np.ndarray, second: np.ndarray | None, skin: np.ndarray | None) -> dict[str, Any]:
    none = float("nan")
    affected, shown, views = outlines(photo)
    way = Interval.of(card("eczema_outline").facts)
    found = severity(photo, affected, shown, views, way)
    covered, outside = without_corner(photo)
    again, shown_again, _ = outlines(covered)
    truth = severity(photo, first, skin) if skin is not None else None
    fractions = np.array([_fraction(*view) for view in views])
    reds = np.array([severity(photo, *view).redness for view in views])
    return {
        "tones": tone(photo, (affected, shown)),
        "affected": iou(affected > 0, first > 0),
        "skin": iou(shown > 0, skin > 0) if skin is not None else none,
        "fraction": found.affected_fraction,
        "true_fraction": truth.affected_fraction if truth else none,
        "spread": float(np.sqrt(np.mean((fractions - found.affected_fraction) ** 2))),
        "redness": found.redness,
        "true_redness": truth.redness if truth else none,
        "red_spread": float(np.sqrt(np.nanmean((reds - found.redness) ** 2))) if np.isfinite(reds).any() else none,
        "held": float(found.affected_low <= truth.affected_fraction <= found.affected_high) if truth else none,
        "red_held": float(found.redness_low <= truth.redness <= found.redness_high) if truth and np.isfinite(truth.redness) else none,
        "second": iou(first > 0, second > 0) if second is not None else none,
        "second_affected": iou(affected > 0, second > 0) if second is not None else none,
        "corner_iou": iou((affected > 0) & outside, (again > 0) & outside),
        "corner_change": abs(_fraction(affected * outside, shown * outside) - _fraction(again * outside, shown_again * outside)),
    }


def collect(folder: Path, split: str, limit: int | None = None) -> Measured:
    """Run one split of `eczema` through the app's engine and outlines."""
    data = eczema(folder, (split,), limit)
    cv2.setNumThreads(1)
    rows = [_row(*each) for each in zip(data.photos, data.first, data.second, data.skin, strict=True)]
    return Measured(
        groups=data.table["person_group"].fillna(data.table["image_id"]).to_numpy(),
        sources=data.table["source"].to_numpy(),
        qualities=data.table["quality"].to_numpy(),
        **{name: np.array([row[name] for row in rows]) for name in rows[0]},
    )


def _figures(rows: Measured, at: np.ndarray) -> dict[str, Any]:
    """The headline figures on some rows, intervals by bootstrap over persons; means leave out what was not outlined."""
    groups = rows.groups[at]

    def mean(values: np.ndarray) -> dict[str, Any]:
        own = values[at]
        known = np.isfinite(own)
        if not known.any():
            return {"value": None, "n": 0}
        return bootstrap(int(known.sum()), lambda r: float(own[known][r].mean()), groups=groups[known])

    return {
        "affected_iou": mean(rows.affected),
        "skin_iou": mean(rows.skin),
        "fraction_error": mean(np.abs(rows.fraction - rows.true_fraction)),
        "redness_error": mean(np.abs(rows.redness - rows.true_redness)),
    }


def measure(val: Measured, test: Measured) -> dict[str, Any]:
    """The figures of the card."""
    everything = np.arange(len(test.affected))
    twice = np.isfinite(test.second)
    metrics: dict[str, Any] = _figures(test, everything)
    metrics |= {
        "affected_under_half": bootstrap(len(everything), lambda r: share(test.affected[r] < 0.5), groups=test.groups),
        "interval_holds": round(float(np.nanmean(test.held)), 4),
        "redness_interval_holds": round(float(np.nanmean(test.red_held)), 4),
        "corner_iou": bootstrap(len(everything), lambda r: float(test.corner_iou[r].mean()), groups=test.groups),
        "corner_change": bootstrap(len(everything), lambda r: float(np.nanmean(test.corner_change[r])), groups=test.groups),
        "two_annotators": {
            "n": int(twice.sum()),
            "each_other": round(float(test.second[twice].mean()), 4) if twice.any() else None,
            "network_and_second": round(float(test.second_affected[twice].mean()), 4) if twice.any() else None,
        },
        "by_source": {
            name: {"n": int((test.sources == name).sum()), "affected_iou": round(float(test.affected[test.sources == name].mean()), 4)}
            for name in sorted(set(test.sources))
        },
        "by_skin_tone": {},
    }
    for name in (*(band for band, _ in BANDS), NOT_SEEN):
        at = np.flatnonzero(test.tones == name)
        metrics["by_skin_tone"][name] = {"n": len(at)} | (_figures(test, at) if len(at) >= FEWEST else {})
    before = _figures(val, np.arange(len(val.affected)))
    return {"metrics": metrics, "metrics_val": {name: figure["value"] for name, figure in before.items()}}
