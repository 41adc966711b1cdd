"""Messages and appointments in a patient's timeline and in the doctor's list: what comes of talking and meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from uuid import UUID

import streamlit as st

from core.insight.timeline import Event
from core.insight.urgency import Reason
from core.people.policy import Actor, allowed
from core.records.appointment_tables import AppointmentPublic
from core.records.appointments import appointments
from core.records.conversations import talks, unread_by_person
from core.records.message_tables import MessagePublic
from core.records.messages import list_messages
from core.ui import menu, moments, parts

BOOKED, CANCELLED = "booked", "cancelled"


def messages_of(actor: Actor, person_id: UUID) -> list[Event]:
    """What the person and their doctors wrote each other: to a doctor, their own conversation alone."""
    if not allowed(actor, "talk", person_id):
        return []
    ids = [one.id for one in talks(actor, person_id) if one.id is not None]
    return [Event(one.created_at, "message", one.id, one) for id in ids for one in list_messages(actor, id)]


def visits_of(actor: Actor, person_id: UUID) -> list[Event]:
    """Appointments that were not cancelled, past and coming: to a doctor, their own alone."""
    if not allowed(actor, "meet", person_id):
        return []
    every = [*appointments(actor, person_id), *appointments(actor, person_id, past=True)]
    return [Event(one.starts_at, "appointment", one.id, one) for one in every if one.status != CANCELLED]


def is_agreed(event: Event) -> bool:
    """Whether both sides said yes to this appointment."""
    return not (isinstance(event.what, AppointmentPublic) and event.what.status != BOOKED)


def unread(actor: Actor, people: frozenset[UUID]) -> Mapping[UUID, Sequence[Reason]]:
    """Who wrote what this doctor has not read."""
    found = unread_by_person(actor)
    return {id: [Reason("message", f"{n} unread {'message' if n == 1 else 'messages'}")] for id, n in found.items() if id in people}


def coming(actor: Actor, people: frozenset[UUID]) -> Mapping[UUID, Sequence[Reason]]:
    """Whom this doctor meets next, and when; or who asked for a time that nobody confirmed."""
    where, found = moments.zone(), dict[UUID, list[Reason]]()
    for one in appointments(actor):
        if one.person_id in people and one.status != CANCELLED and one.person_id not in found:
            what = "Visit" if one.status == BOOKED else "Asked for a visit"
            found[one.person_id] = [Reason("appointment", f"{what} at {moments.local(one.starts_at, where):%H:%M}", one.starts_at)]
    return found


def draw_message(event: Event, where: tzinfo) -> None:
    """One message, with who wrote it."""
    one = event.what
    assert isinstance(one, MessagePublic)
    who = "The doctor" if one.side == "doctor" else "The patient"
    parts.titled(f"{who} wrote", moments.upper(moments.day_and_time(event.at, where)), "forum")
    if one.text:
        st.markdown("  \n".join(moments.plain(line) for line in one.text.split("\n")))
    more = [words for there, words in ((one.has_photo, "a photo"), (one.record_id is not None, "a finding")) if there]
    if more:
        st.page_link(menu.MESSAGES.path, label=f"With {' and '.join(more)}: see the messages", icon=":material/forum:")


def draw_visit(event: Event, where: tzinfo) -> None:
    """One appointment, with whom and where."""
    one = event.what
    assert isinstance(one, AppointmentPublic)
    parts.titled(f"Visit with {moments.plain(one.doctor) or 'a doctor'}", moments.upper(moments.day_and_time(event.at, where)), "event")
    st.markdown(("By video." if one.place == "video" else "At the clinic.") + ("" if is_agreed(event) else " Asked for, not confirmed."))
    if one.wish:
        st.markdown(f"The patient's wish: {moments.plain(one.wish)}")
