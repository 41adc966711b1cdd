"""The colour of the unaffected skin in clinical photos, by the app's own outlines."""

from __future__ import annotations

import numpy as np

from core.examinations.condition import skin_of
from core.examinations.eczema import MASKS, OUTLINE, thresholds
from core.vision.card import card
from core.vision.looks import look
from core.vision.regions import outlines_of
from core.vision.skin_tone import band, ita, unaffected


def outlines(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Affected and visible skin, uint8 (H, W) 0/255, of a photo uint8 RGB (H, W, 3) as the app draws them, and as each view would."""
    facts, seen = card(OUTLINE).facts, look(OUTLINE, pixels)
    order, cuts = [list(facts["classes"]).index(name) for name in MASKS], thresholds(facts)
    affected, skin = outlines_of(seen.mean[order], pixels.shape, cuts)
    views = [outlines_of(one[order], one.shape[1:], cuts) for one in seen.each]
    return affected, skin, [(a, b) for a, b in views]


def tone(pixels: np.ndarray, masks: tuple[np.ndarray, np.ndarray] | None = None) -> str:
    """The band of the individual typology angle of the unaffected skin; `masks`: affected and visible skin (None: as the app sees them)."""
    if masks is None:
        return band(skin_of(pixels).get("ita", float("nan")))
    return band(ita(pixels, unaffected(pixels, *masks)))
