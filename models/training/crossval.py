"""Cross-validation of a network that outlines, over sets of so few photos that a test split would say nothing.

Resumable: a fold goes on from its checkpoint, and one whose counts lie in the network's `folds/` is not trained again: they are kept
beside the recipe, so that the figures can be made again without hours of training.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from models.training import dice
from models.training.data import data_folder
from models.training.loop import Plan
from models.training.publish import write_card

log = logging.getLogger("carelens.training")

EPOCHS = 20
"""A fold is trained for so many at most."""


@dataclass(frozen=True)
class Study:
    """What is cross-validated.

    `learn(photos, val, plan, work)` trains a network; `counted(network, photos)` counts its pixels, see `dice.counts`.
    `epochs(plan, photos)`: how often a plan sees all of so many photos. `way`: what else the counts hang on, in words.
    """

    folder: Path
    classes: tuple[str, ...]
    plan: Plan
    way: str
    learn: Callable[[Any, Any, Plan, Path], nn.Module]
    counted: Callable[[nn.Module, Any], np.ndarray]
    epochs: Callable[[Plan, int], float]

    @property
    def done(self) -> Path:
        """Where the counts of the folds are kept."""
        return self.folder / "folds"

    def named(self) -> str:
        """The plan in words, so that counts of another are not taken for its own."""
        plan = self.plan
        return f"{plan.stages} rate {plan.rate} decay {plan.weight_decay} seed {plan.seed} frozen {plan.frozen} {self.way}"

    def keep(self, file: Path, found: np.ndarray, photos: list[str]) -> None:
        """Write the counts of a fold (photos, classes, 2, 256), with which photos and which plan they are of."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        facts = {"plan": self.named(), "counts": {photo: counts.tolist() for photo, counts in zip(photos, found, strict=True)}}
        part.write_text(json.dumps(facts, separators=(",", ":")) + "\n", encoding="utf-8")
        part.replace(file)

    def kept(self, file: Path, photos: list[str]) -> np.ndarray | None:
        """What `keep` wrote, int64; None where there is none. ValueError when it is of other photos or another plan."""
        if not file.exists():
            return None
        facts = json.loads(file.read_text(encoding="utf-8"))
        if list(facts["counts"]) != photos or facts["plan"] != self.named():
            raise ValueError(f"{file} is of other photos or another plan: remove it, or train by that plan")
        return np.array(list(facts["counts"].values()), np.int64)

    def fold_counts(self, k: int, photos: Sequence[Any], fold: np.ndarray, work: Path) -> np.ndarray:
        """Train on the photos of the other folds and count those of fold `k`; from its file in `done` when there is one.

        Counts (photos, classes, 2, 256).
        """
        own, others = ([e for e, f in zip(photos, fold, strict=True) if (f == k) == inside] for inside in (True, False))
        file, names = self.done / f"fold{k}.json", [photo.id for photo in own]
        if (found := self.kept(file, names)) is None:
            log.info("fold %d: %d photos to learn from, %.1f epochs", k, len(others), self.epochs(self.plan, len(others)))
            network = self.learn(others, [], self.plan, work / f"fold{k}")
            self.keep(file, self.counted(network, own), names)
            found = self.kept(file, names)
        assert found is not None
        return found

    def cuts(self, found: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Threshold indices (photos, classes): a fold's are chosen on the photos of the others, so that no photo chooses its own."""
        cut = np.zeros((len(found), len(self.classes)), int)
        for k in np.unique(fold):
            cut[fold == k] = dice.best(found[fold != k])
        return cut

    def measured(self, found: np.ndarray, fold: np.ndarray) -> dict[str, Any]:
        """The figures, of counts (photos, classes, 2, 256) each from the network that had not seen the photo."""
        cut = self.cuts(found, fold)
        half = np.full_like(cut, dice.LEVELS // 2)
        by_fold = [dice.figures(found[fold == k], cut[fold == k], self.classes) for k in np.unique(fold)]
        return {
            "photos": len(found),
            "folds": len(np.unique(fold)),
            "dice": dice.figures(found, cut, self.classes),
            "dice_at_half": dice.figures(found, half, self.classes),
            "pooled_by_fold": {c: [f[c]["pooled"] for f in by_fold] for c in self.classes},
        }

    def metrics(self) -> dict[str, Any]:
        """For a card, from the counts that were kept: `dice_<class>` with its interval, and `crossval`, see `measured`. Empty without.

        `crossval.plan` is that of the counts, which may be another than the one of today; then the epochs are not told.
        """
        kept = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(self.done.glob("fold*.json"))]
        parts = [np.array(list(facts["counts"].values()), np.int64) for facts in kept]
        if not parts:
            return {}
        plans = {str(facts["plan"]) for facts in kept}
        if len(plans) > 1:
            raise ValueError(f"the folds in {self.done} are of several plans")
        found, fold = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        told = dice.intervals(found, self.cuts(found, fold), self.classes)
        how: dict[str, Any] = {"plan": plans.pop()}
        if how["plan"] == self.named():
            how["epochs"] = round(self.epochs(self.plan, int((fold != 0).sum())), 1)
        return {f"dice_{name}": figure for name, figure in told.items()} | {"crossval": how | self.measured(found, fold)}

    def run(self, photos: Sequence[Any], fold: np.ndarray, work: Path) -> dict[str, Any]:
        """All folds, and their figures. ValueError when the plan is longer than `EPOCHS`."""
        if self.epochs(self.plan, int((fold != 0).sum())) > EPOCHS:
            raise ValueError(f"the plan is longer than {EPOCHS} epochs")
        parts = {}
        for k in map(int, np.unique(fold)):
            parts[k] = self.fold_counts(k, photos, fold, work)
            best = dice.dice(parts[k].sum(0)).max(1)
            log.info("fold %d: %s", k, {c: round(float(v), 3) for c, v in zip(self.classes, best, strict=True)})
        found = np.zeros((len(photos), *parts[0].shape[1:]), np.int64)
        for k, own in parts.items():
            found[fold == k] = own
        return self.measured(found, fold)

    def main(self, about: str | None, load: Callable[[Path], tuple[Sequence[Any], np.ndarray]]) -> None:
        """Command line: every fold that is not done yet, then the figures, into the card where there is one."""
        line = argparse.ArgumentParser(description=about)
        line.add_argument("--data", type=Path, default=data_folder())
        line.add_argument("--work", type=Path, default=Path.home() / "carelens-work" / f"{self.folder.name}_crossval")
        options = line.parse_args()
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        figures = self.run(*load(options.data), options.work)
        if (self.folder / "card.json").exists():
            facts = json.loads((self.folder / "card.json").read_text(encoding="utf-8"))
            facts["metrics"] = self.metrics()
            write_card(self.folder, facts)
        log.info("%s", json.dumps(figures["dice"], indent=1))
