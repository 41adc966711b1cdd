"""EASI against its published formula (dermnetnz.org/topics/easi-score) and strata (PMC7395647, table 3)."""

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidInput
from core.instruments import easi

GRADE = some.integers(0, 6).map(lambda halves: halves / 2)
SIGNS = some.fixed_dictionaries(dict.fromkeys(easi.REGIONS, some.fixed_dictionaries(dict.fromkeys(easi.SIGNS, GRADE))))
AREAS = some.fixed_dictionaries(dict.fromkeys(easi.REGIONS, some.integers(0, 6)))
AGE = some.floats(0, 120)
FRACTION = some.floats(0, 1)

TENTHS = {True: {"head_neck": 2, "arms": 2, "trunk": 3, "legs": 3}, False: {"head_neck": 1, "arms": 2, "trunk": 3, "legs": 4}}
"""The published weights in tenths, by whether the person is under 8."""


def rated(grade: float) -> dict[str, dict[str, float]]:
    return {region: dict.fromkeys(easi.SIGNS, grade) for region in easi.REGIONS}


def only(region: str, area: int, **signs: float) -> easi.Easi:
    """An adult with eczema in one region alone."""
    areas = {name: area if name == region else 0 for name in easi.REGIONS}
    return easi.easi(areas, {region: {**dict.fromkeys(easi.SIGNS, 0.0), **signs}}, 30)


@pytest.mark.parametrize(
    ("percent", "band"),
    [
        (0, 0), (1, 1), (9, 1), (10, 2), (29, 2), (30, 3), (49, 3), (50, 4), (69, 4), (70, 5), (89, 5), (90, 6), (100, 6),
        (9.5, 1), (9.999, 1), (29.5, 2), (49.99, 3), (69.5, 4), (89.5, 5),  # between two: the lower goes on
        (0.5, 1), (0.0001, 1),  # more than none is not none
    ],
)  # fmt: skip
def test_area_bands_and_what_lies_between_them(percent: float, band: int) -> None:
    assert easi.area_band(percent / 100) == band
    assert easi.area_band(np.float32(percent / 100)) == band


@pytest.mark.parametrize(("parts", "band"), [((0.1, 0.2), 3), ((1, -0.9), 2), ((0.7, 0.1, 0.1), 6), ((0.35, 0.35), 5)])
def test_a_rounding_error_moves_no_band(parts: tuple[float, ...], band: int) -> None:
    assert easi.area_band(sum(parts)) == band


def test_every_whole_percent_is_in_the_band_that_is_printed() -> None:
    for percent in range(1, 101):
        words = easi.AREA_WORDS[easi.area_band(percent / 100)].removesuffix(" %").split("-")
        assert int(words[0]) <= percent <= int(words[1])


