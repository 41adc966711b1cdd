"""What people type about themselves, against Unicode's own data."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from core.words import one_line

MARKS = [
    chr(code) for code in range(0x110000) if unicodedata.name(chr(code), "").endswith(("-TO-RIGHT MARK", "-TO-LEFT MARK", "LETTER MARK"))
]
"""LEFT-TO-RIGHT MARK, RIGHT-TO-LEFT MARK, ARABIC LETTER MARK."""
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""The classes of UAX #9, table 4, that are explicit formatting."""


def test_a_name_cannot_turn_round_what_stands_beside_it() -> None:
    marks = {letter for letter in map(chr, range(0x110000)) if unicodedata.bidirectional(letter) in TURNING} | set(MARKS)
    assert len(marks) == 12, "as many as have the property Bidi_Control"
    for mark in marks:
        assert one_line(f"Ana{mark} Ruiz {mark}") == "Ana Ruiz"


def test_letters_that_are_written_with_invisible_ones_keep_them() -> None:
    for name in ("علی\u200cرضا", "क्\u200dष", "דנה", "محمد", "👩\u200d⚕️ Ana"):
        assert one_line(f" {name} ") == unicodedata.normalize("NFC", name)


@given(st.text())
def test_twice_is_once(words: str) -> None:
    once = one_line(words)
    assert one_line(once) == once and once == once.strip() and "  " not in once
    assert unicodedata.is_normalized("NFC", once)
