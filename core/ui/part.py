"""A part of the body that is followed over time, and how its name is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REGIONS = {"head_neck": "Head and neck", "arms": "Arms", "trunk": "Trunk", "legs": "Legs"}
"""The parts of the body that an eczema score counts, as `core.instruments.easi` names them."""
SIDED = ("arms", "legs")
"""Those of which there is a left and a right one."""
EYE = "eye"
"""The part of the body that a photo of the back of an eye shows; no eczema score counts it."""


@dataclass(frozen=True)
class Part:
    """A part of the body that is followed: one of `REGIONS` or `EYE`, for arms, legs and eyes the side, and whether the photo shows
    all of it."""

    region: str | None = None
    side: str | None = None
    whole: bool = False

    @property
    def title(self) -> str:
        """What it is called: `Left arm`, `Both legs`, `Trunk`."""
        if self.region is None:
            return "Your skin"
        if self.region == EYE:
            return f"{self.side.capitalize()} eye" if self.side else "An eye, left or right not said yet"
        name = REGIONS[self.region]
        if self.side is None:
            return name
        return f"Both {name.lower()}" if self.side == "both" else f"{self.side.capitalize()} {name.lower().removesuffix('s')}"

    def columns(self) -> dict[str, Any]:
        """How a record keeps it."""
        return {"site": self.title, "region": self.region, "side": self.side, "whole_region": self.whole}
