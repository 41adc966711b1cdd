"""Measure `retina_quality` through the app's own engine and write its card.

python -m models.retina_quality.report --data DIR --state final.pt
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from torch import nn

from core.examinations.retina_rule import label_of
from core.vision.calibration import softmax
from core.vision.card import card_ids
from core.vision.engine import InProcess
from core.vision.networks import Classifier
from models.retina_quality.data import CLASSES, good, measured_photos, poorest
from models.retina_quality.recipe import INPUT
from models.retina_quality.spoil import FINE, POOR, spoiled
from models.training.command import run_report
from models.training.metrics import bootstrap, confusion, share
from models.training.publish import APTOS, EYEPACS, IDRID, LICENCES, NOT_A_DEVICE, PRETRAINED, UNKNOWN_PEOPLE, publish_measured
from models.training.retina import Fundus

FOLDER = Path(__file__).parent
GRADER = "retina_grade"
STRENGTHS = (0.125, FINE, 0.375, POOR, 0.75, 1.0)
EACH = 30
"""Good photos that are spoiled by each strength of each kind."""
PASSES = 0.97
"""Share of the good val photos, as they are, that count as gradable: this sets the threshold."""


@dataclass(frozen=True)
class Said:
    """What the network says of one split.

    `p` (N, classes) of the photos as they are; `fine` (N,) bool and `kinds` (N,) as in `data.good` and `data.poorest`; `spoiled`
    (kinds, strengths, EACH, classes) of spoiled good ones; `rows` (EACH,) which they are; `grade`, `said` (N,) the true grade and
    the grading network's, and `said_spoiled` (kinds, strengths, EACH): -1 where there is no such network.
    """

    data: Fundus
    p: np.ndarray
    fine: np.ndarray
    kinds: np.ndarray
    rows: np.ndarray
    spoiled: np.ndarray
    said: np.ndarray
    said_spoiled: np.ndarray


def collect(folder: Path, split: str, limit: int | None = None, each: int = EACH) -> Said:
    """Run the shipped network, and the grading network where it is there, over a split and its spoiled copies."""
    data = measured_photos(folder, (split,), limit)
    engine, grades = InProcess(), GRADER in card_ids()

    def quality(pixels: np.ndarray) -> np.ndarray:
        return np.asarray(softmax(engine.classify("retina_quality", pixels).logits))

    def grade(pixels: np.ndarray) -> int:
        if not grades:
            return -1
        found = engine.classify(GRADER, pixels)
        return label_of(float(found.logits[0]), found.card.facts)

    fine, rng = good(data.table), np.random.default_rng({"val": 1, "test": 2}[split])
    rows = rng.permutation(np.flatnonzero(fine))[:each]
    p, said = (
        np.zeros((len(CLASSES) - 1, len(STRENGTHS), len(rows), len(CLASSES))),
        np.full((len(CLASSES) - 1, len(STRENGTHS), len(rows)), -1),
    )
    for k, kind in enumerate(CLASSES[1:]):
        for s, strength in enumerate(STRENGTHS):
            for i, row in enumerate(rows):
                worse = spoiled(data.photos[row], kind, strength, rng)
                p[k, s, i], said[k, s, i] = quality(worse), grade(worse)
    own = np.array([quality(pixels) for pixels in data.photos])
    return Said(data, own, fine, poorest(data.table), rows, p, np.array([grade(pixels) for pixels in data.photos]), said)


def threshold(val: Said) -> float:
    """The least chance of being good with which a photo is gradable: `PASSES` of the good val photos have it."""
    # Rounded down: a photo at the threshold has to pass.
    return float(np.floor(np.quantile(val.p[val.fine, 0], 1 - PASSES) * 1e4) / 1e4)


def figures(found: Said, least: float) -> dict[str, Any]:
    """Every figure of one split, at the threshold `least` on the chance of being good."""
    passes, worse = found.p[:, 0] >= least, found.spoiled[..., 0] >= least
    poor = [s for s, strength in enumerate(STRENGTHS) if strength >= POOR]
    mild = [s for s, strength in enumerate(STRENGTHS) if strength <= FINE]
    out: dict[str, Any] = {
        "good_pass": bootstrap(int(found.fine.sum()), lambda r: share(passes[found.fine][r])),
        "mild_pass": bootstrap(worse[:, mild].size, lambda r: share(worse[:, mild].ravel()[r])),
        "poor_stopped": bootstrap(worse[:, poor].size, lambda r: share(~worse[:, poor].ravel()[r])),
        "gradable_by_strength": {
            kind: {f"{s:g}": round(share(worse[k, i]), 4) for i, s in enumerate(STRENGTHS)} for k, kind in enumerate(CLASSES[1:])
        },
        "gradable_by_source": {
            str(source): round(share(passes[(found.data.table["source"] == source).to_numpy()]), 4)
            for source in sorted(found.data.table["source"].unique())
        },
    }
    real = found.kinds >= 0
    if real.any() and found.fine.any():
        out["poorest_stopped"] = bootstrap(int(real.sum()), lambda r: share(~passes[real][r]))
        asked = real | found.fine
        out["auroc_poorest"] = round(float(roc_auc_score(real[asked], 1 - found.p[asked, 0])), 4)
    return out | grading(found, passes, worse)


def grading(found: Said, passes: np.ndarray, worse: np.ndarray) -> dict[str, Any]:
    """How well the grading network does on photos that pass, and on those that do not: kappa (quadratic) and accuracy.

    Photos as they come, and spoiled good ones of all kinds and strengths together. Empty without that network.
    """
    if (found.said < 0).any():
        return {}
    true = found.data.table["grade"].to_numpy(int)
    spoiled_true = np.broadcast_to(true[found.rows], worse.shape)
    out: dict[str, Any] = {}
    for name, own, said, ok in (("as_they_come", true, found.said, passes), ("spoiled", spoiled_true, found.said_spoiled, worse)):
        for group, which in (("gradable", ok), ("poor", ~ok)):
            a, b = own[which], said[which]
            if len(a) >= 10 and len(np.unique(a)) > 1:
                out[f"{name}_{group}"] = {
                    "kappa": round(float(cohen_kappa_score(a, b, weights="quadratic", labels=range(5))), 4),
                    "accuracy": bootstrap(len(a), lambda r, a=a, b=b: share((a == b)[r])),
                }
    return {"grade": out}


def tables(found: Said) -> list[list[int]]:
    """Counts of spoiled photos at strengths of `POOR` or more, and of good ones as they are: rows the truth, columns the answer."""
    poor = [s for s, strength in enumerate(STRENGTHS) if strength >= POOR]
    said = found.spoiled[:, poor].argmax(-1)
    truth = np.broadcast_to(np.arange(1, len(CLASSES))[:, None, None], said.shape)
    own = found.p[found.fine].argmax(-1)
    return confusion(np.concatenate((np.zeros(len(own), int), truth.ravel())), np.concatenate((own, said.ravel())), len(CLASSES))


def measure(folder: Path, limit: int | None = None, each: int = EACH) -> dict[str, Any]:
    """Every figure of the card, the threshold chosen on val."""
    val, test = (collect(folder, split, limit, each) for split in ("val", "test"))
    least = threshold(val)
    return {
        "thresholds": {
            "gradable": {"value": least, "why": f"{PASSES:.0%} of the good val photos, as they are, have this chance of being good"}
        },
        "metrics": figures(test, least),
        "metrics_val": figures(val, least),
        "confusion": tables(test),
    }


def recompute(folder: Path) -> dict[str, Any]:
    """The figures again, for `models.evaluate`."""
    return measure(folder)


def facts(weights: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The card."""
    return {
        "id": "retina_quality",
        "version": "1.0.0",
        "title": "Whether a photo of an eye can be graded",
        "task": "classification",
        "architecture": "mobilenet_v2_classifier",
        "classes": CLASSES,
        "class_names": {
            "good": "good enough",
            "blurred": "out of focus or moved",
            "dark": "too dark",
            "bright": "too bright, or a veil over it",
            "field": "too little of the eye, or disc and macula out of view",
        },
        "input": INPUT,
        **weights,
        "licences": {**LICENCES, "data": "see data"},
        "data": [APTOS, EYEPACS, IDRID, PRETRAINED],
        "split_rule": "Fixed, EyePACS by patient. Trained on train, threshold chosen on val, reported on test.",
        "metrics": {},
        **found,
        "labels": "Nobody has labelled the photos. Good: sharp and well exposed for their source, as measured (data.py). Poor: good ones "
        f"spoiled by a known strength (spoil.py), good up to {FINE}, poor from {POOR}, in between in part; and the least sharp, darkest "
        "and lightest of EyePACS, as measured, in training and in `poorest_stopped`. So the figures say how it does with made faults; no "
        "person's judgement stands behind them.",
        "decision": "Gradable when the chance of being good reaches the threshold; else the most probable other class is the reason.",
        "intended_use": "To turn away, with a reason, colour photos of the back of an eye on which a grade would mean little.",
        "limits": [
            NOT_A_DEVICE,
            "It learned from made faults; others (a cataract, dust, lashes, a reflection) it may not know.",
            "A photo of few pixels looks blurred to it, since it is.",
            UNKNOWN_PEOPLE,
        ],
    }


def publish(network: nn.Module, folder: Path) -> None:
    """Write weights, measure through the engine, write the card."""
    publish_measured(network, FOLDER, facts, lambda: measure(folder))


def main() -> None:
    """Command line."""
    run_report(__doc__, Classifier(len(CLASSES)), publish)


if __name__ == "__main__":
    main()
