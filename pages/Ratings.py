"""Rate eczema: a doctor rates the signs on the photos of a patient who let them in."""

from __future__ import annotations

import streamlit as st

from core.ui import parts, rated, rating, trouble, watching
from core.ui.page import page

here = page("Rate eczema", allow=("doctor",), width=1100)

with here.column:
    st.title("Rate eczema", anchor=False)
    parts.lead("Rate the signs on your patients' photos. Only with your ratings is there an EASI or an objective SCORAD.")
    trouble.say()
    person = rating.patient(here.actor)
    if person is None:
        st.stop()
    watching.watch(here.actor, person.id)
    records = rating.photos(here.actor, person.id)
    if not records:
        parts.empty("photo_camera", "No eczema photos yet", "They appear here as soon as the patient saves one.")
        st.stop()
    record = rating.choose(records)
    with trouble.told():
        rating.look(here.actor, record)
    with trouble.told():
        rated.of_record(here.actor, person.id, record.id)
    rating.rate(here.actor, record)
    rating.come_to(here.actor, person)
