"""Timeline: everything of one patient in one stream, for the patient and the doctors they let in."""

from __future__ import annotations

import streamlit as st

from core.ui import assessing, chart, history, moments, parts, patients, summary, talk_here, timeline, trouble, watching
from core.ui.page import page
from core.ui.timeline_sources import gather

IN_ORDER, BESIDE = "In order", "Two photos"

here = page("Timeline", allow=("patient", "doctor"), width="stretch", personal=True)
zone = moments.zone()

with here.column:
    trouble.say()
    person = patients.whose(here)
    if person is None:
        st.stop()
    doctor = here.actor.role == "doctor"
    if doctor:
        watching.watch(here.actor, person.id)
    found = gather(here.actor, person.id)
    patients.head(here, person, [chart.allergy_line(found), chart.follow_up(found)])
    with trouble.told():
        record_id = history.asked_for()
        if record_id is not None:
            assessing.opened(here.actor, found, record_id, person.id, zone)
            st.stop()
    left, right = st.columns([7, 4], gap="medium")
    with left:
        view = st.segmented_control("View", [IN_ORDER, BESIDE], default=IN_ORDER, required=True, key="view", label_visibility="collapsed")
        with trouble.told():
            if view == BESIDE:
                assessing.side_by_side(here.actor, found, person.id, zone)
            else:
                timeline.show(here.actor, found, person.id)
    with right:
        with trouble.told():
            talk_here.show(here.actor, person.id)
        if doctor:
            with trouble.told():
                chart.to_do(here.actor, found, person.id)
            with trouble.told():
                chart.note(here.actor, found, person.id)
        with trouble.told():
            chart.taken(here.actor, found, person.id)
        with trouble.told():
            summary.offer(here.actor, person.id)
        parts.note("What a network says is not a diagnosis.")
