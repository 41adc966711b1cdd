"""Run the shipped network over a split through the app's engine, and every figure of the card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.examinations.finding import Step
from core.examinations.rule import Decision, Rule, decide
from core.examinations.skin_rule import URGENT, rule_of
from core.vision.calibration import calibration_error, expected_calibration_error, reliability, reliability_of
from core.vision.card import card
from core.vision.engine import InProcess
from core.vision.explanation import heat_map, peak_of
from core.vision.gate import kind_of
from models.photo_kind.recipe import load as load_kinds
from models.training.data import SKIN_CLASSES, ham10000
from models.training.metrics import balanced_accuracy, bootstrap, confusion, recalls

STEPS: dict[str, Step] = dict.fromkeys(SKIN_CLASSES, "routine") | dict.fromkeys(URGENT, "soon")
"""The figures do not depend on the steps beyond urgent or not."""


@dataclass(frozen=True)
class Collected:
    """The network's own answers on one split, row by row; `peak_inside`: the heat map's peak lies in the true outline."""

    labels: np.ndarray
    lesions: np.ndarray
    logits: np.ndarray
    distance: np.ndarray
    kind_chance: np.ndarray
    peak_inside: np.ndarray

    def counts(self) -> dict[str, int]:
        """Photos per class."""
        return {c: int((self.labels == i).sum()) for i, c in enumerate(SKIN_CLASSES)}


def collect(folder: Path, split: str, limit: int | None = None) -> Collected:
    """Run one split of HAM10000 through engine and gate network."""
    data = ham10000(folder, masks=True, splits=(split,), limit=limit)
    assert data.masks is not None
    engine, way = InProcess(), card("skin_lesion").input
    logits, distance, chance, inside = [], [], [], []
    for image, mask in zip(data.images, data.masks, strict=True):
        seen = engine.classify("skin_lesion", image)
        logits.append(seen.logits)
        distance.append(seen.distance)
        chance.append(kind_of(image).chances["dermatoscopic"])
        x, y = peak_of(heat_map(seen.maps[int(seen.logits.argmax())], way, image.shape))
        inside.append(bool(mask[int(y * mask.shape[0]), int(x * mask.shape[1])]))
    return Collected(
        data.labels, data.table["lesion_id"].to_numpy(), np.array(logits), np.array(distance), np.array(chance), np.array(inside)
    )


def decisions(rows: Collected, rule: Rule) -> list[Decision]:
    """The app's decision on every photo, without answers to the questions."""
    return [decide(*row, rule, STEPS) for row in zip(rows.logits, rows.distance, rows.kind_chance, strict=True)]


def out_of_distribution(folder: Path, rule: Rule, limit: int | None = None) -> dict[str, Any]:
    """Share of abstentions on photos that were no lesions under a dermatoscope (val rows of `other`, test rows of `clinical`)."""
    engine = InProcess()
    result = {}
    for name, split, kind in (("other", "val", 3), ("clinical", "test", 1)):
        images: Iterable[np.ndarray] = load_kinds(folder, (split,), limit).by_kind[kind]
        abstains = []
        for image in images:
            seen = engine.classify("skin_lesion", image)
            abstains.append(decide(seen.logits, seen.distance, kind_of(image).chances["dermatoscopic"], rule, STEPS).abstains)
        hit = np.array(abstains)
        result[f"abstains_{name}"] = bootstrap(len(hit), lambda rows, hit=hit: float(hit[rows].mean()))
    return result


def _threshold_rows(rows: Collected, decided: list[Decision], split: str, rule: Rule) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for i, name in enumerate(SKIN_CLASSES):
        if name in URGENT:
            over = np.array([d.probabilities[name] >= rule.thresholds[name] for d in decided])
            own = rows.labels == i
            table[name] = {
                f"sensitivity_{split}": round(float(over[own].mean()), 4),
                f"specificity_{split}": round(float((~over[~own]).mean()), 4),
            }
    return table


def measure(val: Collected, test: Collected, facts: dict[str, Any], folder: Path | None = None, limit: int | None = None) -> dict[str, Any]:
    """The figures of the card under the rule in `facts`, intervals by bootstrap over lesions."""
    rule = rule_of({"classes": SKIN_CLASSES, **facts})
    by_split = {"val": (val, decisions(val, rule)), "test": (test, decisions(test, rule))}
    rows, decided = by_split["test"]
    truth, groups, n = rows.labels, rows.lesions, len(SKIN_CLASSES)
    labels = np.array([SKIN_CLASSES.index(d.label) for d in decided])
    chances = np.array([list(d.probabilities.values()) for d in decided])
    sure = np.array([d.probabilities[d.label] for d in decided])
    covered = np.array([SKIN_CLASSES[t] in d.cannot_exclude for t, d in zip(truth, decided, strict=True)])
    sizes = np.array([len(d.cannot_exclude) for d in decided])
    refer = np.array([d.refer for d in decided])
    urgent = np.isin(truth, [SKIN_CLASSES.index(c) for c in URGENT])
    abstains = np.array([d.abstains for d in decided])

    def over(figure: Any) -> dict[str, Any]:
        return bootstrap(len(truth), figure, groups=groups)

    metrics = {
        "balanced_accuracy": over(lambda r: balanced_accuracy(truth[r], labels[r], n)),
        "accuracy": over(lambda r: float((truth[r] == labels[r]).mean())),
        "ece": over(lambda r: expected_calibration_error(chances[r], truth[r])),
        "ece_label": over(lambda r: calibration_error(reliability_of(sure[r], (labels == truth)[r]))),
        "set_coverage": over(lambda r: float(covered[r].mean())),
        "set_size": over(lambda r: float(sizes[r].mean())),
        "refer_sensitivity": over(lambda r: float(refer[r][urgent[r]].mean())),
        "refer_specificity": over(lambda r: float((~refer[r])[~urgent[r]].mean())),
        "heat_peak_inside": over(lambda r: float(rows.peak_inside[r].mean())),
        "abstains_test": over(lambda r: float(abstains[r].mean())),
    }
    if folder is not None:
        metrics.update(out_of_distribution(folder, rule, limit))
    thresholds = {name: dict(value) for name, value in facts["thresholds"].items()}
    for split, (part, said) in by_split.items():
        for name, extra in _threshold_rows(part, said, split, rule).items():
            thresholds[name].update(extra)
    val_labels = np.array([SKIN_CLASSES.index(d.label) for d in by_split["val"][1]])
    return {
        "metrics": metrics,
        "metrics_val": {"balanced_accuracy": round(balanced_accuracy(val.labels, val_labels, n), 4)},
        "recall": {
            c: over(lambda r, i=i: float(recalls(truth[r], labels[r], n)[i])) | {"n": int((truth == i).sum())}
            for i, c in enumerate(SKIN_CLASSES)
        },
        "coverage": {c: round(float(covered[truth == i].mean()), 4) for i, c in enumerate(SKIN_CLASSES) if (truth == i).any()},
        "confusion": confusion(truth, labels, n),
        "reliability": [asdict(b) for b in reliability(chances, truth)],
        "thresholds": thresholds,
    }
