"""The weeks of the diary in a patient's timeline."""

from __future__ import annotations

from datetime import UTC, datetime, time, tzinfo
from uuid import UUID

import streamlit as st

from core.insight.diary_weeks import Week, weeks
from core.insight.timeline import Event
from core.people.policy import Actor, allowed
from core.records.diary import list_days
from core.ui import moments, parts
from core.ui.diary_year import NAMES
from core.words import written

MOST = 4
"""Triggers that are named."""


def weeks_of(actor: Actor, person_id: UUID) -> list[Event]:
    """One event for each week of the diary, at the end of its last day with an entry; none for those who may not read it."""
    if not allowed(actor, "read_diary", person_id):
        return []
    where = moments.zone()
    known = weeks(list_days(actor, person_id))
    return [Event(datetime.combine(week.last.day, time(23, 58), where).astimezone(UTC), "diary", week.last.id, week) for week in known]


def draw(event: Event, where: tzinfo) -> None:
    """One week: how many days, each measure with its range, what was met."""
    week = event.what
    assert isinstance(week, Week)
    many = "1 day" if week.days == 1 else f"{week.days} days"
    parts.titled(f"Diary, week of {written(week.monday)}", f"{many} with an entry", "calendar_month")
    said = [
        f"{NAMES[name]} **{told.mean:.1f}** :gray[({told.low} to {told.high})]"
        if told.low != told.high
        else f"{NAMES[name]} **{told.low}**"
        for name, told in week.told.items()
    ]
    if said:
        st.markdown(" · ".join(said))
    if week.met:
        more = f" and {len(week.met) - MOST} more" if len(week.met) > MOST else ""
        parts.note("Met: " + ", ".join(f"{moments.plain(name)} ({count})" for name, count in week.met[:MOST]) + more)
