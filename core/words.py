"""Words by themselves: what people type, before it is kept; days and marked text, before they are printed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TURNING = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Unicode's Bidi_Control (UAX #9): they are not seen, and turn round what stands after them on a page."""


def one_line(words: str) -> str:
    """The words in NFC with single spaces, without marks that change the direction of writing.

    Arabic and Hebrew letters know their direction without them. Other invisible letters stay: Persian and
    Indian scripts and some emoji are written with them.
    """
    return unicodedata.normalize("NFC", " ".join(words.translate(_TURNING).split()))


def written(day: date) -> str:
    """A date in words: `12 March 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def unmarked(text: str) -> str:
    """Markdown as plain words: no stars, no escapes."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*_`]", "", text))
