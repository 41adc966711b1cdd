"""What is said of a trigger, in plain words: how much, how sure, what could be behind it, and what to write down."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.insight.triggers import Trigger
from core.insight.weather import Verdict

VERDICTS: Mapping[Verdict, str] = {
    "evidence": "Flares follow it",
    "weak": "Perhaps",
    "none": "No evidence",
    "not_enough": "Too few days to say",
}
WINDOW = "the two days before"
"""In which a trigger is looked for, as people say it: 6 to 48 hours."""


def headline(name: str, found: Trigger) -> str:
    """The title of its card."""
    return {
        "evidence": f"Flares follow {name}",
        "weak": f"Perhaps {name}: too little to be sure",
        "none": f"No evidence that {name} makes it worse",
        "not_enough": f"Too few days to say anything of {name}",
    }[found.verdict]


def sentence(found: Trigger) -> str:
    """What was counted, with its size and its doubt."""
    flares, others = found.flares_with + found.flares_without, found.days_with + found.days_without
    if found.missing is not None:
        return missing(found)
    counted = f"It came before {found.flares_with} of {flares} flares, and before {found.days_with} of {others} other days."
    if not found.lift > 0:
        return f"{counted} No flare followed it."
    if math.isinf(found.lift):
        return f"{counted} No flare came without it; a flare was at least {times(found.low)} as likely after it."
    return f"{counted} A flare was {times(found.lift)} as likely after it as without it, likely between {between(found.low, found.high)}."


def short(found: Trigger) -> str:
    """The same for a table: the size with its doubt, and what was counted."""
    if found.missing is not None:
        return missing(found)
    flares = found.flares_with + found.flares_without
    size = "more often" if math.isinf(found.lift) else times(found.lift)
    span = f"{found.low:.1f} to {found.high:.1f}" if math.isfinite(found.high) else f"{found.low:.1f} or more"
    return f"{size} ({span}); before {found.flares_with} of {flares} flares"


def times(ratio: float) -> str:
    """A ratio in words: `2.4 times`."""
    return f"{ratio:.1f} times"


def between(low: float, high: float) -> str:
    """An interval of ratios; one without an end says so."""
    return f"{low:.1f} and {high:.1f} times" if math.isfinite(high) else f"{low:.1f} times and any number"


def missing(found: Trigger) -> str:
    """What to write down before anything can be said."""
    lack = found.missing
    if lack is None:
        return ""
    wants = [
        (lack.flares, "more flare", "more flares"),
        (lack.days_with, "more day after it", "more days after it"),
        (lack.days_without, "more day without it", "more days without it"),
    ]
    told = [f"{count} {one if count == 1 else many}" for count, one, many in wants if count]
    return f"It takes at least {', '.join(told)}. Keep on writing, also on good days."


def beside(found: Trigger, names: Mapping[str, str], treatments: Mapping[str, str]) -> list[str]:
    """What else could be behind it, a sentence each: triggers that come together with it, treatments that were stopped just then."""
    said = []
    if found.also:
        others = ", ".join(names.get(id, id) for id in found.also)
        said.append(f"It nearly always comes together with {others}. From these days nobody can tell them apart.")
    for kind in found.stopped:
        said.append(f"Shortly before many of these flares {treatments.get(kind, kind).lower()} was stopped. That may be the reason.")
    return said