@given(FRACTION, FRACTION)
def test_area_bands_rise_with_the_area(one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert 0 <= easi.area_band(small) <= easi.area_band(large) <= 6
    assert (easi.area_band(small) == 0) == (small == 0)


@pytest.mark.parametrize("wrong", [-0.01, 1.01, 50, math.nan, math.inf, None, "0.5", True])
def test_a_fraction_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        easi.area_band(wrong)


@pytest.mark.parametrize(("age", "young"), [(0, True), (0.5, True), (7, True), (7.99, True), (8, False), (8.01, False), (40, False)])
def test_weights_under_eight_and_from_eight(age: float, young: bool) -> None:
    assert {region: round(weight * 10) for region, weight in easi.weights(age).items()} == TENTHS[young]
    assert tuple(easi.weights(age)) == easi.REGIONS
    assert math.fsum(easi.weights(age).values()) == pytest.approx(1)


@pytest.mark.parametrize("wrong", [-1, 131, math.nan, None, "8", True])
def test_an_age_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        easi.weights(wrong)
    with pytest.raises(InvalidInput):
        easi.easi(dict.fromkeys(easi.REGIONS, 0), {}, wrong)


@pytest.mark.parametrize("age", [3, 30])
def test_least_and_most(age: float) -> None:
    assert easi.easi(dict.fromkeys(easi.REGIONS, 0), {}, age).total == 0
    most = easi.easi(dict.fromkeys(easi.REGIONS, 6), rated(3), age)
    assert (most.total, most.band.id) == (72, "very_severe")


def test_an_example_at_both_ages() -> None:
    """Head 2 x (1+1+0.5+0), arms 3 x (2+1+2+1), trunk 0, legs 4 x (1.5+1+1+2)."""
    areas = {"head_neck": 2, "arms": 3, "trunk": 0, "legs": 4}
    signs = {
        "head_neck": dict(zip(easi.SIGNS, (1, 1, 0.5, 0), strict=True)),
        "arms": dict(zip(easi.SIGNS, (2, 1, 2, 1), strict=True)),
        "legs": dict(zip(easi.SIGNS, (1.5, 1, 1, 2), strict=True)),
    }
    adult, child = easi.easi(areas, signs, 20), easi.easi(areas, signs, 5)
    assert adult.regions == {"head_neck": 0.5, "arms": 3.6, "trunk": 0, "legs": 8.8}
    assert (adult.total, adult.shown, adult.band.id) == (12.9, "12.9", "moderate")
    assert (child.total, child.band.id) == (11.2, "moderate")  # 1.0 + 3.6 + 6.6


@given(AREAS, SIGNS, AGE)
def test_the_formula_in_exact_arithmetic(areas: dict[str, int], signs: dict[str, dict[str, float]], age: float) -> None:
    scored = easi.easi(areas, signs, age)
    exact = {
        region: Fraction(TENTHS[age < 8][region], 10) * areas[region] * sum(Fraction(grade) for grade in signs[region].values())
        for region in easi.REGIONS
    }
    assert scored.total == float(sum(exact.values())) and 0 <= scored.total <= 72
    assert scored.regions == {region: float(part) for region, part in exact.items()}
    assert scored.band.low <= float(scored.shown) <= scored.band.high
    assert (scored.band.id == "clear") == (scored.total == 0)


@given(AREAS, SIGNS, AGE, some.sampled_from(easi.REGIONS), some.sampled_from(easi.SIGNS))
def test_more_eczema_is_never_a_lower_score(
    areas: dict[str, int], signs: dict[str, dict[str, float]], age: float, region: str, sign: str
) -> None:
    before = easi.easi(areas, signs, age)
    larger = {**areas, region: min(6, areas[region] + 1)}
    worse = {**signs, region: {**signs[region], sign: min(3.0, signs[region][sign] + 0.5)}}
    for after in (easi.easi(larger, signs, age), easi.easi(areas, worse, age)):
        assert after.total >= before.total
        assert easi.BANDS.index(after.band) >= easi.BANDS.index(before.band)


@given(AREAS, SIGNS, AGE)
def test_a_region_without_eczema_need_not_be_rated(areas: dict[str, int], signs: dict[str, dict[str, float]], age: float) -> None:
    needed = {region: signs[region] for region in easi.REGIONS if areas[region]}
    assert easi.easi(areas, needed, age) == easi.easi(areas, signs, age)


@pytest.mark.parametrize(
    ("region", "area", "signs", "total", "band"),
    [
        ("head_neck", 1, {"redness": 0.5}, 0.05, "almost_clear"),  # more than clear; shown as 0.1
        ("head_neck", 1, {"redness": 1}, 0.1, "almost_clear"),
        ("arms", 1, {"redness": 3, "thickness": 2}, 1.0, "almost_clear"),
        ("trunk", 1, {"redness": 3, "thickness": 0.5}, 1.05, "mild"),  # between 1.0 and 1.1
        ("head_neck", 1, {"redness": 3, "thickness": 3, "scratching": 3, "lichenification": 2}, 1.1, "mild"),
        ("trunk", 3, {"redness": 3, "thickness": 3, "scratching": 2}, 7.2, "moderate"),
        ("arms", 5, {"redness": 3, "thickness": 3, "scratching": 1}, 7.0, "mild"),
        ("trunk", 6, {"redness": 3, "thickness": 3, "scratching": 3, "lichenification": 3}, 21.6, "severe"),
        ("legs", 5, {"redness": 3, "thickness": 3, "scratching": 3, "lichenification": 1.5}, 21.0, "moderate"),
    ],
)
def test_strata(region: str, area: int, signs: dict[str, float], total: float, band: str) -> None:
    scored = only(region, area, **signs)
    assert (scored.total, scored.band.id) == (total, band)


def test_the_strata_are_the_published_ones() -> None:
    assert [(band.low, band.high) for band in easi.BANDS] == [(0, 0), (0.1, 1), (1.1, 7), (7.1, 21), (21.1, 50), (50.1, 72)]


@pytest.mark.parametrize("wrong", [-1, 7, 0.5, 1.0, math.nan, None, True, "1"])
def test_an_area_must_be_a_band_and_not_a_fraction(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        easi.easi({**dict.fromkeys(easi.REGIONS, 1), "arms": wrong}, rated(1), 30)


@pytest.mark.parametrize("wrong", [-0.5, 3.5, 0.25, 1.1, math.nan, math.inf, None, True, "1"])
def test_a_sign_must_be_rated_in_halves_from_0_to_3(wrong: Any) -> None:
    signs = rated(1)
    signs["legs"]["scratching"] = wrong
    with pytest.raises(InvalidInput) as refused:
        easi.easi(dict.fromkeys(easi.REGIONS, 1), signs, 30)
    assert refused.value.reason and refused.value.hint


def test_what_is_missing_or_unknown_is_refused() -> None:
    areas, signs = dict.fromkeys(easi.REGIONS, 1), rated(1)
    for region in easi.REGIONS:
        with pytest.raises(InvalidInput):
            easi.easi({name: 1 for name in easi.REGIONS if name != region}, signs, 30)
        with pytest.raises(InvalidInput):
            easi.easi(areas, {name: signs[name] for name in easi.REGIONS if name != region}, 30)
    for sign in easi.SIGNS:
        with pytest.raises(InvalidInput):
            easi.easi(areas, {**signs, "trunk": {name: 1 for name in easi.SIGNS if name != sign}}, 30)
    with pytest.raises(InvalidInput):
        easi.easi({**areas, "tail": 1}, signs, 30)
    with pytest.raises(InvalidInput):
        easi.easi(areas, {**signs, "tail": signs["legs"]}, 30)
    with pytest.raises(InvalidInput):
        easi.easi(areas, {**signs, "legs": {**signs["legs"], "oozing": 1}}, 30)


def test_a_score_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        only("arms", 1, redness=1).total = 3  # type: ignore[misc]
