"""Screening desk: photos of many people's eyes, graded in the background, sorted by urgency, checked by a person."""

from __future__ import annotations

import streamlit as st

from core.people.policy import allowed
from core.records import screening_grades
from core.screening.grades import scale
from core.ui import moments, parts, screening, screening_add, screening_patients, trouble
from core.ui.page import page

EXAMINATION = "retina"
LIST, ADD, PATIENTS = "Worklist", "Add photos", "Patients"

here = page("Screening", allow=("staff", "doctor"), width="stretch")


def the_worklist() -> None:
    batch = screening.choose_batch(here)
    if batch is None:
        return
    grades = scale(batch.examination)
    screening.status(here, batch, grades)
    rows = screening_grades.list_photos(here.actor, batch.id)
    screening.first(here, rows, grades)
    screening.the_list(here, rows, grades, moments.zone())
    screening.export(here, batch, rows, grades)
    screening.erase(here, batch)
    if grades.caveat:
        parts.note(grades.caveat)
    parts.note("Grades of the network and of people stand beside each other and are never written over. A grade is not a diagnosis.")
    screening.opened(here, grades)


with here.column:
    if st.session_state.pop("_screening_view", None) or "view" not in st.session_state:
        st.session_state["view"] = LIST
    with parts.row():
        st.title("Screening", anchor=False, width="stretch")
        if allowed(here.actor, "manage_screening"):
            st.segmented_control("Part of the desk", [LIST, ADD, PATIENTS], required=True, key="view", label_visibility="collapsed")
    trouble.say()
    view = st.session_state.get("view", LIST)
    with trouble.told():
        if view == ADD:
            screening_add.show(here, EXAMINATION)
        elif view == PATIENTS:
            screening_patients.show(here)
        else:
            the_worklist()
