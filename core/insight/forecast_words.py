"""What is said of a forecast, in plain words: what is likely, and how good such forecasts have been."""

from __future__ import annotations

import math

from core.insight.forecast import Forecast

LIKELY = 0.8
"""The chance that what comes lies in what is called likely."""


def likely(found: Forecast, ahead: int = 1) -> str:
    """What is likely so many days ahead (1-7): `3`, `3 to 5`, whole numbers 0-10 that hold at least `LIKELY` of the chance."""
    low, high = span(found, ahead)
    return f"{low}" if low == high else f"{low} to {high}"


def span(found: Forecast, ahead: int = 1) -> tuple[int, int]:
    """The fewest neighbouring numbers that together have the chance `LIKELY`; of two the likelier, then the lower."""
    chances = [float(chance) for chance in found.probabilities[ahead - 1]]
    all_ways = ((low, high) for low in range(len(chances)) for high in range(low, len(chances)))
    enough = [(low, high, held) for low, high in all_ways if (held := sum(chances[low : high + 1])) >= LIKELY - 1e-9]
    low, high, _ = min(enough, key=lambda way: (way[1] - way[0], -way[2], way[0]))
    return low, high


def state(found: Forecast) -> str:
    """Why there is a forecast, or none."""
    if found.state == "too_few":
        days = found.days_missing
        return f"It takes {days} more {'day' if days == 1 else 'days'} with an answer before a forecast can be tried."
    if found.state == "too_old":
        return "The last entry is too long ago. Write a day, and there may be a forecast again."
    if found.state == "no_better":
        return "Tried on your own past days, a forecast was no better than what is usual for you, or than “like today”. So none is shown."
    return f"Tried on {found.days_scored} of your own past days, it was better than “like today” and than what is usual for you."


def start(found: Forecast) -> str:
    """What a forecast starts from, before the person's own days."""
    choice, learnt = "a choice of this house, not from other patients", f"what {found.patients} patients who agreed have taught"
    return f"The forecast starts from {learnt if found.patients else choice}. Then it learns from your own days."


def pooling(least: int) -> str:
    """What it means to agree that one's severity is pooled, with at least so many persons in all."""
    return (
        f"If you agree, only your numbers of severity are used. They join a mix of at least {least} people, and nobody can read your days "
        "from it. You can take it back here at any time: minutes later they count no more."
    )


def off(points: float) -> str:
    """A mean score in words."""
    return "not tried yet" if math.isnan(points) else f"{points:.2f} points"
