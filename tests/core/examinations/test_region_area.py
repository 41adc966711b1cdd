"""The area band of a region: only from photos of the whole of it, and by EASI's printed bands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.examinations.region_area import Shown, area_bands, band_of
from core.instruments.easi import REGIONS


def shown(
    region: str | None = "arms", fraction: float | None = 0.2, whole: bool = True, side: str | None = None, half: float = 0.0
) -> Shown:
    low, high = (None, None) if fraction is None or not half else (max(fraction - half, 0), min(fraction + half, 1))
    return Shown(region, side, fraction, low, high, whole)


@pytest.mark.parametrize(
    "fraction,band",
    [(0, 0), (0.009, 0), (0.01, 1), (0.099, 1), (0.1, 2), (0.29, 2), (0.3, 3), (0.5, 4), (0.7, 5), (0.89, 5), (0.9, 6), (1, 6)],
)
def test_bands_are_the_printed_ones(fraction: float, band: int) -> None:
    """EASI: none; 1-9, 10-29, 30-49, 50-69, 70-89, 90-100 %."""
    assert band_of(fraction) == band == area_bands([shown(fraction=fraction)])["arms"].band


def test_a_photo_of_a_part_gives_no_band() -> None:
    assert not area_bands([shown(whole=False), shown(region=None), shown(region="tail"), shown(fraction=None)])


def test_regions_come_in_easi_s_order_and_apart() -> None:
    found = area_bands([shown("legs", 0.05), shown("head_neck", 0.4), shown("legs", 0.95, whole=False)])
    assert list(found) == ["head_neck", "legs"] and (found["head_neck"].band, found["legs"].band) == (3, 1)


def test_sides_weigh_the_same_however_many_photos_they_have() -> None:
    photos = [shown(fraction=0.2, side="left"), shown(fraction=0.2, side="left"), shown(fraction=0.2, side="left")]
    found = area_bands([*photos, shown(fraction=0.8, side="right")])["arms"]
    assert found.fraction == pytest.approx(0.5) and found.photos == 4 and found.band == 4


def test_the_interval_tells_which_bands_it_may_be() -> None:
    found = area_bands([shown(fraction=0.28, half=0.05)])["arms"]
    assert (found.lowest, found.band, found.highest) == (2, 2, 3)
    drawn = area_bands([shown(fraction=0.28)])["arms"]
    assert (drawn.lowest, drawn.highest) == (2, 2)


SIDES = some.sampled_from([None, "left", "right"])


@settings(deadline=None)
@given(
    some.lists(some.builds(shown, some.sampled_from(REGIONS), some.floats(0, 1), some.booleans(), SIDES, some.floats(0, 0.3)), max_size=6)
)
def test_bands_lie_within_their_interval(photos: list[Shown]) -> None:
    found = area_bands(photos)
    assert set(found) == {photo.region for photo in photos if photo.whole_region}
    for area in found.values():
        assert 0 <= area.lowest <= area.band <= area.highest <= 6 and 0 <= area.fraction <= 1
