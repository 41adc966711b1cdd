"""The Appointments page: what is coming, a free time to take, and what a doctor offers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import streamlit as st

from core.consult.calendar import ics
from core.consult.slots import Slot
from core.people import consent
from core.people.policy import Actor
from core.records import appointments
from core.records.appointment_tables import AppointmentPublic
from core.records.times import now
from core.ui import moments, parts, trouble
from core.ui.parts import Colour

WEEK = timedelta(days=7)
WEEKS = 12
"""How many weeks ahead one can look."""
STANDING: dict[str, tuple[str, str, Colour]] = {
    "asked": ("Asked for, not confirmed yet", ":material/hourglass_empty:", "orange"),
    "booked": ("Booked", ":material/event_available:", "green"),
    "cancelled": ("Cancelled", ":material/event_busy:", "gray"),
}
WHERE = {"clinic": "At the clinic", "video": "Video visit"}


def when(one: AppointmentPublic, zone: tzinfo) -> str:
    """The time on the clock of the person looking: `Thursday 3 December 2026, 14:30 to 15:00`."""
    start, end = moments.local(one.starts_at, zone), moments.local(one.ends_at, zone)
    return f"{start:%A} {moments.day(one.starts_at, zone)}, {start:%H:%M} to {end:%H:%M}"


def other_clock(one: AppointmentPublic | Slot, zone: tzinfo) -> str:
    """The time on the doctor's clock, where that shows another hour than that of the person looking; else empty."""
    there = one.starts_at.astimezone(ZoneInfo(one.zone))
    here = moments.local(one.starts_at, zone)
    return "" if there.utcoffset() == here.utcoffset() else f"{there:%H:%M} on the clinic's clock ({moments.plain(one.zone)})"


def coming(actor: Actor, person_id: UUID | None) -> None:
    """The appointments that come, each with what can be done with it."""
    found = appointments.appointments(actor, person_id)
    st.subheader("Coming", anchor=False)
    if not found:
        parts.empty("event", "No appointments", "Choose a free time below." if actor.role == "patient" else "None are booked yet.")
    for one in found:
        with st.container(border=True, gap="xsmall", key=f"appointment_{one.id}"):
            _one(actor, one)
    if earlier := appointments.appointments(actor, person_id, past=True):
        with st.expander(f"Earlier ({len(earlier)})"):
            for one in earlier[:50]:
                st.markdown(
                    f"{when(one, moments.zone())}  \n:small[:gray[{moments.plain(_with(actor, one))}, {STANDING[one.status][0].lower()}]]"
                )


def _with(actor: Actor, one: AppointmentPublic) -> str:
    return one.person if actor.role == "doctor" else one.doctor or "A doctor who left the clinic"


def _one(actor: Actor, one: AppointmentPublic) -> None:
    zone = moments.zone()
    words, icon, colour = STANDING[one.status]
    below = ", ".join(part for part in (WHERE[one.place], other_clock(one, zone)) if part)
    about = f", for {one.person}" if len(actor.person_ids) > 1 else ""
    parts.titled(when(one, zone), f"{moments.plain(_with(actor, one) + about)}. {below}", "event")
    st.badge(words, icon=icon, color=colour)
    if one.wish:
        st.markdown(f"“{moments.plain(one.wish)}”")
    if one.status == "cancelled":
        return
    with parts.row():
        asked = actor.role == "doctor" and one.status == "asked"
        if asked and st.button("Confirm", type="primary", icon=":material/check:", key=f"confirm_{one.id}"):
            trouble.attempt(partial(appointments.confirm, actor, one.id), "Confirmed.")
        name = f"appointment-{moments.local(one.starts_at, zone):%Y-%m-%d}.ics"
        st.download_button("To my calendar", ics(one), name, "text/calendar", icon=":material/calendar_add_on:", key=f"ics_{one.id}")
        if one.account_id is not None:
            with st.popover("Move", icon=":material/update:", key=f"move_box_{one.id}"), trouble.told():
                _move(actor, one, one.account_id)
        with st.popover("Cancel", key=f"cancel_box_{one.id}"):
            st.markdown("The time will be free for others.")
            if st.button("Cancel this appointment", key=f"cancel_{one.id}"):
                trouble.attempt(partial(appointments.cancel, actor, one.id), "The appointment was cancelled.")


