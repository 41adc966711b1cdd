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
from core.vision.networks import Classifier, OutlineNet

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
