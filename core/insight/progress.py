"""What a person's own photos say over time: which belong together, and whether a difference is more than the doubt.

Nothing here is a rule of an instrument (`core.instruments`) or a measure of a photo (`core.examinations.severity`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

NONE = float("nan")

Verdict = Literal["less", "more", "unclear"]


@dataclass(frozen=True)
class Place:
    """A part of the body that is followed: the region of the EASI and the side; None: not said."""

    region: str | None = None
    side: str | None = None


@dataclass(frozen=True)
class Measured:
    """One photo as it was measured; NaN where something is not given.

    `fraction` of the visible skin that is affected, 0-1; `redness` in units of CIE a*; each with its interval.
    `whole`: a person confirmed that the photo shows the whole region. `corrected`: with an outline a person drew.
    """

    id: UUID
    at: datetime
    place: Place
    fraction: float = NONE
    fraction_low: float = NONE
    fraction_high: float = NONE
    redness: float = NONE
    redness_low: float = NONE
    redness_high: float = NONE
    lesions: float = NONE
    whole: bool = False
    corrected: bool = False

    @property
    def given(self) -> bool:
        """The affected share could be measured."""
        return not math.isnan(self.fraction)


NAMES: Mapping[str, str] = {
    "fraction": "affected_fraction",
    "fraction_low": "affected_low",
    "fraction_high": "affected_high",
    "redness": "redness",
    "redness_low": "redness_low",
    "redness_high": "redness_high",
    "lesions": "lesions",
}
"""Fields of `Measured` to the names of a finding's numbers."""


def numbers_of(numbers: Mapping[str, float]) -> dict[str, float]:
    """The fields of `Measured` that a finding's numbers fill; NaN where one is not there."""
    return {field: float(numbers.get(name, NONE)) for field, name in NAMES.items()}


def verdict(first: Measured, last: Measured) -> Verdict | None:
    """Whether the affected share is less or more than it was, beyond what both intervals leave open.

    None where one of them has no share. Without an interval (an outline drawn by hand) the share itself is taken.
    """
    if not (first.given and last.given):
        return None
    low, high = _range(first)
    low_now, high_now = _range(last)
    return "less" if high_now < low else "more" if low_now > high else "unclear"


def _range(one: Measured) -> tuple[float, float]:
    if math.isnan(one.fraction_low) or math.isnan(one.fraction_high):
        return one.fraction, one.fraction
    return one.fraction_low, one.fraction_high


def places(photos: Sequence[Measured]) -> list[Place]:
    """The places that were photographed, the one with most photos first; a place that was not said comes last."""
    counts: dict[Place, int] = {}
    for photo in photos:
        counts[photo.place] = counts.get(photo.place, 0) + 1
    return sorted(counts, key=lambda place: (place.region is None, -counts[place], place.region or "", place.side or ""))


def spread(count: int, most: int) -> list[int]:
    """At most `most` of `count` in even steps, the first and the last among them."""
    if count <= most:
        return list(range(count))
    if most < 2:
        return [count - 1]
    return sorted({round(at * (count - 1) / (most - 1)) for at in range(most)})
