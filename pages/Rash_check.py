"""Rash and spot check: a photo taken with the phone alone, and the conditions that can look like it."""

from __future__ import annotations

import streamlit as st

from core.examinations.condition_texts import spots_by_phone
from core.examinations.finding import Answers
from core.ui import check_page, checking, parts
from core.ui.page import page

RASH, SPOT = "A rash or several patches", "One mole or spot"

here = page("Rash check")
desk = checking.desk(here.person_id, here.who, "condition")
SAYS = check_page.Says(
    photos="Photos of it",
    upload="Photos taken with a phone or camera",
    camera="Take a photo of the skin",
    kind="clinical",
    wait="**Say above what the photo shows**, and answer the questions. Then your photos are examined.",
)


def asked() -> Answers | None:
    """For a spot the three questions; a rash is nearly always new, so they would say nothing of it."""
    with st.container(border=True):
        st.subheader("What does the photo show?", anchor=False)
        key = f"condition_what_{desk.number}"
        what = st.segmented_control("Show", (RASH, SPOT), key=key, persist_state="session", label_visibility="collapsed")
    if what == SPOT:
        with st.container(border=True):
            text = spots_by_phone()
            parts.titled(text.title, icon="smartphone")
            for paragraph in text.paragraphs:
                st.markdown(paragraph)
            st.page_link("pages/Skin_check.py", label="Go to the skin check", icon=":material/center_focus_strong:")
        return check_page.questions(desk)
    return Answers() if what == RASH else None


with here.column:
    st.title("Rash check", anchor=False)
    parts.lead("For a rash or a spot, photographed with the phone alone. You read what can look like it. It is never a diagnosis.")
    answers = asked()
    place = check_page.spot(desk, here.actor, "Where is it?", "A new place", "Where on the body?", "Rash in the bend of the left elbow")
    parts.note(check_page.FACE if place.site == "head and neck" else check_page.ALONE)
    check_page.photos(desk, SAYS)
    if desk.checks:
        check_page.examine(desk, answers, SAYS)
        check_page.results(desk, here.actor, place)
    check_page.onwards(desk, "Check another one")
