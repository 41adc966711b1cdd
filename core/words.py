"""What people type about themselves, before it is kept."""

from __future__ import annotations

import unicodedata

_TURNING = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Unicode's Bidi_Control (UAX #9): they are not seen, and turn round what stands after them on a page."""


def one_line(words: str) -> str:
    """The words in NFC with single spaces, without marks that change the direction of writing.

    Arabic and Hebrew letters know their direction without them. Other invisible letters stay: Persian and
    Indian scripts and some emoji are written with them.
    """
    return unicodedata.normalize("NFC", " ".join(words.translate(_TURNING).split()))
