"""What people are told of the weather services can be read by them."""

from __future__ import annotations

import pytest

from core.weather import asking, words
from tests.core.reading import GRADE, grade

SAID = (words.LEAVES, words.MISSING, asking.HINT, asking.AWAY, asking.BUSY, asking.BROKEN, asking.UNCLEAR, asking.OFF)


@pytest.mark.parametrize("text", SAID)
def test_plain_words(text: str) -> None:
    assert text.endswith(".") and grade(text) <= GRADE


def test_the_notice_and_the_attribution_name_what_they_must() -> None:
    assert all(word in words.LEAVES for word in ("Open-Meteo", "11 km", "CSV"))
    assert all(word in words.ATTRIBUTION for word in ("https://open-meteo.com", "licenses/by/4.0", "Copernicus", "geonames.org"))
