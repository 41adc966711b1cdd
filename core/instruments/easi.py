"""EASI, the Eczema Area and Severity Index: four regions, four signs, rated by a clinician, 0-72.

A photo alone can give the area band of a region and never an EASI. Formula and area bands: Hanifin et
al., Exp Dermatol 2001;10:11 and dermnetnz.org/topics/easi-score. Strata: Leshem et al., Br J Dermatol
2015;172:1353 as in PMC7395647, table 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InvalidInput
from core.instruments.rules import Band, band_of, named, number, one_decimal, whole

REGIONS = ("head_neck", "arms", "trunk", "legs")

SIGNS = ("redness", "thickness", "scratching", "lichenification")
"""Erythema; induration, papulation or oedema; excoriation; lichenification. Each 0-3, halves allowed."""

AREA_FROM = (0.10, 0.30, 0.50, 0.70, 0.90)
"""Where the area bands 2 to 6 begin, as a share of the region."""

AREA_WORDS = ("no eczema", "1-9 %", "10-29 %", "30-49 %", "50-69 %", "70-89 %", "90-100 %")
"""The area bands 0 to 6 as they are printed."""

YOUNG = 8
"""Younger than this many years: the head weighs more and the legs less."""

WEIGHTS: Mapping[str, float] = {"head_neck": 0.1, "arms": 0.2, "trunk": 0.3, "legs": 0.4}
WEIGHTS_YOUNG: Mapping[str, float] = {"head_neck": 0.2, "arms": 0.2, "trunk": 0.3, "legs": 0.3}

BANDS = (
    Band("clear", "Clear", 0, 0),
    Band("almost_clear", "Almost clear", 0.1, 1),
    Band("mild", "Mild eczema", 1.1, 7),
    Band("moderate", "Moderate eczema", 7.1, 21),
    Band("severe", "Severe eczema", 21.1, 50),
    Band("very_severe", "Very severe eczema", 50.1, 72),
)
"""The strata."""


@dataclass(frozen=True)
class Easi:
    """A score and its parts. `regions`: what each of `REGIONS` adds; `total` 0-72 and its stratum, `band`."""

    regions: Mapping[str, float]
    total: float
    band: Band

    @property
    def shown(self) -> str:
        """The total with one decimal, as it is banded."""
        return f"{one_decimal(self.total):.1f}"


def area_band(fraction: float) -> int:
    """Area band 0-6 of a region from its affected fraction 0-1.

    The bands are printed in whole percent: none, 1-9, 10-29, 30-49, 50-69, 70-89, 90-100. Between two of
    them the lower goes on until the next begins: 9.5 % is band 1, 10 % is band 2. Band 0 means no eczema
    at all, so whatever is more than nothing is at least band 1. Raises `InvalidInput` outside 0-1.
    """
    share = number(fraction, 0, 1, "The affected share")
    if share == 0:
        return 0
    # A share that was computed (perhaps in single precision) may lie a rounding error below what it is.
    return 1 + sum(share >= start - 1e-6 for start in AREA_FROM)


def weights(age_years: float) -> Mapping[str, float]:
    """What the regions weigh at an age in years (0-130); they add up to 1. Raises `InvalidInput`."""
    return WEIGHTS_YOUNG if number(age_years, 0, 130, "The age in years") < YOUNG else WEIGHTS


def easi(areas: Mapping[str, int], signs: Mapping[str, Mapping[str, float]], age: float) -> Easi:
    """The score from what a clinician rated.

    `areas`: area band 0-6 of each of `REGIONS` (a whole number, never a fraction; see `area_band`).
    `signs`: for each region each of `SIGNS` 0-3 in steps of a half; a region with area band 0 has
    nothing to rate and may be left out. `age` in years. Score: the sum over the regions of weight x area
    band x sum of the signs. There is no rule for missing ratings. Raises `InvalidInput` where one is
    missing, unknown or out of range.
    """
    share = weights(age)
    bands = {region: whole(band, 0, 6, "An area band") for region, band in named(areas, REGIONS, "The areas").items()}
    unrated = {region: dict.fromkeys(SIGNS, 0.0) for region, band in bands.items() if band == 0}
    rated = named({**unrated, **signs}, REGIONS, "The ratings of the regions")
    parts = {region: round(share[region] * bands[region] * _severity(rated[region]), 6) for region in REGIONS}
    total = round(sum(parts.values()), 6)
    return Easi(parts, total, band_of(total, BANDS))


def _severity(signs: Mapping[str, float]) -> float:
    """Sum of the four signs, 0-12."""
    grades = [number(grade, 0, 3, "A sign") for grade in named(signs, SIGNS, "The four signs").values()]
    if any(grade * 2 != int(grade * 2) for grade in grades):
        raise InvalidInput("A sign is not rated in steps of a half.", "Choose 0, 0.5, 1, 1.5, 2, 2.5 or 3.")
    return sum(grades)
