"""The Account page: what a clinic's screening desk found, for who has a code from it."""

from __future__ import annotations

import streamlit as st

from core.people.persons import persons
from core.people.policy import Actor
from core.records.screening_grades import screened
from core.records.screening_patients import link_patient
from core.screening.grades import scale
from core.screening.worklist import grade_of
from core.ui import moments, parts, trouble


def show(actor: Actor) -> None:
    """The results of everyone of the account, and the form for a code."""
    people = {one.id: one.display_name for one in persons(actor)}
    grades, zone = scale("retina"), moments.zone()
    with st.container(border=True):
        parts.titled(
            "From a screening desk", "Did the clinic photograph your eyes, and give you a code? Then see here what was found.", "link"
        )
        for id, name in people.items():
            for one in screened(actor, id):
                photo = one.photo
                day = photo.taken_on.isoformat() if photo.taken_on else moments.day(photo.created_at, zone)
                whose = f"{moments.plain(name)}, " if len(people) > 1 else ""
                by = "graded by a person of the clinic" if one.grade else "graded by the computer alone"
                st.markdown(f"**{grades.name(grade_of(one))}** :gray[· {whose}{photo.side or 'one'} eye, {day}, {by}]")
        with st.form("screening_code", border=False):
            ids = list(people)
            whom = (
                st.selectbox("Whose eyes?", ids, format_func=people.__getitem__, key="screening_whom")
                if len(ids) > 1
                else min(ids, default=None)
            )
            code = st.text_input(
                "Code from the clinic", key="screening_typed", max_chars=20, placeholder="K7PM-2WXR-9QAC", autocomplete="off"
            )
            if st.form_submit_button("Show me what was found", key="screening_go") and whom is not None:
                trouble.attempt(lambda: link_patient(actor, whom, code or ""), "It is shown in your account from now on.")
        parts.note("What to do next stands in the letter of the clinic. A grade is not a diagnosis.")
