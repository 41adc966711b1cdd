"""Left or right: what a photo of the back of an eye, and its file, suggest. A person has the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.examinations.finding import Eye, Finding

NUMBER = "left_eye"
"""Among the numbers of a finding: the chance 0-1 that it is a left eye, by where the disc lies; not there when that cannot be told."""
FILED: Mapping[str, Eye] = {"L": "left", "R": "right"}
"""DICOM's Laterality (0020,0060); B, both, says nothing of one photo."""


@dataclass(frozen=True)
class Guess:
    """An eye, and how sure: 0.5-1."""

    eye: Eye
    sure: float


def chance_of(side: str, sure: float) -> dict[str, float]:
    """The number `left_eye` of a `side` that is so `sure` (0.5-1); nothing for no side."""
    return {NUMBER: sure if side == "left" else 1 - sure} if side else {}


def guess(finding: Finding) -> Guess | None:
    """The eye that the photo looks like; None where its disc was not found or lies in the middle."""
    chance = finding.numbers.get(NUMBER)
    if chance is None:
        return None
    return Guess("left", chance) if chance >= 0.5 else Guess("right", 1 - chance)


def in_file(tags: Mapping[str, str]) -> Eye | None:
    """The eye that a DICOM file names in its tags (`Photo.tags`)."""
    return FILED.get(tags.get("Laterality", ""))
