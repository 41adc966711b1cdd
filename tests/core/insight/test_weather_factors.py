"""The practical factors: those that the services have, each with words that fit its step."""

from __future__ import annotations

from core.insight.weather_factors import FACTORS
from core.weather.daily import FACTORS as KEPT


def test_every_factor_has_words_and_a_step_of_the_same_direction() -> None:
    for id_, factor in FACTORS.items():
        assert factor.id == id_ and factor.step and f"{abs(factor.step):g}" in factor.words
        less = any(word in factor.words for word in ("less", "colder"))
        assert less == (factor.step < 0) and less != any(word in factor.words for word in ("more", "higher"))
    assert set(FACTORS) == set(KEPT)
