"""The model card: what a network is, how its input is made, what was measured. Serving reads it, people read it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import Unavailable
from core.settings import settings

REQUIRED = (
    "id",
    "version",
    "title",
    "task",
    "architecture",
    "classes",
    "input",
    "sha256",
    "parameters",
    "licences",
    "data",
    "split_rule",
    "metrics",
    "intended_use",
    "limits",
)


@dataclass(frozen=True)
class Input:
    """How a photo becomes the network's input.

    `size`: pixels a side. `crop`: `middle_square` (the largest centred square), `squash` (the whole
    photo, aspect not kept), `field` (the round field of an eye, levelled: `core.vision.field`) or `eye` (the same, but with
    all that the photo shows of it: for what is sought everywhere, and says nothing of the camera).
    Values 0-1, RGB, then (value - mean) / std. `flips`: mean over four mirrored views.
    `least_light`: a photo with less light in a colour is first lifted to this (`core.vision.light.level`, RGB, 0-255); all 0: none is.
    """

    size: int
    crop: Literal["middle_square", "squash", "field", "eye"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    flips: bool
    least_light: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Card:
    """A card; `facts` is the whole of card.json."""

    id: str
    version: str
    title: str
    task: str
    architecture: str
    classes: tuple[str, ...]
    input: Input
    sha256: str
    facts: Mapping[str, Any]
    folder: Path

    @property
    def weights(self) -> Path:
        """The weights' file beside the card."""
        return self.folder / "weights.safetensors"


def input_of(way: Mapping[str, Any]) -> Input:
    """The `input` of a card; KeyError, TypeError or ValueError when it is not one."""
    red, green, blue = (float(v) for v in way.get("least_light", (0, 0, 0)))
    mean, std = tuple(way["mean"]), tuple(way["std"])
    return Input(int(way["size"]), way["crop"], mean, std, bool(way["flips"]), (red, green, blue))


def read_card(folder: Path) -> Card:
    """Read and check `folder/card.json`; Unavailable when it is missing, broken or incomplete."""
    try:
        facts = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        missing = [name for name in REQUIRED if name not in facts]
        if missing:
            raise ValueError(f"card.json lacks {', '.join(missing)}")
        read = input_of(facts["input"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"The description of the network {folder.name} cannot be read.", "Ask the person who runs CareLens to install it again."
        ) from error
    return Card(
        facts["id"],
        facts["version"],
        facts["title"],
        facts["task"],
        facts["architecture"],
        tuple(facts["classes"]),
        read,
        facts["sha256"],
        facts,
        folder,
    )


def card(id: str) -> Card:
    """The card of one network of this house."""
    return read_card(settings().models / id)


def card_ids() -> list[str]:
    """Every folder of `models/` that holds a card, in order of name."""
    return sorted(path.parent.name for path in settings().models.glob("*/card.json"))


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
