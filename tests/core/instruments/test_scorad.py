"""SCORAD against its published formula A/5 + 7B/2 + C, maxima 103 and 83, and bands (PMC7395647, table 3)."""

import dataclasses
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidInput
from core.instruments import scorad

EXTENT = some.floats(0, 100)
SCALE = some.floats(0, 10)
SIGNS = some.fixed_dictionaries(dict.fromkeys(scorad.SIGNS, some.integers(0, 3)))
NONE = dict.fromkeys(scorad.SIGNS, 0)
ALL = dict.fromkeys(scorad.SIGNS, 3)


def signs(total: int) -> dict[str, int]:
    """Six grades that add up to a total 0-18."""
    return {sign: min(3, max(0, total - 3 * place)) for place, sign in enumerate(scorad.SIGNS)}


@pytest.mark.parametrize(
    ("extent", "intensity", "itch", "sleep", "total", "objective"),
    [
        (0, 0, 0, 0, 0, 0),
        (100, 18, 10, 10, 103, 83),
        (100, 0, 0, 0, 20, 20),
        (0, 18, 0, 0, 63, 63),
        (0, 0, 10, 10, 20, 0),
        (20, 7, 5, 3, 36.5, 28.5),  # 4 + 24.5 + 8
        (12.5, 1, 0.5, 0, 6.5, 6),  # 2.5 + 3.5 + 0.5
    ],
)
def test_the_formula(extent: float, intensity: int, itch: float, sleep: float, total: float, objective: float) -> None:
    patient = scorad.po_scorad(extent, signs(intensity), itch, sleep)
    doctor = scorad.objective_scorad(extent, signs(intensity))
    assert (patient.extent, patient.intensity, patient.symptoms, patient.total) == (extent, intensity, itch + sleep, total)
    assert (doctor.extent, doctor.intensity, doctor.symptoms, doctor.total) == (extent, intensity, None, objective)


@pytest.mark.parametrize(
    ("total", "band"),
    [
        (0, "clear"), (9.9, "clear"), (10, "mild"), (28.9, "mild"), (29, "moderate"), (48.9, "moderate"), (49, "severe"), (103, "severe"),
        (9.94, "clear"), (9.95, "mild"), (9.96, "mild"), (28.94, "mild"), (28.95, "moderate"), (48.94, "moderate"), (48.95, "severe"),
    ],
)  # fmt: skip
def test_bands_by_the_total_as_it_is_shown(total: float, band: str) -> None:
    """Between 9.9 and 10 nothing is printed: the total counts as it is shown, to one decimal with halves upwards."""
    intensity = max(0, min(18, math.ceil((total - 20) / 3.5)))
    rest = Fraction(str(total)) - Fraction(7, 2) * intensity
    itch = min(rest, Fraction(10))
    scored = scorad.po_scorad(100 if total == 103 else 0, signs(intensity), float(itch), float(min(rest - itch, Fraction(10))))
    assert scored.total == pytest.approx(total) and scored.band is not None
    assert scored.band.id == band
    assert scored.band.low <= float(scored.shown) <= scored.band.high


def test_the_objective_score_has_no_band() -> None:
    """The published bands count itch and sleep in; a score without them would come out too mild."""
    assert scorad.objective_scorad(100, ALL).band is None


@given(EXTENT, SIGNS, SCALE, SCALE)
def test_bounds_and_parts(extent: float, signs: dict[str, int], itch: float, sleep: float) -> None:
    patient, doctor = scorad.po_scorad(extent, signs, itch, sleep), scorad.objective_scorad(extent, signs)
    assert 0 <= doctor.total <= 83 and 0 <= patient.total <= 103
    exact = Fraction(extent) / 5 + Fraction(7, 2) * sum(signs.values())
    assert doctor.total == pytest.approx(float(exact), abs=1e-5)
    assert patient.total == pytest.approx(float(exact + Fraction(itch) + Fraction(sleep)), abs=1e-5)
    assert patient.band is not None and patient.band.low <= float(patient.shown) <= patient.band.high


