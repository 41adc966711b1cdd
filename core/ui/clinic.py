"""The doctor's list: who let them in, the most urgent first, with search and filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import streamlit as st

from core.insight.urgency import KINDS, Placed, Reason, matching, placed
from core.people.policy import Actor
from core.records import clinic
from core.ui import menu, moments, parts, timeline_meeting
from core.ui.patients import PARAMETER
from core.ui.poem_result import today

PER_PAGE = 12
FILTERS = {
    "today": "To be seen today",
    "cancer": "Cancer not excluded",
    "retina": "Retina to refer",
    "soon": "Within 2 weeks",
    "message": "Messages",
    "task": "Tasks",
    "poem": "POEM rising",
    "appointment": "Appointments",
}
BADGES: dict[str, tuple[parts.Colour, str]] = {
    "today": ("red", "emergency_home"),
    "cancer": ("orange", "event_upcoming"),
    "retina": ("orange", "ophthalmology"),
    "soon": ("orange", "event_upcoming"),
    "message": ("blue", "chat"),
    "task": ("blue", "task_alt"),
    "poem": ("violet", "trending_up"),
    "appointment": ("gray", "event"),
}

More = Callable[[Actor, frozenset[UUID]], Mapping[UUID, Sequence[Reason]]]
FURTHER: tuple[More, ...] = (timeline_meeting.unread, timeline_meeting.coming)
"""Further reasons: functions of the doctor and of who let them in."""


def everyone(actor: Actor) -> list[Placed]:
    """Everyone who let this doctor in, the most urgent first."""
    further: dict[UUID, list[Reason]] = {}
    for source in FURTHER:
        for id, found in source(actor, actor.let_in_by).items():
            further.setdefault(id, []).extend(found)
    return placed(clinic.overview(actor, today()), further)


def show(actor: Actor) -> None:
    """The whole list: counts, search, filters, one page of rows."""
    known = everyone(actor)
    if not known:
        what = "Patients choose on their Account page which doctor may see their records. Your Account page makes a code for them."
        parts.empty("key", "Nobody has let you in yet", what)
        return
    there = {kind: sum(any(reason.kind == kind for reason in one.reasons) for one in known) for kind in KINDS}
    calm = sum(not one.reasons for one in known)
    parts.lead(f"{len(known):,} {'patient lets' if len(known) == 1 else 'patients let'} you in. Nothing is urgent for {calm:,} of them.")
    with parts.row(vertical_alignment="bottom"):
        words = st.text_input("Search by name or year of birth", key="clinic_search", placeholder="Name or 1984", max_chars=100)
        kinds = [kind for kind in KINDS if there[kind]]
        names = {kind: f"{FILTERS[kind]} ({there[kind]:,})" for kind in kinds}
        only = st.pills("Only", kinds, format_func=names.__getitem__, selection_mode="multi", key="clinic_only") if kinds else []
    found = matching(known, words or "", only or ())
    if not found:
        st.markdown("Nobody like this. Change the words or the filter above.")
        return
    slot, pages = st.container(gap="small"), -(-len(found) // PER_PAGE)
    number = st.pagination(pages, key=f"clinic_page_{words}_{only}") if pages > 1 else 1
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    counted = clinic.show(actor, [one.patient.id for one in shown])  # before they are shown: what cannot be noted is not shown
    with slot:
        for one in shown:
            _row(one, *counted.get(one.patient.id, (0, None)))


def _row(one: Placed, findings: int, last: datetime | None) -> None:
    patient, zone = one.patient, moments.zone()
    born = f", born {patient.birth_year}" if patient.birth_year else ""
    newest = f"Findings: {findings:,}, the newest on {moments.day(last, zone)}" if last else "No finding that you may see yet"
    with st.container(border=True, gap="xsmall", key=f"row_{patient.id}"):
        with parts.row(wrap=False):
            parts.titled(f"{moments.plain(patient.name)}{born}", newest, "person")
            query = {PARAMETER: str(patient.id)}
            st.page_link(menu.TIMELINE.path, label="Open", icon=":material/arrow_forward:", query_params=query)
        with parts.row(gap="xsmall"):
            for reason in one.reasons:
                colour, icon = BADGES[reason.kind]
                since = f", {moments.day(reason.since, zone)}" if reason.since else ""
                st.badge(f"{reason.says}{since}", color=colour, icon=f":material/{icon}:")
            if not one.reasons:
                parts.note("Nothing urgent")
