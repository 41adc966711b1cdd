"""Run the shipped `skin_condition` over a split through the app's engine, and every figure of its card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from core.examinations.condition import skin_of
from core.examinations.condition_rule import SPOTS, SUSPICIOUS, URGENT, rule_of
from core.examinations.finding import Step
from core.examinations.rule import Decision, Rule, decide, over_threshold
from core.vision.calibration import expected_calibration_error, reliability
from core.vision.engine import InProcess
from core.vision.gate import kind_of
from core.vision.skin_tone import BANDS, NOT_SEEN, band
from models.photo_kind.recipe import load as load_kinds
from models.skin_condition.recipe import painted_over
from models.training.clinical import CONDITIONS, conditions
from models.training.metrics import balanced_accuracy, bootstrap, confusion, recalls, share

STEPS: dict[str, Step] = dict.fromkeys(CONDITIONS, "routine") | dict.fromkeys(URGENT, "soon")
"""The figures do not depend on the steps beyond urgent or not."""
FEWEST = 20
"""Photos a group needs before it gets figures."""
NUMBER = len(CONDITIONS)


@dataclass(frozen=True)
class Collected:
    """The network's own answers on one split, row by row; `hidden`: its logits with corner and bottom strip painted over."""

    labels: np.ndarray
    groups: np.ndarray
    sources: np.ndarray
    logits: np.ndarray
    distance: np.ndarray
    kind_chance: np.ndarray
    hidden: np.ndarray
    tones: np.ndarray

    def counts(self) -> dict[str, int]:
        """Photos per class."""
        return {c: int((self.labels == i).sum()) for i, c in enumerate(CONDITIONS)}


def tone(image: np.ndarray) -> str:
    """The band of how light the skin looks in a photo uint8 RGB (H, W, 3), measured as the check itself does."""
    return band(skin_of(image).get("ita", float("nan")))


def collect(folder: Path, split: str, limit: int | None = None) -> Collected:
    """Run one split of `conditions` through engine, gate network and, for the skin tone, the outlines."""
    data, engine = conditions(folder, (split,), limit), InProcess()
    seen = [engine.classify("skin_condition", image) for image in data.images]
    return Collected(
        labels=data.labels,
        groups=data.table["person_group"].fillna(data.table["image_id"]).to_numpy(),
        sources=data.table["source"].to_numpy(),
        logits=np.array([one.logits for one in seen]),
        distance=np.array([one.distance for one in seen]),
        kind_chance=np.array([kind_of(image).chances["clinical"] for image in data.images]),
        hidden=np.array([engine.classify("skin_condition", painted_over(image)).logits for image in data.images]),
        tones=np.array([tone(image) for image in data.images]),
    )


def decisions(rows: Collected, rule: Rule) -> list[Decision]:
    """The app's decision on every photo, without answers to the questions."""
    return [decide(*row, rule, STEPS) for row in zip(rows.logits, rows.distance, rows.kind_chance, strict=True)]


def index_of(names: tuple[str, ...]) -> list[int]:
    """Where classes stand in the order of the card."""
    return [CONDITIONS.index(name) for name in names]