@given(EXTENT, EXTENT, SIGNS, some.sampled_from(scorad.SIGNS), SCALE, SCALE, SCALE)
def test_more_of_anything_is_never_a_lower_score(
    extent: float, other: float, signs: dict[str, int], sign: str, itch: float, sleep: float, worse: float
) -> None:
    before = scorad.po_scorad(min(extent, other), signs, itch, min(sleep, worse))
    more = {**signs, sign: min(3, signs[sign] + 1)}
    after = scorad.po_scorad(max(extent, other), more, itch, max(sleep, worse))
    assert after.total >= before.total
    assert after.band is not None and before.band is not None
    assert scorad.BANDS.index(after.band) >= scorad.BANDS.index(before.band)
    assert scorad.po_scorad(extent, signs, itch, sleep).total >= scorad.objective_scorad(extent, signs).total


@given(SIGNS, some.permutations(scorad.SIGNS))
def test_the_order_of_the_signs_does_not_matter(signs: dict[str, int], order: list[str]) -> None:
    assert scorad.objective_scorad(10, {sign: signs[sign] for sign in order}) == scorad.objective_scorad(10, signs)


OUT = [-0.1, math.nan, math.inf, -math.inf, "5", None, True, 10**400]


@pytest.mark.parametrize("wrong", [*OUT, 100.1])
def test_an_extent_out_of_range_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        scorad.po_scorad(wrong, NONE, 0, 0)
    with pytest.raises(InvalidInput):
        scorad.objective_scorad(wrong, NONE)


@pytest.mark.parametrize("wrong", [*OUT, 10.1])
def test_itch_and_sleep_out_of_range_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        scorad.po_scorad(0, NONE, wrong, 0)
    with pytest.raises(InvalidInput):
        scorad.po_scorad(0, NONE, 0, wrong)


@pytest.mark.parametrize("wrong", [*OUT, -1, 4, 1.5])
@pytest.mark.parametrize("sign", scorad.SIGNS)
def test_a_sign_out_of_range_or_without_an_answer_is_refused(sign: str, wrong: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        scorad.po_scorad(0, {**NONE, sign: wrong}, 0, 0)
    assert refused.value.reason and refused.value.hint


@pytest.mark.parametrize("sign", scorad.SIGNS)
def test_a_missing_sign_is_not_taken_as_none(sign: str) -> None:
    with pytest.raises(InvalidInput):
        scorad.objective_scorad(0, {name: 0 for name in scorad.SIGNS if name != sign})


def test_an_unknown_sign_is_refused() -> None:
    with pytest.raises(InvalidInput):
        scorad.objective_scorad(0, {**NONE, "scaling": 1})


def test_the_rule_of_nines() -> None:
    assert sum(scorad.SITES.values()) == 100
    assert scorad.extent({}) == 0 and scorad.extent(dict.fromkeys(scorad.SITES, 1)) == 100
    assert scorad.extent({"left_arm": 1}) == scorad.extent({"head_neck": 1}) == 9
    assert scorad.extent({"left_leg": 0.5, "genitals": 1}) == 10
    assert scorad.extent({"chest_belly": 1, "back": 1}) == 36


@given(some.dictionaries(some.sampled_from(list(scorad.SITES)), some.floats(0, 1)), some.sampled_from(list(scorad.SITES)))
def test_a_larger_part_is_a_larger_extent(shares: dict[str, float], site: str) -> None:
    assert 0 <= scorad.extent(shares) <= scorad.extent({**shares, site: 1.0}) <= 100


@pytest.mark.parametrize("wrong", [{"tail": 1}, {"back": 1.1}, {"back": -0.1}, {"back": None}, {"back": 50}])
def test_a_part_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        scorad.extent(wrong)


def test_a_score_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        scorad.objective_scorad(0, NONE).total = 3  # type: ignore[misc]
