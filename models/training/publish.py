"""Write what ships: weights as safetensors (fp16), and the card beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from core.vision.card import file_sha256
from core.vision.registry import forget

LICENCES = {
    "code": "MIT",
    "weights": "For research and education, non-commercial: the licences of the training data forbid more.",
}
NOT_A_DEVICE = "Not a medical device. A finding is never a diagnosis."
PRETRAINED = {
    "name": "ImageNet weights of MobileNetV2",
    "use": "initial weights of the encoder",
    "licence": "Apache-2.0 (converted from a TensorFlow model)",
}
HAM10000 = {
    "name": "HAM10000",
    "source": "Tschandl, Rosendahl, Kittler 2018, ViDIR group, Medical University of Vienna",
    "licence": "CC BY-NC 4.0",
}
DERMNET = {
    "name": "DermNet NZ",
    "source": "photographs of DermNet New Zealand Trust",
    "licence": "CC BY-NC-ND 3.0 NZ",
}
SD198 = {"name": "SD-198", "source": "Sun, Yang, Sun, Wang 2016", "licence": "research use"}
DERMXDB = {"name": "DermXDB", "source": "Jalaboi et al. 2022, majority masks of several dermatologists", "licence": "CC0"}
APTOS = {"name": "APTOS 2019", "source": "Aravind Eye Hospital, India", "licence": "competition data, no redistribution licence stated"}
EYEPACS = {"name": "EyePACS 2015", "source": "EyePACS, United States", "licence": "competition data, no redistribution licence stated"}
IDRID = {"name": "IDRiD", "source": "Porwal et al. 2018, eye clinic in Nanded, India", "licence": "CC BY 4.0"}
CLINICAL_SPLIT = (
    "Fixed, by person and scene: a group is in one split, the same in both sets of clinical photos. "
    "Trained on train, chosen on val, reported on test."
)
UNKNOWN_PEOPLE = (
    "Nothing is known of the people's skin or age. Whether it does as well on dark as on light skin, which goes with how dark the "
    "back of the eye is, was not measured."
)
"""A limit of every network that learned from photos of eyes."""
HAM_SPLIT = "Fixed, by lesion: all photos of one lesion are in one split. Trained on train, chosen on val, reported on test."


def save_weights(network: nn.Module, folder: Path, support: Mapping[str, Tensor] | None = None) -> dict[str, Any]:
    """Write `weights.safetensors` and return the card's lines about it. Counters of batch normalisation stay integers."""
    tensors = {k: (v.half() if v.is_floating_point() else v).cpu().contiguous() for k, v in network.state_dict().items()}
    tensors.update({f"support.{k}": v.float().cpu().contiguous() for k, v in (support or {}).items()})
    path = folder / "weights.safetensors"
    save_file(tensors, path)
    if path.stat().st_size > 20e6:
        raise ValueError(f"{path.name} is larger than 20 MB")
    return {"sha256": file_sha256(path), "parameters": sum(p.numel() for p in network.parameters())}


def write_card(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write `card.json`, keys in the order given."""
    (folder / "card.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def publish_measured(
    network: nn.Module,
    folder: Path,
    facts: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]],
    measure: Callable[[], dict[str, Any]],
) -> None:
    """Write the weights, measure them through the app's engine, and write the card: `facts(lines about the weights, figures)`."""
    weights = save_weights(network, folder)
    write_card(folder, facts(weights, {}))
    forget()
    write_card(folder, facts(weights, measure()))


def load_state(path: Path) -> dict[str, Tensor]:
    """The averaged weights of a finished run, or of its last checkpoint."""
    saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return saved.get("average", saved)
