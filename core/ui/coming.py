"""The next appointment, said on Home, with the way to all of them."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.people.policy import Actor
from core.records import appointments
from core.records.times import now
from core.ui import meeting, menu, moments, parts

SOON = timedelta(days=14)
"""How far ahead Home reminds."""


def show(actor: Actor) -> None:
    """The next appointment within two weeks, what waits for the doctor's yes; nothing where nothing comes."""
    found = [one for one in appointments.appointments(actor) if one.status != "cancelled"]
    waiting = sum(one.status == "asked" for one in found) if actor.role == "doctor" else 0
    near = [one for one in found if one.starts_at < now() + SOON]
    if not near and not waiting:
        return
    with st.container(border=True, key="appointment_next"), parts.row(wrap=False):
        if near:
            one, zone = near[0], moments.zone()
            who = one.person if actor.role == "doctor" else one.doctor or "the clinic"
            more = f" {len(near) - 1} more in the next two weeks." if len(near) > 1 else ""
            below = f"With {moments.plain(who)}, {meeting.WHERE[one.place].lower()}, {meeting.STANDING[one.status][0].lower()}.{more}"
            parts.titled(f"Next: {meeting.when(one, zone)}", below, "event")
        else:
            count = f"{waiting} appointment{'' if waiting == 1 else 's'}"
            parts.titled(f"{count} to confirm", "Patients asked for a time.", "event")
        if st.button("Open", icon=":material/event:", key="go_appointments"):
            st.switch_page(menu.APPOINTMENTS.path)
