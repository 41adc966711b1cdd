"""The day to come again: what the newest word of it is, whatever notes without one come after."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from core.insight.follow_up import follow_up_of
from core.records.chart_tables import DRAFT, SIGNED, NotePublic

PERSON = uuid4()
TOKYO = ZoneInfo("Asia/Tokyo")
MAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 20), date(2026, 7, 20)


def note(at: str, day: date | None = None, amends: UUID | None = None, begun: str = "", state: str = SIGNED) -> NotePublic:
    """A note signed at a moment of 2026 (`05-03 09:00`, UTC)."""
    signed, first = (datetime.fromisoformat(f"2026-{one}").replace(tzinfo=UTC) for one in (at, begun or at))
    return NotePublic(
        id=uuid4(), person_id=PERSON, state=state, created_at=first, signed_at=signed if state == SIGNED else None, plan="Cream",
        follow_up_on=day, amends_id=amends,
    )  # fmt: skip


FIRST = note("05-03 09:00", JUNE)


@pytest.mark.parametrize(
    ("later", "day"),
    [
        ([], JUNE),
        ([note("05-04 09:00", amends=FIRST.id)], JUNE),  # a word was put right
        ([note("05-10 09:00")], JUNE),  # a visit in between that does not speak of it
        ([note("05-10 09:00", JULY)], JULY),
        ([note("05-10 09:00", MAY, FIRST.id), note("05-11 09:00", amends=FIRST.id)], MAY),  # put right to an earlier day
        ([note("05-03 18:00", JULY), note("05-03 12:00", MAY)], JULY),  # of one day, by the moment
        ([note("05-12 09:00", JULY, begun="05-01 09:00")], JULY),  # begun before the first, signed after it
        ([note("05-10 09:00", JULY, state=DRAFT)], JUNE),
        ([note("06-20 09:00")], None),  # they came
        ([note("06-19 16:00")], None),  # on the clock of Tokyo it is the day
        ([note("06-25 09:00", begun="06-01 09:00")], JUNE),  # the visit was before it, only its note is late
        ([note("06-25 09:00", amends=FIRST.id)], JUNE),  # nobody came, only the note was put right
        ([note("06-20 09:00"), note("06-20 10:00", JULY)], JULY),
    ],
)
def test_the_newest_word_of_it_counts_until_the_visit(later: list[NotePublic], day: date | None) -> None:
    assert follow_up_of([FIRST, *later], TOKYO) == follow_up_of([*later, FIRST], TOKYO) == day


def test_without_a_word_of_it_there_is_no_day() -> None:
    assert follow_up_of([], TOKYO) is None and follow_up_of([note("05-03 09:00")], TOKYO) is None
