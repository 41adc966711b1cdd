"""What an effect of the weather says, in plain words: what went together, never what caused it."""

from __future__ import annotations

from collections.abc import Mapping

from core.insight.weather import LEAST_CHANGES, LEAST_DAYS, LEAST_WEEKS, Effect, Verdict
from core.insight.weather_factors import FACTORS

VERDICTS: Mapping[Verdict, str] = {
    "evidence": "In your data these two went together, more than chance would make likely. That does not show that one causes the other.",
    "weak": "A hint only. We looked at several things, and one of them can look like this by chance.",
    "none": "No link can be seen in your data. There may be a small one, or none.",
    "not_enough": "Too little to tell yet.",
}
MINUS = "−"


def sentence(effect: Effect, unit: str = "of 10") -> str:
    """An effect with its interval, and what it is based on; `unit`: the words after its size.

    "10 points less humidity: +0.4 of 10, 95 % interval 0.1 to 0.7, 84 days". With too few days it says how many are needed, and which
    count. KeyError for a factor that is not one of `FACTORS`; ValueError for an effect of another step, for which there are no words.
    """
    factor = FACTORS[effect.factor]
    counted = _counted(effect.days, "week" if effect.weekly else "day")
    if effect.lag is None:
        least = f"{LEAST_WEEKS} weeks" if effect.weekly else f"{LEAST_DAYS} days"
        changes = _counted(effect.changes, "change")
        if not too_few(effect):
            return f"{factor.name}: it hardly changed in these {counted}, so nothing can be told of it"
        return f"{factor.name}: {counted} with {changes} so far; {least} with {LEAST_CHANGES} changes are needed. {_counts(effect.weekly)}"
    if effect.step != factor.step:
        raise ValueError("the words are for another step")
    value = _number(effect.effect)
    signed = value if value.startswith(MINUS) or float(value) == 0 else f"+{value}"
    return f"{factor.words}: {signed} {unit}, 95 % interval {_number(effect.low)} to {_number(effect.high)}, {counted}"


def too_few(effect: Effect) -> bool:
    """There is no verdict for want of days, and not because the factor itself hardly ever changed."""
    least = LEAST_WEEKS if effect.weekly else LEAST_DAYS
    return effect.lag is None and (effect.days < least or effect.changes < LEAST_CHANGES)


def when(effect: Effect) -> str:
    """When the score was other: "the same day", "2 days later"; of a score of a week "in the same week". "" with too few days."""
    if effect.lag is None:
        return ""
    if effect.lag == 0:
        return "in the same week" if effect.weekly else "the same day"
    return f"{_counted(effect.lag // 7, 'week')} later" if effect.weekly else f"{_counted(effect.lag, 'day')} later"


def _counts(weekly: bool) -> str:
    """Which days count: a diary of every other day has none, however long it is (`weather.effects`)."""
    if weekly:
        return "A week counts only if the week before is known too"
    return "A day counts only if the day before was written down too"


def _counted(many: int, what: str) -> str:
    return f"{many} {what}" if many == 1 else f"{many} {what}s"


def _number(value: float) -> str:
    """One decimal with a true minus; two where one would hide that it is not 0."""
    text = f"{value:.1f}" if abs(value) >= 0.05 or value == 0 else f"{value:.2f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")