def _move(actor: Actor, one: AppointmentPublic, doctor_id: UUID) -> None:
    """Another time: of those that are offered for a patient, any for the doctor."""
    if actor.role == "doctor":
        then = moments.local(one.starts_at, moments.zone())
        day = st.date_input("Day", then.date(), key=f"move_day_{one.id}")
        at = st.time_input("Time", then.time(), step=900, key=f"move_at_{one.id}")
        to = datetime.combine(day, at, moments.zone())
    else:
        slot = choose_slot(actor, one.person_id, doctor_id, f"move_{one.id}")
        if slot is None:
            return
        to = slot.starts_at
    if st.button("Move it there", type="primary", key=f"move_go_{one.id}", disabled=to == one.starts_at):
        trouble.attempt(partial(appointments.move, actor, one.id, to), "The appointment was moved.")


def choose_slot(actor: Actor, person_id: UUID, doctor_id: UUID, key: str) -> Slot | None:
    """Ask for a free time, one week at a time, in the clock of the person looking; None while none is chosen."""
    zone = moments.zone()
    today = moments.local(now(), zone).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today + at * WEEK for at in range(WEEKS)]
    week = st.selectbox("Week from", range(WEEKS), format_func=lambda at: parts.day(starts[at], today), key=f"{key}_week")
    first = starts[week].astimezone(UTC)
    found = appointments.free_times(actor, person_id, doctor_id, first, first + WEEK)
    if not found:
        parts.note("No free times in this week. Look at a later one, or write a message.")
        return None
    by_day: dict[str, list[Slot]] = {}
    for slot in found:
        local = moments.local(slot.starts_at, zone)
        by_day.setdefault(f"{local:%A} {parts.day(local, today)}", []).append(slot)
    day = st.selectbox("Day", list(by_day), key=f"{key}_day_{week}")
    return _hour(by_day[day], zone, f"{key}_hour_{week}_{day}")


def _hour(slots: Sequence[Slot], zone: tzinfo, key: str) -> Slot | None:
    known = {slot.starts_at: slot for slot in slots}
    chosen: datetime | None = st.pills("Time", list(known), format_func=lambda at: f"{moments.local(at, zone):%H:%M}", key=key)
    if chosen is None or chosen not in known:
        return None
    slot = known[chosen]
    length = round((slot.ends_at - slot.starts_at).total_seconds() / 60)
    says = [f"{length} minutes", WHERE[slot.place].lower(), other_clock(slot, zone)]
    parts.note(", ".join(part for part in says if part) + "." + (" The doctor confirms it." if slot.confirm else ""))
    return slot


def take(actor: Actor, person_id: UUID) -> None:
    """A patient takes a free time of a doctor who was let in."""
    st.subheader("Take a time", anchor=False)
    known = {one.account_id: one.doctor for one in consent.consents(actor, person_id)}
    if not known:
        parts.empty("key", "Nobody is let in yet", "Let a doctor in on your Account page. Then you see when they have time.")
        return
    with st.container(border=True, gap="small"):
        doctor = st.selectbox("Doctor", list(known), format_func=lambda id: moments.plain(known[id]), key=f"take_doctor_{person_id}")
        slot = choose_slot(actor, person_id, doctor, f"take_{person_id}_{doctor}")
        wish = st.text_input("What is it about? If you like; only the two of you read it.", max_chars=500, key=f"take_wish_{person_id}")
        words = "Ask for this time" if slot is not None and slot.confirm else "Book this time"
        if st.button(words, type="primary", icon=":material/event_available:", disabled=slot is None, key="take_go") and slot is not None:
            done = "Asked. You see here when the doctor has confirmed it." if slot.confirm else "Booked."
            trouble.attempt(partial(appointments.book, actor, person_id, doctor, slot.starts_at, wish=wish), done)
