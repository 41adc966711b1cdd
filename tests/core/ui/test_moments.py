"""Dates and chances in words, and other people's words as they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.ui import moments

MADRID, AUCKLAND = ZoneInfo("Europe/Madrid"), ZoneInfo("Pacific/Auckland")
EVENING = datetime(2026, 3, 12, 22, 30, tzinfo=UTC)


def test_the_day_is_the_day_of_the_one_who_looks():
    assert moments.day(EVENING, UTC) == "12 March 2026"
    assert moments.day(EVENING, MADRID) == "12 March 2026"
    assert moments.day(EVENING, AUCKLAND) == "13 March 2026"
    assert moments.day(EVENING.replace(tzinfo=None), AUCKLAND) == "13 March 2026", "without a zone it is UTC"


def test_today_and_yesterday_turn_at_local_midnight():
    now = datetime(2026, 3, 13, 11, 30, tzinfo=UTC)  # 00:30 of the 14th in Auckland
    assert moments.day_and_time(EVENING, MADRID, now) == "yesterday, 23:30"
    assert moments.day_and_time(EVENING, AUCKLAND, now) == "yesterday, 11:30"
    assert moments.day_and_time(EVENING, UTC, datetime(2026, 3, 12, 23, 0, tzinfo=UTC)) == "today, 22:30"
    assert moments.day_and_time(EVENING, UTC, datetime(2026, 5, 1, tzinfo=UTC)) == "12 March 2026, 22:30"


@pytest.mark.parametrize(
    ("share", "words"), [(0, "under 1 %"), (0.004, "under 1 %"), (0.006, "1 %"), (0.61, "61 %"), (0.997, "over 99 %"), (1, "over 99 %")]
)
def test_a_chance_never_claims_certainty(share, words):
    assert moments.percent(share).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    "words",
    [
        "Mole *below* the __elbow__",
        "![x](http://other.example/pixel.png)",
        "[click](https://other.example)",
        "https://other.example www.other.example",
        ":red[See a doctor] :material/home: $x^2$",
        "<img src=x onerror=alert(1)>",
        "# Heading",
        "write to me@other.example",
        "- list",
        "`code` ~~gone~~ | a | b |",
    ],
)
def test_a_persons_own_words_are_text_and_nothing_else(words):
    made = moments.plain(words)
    # CommonMark 2.4: a backslash before ASCII punctuation makes it literal; what is left then must be the words again.
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", made).replace("\u200b", "") == " ".join(words.split())
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", made)
    assert not set(bare) & set("*_[]()<>#`~|$!:"), bare
    # What the viewer's Markdown turns into links by itself (GFM, extended autolinks), once escapes are resolved.
    resolved = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", made)
    assert not re.search(r"(?i)https?://|www\.|\w@\w", resolved)


def test_a_capital_letter_leaves_the_month_its_own():
    assert moments.upper("12 March 2026") == "12 March 2026" and moments.upper("today") == "Today" and moments.upper("") == ""
    assert moments.lower("Actinic keratosis or Bowen's disease") == "actinic keratosis or Bowen's disease" and moments.lower("") == ""
