"""Short words for what was found of the weather: a title and a badge. The sentences with numbers are in `core.insight.weather_words`."""

from __future__ import annotations

from core.insight.trigger_words import VERDICTS
from core.insight.weather import Effect
from core.insight.weather_factors import FACTORS
from core.insight.weather_words import too_few, when


def badge(effect: Effect) -> str:
    """The verdict in two or three words."""
    if effect.verdict == "evidence":
        return "Worse with it" if effect.effect > 0 else "Better with it"
    if effect.lag is None and not too_few(effect):
        return "Hardly changed"
    return VERDICTS[effect.verdict]


def headline(effect: Effect, measure: str) -> str:
    """The title of a card: what went together, and when; never what caused it. `measure`: as within a sentence."""
    factor, counted = FACTORS[effect.factor], "weeks" if effect.weekly else "days"
    if effect.lag is None and not too_few(effect):
        return f"{factor.name} hardly changed in your {counted}"
    more, less = ("a higher POEM", "a lower POEM") if measure == "POEM" else (f"more {measure}", f"less {measure}")
    said = f"{factor.words[:1].upper()}{factor.words[1:]} goes with {more if effect.effect > 0 else less}, {when(effect)}"
    return {
        "evidence": said,
        "weak": f"Perhaps: {said[:1].lower()}{said[1:]}",
        "none": f"No link with {factor.name[:1].lower()}{factor.name[1:]} in your {counted}",
        "not_enough": f"Too few {counted} to say anything of {factor.name[:1].lower()}{factor.name[1:]}",
    }[effect.verdict]
