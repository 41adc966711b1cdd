"""File names that say whose eye a photo shows and which one, by a pattern the clinic sets. What is not clear is said to be so.

A pattern is text with places: `{patient}`, `{side}`, `{date}` and `{any}`, each at most once, as in `{patient}_{side}`. The
name without its ending must fit from end to end, capital or not. Nothing is ever guessed: a name that can be read in two
ways, or a side that is not one of SIDES, is left for a person to say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import PurePosixPath
from typing import TypeVar

from core.errors import InvalidInput

_T = TypeVar("_T")

SIDES: dict[str, tuple[str, ...]] = {
    "right": ("right", "od", "re", "r"),
    "left": ("left", "os", "le", "l"),
}
"""How a side may be written: in English, and as eye clinics do (oculus dexter, oculus sinister)."""
COMMON = ("{patient}_{side}", "{patient}-{side}", "{patient} {side}", "{patient}_{date}_{side}", "{patient}_{side}_{date}")
"""Patterns that are offered; the first is taken until somebody sets another."""
LONGEST = 120
"""Letters of a name that are read; longer ones are left to a person."""
_CODE = r"[^\x00-\x1f/\\]"
_PLACES = {
    "patient": rf"(?P<patient>{_CODE}{{1,60}}{{lazy}})",
    "side": "(?P<side>" + "|".join(word for words in SIDES.values() for word in words) + ")",
    "date": r"(?P<date>\d{4}-?\d\d-?\d\d)",
    "any": rf"(?P<any>{_CODE}{{0,{LONGEST}}}{{lazy}})",
}
_PLACE = re.compile(r"\{([^{}]*)\}")

NOT_READ = "The file name does not fit the pattern."
TWO_WAYS = "The file name can be read in two ways."
NO_SIDE = "The file name does not say which eye."
NO_PATIENT = "The file name does not say whose eye."
NO_DAY = "The date in the file name is no day of the calendar, or is still to come."


@dataclass(frozen=True)
class Told:
    """What a file name says. None: it does not say. `unclear`: sentences on what a person has to say."""

    patient: str | None = None
    side: str | None = None
    taken_on: date | None = None
    unclear: tuple[str, ...] = ()


def check_pattern(pattern: str) -> None:
    """InvalidInput, with what is wrong, for a pattern that cannot be used."""
    places = _PLACE.findall(pattern)
    if len(pattern) > 100:
        raise InvalidInput("The pattern has up to 100 letters.", "Make it shorter.")
    if unknown := [place for place in places if place not in _PLACES]:
        raise InvalidInput(f"There is no place called {{{unknown[0]}}}.", "Use {patient}, {side}, {date} and {any}.")
    if len(set(places)) < len(places) or re.search(r"[{}]", _PLACE.sub("", pattern)):
        raise InvalidInput("Each place stands once in the pattern, with { before it and } after it.", "Such as: {patient}_{side}.")
    if "patient" not in places:
        raise InvalidInput("The pattern does not say where the patient's number is.", "Such as: {patient}_{side}.")


@cache
def _compiled(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The pattern read twice: with places as short and as long as they can be. Where the two differ, the name has two meanings.

    No repetition stands in another, and names are cut at LONGEST, so that reading takes no time worth naming.
    """
    check_pattern(pattern)
    both = []
    for lazy in ("?", ""):
        parts = (
            _PLACES[text].replace("{lazy}", lazy) if number % 2 else re.escape(text) for number, text in enumerate(_PLACE.split(pattern))
        )
        both.append(re.compile("".join(parts), re.IGNORECASE))
    return both[0], both[1]


def read_name(name: str, pattern: str, today: date) -> Told:
    """What the name of a file (with folders and ending, or not) says by a pattern. InvalidInput for a pattern that cannot be used."""
    short, long = _compiled(pattern)
    path = PurePosixPath(name.replace("\\", "/"))
    stem = path.stem if re.fullmatch(r"\.[A-Za-z][A-Za-z0-9]{1,4}", path.suffix) else path.name
    first, second = (one.fullmatch(stem) if len(stem) <= LONGEST else None for one in (short, long))
    if first is None or second is None:
        return Told(unclear=(NOT_READ,))
    told, other = _read(first.groupdict(), today), _read(second.groupdict(), today)
    if (told.patient, told.side, told.taken_on) != (other.patient, other.side, other.taken_on):
        return Told(unclear=(TWO_WAYS,))
    return told


def _read(found: dict[str, str | None], today: date) -> Told:
    patient = " ".join((found.get("patient") or "").split()) or None
    said = (found.get("side") or "").casefold()
    side = next((side for side, words in SIDES.items() if said in words), None)
    unclear = [*([] if patient else [NO_PATIENT]), *([] if side else [NO_SIDE])]
    taken_on = None
    if digits := (found.get("date") or "").replace("-", ""):
        try:
            taken_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            unclear.append(NO_DAY)
        if taken_on is not None and not date(1990, 1, 1) <= taken_on <= today:
            taken_on = None
            unclear.append(NO_DAY)
    return Told(patient, side, taken_on, tuple(unclear))


def best_pattern(names: Sequence[str], today: date) -> str | None:
    """The pattern of COMMON by which most of the names are clear; None when none fits any. To be offered, never to be used unasked."""
    counts = {pattern: sum(not read_name(name, pattern, today).unclear for name in names) for pattern in COMMON}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def same_eye_and_day(photos: Iterable[tuple[_T, str | None, str | None, date | None]]) -> list[list[_T]]:
    """Groups of two and more photos of the same eye on the same day, of (what, patient, side, day); a day not said is a day of its own.

    Photos of which patient or side are not known are in no group.
    """
    groups: dict[tuple[str, str, date | None], list[_T]] = defaultdict(list)
    for what, patient, side, day in photos:
        if patient and side:
            groups[patient.casefold(), side, day].append(what)
    return [group for group in groups.values() if len(group) > 1]
