"""Run the shipped `retina_grade` over a split through the app's engine, and every figure of its card.

The card's rule: the score's probabilities are `ordinal_probabilities(score, ordinal.cutoffs)`; the grade is how many cut-offs the
score reaches of those that name it (`ordinal.label_cutoffs`); the set are the `neighbours` from `conformal.threshold`; an eye is
referred when P(grade 2 or more) is at least `thresholds.referable.value`; it abstains beyond `out_of_distribution`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import rankdata

from core.vision.calibration import expected_calibration_error, reliability
from core.vision.engine import InProcess
from core.vision.field import Field
from core.vision.gate import kind_of
from core.vision.ordinal import cutoffs_of, label_cutoffs_of, neighbours, ordinal_probabilities
from models.photo_kind.recipe import load as load_kinds
from models.retina_grade.shape import chance, of_field, of_levelled
from models.training.metrics import bootstrap, confusion, recalls, share
from models.training.retina import GRADES, SOURCES, Fundus, fields, fundus, levelled

REFERABLE = 2
"""The lowest grade that is sent to an eye doctor (Abramoff et al. 2018: more than mild)."""
SHAPE_SIZE = 96


@dataclass(frozen=True)
class Collected:
    """The network's own answers on one split, row by row (N,), and the shape of each photo's field, (N, 8) and (N, 100)."""

    labels: np.ndarray
    sources: np.ndarray
    groups: np.ndarray
    scores: np.ndarray
    distance: np.ndarray
    kind_chance: np.ndarray
    cut: np.ndarray
    shape: np.ndarray
    shape_levelled: np.ndarray

    def counts(self, source: str) -> dict[str, int]:
        """Photos of one source per grade."""
        return {str(g): int(((self.labels == g) & (self.sources == source)).sum()) for g in range(GRADES)}


def shapes(data: Fundus, found: list[Field | None]) -> tuple[np.ndarray, np.ndarray]:
    """The shape of the fields before and after levelling."""
    return of_field(data.photos, found), of_levelled(levelled(data.photos, SHAPE_SIZE, found))


def again(rows: Collected, folder: Path, split: str, limit: int | None = None) -> Collected:
    """The same photos after the weights of the network changed: only what comes of these is asked anew."""
    seen = [InProcess().classify("retina_grade", photo) for photo in fundus(folder, (split,), limit).photos]
    return replace(rows, scores=np.array([float(one.logits[0]) for one in seen]), distance=np.array([one.distance for one in seen]))


def collect(folder: Path, split: str, limit: int | None = None) -> Collected:
    """Run one split through engine and gate network."""
    data, engine = fundus(folder, (split,), limit), InProcess()
    seen = [engine.classify("retina_grade", photo) for photo in data.photos]
    found = fields(data.photos)
    before, after = shapes(data, found)
    return Collected(
        labels=data.labels,
        sources=data.sources,
        groups=data.groups,
        scores=np.array([float(one.logits[0]) for one in seen]),
        distance=np.array([one.distance for one in seen]),
        kind_chance=np.array([kind_of(photo).chances["fundus"] for photo in data.photos]),
        cut=np.array([one is not None and one.cut for one in found]),
        shape=before,
        shape_levelled=after,
    )


@dataclass(frozen=True)
class Said:
    """What the card's rule says of every photo: grade, five probabilities, set (N, 5) bool, referred, abstained."""

    grade: np.ndarray
    chances: np.ndarray
    inside: np.ndarray
    refer: np.ndarray
    abstains: np.ndarray

    @classmethod
    def of(cls, rows: Collected, facts: Mapping[str, Any]) -> Said:
        """Run the rule over a split."""
        cuts = cutoffs_of(facts)
        chances = ordinal_probabilities(rows.scores, cuts)
        inside = np.zeros((len(chances), GRADES), bool)
        for row, p in zip(inside, chances, strict=True):
            row[list(neighbours(p, facts["conformal"]["threshold"]))] = True
        support = facts["out_of_distribution"]
        return cls(
            grade=(rows.scores[:, None] >= np.array(label_cutoffs_of(facts))).sum(1),
            chances=chances,
            inside=inside,
            refer=chances[:, REFERABLE:].sum(1) >= facts["thresholds"]["referable"]["value"],
            abstains=~(rows.distance <= support["distance"]) | (rows.kind_chance < support["kind_chance"]),
        )


APART = (np.arange(GRADES)[:, None] - np.arange(GRADES)) ** 2


def kappa(truth: np.ndarray, said: np.ndarray) -> float:
    """Quadratic weighted kappa (Cohen 1968) of grades (N,); NaN where both say one grade throughout."""
    seen = np.bincount(truth * GRADES + said, minlength=GRADES**2).reshape(GRADES, GRADES)
    by_chance = (APART * np.outer(seen.sum(1), seen.sum(0))).sum()
    return 1 - float((APART * seen).sum() * seen.sum() / by_chance) if by_chance else float("nan")


