"""Photos as a measure of what the weather does: which part of the body is followed, and what is said of it."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

import streamlit as st

from core.insight.photo_weeks import Followed, followed
from core.insight.weather import Effect
from core.insight.weather_words import too_few
from core.people.policy import Actor
from core.records.findings import list_records
from core.ui import moments, severity
from core.ui.progress import EXAMINATION, name_of

MOST = 2_000
"""Photos that are read, the newest: one a day in the longest time that is looked at."""
UNIT = "points of affected skin in 100"
SAYS = (
    "A photo shows the skin of one moment. It is held against the weather of the seven days up to it, and of one to three weeks before. "
    "The last photo of a week counts."
)
WEEKLY = "Photograph the same part of the body once a week, from about the same distance, in good weeks too."
"""Who photographs bad weeks only has no good ones to compare them with."""
PAIRS = "A week counts when the week before it has a photo too."


def photos(actor: Actor, person_id: UUID, since: date) -> tuple[Followed, ...]:
    """Each part of the body that was photographed on that day or later, the one with most weeks first. Raises as `list_records` does."""
    zone = moments.zone()
    start = datetime.combine(since, time(), zone)
    return followed(list_records(actor, person_id, examination=EXAMINATION, limit=MOST, since=start), zone)


def choose(known: tuple[Followed, ...]) -> Followed | None:
    """The part of the body, with a box to choose from where there are several; None without any."""
    if len(known) < 2:
        return known[0] if known else None
    places = {one.place: one for one in known}
    # A key of its own for each list: a part that is not in this period must not be looked for in it.
    key = f"causes_part_{' '.join(sorted(map(str, places)))}"
    chosen = st.selectbox("Part of the body", list(places), format_func=lambda place: _counted(places[place]), key=key, width=260)
    return places.get(chosen, known[0]) if chosen is not None else known[0]


def beside(effect: Effect, usual: float) -> str:
    """What is told beside an effect: from which share (per cent) its size is, or with too few photos what to do."""
    if too_few(effect):
        return f"{WEEKLY} {PAIRS}"
    return f"Sizes are from your usual photo, with {severity.share(usual / 100)} of the skin affected."


def _counted(one: Followed) -> str:
    return f"{name_of(one.place)} ({one.weeks} {'week' if one.weeks == 1 else 'weeks'})"
