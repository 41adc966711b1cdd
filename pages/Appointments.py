"""Appointments: a patient takes a time that a doctor offers; a doctor says when they have time."""

from __future__ import annotations

import streamlit as st

from core.ui import meeting, meeting_offers, parts, trouble
from core.ui.page import page

here = page("Appointments", allow=("patient", "doctor"), personal=True)
doctor = here.actor.role == "doctor"

with here.column:
    st.title("Appointments", anchor=False)
    parts.lead("Times are on your own clock.")
    trouble.say()
    with trouble.told():
        meeting.coming(here.actor, None if doctor else here.person_id)
    if doctor:
        meeting_offers.show(here.actor)
    else:
        meeting.take(here.actor, here.person_id)
