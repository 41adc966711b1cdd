"""Five-fold cross-validation of `retina_lesions` over all outlined photos, the evidence of its card.

python -m models.retina_lesions.crossval --data DIR [--work DIR]

Resumable: a fold goes on from its checkpoint, and one whose counts lie in `folds/` is not trained again: they are kept beside the
recipe, so that the figures can be made again without hours of training. When all are done the figures are written beside the card, and
into it. One seed; an epoch is as many squares as cover the forty eyes once.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.vision.card import input_of
from models.retina_lesions import dice
from models.retina_lesions.data import CLASSES, FOLDS, SIZE, Eye, eyes, folds
from models.retina_lesions.recipe import BATCH, INPUT, PLAN, counted, learn
from models.training.data import data_folder
from models.training.loop import Plan
from models.training.publish import write_card

log = logging.getLogger("carelens.training")

FOLDER = Path(__file__).parent
FIGURES = FOLDER / "crossval.json"
DONE = FOLDER / "folds"
"""Where the counts of the folds are kept."""
CROSS = replace(PLAN, stages=[(256, 600)])
EPOCHS = 20
"""At most."""


def epochs(plan: Plan, photos: int) -> float:
    """How often a plan covers the round eyes of so many photos with its squares."""
    area = sum(steps * size**2 for size, steps in plan.stages) * BATCH
    return float(area / (photos * np.pi / 4 * SIZE**2))


def keep(file: Path, found: np.ndarray, photos: list[str], plan: Plan) -> None:
    """Write the counts of a fold (photos, classes, 2, 256), with which photos and which plan they are of."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    facts = {"plan": _named(plan), "counts": {photo: counts.tolist() for photo, counts in zip(photos, found, strict=True)}}
    part.write_text(json.dumps(facts, separators=(",", ":")) + "\n", encoding="utf-8")
    part.replace(file)


def kept(file: Path, photos: list[str], plan: Plan) -> np.ndarray | None:
    """What `keep` wrote, int64; None where there is none. ValueError when it is of other photos or another plan."""
    if not file.exists():
        return None
    facts = json.loads(file.read_text(encoding="utf-8"))
    if list(facts["counts"]) != photos or facts["plan"] != _named(plan):
        raise ValueError(f"{file} is of other photos or another plan: remove it, or train by that plan")
    return np.array(list(facts["counts"].values()), np.int64)


def _named(plan: Plan) -> str:
    return f"{plan.stages} rate {plan.rate} decay {plan.weight_decay} seed {plan.seed} frozen {plan.frozen} scales {INPUT['scales']}"


def fold_counts(k: int, photos: list[Eye], fold: np.ndarray, plan: Plan, work: Path, done: Path = DONE) -> np.ndarray:
    """Train on the photos of the other folds and count those of fold `k`; from its file in `done` when there is one.

    Counts (photos, classes, 2, 256).
    """
    own, others = ([e for e, f in zip(photos, fold, strict=True) if (f == k) == inside] for inside in (True, False))
    file, names = done / f"fold{k}.json", [eye.id for eye in own]
    if (found := kept(file, names, plan)) is None:
        log.info("fold %d: %d photos to learn from, %.1f epochs", k, len(others), epochs(plan, len(others)))
        network = learn(others, [], plan, work / f"fold{k}")
        keep(file, counted(network, own), names, plan)
        found = kept(file, names, plan)
    assert found is not None
    return found


def measured(found: np.ndarray, fold: np.ndarray, plan: Plan) -> dict[str, Any]:
    """The figures, of counts (photos, classes, 2, 256) each from the network that had not seen the photo.

    A fold's thresholds are chosen on the photos of the other folds, so that no photo chooses its own.
    """
    cut = np.zeros((len(found), len(CLASSES)), int)
    for k in np.unique(fold):
        cut[fold == k] = dice.best(found[fold != k])
    half = np.full_like(cut, dice.LEVELS // 2)
    by_fold = [dice.figures(found[fold == k], cut[fold == k], CLASSES) for k in np.unique(fold)]
    return {
        "photos": len(found),
        "folds": len(np.unique(fold)),
        "steps": plan.steps,
        "epochs": round(epochs(plan, int((fold != 0).sum())), 1),
        "dice": dice.figures(found, cut, CLASSES),
        "dice_at_half": dice.figures(found, half, CLASSES),
        "pooled_by_fold": {c: [f[c]["pooled"] for f in by_fold] for c in CLASSES},
    }


def crossval(folder: Path, work: Path, plan: Plan = CROSS, limit: int | None = None) -> dict[str, Any]:
    """All folds, and their figures."""
    photos = eyes(folder, input_of(INPUT), limit=limit)
    fold = folds(photos)
    if epochs(plan, int((fold != 0).sum())) > EPOCHS and limit is None:
        raise ValueError(f"the plan is longer than {EPOCHS} epochs")
    found: np.ndarray | None = None
    for k in range(FOLDS):
        own = fold_counts(k, photos, fold, plan, work)
        found = np.zeros((len(photos), *own.shape[1:]), own.dtype) if found is None else found
        found[fold == k] = own
        log.info("fold %d: %s", k, {c: round(float(v), 3) for c, v in zip(CLASSES, dice.dice(own.sum(0)).max(1), strict=True)})
    assert found is not None
    return measured(found, fold, plan)


def main() -> None:
    """Command line: every fold that is not done yet, then the figures."""
    line = argparse.ArgumentParser(description=__doc__)
    line.add_argument("--data", type=Path, default=data_folder())
    line.add_argument("--work", type=Path, default=Path.home() / "carelens-work" / "retina_lesions_crossval")
    options = line.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    figures = crossval(options.data, options.work)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if (FOLDER / "card.json").exists():
        facts = json.loads((FOLDER / "card.json").read_text(encoding="utf-8"))
        facts["metrics"]["crossval"] = figures
        write_card(FOLDER, facts)
    log.info("%s", json.dumps(figures["dice"], indent=1))


if __name__ == "__main__":
    main()
