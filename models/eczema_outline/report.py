"""Choose the thresholds of `eczema_outline` on val, measure it on test as the app uses it, and write its card.

python -m models.eczema_outline.report --data DIR --state final.pt
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from core.examinations.eczema import MASKS
from core.vision.looks import look
from core.vision.networks import OutlineNet
from core.vision.regions import outlines_of
from core.vision.registry import forget
from core.vision.skin_tone import BANDS, NOT_SEEN
from models.eczema_outline.measure import Measured, collect, measure
from models.eczema_outline.recipe import iou
from models.eczema_outline.tones import tone
from models.training.clinical import eczema
from models.training.command import run_report
from models.training.loop import IMAGENET_MEAN, IMAGENET_STD
from models.training.publish import CLINICAL_SPLIT, DERMNET, DERMXDB, HAM10000, LICENCES, NOT_A_DEVICE, save_weights, write_card

log = logging.getLogger("carelens.training")

FOLDER = Path(__file__).parent
SEEN = 320
"""Larger than the photos it learned from: their windows were often nearer than the photo (Touvron et al. 2019). On val, at 192, 256, 320
and 384: IoU 0.69, 0.71, 0.72, 0.69, error of the share 0.038, 0.037, 0.030, 0.030."""
INPUT = {"size": SEEN, "crop": "squash", "mean": IMAGENET_MEAN, "std": IMAGENET_STD, "range": "0 to 1", "colour": "RGB", "flips": False}
CUTS = (0.3, 0.4, 0.5, 0.6)
WORTH = 0.01
"""Another threshold than 0.5 must be so much better on the few val photos to be believed."""
HELD = 0.9
"""Share of the val photos whose interval must hold the annotator's figure."""


def facts(weights: dict[str, Any], counts: dict[str, Any], rule: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "eczema_outline",
        "version": "1.1.0",
        "title": "The outline of affected and of visible skin",
        "task": "segmentation",
        "architecture": "mobilenet_v2_unet",
        "classes": MASKS,
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": f"{DERMNET['licence']}; DermXDB: {DERMXDB['licence']}; HAM10000: {HAM10000['licence']}"},
        "data": [
            {**DERMNET, "counts": counts, "outlines": "drawn by eye with a polygon tool by non-experts; 22 photos by two of them"},
            {**DERMXDB, "use": "psoriasis and others, affected skin only"},
            {**DERMNET, "use": "about 1,100 train photos of six rashes, with outlines drawn by an earlier round of this network"},
            {**HAM10000, "use": "the network starts as lesion_outline, which learned from these"},
        ],
        "split_rule": CLINICAL_SPLIT,
        **rule,
        **figures,
        "decision": "Chance of at least the threshold, the mean of three looks (plain, nearer, farther); affected lies on visible skin.",
        "intended_use": "To follow one person's rash over weeks: how much of the skin in the picture is affected. Clinical photos taken "
        "with a phone or camera. For research and education.",
        "limits": [
            NOT_A_DEVICE,
            "It outlines skin that looks inflamed, whatever the cause; it does not tell eczema from other rashes.",
            "People disagree too: two annotators of the same photos agree at an IoU of about 0.86, dermatologists at 0.5 to 0.7 elsewhere.",
            "The outlines it learned from were drawn by non-experts.",
            "The share is of the skin in the picture, not of the body, and no part of an EASI unless the whole region is in the picture.",
            "Nearly all photos show light skin. On darker skin redness shows less and it was hardly tested; see the figures by skin tone.",
        ],
    }


def cuts_of(folder: Path, limit: int | None = None) -> dict[str, Any]:
    """The thresholds, chosen on val by the mean IoU with the annotators."""
    data = eczema(folder, ("val",), limit)
    seen = [look("eczema_outline", photo).mean for photo in data.photos]
    chosen: dict[str, Any] = {}
    for i, name in enumerate(MASKS):
        truth = data.first if name == "affected" else data.skin
        score = {}
        for cut in CUTS:
            both = [(cut, 0.5) if i == 0 else (0.5, cut)] * len(seen)
            drawn = [outlines_of(chances, photo.shape, pair)[i] for chances, photo, pair in zip(seen, data.photos, both, strict=True)]
            score[cut] = float(np.mean([iou(mask > 0, true > 0) for mask, true in zip(drawn, truth, strict=True) if true is not None]))
        best = max(score, key=lambda cut: score[cut])
        cut = best if score[best] > score[0.5] + WORTH else 0.5
        log.info("%s: %s, chosen %s", name, {c: round(s, 4) for c, s in score.items()}, cut)
        chosen[name] = {"value": cut, "why": f"the best of {', '.join(map(str, CUTS))} by IoU on val, 0.5 unless another is {WORTH} better"}
    return chosen


def interval_of(val: Measured) -> dict[str, Any]:
    """How the spread of the looks becomes an interval that holds the annotator's figure on nine in ten val photos.

    Half of the doubt is of the spread, half is there for every photo: the least width is the median error, the factor does the rest.
    """
    found: dict[str, Any] = {"held_wanted": HELD}
    factors = []
    for name, error, spread in (
        ("least_fraction", np.abs(val.fraction - val.true_fraction), val.spread),
        ("least_redness", np.abs(val.redness - val.true_redness), val.red_spread),
    ):
        known = np.isfinite(error) & np.isfinite(spread)
        error, spread = error[known], spread[known]
        least = float(np.median(error))
        needed = np.where(error <= least, 0.0, error / np.maximum(spread, 1e-4))
        found[name] = round(least, 4)
        factors.append(float(np.quantile(needed, HELD, method="higher")))
    return found | {"factor": round(min(max(1.0, *factors), 6.0), 3)}


def tones_of(folder: Path) -> dict[str, Any]:
    """Photos per skin-tone band that it learned from, by the annotators' outlines where both are there, else by its own."""
    data = eczema(folder, ("train",))
    counted = Counter(
        tone(photo, None if skin is None else (affected, skin))
        for photo, affected, skin in zip(data.photos, data.first, data.skin, strict=True)
    )
    return {"train": {name: counted.get(name, 0) for name in (*(band for band, _ in BANDS), NOT_SEEN)}}


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again, for `models.evaluate`."""
    return measure(collect(folder, "val"), collect(folder, "test"))


def publish(network: nn.Module, folder: Path) -> None:
    """Weights, thresholds and interval on val, figures on test, card."""
    table = eczema(folder, limit=None).table
    counts = {split: int((table["split"] == split).sum()) for split in ("train", "val", "test")}
    weights = save_weights(network, FOLDER)
    write_card(FOLDER, facts(weights, {"outlined": counts}, {}, {"metrics": {}}))
    forget()
    rule: dict[str, Any] = {"thresholds": cuts_of(folder)}
    write_card(FOLDER, facts(weights, {"outlined": counts}, rule, {"metrics": {}}))
    forget()
    rule |= {"interval": interval_of(collect(folder, "val")), "tones": tones_of(folder)}
    log.info("interval: %s", json.dumps(rule["interval"]))
    write_card(FOLDER, facts(weights, {"outlined": counts}, rule, {"metrics": {}}))
    forget()
    write_card(FOLDER, facts(weights, {"outlined": counts}, rule, measure(collect(folder, "val"), collect(folder, "test"))))


def main() -> None:
    """Command line."""
    run_report(__doc__, OutlineNet(len(MASKS)), publish)


if __name__ == "__main__":
    main()
