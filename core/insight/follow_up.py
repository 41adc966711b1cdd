"""When a patient is to come again, from the notes of their doctors. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo

from core.records.chart_tables import SIGNED, NotePublic


def follow_up_of(notes: Iterable[NotePublic], where: tzinfo) -> date | None:
    """The day that counts: of the signed notes that name one, the one that was signed last; None without any, or once it was kept.

    A note without a day says nothing of it: its form begins empty and an amendment is read beside what it sets right, so a slip that is
    put right, or a visit in between, leaves the day where it is. It was kept when a later note that amends nothing, and so is of a visit,
    was begun on that day or after it, on the clock of `where`; another day takes its place.
    """
    signed = sorted(((one.signed_at, one) for one in notes if one.state == SIGNED and one.signed_at is not None), key=lambda each: each[0])
    day: date | None = None
    for _, one in signed:
        if one.follow_up_on is not None:
            day = one.follow_up_on
        elif day is not None and one.amends_id is None and one.created_at.astimezone(where).date() >= day:
            day = None
    return day
