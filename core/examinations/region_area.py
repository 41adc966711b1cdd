"""The area band of EASI, 0-6, of a body region, from photos that show the whole of it. A band is not an EASI.

An EASI is rated by a clinician: area and four signs of four regions. A photo gives the area alone, and only where a person
was guided to take, or confirmed, a photo of the whole region.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.examinations.severity import CLEAR
from core.instruments.easi import REGIONS, area_band


@dataclass(frozen=True)
class Shown:
    """What one photo shows of a region.

    `region`: one of `core.instruments.easi.REGIONS`, or None where it is not known. `side`: left, right, both or None.
    `fraction`, `low`, `high`: affected by visible skin with its interval, 0-1; None where not given.
    `whole_region`: guided or confirmed to show the whole of it (of this side).
    """

    region: str | None
    side: str | None
    fraction: float | None
    low: float | None
    high: float | None
    whole_region: bool


@dataclass(frozen=True)
class Area:
    """The area of a region: `fraction` 0-1, its EASI area `band` 0-6, the bands its interval reaches, and from how many photos."""

    fraction: float
    band: int
    lowest: int
    highest: int
    photos: int


def area_bands(photos: Iterable[Shown]) -> Mapping[str, Area]:
    """The area of each region that whole-region photos show, in the order of `REGIONS`; no other region is in it.

    Photos of one side are averaged, then the sides: three photos of the left arm weigh no more than one of the right.
    """
    by_region: dict[str, dict[str, list[Shown]]] = defaultdict(lambda: defaultdict(list))
    for photo in photos:
        if photo.whole_region and photo.region in REGIONS and photo.fraction is not None:
            by_region[photo.region][photo.side or "both"].append(photo)
    return {region: _area(by_region[region]) for region in REGIONS if region in by_region}


def band_of(fraction: float) -> int:
    """The area band of a measured fraction 0-1: below 1 %, where band 1 begins, there is none."""
    return 0 if fraction < CLEAR else area_band(fraction)


def _area(sides: Mapping[str, list[Shown]]) -> Area:
    def over(values: Callable[[Shown], float | None]) -> float:
        return _mean([_mean([_given(values(one), one.fraction) for one in side]) for side in sides.values()])

    fraction = over(lambda one: one.fraction)
    count = sum(len(side) for side in sides.values())
    return Area(fraction, band_of(fraction), band_of(over(lambda one: one.low)), band_of(over(lambda one: one.high)), count)


def _given(value: float | None, fraction: float | None) -> float:
    """The end of an interval, or the fraction itself where there is none: a person drew the outline."""
    return value if value is not None else fraction or 0.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
