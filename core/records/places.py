"""Where on the body a photo is from: the region, the side, and whether the photo shows all of the region."""

from __future__ import annotations

from typing import Any

from core.errors import InvalidInput
from core.examinations.finding import EYES
from core.instruments.easi import REGIONS
from core.records.record_tables import SIDES

EYE = "eye"
"""The region of a photo of the back of an eye; its side is the eye."""
SIDED = ("arms", "legs")
"""Regions of which there is a left and a right one."""


def checked_place(region: str | None, side: str | None, whole_region: bool) -> dict[str, Any]:
    """The columns of a record that say where its photo is from; InvalidInput when they do not fit together."""
    if region == EYE:
        if side not in EYES or whole_region:
            raise InvalidInput("Which eye it is, is not answered yet.", "Choose the left or the right eye.")
        return {"region": region, "side": side, "whole_region": False}
    if region is not None and region not in REGIONS:
        raise InvalidInput("This part of the body is not one we know.", "Choose head and neck, arms, trunk or legs.")
    if side is not None and (side not in SIDES or region not in SIDED):
        raise InvalidInput("Left or right fits arms and legs only.", "Choose arms or legs, or leave the side out.")
    if whole_region and region is None:
        raise InvalidInput("A whole part of the body needs a name.", "Choose head and neck, arms, trunk or legs.")
    return {"region": region, "side": side, "whole_region": whole_region}