def area(score: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve, the share of pairs in the right order (Mann & Whitney 1947); NaN where one side is empty."""
    ill = int(positive.sum())
    if not 0 < ill < len(positive):
        return float("nan")
    return float((rankdata(score)[positive].sum() - ill * (ill + 1) / 2) / (ill * (len(positive) - ill)))


Figure = Callable[[np.ndarray], float]


def of_part(rows: Collected, said: Said, at: np.ndarray, shape_chance: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Kappa, referable AUROC, sensitivity, specificity and the AUROC of the shape alone, of the rows `at`; intervals by person."""
    truth, ill = rows.labels[at], rows.labels[at] >= REFERABLE
    grade, score, refer = said.grade[at], rows.scores[at], said.refer[at]

    def over(figure: Figure) -> dict[str, Any]:
        return bootstrap(len(at), figure, groups=rows.groups[at])

    return {
        "kappa": over(lambda r: kappa(truth[r], grade[r])),
        "auroc": over(lambda r: area(score[r], ill[r])),
        "sensitivity": over(lambda r: share(refer[r][ill[r]])) | {"n": int(ill.sum())},
        "specificity": over(lambda r: share(~refer[r][~ill[r]])) | {"n": int((~ill).sum())},
        **{name: over(lambda r, own=chances[at]: area(own[r], ill[r])) for name, chances in shape_chance.items()},
    }


def shape_chances(folder: Path, asked: Collected, limit: int | None = None) -> dict[str, np.ndarray]:
    """Chance of a referable grade by the shape of the field alone, before and after levelling, learned from the train rows."""
    train = fundus(folder, ("train",), limit)
    before, after = shapes(train, fields(train.photos))
    ill = train.labels >= REFERABLE
    return {"shape_auroc": chance(before, ill, asked.shape), "shape_left_auroc": chance(after, ill, asked.shape_levelled)}


def measure(
    val: Collected, test: Collected, facts: Mapping[str, Any], folder: Path | None = None, limit: int | None = None
) -> dict[str, Any]:
    """The figures of the card under the rule in `facts`."""
    said, before = Said.of(test, facts), Said.of(val, facts)
    truth = test.labels
    covered = said.inside[np.arange(len(truth)), truth]

    def over(figure: Figure) -> dict[str, Any]:
        return bootstrap(len(truth), figure, groups=test.groups)

    shape = shape_chances(folder, test, limit) if folder is not None else {}
    parts = {source: np.flatnonzero(test.sources == source) for source in SOURCES}
    of_aptos = test.sources == "aptos2019"
    parts |= {"round": np.flatnonzero(of_aptos & ~test.cut), "cut": np.flatnonzero(of_aptos & test.cut)}
    metrics: dict[str, Any] = {}
    for name, at in parts.items():
        if len(at):
            metrics |= {f"{figure}_{name}": value for figure, value in of_part(test, said, at, shape).items()}
    metrics |= {
        "ece": over(lambda r: expected_calibration_error(said.chances[r], truth[r])),
        "accuracy": over(lambda r: share(said.grade[r] == truth[r])),
        "set_coverage": over(lambda r: share(covered[r])),
        "set_size": over(lambda r: float(said.inside[r].sum(1).mean())),
        "abstains_test": over(lambda r: share(said.abstains[r])),
    }
    if folder is not None:
        metrics |= out_of_distribution(folder, facts, limit)
    return {
        "photos_tested": len(truth),
        "metrics": metrics,
        "metrics_val": {
            name: value
            for source in SOURCES
            if len(at := np.flatnonzero(val.sources == source))
            for name, value in (
                (f"kappa_{source}", round(kappa(val.labels[at], before.grade[at]), 4)),
                (f"auroc_{source}", round(area(val.scores[at], val.labels[at] >= REFERABLE), 4)),
            )
        },
        "recall": {
            str(g): over(lambda r, g=g: float(recalls(truth[r], said.grade[r], GRADES)[g])) | {"n": int((truth == g).sum())}
            for g in range(GRADES)
        },
        "coverage": {
            **{str(g): round(share(covered[truth == g]), 4) for g in range(GRADES) if (truth == g).any()},
            **{source: round(share(covered[test.sources == source]), 4) for source in SOURCES if (test.sources == source).any()},
        },
        "confusion": confusion(truth, said.grade, GRADES),
        "reliability": [asdict(b) for b in reliability(said.chances, truth)],
        "thresholds": {"referable": threshold_rows(facts, {"val": (val, before), "test": (test, said)})},
    }


def threshold_rows(facts: Mapping[str, Any], by_split: Mapping[str, tuple[Collected, Said]]) -> dict[str, Any]:
    """The referable threshold with its sensitivity and specificity, in all and per source."""
    row = {name: facts["thresholds"]["referable"][name] for name in ("value", "why")}
    for split, (rows, said) in by_split.items():
        ill = rows.labels >= REFERABLE
        for name, at in {"": np.ones(len(ill), bool), **{f"_{s}": rows.sources == s for s in SOURCES}}.items():
            if at.any():
                row[f"sensitivity_{split}{name}"] = round(share(said.refer[at & ill]), 4)
                row[f"specificity_{split}{name}"] = round(share(~said.refer[at & ~ill]), 4)
    return row


def out_of_distribution(folder: Path, facts: Mapping[str, Any], limit: int | None = None) -> dict[str, Any]:
    """Share of abstentions on photos of no eye: val rows of `other`, a quarter of the test rows of skin under a dermatoscope."""
    engine, support, result = InProcess(), facts["out_of_distribution"], {}
    for name, split, kind, every in (("other", "val", 3, 1), ("dermatoscopic", "test", 0, 4)):
        images: Iterable[np.ndarray] = load_kinds(folder, (split,), limit).by_kind[kind][::every]
        hit = np.array(
            [
                not engine.classify("retina_grade", image).distance <= support["distance"]
                or kind_of(image).chances["fundus"] < support["kind_chance"]
                for image in images
            ]
        )
        result[f"abstains_{name}"] = bootstrap(len(hit), lambda rows, hit=hit: share(hit[rows]))
    return result
