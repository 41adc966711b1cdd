"""Messages and video visits: a patient and the doctors they let in, or a doctor and the patients who let them in."""

from __future__ import annotations

import streamlit as st

from core.ui import parts, talking, trouble, video
from core.ui.page import page

here = page("Messages", allow=("patient", "doctor"), personal=False)

with here.column:
    st.title("Messages", anchor=False)
    parts.lead("Only the two sides can read what is written here. It is not for emergencies.")
    video.remember(here.actor)
    if (talk := talking.choose(here.actor)) is not None:
        with trouble.told():
            video.show(here.actor, talk)
        talking.conversation(talking.pair_of(talk))