def third_best(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Whether the truth (N,) is among the three most probable of (N, classes): bool (N,)."""
    return np.asarray((np.argsort(-chances, 1)[:, :3] == truth[:, None]).any(1))


def area(score: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve; NaN where one side is empty."""
    return float(roc_auc_score(positive, score)) if 0 < positive.sum() < len(positive) else float("nan")


@dataclass(frozen=True)
class Said:
    """What the rule said of every photo, as arrays (N, ...) to take figures of.

    `suspicion`: summed chance of SUSPICIOUS; `of_spots`: its share of that of SPOTS; `spotted`: it is over its limit.
    """

    truth: np.ndarray
    label: np.ndarray
    chances: np.ndarray
    covered: np.ndarray
    size: np.ndarray
    refer: np.ndarray
    suspicion: np.ndarray
    of_spots: np.ndarray
    spotted: np.ndarray
    cancer_listed: np.ndarray
    infection: dict[str, np.ndarray]
    abstains: np.ndarray

    @classmethod
    def of(cls, rows: Collected, rule: Rule) -> Said:
        """Run the rule over a split."""
        decided = decisions(rows, rule)
        chances = np.array([[d.probabilities[c] for c in CONDITIONS] for d in decided])
        suspicion = chances[:, index_of(SUSPICIOUS)].sum(1)
        return cls(
            truth=rows.labels,
            label=np.array([CONDITIONS.index(d.label) for d in decided]),
            chances=chances,
            covered=np.array([CONDITIONS[t] in d.cannot_exclude for t, d in zip(rows.labels, decided, strict=True)]),
            size=np.array([len(d.cannot_exclude) for d in decided]),
            refer=np.array([d.refer for d in decided]),
            suspicion=suspicion,
            of_spots=suspicion / chances[:, index_of(SPOTS)].sum(1),
            spotted=np.array([not over_threshold(row, rule).isdisjoint(SUSPICIOUS) for row in chances]),
            cancer_listed=np.array([not set(SUSPICIOUS).isdisjoint(d.cannot_exclude) for d in decided]),
            infection={c: np.array([c in d.cannot_exclude for d in decided]) for c in ("impetigo", "herpes")},
            abstains=np.array([d.abstains for d in decided]),
        )


def group_figures(said: Said, inside: np.ndarray) -> dict[str, Any]:
    """The figures of one group of photos, `inside` (N,) bool; only `n` when it has too few."""
    at = np.flatnonzero(inside)
    found: dict[str, Any] = {"n": len(at)}
    if len(at) >= FEWEST:
        right = said.label[at] == said.truth[at]
        found["accuracy"] = bootstrap(len(at), lambda r: share(right[r]))
        found["balanced_accuracy"] = bootstrap(len(at), lambda r: balanced_accuracy(said.truth[at][r], said.label[at][r], NUMBER))
        top = third_best(said.chances[at], said.truth[at])
        found["top3_accuracy"] = bootstrap(len(at), lambda r: share(top[r]))
        found["set_coverage"] = bootstrap(len(at), lambda r: share(said.covered[at][r]))
        urgent = np.isin(said.truth[at], index_of(URGENT))
        if urgent.sum() >= FEWEST:
            found["refer_sensitivity"] = bootstrap(len(at), lambda r: share(said.refer[at][r][urgent[r]]))
    return found


def by_source(rows: Collected, said: Said) -> dict[str, Any]:
    """For each label that has test photos of two sources: recall and n of each."""
    table: dict[str, Any] = {}
    for i, name in enumerate(CONDITIONS):
        own = rows.labels == i
        if len(set(rows.sources[own])) > 1:
            parts = {source: own & (rows.sources == source) for source in sorted(set(rows.sources[own]))}
            table[name] = {source: {"n": int(at.sum()), "recall": round(share((said.label == i)[at]), 4)} for source, at in parts.items()}
    return table


def measure(val: Collected, test: Collected, facts: dict[str, Any], folder: Path | None = None, limit: int | None = None) -> dict[str, Any]:
    """The figures of the card under the rule in `facts`; intervals by bootstrap over persons."""
    rule = rule_of({"classes": CONDITIONS, **facts})
    said, before = Said.of(test, rule), Said.of(val, rule)
    truth = said.truth
    spots, suspicious = np.isin(truth, index_of(SPOTS)), np.isin(truth, index_of(SUSPICIOUS))
    urgent = np.isin(truth, index_of(URGENT))
    harmless, rash = spots & ~suspicious, ~spots & ~urgent
    top, hidden = third_best(said.chances, truth), test.hidden.argmax(1)

    def over(figure: Callable[[np.ndarray], float]) -> dict[str, Any]:
        return bootstrap(len(truth), figure, groups=test.groups)

    def balanced(r: np.ndarray) -> float:
        return balanced_accuracy(truth[r], said.label[r], NUMBER)

    metrics: dict[str, Any] = {
        "balanced_accuracy": over(balanced),
        "top3_accuracy": over(lambda r: share(top[r])),
        "accuracy": over(lambda r: share((truth == said.label)[r])),
        "balanced_accuracy_hidden": over(lambda r: balanced_accuracy(truth[r], hidden[r], NUMBER)),
        "fall_when_hidden": over(lambda r: balanced(r) - balanced_accuracy(truth[r], hidden[r], NUMBER)),
        "suspicious_auroc": over(lambda r: area(said.suspicion[r][spots[r]], suspicious[r][spots[r]])),
        "suspicious_auroc_of_spots": over(lambda r: area(said.of_spots[r][spots[r]], suspicious[r][spots[r]])),
        "suspicious_auroc_against_all": over(lambda r: area(said.suspicion[r], suspicious[r])),
        "suspicious_sensitivity": over(lambda r: share(said.spotted[r][suspicious[r]])),
        "suspicious_specificity": over(lambda r: share(~said.spotted[r][harmless[r]])),
        "suspicious_specificity_against_all": over(lambda r: share(~said.spotted[r][~suspicious[r]])),
        "refer_sensitivity": over(lambda r: share(said.refer[r][urgent[r]])),
        "refer_specificity": over(lambda r: share(~said.refer[r][~urgent[r]])),
        "rash_lists_cancer": over(lambda r: share(said.cancer_listed[r][rash[r]])),
        "rash_refer": over(lambda r: share(said.refer[r][rash[r]])),
        "impetigo_refer": over(lambda r: share(said.refer[r][truth[r] == CONDITIONS.index("impetigo")])),
        "herpes_refer": over(lambda r: share(said.refer[r][truth[r] == CONDITIONS.index("herpes")])),
        "impetigo_listed": over(lambda r: share(said.infection["impetigo"][r][truth[r] == CONDITIONS.index("impetigo")])),
        "herpes_listed": over(lambda r: share(said.infection["herpes"][r][truth[r] == CONDITIONS.index("herpes")])),
        "ece": over(lambda r: expected_calibration_error(said.chances[r], truth[r])),
        "set_coverage": over(lambda r: share(said.covered[r])),
        "set_size": over(lambda r: float(said.size[r].mean())),
        "abstains_test": over(lambda r: share(said.abstains[r])),
        "by_source": by_source(test, said),
        "by_skin_tone": {name: group_figures(said, test.tones == name) for name in (*(band for band, _ in BANDS), NOT_SEEN)},
    }
    if folder is not None:
        metrics |= out_of_distribution(folder, rule, limit)
    return {
        "metrics": metrics,
        "metrics_val": {
            "balanced_accuracy": round(balanced_accuracy(before.truth, before.label, NUMBER), 4),
            "top3_accuracy": round(share(third_best(before.chances, before.truth)), 4),
            "rash_lists_cancer": round(share(before.cancer_listed[~np.isin(before.truth, index_of((*SPOTS, *URGENT)))]), 4),
            "rash_refer": round(share(before.refer[~np.isin(before.truth, index_of((*SPOTS, *URGENT)))]), 4),
        },
        "recall": {
            c: over(lambda r, i=i: float(recalls(truth[r], said.label[r], NUMBER)[i])) | {"n": int((truth == i).sum())}
            for i, c in enumerate(CONDITIONS)
        },
        "coverage": {c: round(share(said.covered[truth == i]), 4) for i, c in enumerate(CONDITIONS) if (truth == i).any()},
        "confusion": confusion(truth, said.label, NUMBER),
        "reliability": [asdict(b) for b in reliability(said.chances, truth)],
        "thresholds": {
            name: {**value, **_at(name, before, "val"), **_at(name, said, "test")} for name, value in facts["thresholds"].items()
        },
    }


def _at(name: str, said: Said, split: str) -> dict[str, float]:
    """Sensitivity and specificity of one threshold alone on one split; `suspicious` against the harmless spots, and against rashes."""
    if name == "suspicious":
        own, spots, over = np.isin(said.truth, index_of(SUSPICIOUS)), np.isin(said.truth, index_of(SPOTS)), said.spotted
        others, more = spots & ~own, {f"specificity_rashes_{split}": round(share(~over[~spots]), 4)}
    else:
        own, over = said.truth == CONDITIONS.index(name), said.infection[name]
        others, more = ~own, {}
    return {f"sensitivity_{split}": round(share(over[own]), 4), f"specificity_{split}": round(share(~over[others]), 4), **more}


def out_of_distribution(folder: Path, rule: Rule, limit: int | None = None) -> dict[str, Any]:
    """Share of abstentions on photos of no skin (val rows of `other`) and on lesions under a dermatoscope (test rows)."""
    engine, result = InProcess(), {}
    for name, split, kind in (("other", "val", 3), ("dermatoscopic", "test", 0)):
        images = load_kinds(folder, (split,), limit).by_kind[kind][:: 1 if name == "other" else 4]
        seen = [(engine.classify("skin_condition", image), kind_of(image).chances["clinical"]) for image in images]
        hit = np.array([decide(one.logits, one.distance, chance, rule, STEPS).abstains for one, chance in seen])
        result[f"abstains_{name}"] = bootstrap(len(hit), lambda rows, hit=hit: share(hit[rows]))
    return result
