"""What the instruments share: a band of scores, checks of what was entered, and the texts that ship with the app."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from core.errors import InvalidInput

DATA = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class Band:
    """A published range of scores with a name. `low` and `high` as they are printed, both inside."""

    id: str
    name: str
    low: float
    high: float


def one_decimal(value: float) -> float:
    """A score as it is shown: one decimal, halves upwards (1.05 is 1.1), whatever its binary form."""
    return math.floor(value * 10 + 0.5 + 1e-6) / 10


def band_of(value: float, bands: Sequence[Band]) -> Band:
    """The band that holds a score.

    Bands are printed with one decimal at most ("7", then "7.1"). A score with more decimals is read as
    it is shown, see `one_decimal`, so that none lies between two bands and no screen contradicts itself.
    """
    shown = one_decimal(value)
    return next(band for band in reversed(bands) if shown >= band.low)


def whole(value: object, low: int, high: int, what: str) -> int:
    """A whole number from `low` to `high`. Raises `InvalidInput`; True and False are no numbers here."""
    # Asking after the kind of number is slow, and nearly every one is an int: a list of patients compares thousands.
    if (type(value) is not int and not isinstance(value, Integral)) or isinstance(value, bool) or not low <= int(value) <= high:
        raise InvalidInput(f"{what} is not a whole number from {low} to {high}.", "Choose one of the answers given.")
    return int(value)


def number(value: object, low: float, high: float, what: str) -> float:
    """A number from `low` to `high`, both inside. Raises `InvalidInput` (for "not a number", too)."""
    try:
        given = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:  # a whole number beyond every float
        given = math.inf
    if not low <= given <= high:
        raise InvalidInput(f"{what} is not a number from {low:g} to {high:g}.", "Correct it and try again.")
    return given


def named(values: Mapping[str, Any], names: Sequence[str], what: str) -> dict[str, Any]:
    """The values in the order of `names`. Raises `InvalidInput` where one is missing or a name is unknown."""
    if set(values) - set(names):
        raise InvalidInput(f"{what} hold something that does not belong there.", "Fill in the form from its start.")
    if any(values.get(name) is None for name in names):
        raise InvalidInput(f"{what} are not complete.", "Without every one of them there is no score.")
    return {name: values[name] for name in names}


@cache
def texts(name: str) -> Mapping[str, Any]:
    """A file of texts in `data/`, read once."""
    found: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found
