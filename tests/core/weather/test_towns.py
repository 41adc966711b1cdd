"""Places to a tenth of a degree: at the poles, at the date line, and where a half is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.weather.towns import Place, rounded

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize(
    ("given_", "tenths"),
    [
        ((65.04999, 25.46), (650, 255)),
        ((65.0501, 25.44), (651, 254)),
        ((-0.04, 0.04), (0, 0)),
        ((0, -179.96), (0, -1800)),
        ((0, 179.96), (0, -1800)),
        ((0, 179.94), (0, 1799)),
        ((0, 180), (0, -1800)),
        ((0, -180), (0, -1800)),
        ((89.96, 25.0), (900, 0)),
        ((-90, -133.7), (-900, 0)),
        ((-89.94, -133.7), (-899, -1337)),
    ],
)
def test_tenths_of_a_degree(given_: tuple[float, float], tenths: tuple[int, int]) -> None:
    assert rounded(*given_) == tenths


@given(LATITUDES, LONGITUDES)
def test_a_place_is_near_where_it_was_and_rounded_once_for_all(latitude: float, longitude: float) -> None:
    lat10, lon10 = rounded(latitude, longitude)
    assert -900 <= lat10 <= 900 and -1800 <= lon10 <= 1799
    assert rounded(lat10 / 10, lon10 / 10) == (lat10, lon10)
    here, there = (_on_the_globe(*one) for one in ((latitude, longitude), (lat10 / 10, lon10 / 10)))
    assert math.dist(here, there) <= math.radians(0.0501) * math.sqrt(2)


def _on_the_globe(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, lam = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


@pytest.mark.parametrize("where", [(90.01, 0), (-91, 0), (0, 180.01), (0, -181), (math.nan, 0), (0, math.inf)])
def test_what_is_not_on_the_earth_is_refused(where: tuple[float, float]) -> None:
    for act in (lambda: rounded(*where), lambda: Place("X", "", "", *where, "UTC")):
        with pytest.raises(InvalidInput, match="no such place"):
            act()


def test_a_place_is_rounded_however_it_is_made() -> None:
    place = Place("Oulu", "North Ostrobothnia", "Finland", 65.01236, 25.46816, "Europe/Helsinki")
    assert (place.latitude, place.longitude, place.tenths) == (65.0, 25.5, (650, 255))
    assert "65.01" not in repr(place) and place == Place("Oulu", "North Ostrobothnia", "Finland", 64.98, 25.51, "Europe/Helsinki")
    with pytest.raises(InvalidInput, match="clock"):
        Place("Oulu", "", "", 65, 25, "Europe/Oulu")
