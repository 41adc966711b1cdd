"""Toy networks with cards of their own: they answer the same whatever the photo, so that a test knows what must come of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.examinations.condition_rule import CLASSES
from core.settings import ROOT, settings
from core.vision import registry
from core.vision.card import file_sha256
from core.vision.networks import Classifier, OrdinalClassifier, OutlineNet

INPUT = {
    "size": 96, "crop": "middle_square", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
    "range": "0 to 1", "colour": "RGB", "flips": True,
}  # fmt: skip


def kinds_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """For a fixture: the house has a copy of the network of the kinds in `folder`, and no other."""
    shutil.copytree(ROOT / "models" / "photo_kind", folder / "photo_kind", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setenv("CARELENS_MODELS", str(folder))
    settings.cache_clear()
    registry.forget()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()
    registry.forget()


def card_of(id: str, task: str, architecture: str, classes: Sequence[str], **more: Any) -> dict[str, Any]:
    """The facts of a card, as short as one may be."""
    return {
        "id": id, "version": "0.1.0", "title": f"A toy of {id}", "task": task, "architecture": architecture, "classes": list(classes),
        "input": INPUT, "sha256": "", "parameters": 0, "licences": {}, "data": {}, "split_rule": "none", "metrics": {},
        "intended_use": "Tests.", "limits": [], **more,
    }  # fmt: skip


def install(models: Path, facts: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Path:
    """Write a network's folder; the card gets the sum of the weights. Returns the folder."""
    folder = models / facts["id"]
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "weights.safetensors")
    (folder / "card.json").write_text(json.dumps(facts | {"sha256": file_sha256(folder / "weights.safetensors")}))
    return folder


def condition_network(models: Path, chances: dict[str, float], distance: float = 0.0) -> Path:
    """`skin_condition` that gives every photo these probabilities (the rest share what is left) at this squared distance.

    Its prior is uniform; it answers up to a distance of 2 and a kind chance of 0.05. Suspicious from 0.2, herpes and
    impetigo from 0.1, conformal from 0.15.
    """
    rest = (1 - sum(chances.values())) / (len(CLASSES) - len(chances))
    network = Classifier(len(CLASSES)).eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.from_numpy(np.log([chances.get(c, rest) for c in CLASSES])))
    tensors = {name: tensor.clone() for name, tensor in network.state_dict().items()} | {
        "support.centre": torch.zeros(1280),
        "support.whiten": torch.zeros(1280, 1),
        "support.means": torch.full((1, 1), float(np.sqrt(distance))),
    }
    facts = card_of(
        "skin_condition", "classification", "mobilenet_v2_classifier", CLASSES,
        calibration={"temperature": 1.0, "prior_strength": 1.0, "prior": dict.fromkeys(CLASSES, 1 / len(CLASSES))},
        thresholds={"suspicious": {"value": 0.2}, "herpes": {"value": 0.1}, "impetigo": {"value": 0.1}},
        conformal={"threshold": 0.15},
        out_of_distribution={"distance": 2.0, "kind_chance": 0.05},
    )  # fmt: skip
    return install(models, facts, tensors)


def all_skin_network(models: Path) -> Path:
    """`eczema_outline` that takes the whole of every photo for skin, and none of it for affected."""
    network = OutlineNet(2).eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.tensor([-9.0, 9.0]))
    facts = card_of("eczema_outline", "segmentation", "mobilenet_v2_unet", ("affected", "skin"))
    tensors = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    return install(models, facts | {"input": INPUT | {"crop": "squash"}}, tensors)


FIELD = INPUT | {"crop": "field", "size": 128, "flips": False}
CUTOFFS = (-3.0, -1.0, 1.0, 3.0)
"""Of the toy grade: a score of -4, -2, 0, 2 or 4 lies in the middle of grade 0, 1, 2, 3 or 4."""
QUALITY = ("good", "blurred", "dark", "bright", "field")
SIGNS = ("microaneurysms", "haemorrhages", "hard_exudates", "soft_exudates")


def grade_facts(**more: Any) -> dict[str, Any]:
    """The card of a `retina_grade`: it refers from a chance of 0.4 and answers up to a distance of 2 and a kind chance of 0.05;
    conformal from 0.2."""
    return card_of(
        "retina_grade", "classification", "mobilenet_v2_ordinal", [str(grade) for grade in range(5)],
        **({
            "input": FIELD, "ordinal": {"cutoffs": CUTOFFS}, "thresholds": {"referable": {"value": 0.4}}, "conformal": {"threshold": 0.2},
            "out_of_distribution": {"distance": 2.0, "kind_chance": 0.05},
        } | more),
    )  # fmt: skip


def quality_facts() -> dict[str, Any]:
    """The card of a `retina_quality`: good enough from 0.5."""
    facts = card_of("retina_quality", "classification", "mobilenet_v2_classifier", QUALITY, thresholds={"gradable": {"value": 0.5}})
    return facts | {"input": INPUT | {"crop": "squash", "flips": False}}


def lesions_facts(size: int = 512) -> dict[str, Any]:
    """The card of a `retina_lesions`; every class counts from 0.5."""
    return card_of("retina_lesions", "segmentation", "mobilenet_v2_unet", SIGNS) | {"input": FIELD | {"size": size, "crop": "eye"}}


def disc_facts(size: int = 320) -> dict[str, Any]:
    """The card of a `retina_disc`, which counts from 0.5."""
    return card_of("retina_disc", "segmentation", "mobilenet_v2_unet", ["disc"]) | {"input": FIELD | {"size": size, "crop": "eye"}}


def grade_network(models: Path, score: float) -> Path:
    """`retina_grade` that gives every eye this score."""
    network = OrdinalClassifier().eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.fill_(score)
    tensors = {name: tensor.clone() for name, tensor in network.state_dict().items()} | {
        "support.centre": torch.zeros(1280),
        "support.whiten": torch.zeros(1280, 1),
        "support.means": torch.zeros(1, 1),
    }
    return install(models, grade_facts(), tensors)


def lesions_network(models: Path, chance: float = 0.01) -> Path:
    """`retina_lesions` that gives every pixel of every sign this chance: by default it finds nothing."""
    return _even(models, lesions_facts(128), chance)


def disc_network(models: Path, chance: float = 0.01) -> Path:
    """`retina_disc` that gives every pixel this chance: by default it finds no disc."""
    return _even(models, disc_facts(128), chance)


def _even(models: Path, facts: dict[str, Any], chance: float) -> Path:
    network = OutlineNet(len(facts["classes"])).eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.fill_(float(np.log(chance / (1 - chance))))
    return install(models, facts, dict(network.state_dict()))


def described(models: Path, facts: dict[str, Any]) -> Path:
    """Write a card alone, without weights: for tests that put something else in the place of what runs networks."""
    folder = models / facts["id"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(json.dumps(facts))
    return folder
