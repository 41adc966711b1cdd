"""Retina check: photos of the back of the eye, one finding for each, and both eyes over time."""

from __future__ import annotations

import streamlit as st

from core.examinations.finding import Answers
from core.ui import check_page, checking, eye_place, moments, parts, retina_grades, retina_history, trouble
from core.ui.page import page

here = page("Retina check")
desk = checking.desk(here.person_id, here.who, "retina")
SAYS = check_page.Says(
    photos="Photos of the back of the eye",
    upload="Photos from an eye camera",
    camera="",
    kind="fundus",
    ways=check_page.WAYS[:1],
)

with here.column:
    st.title("Retina check", anchor=False)
    parts.lead("For people with diabetes. A photo of the back of the eye shows whether diabetes has harmed it.")
    check_page.photos(desk, SAYS)
    parts.note("Such a photo needs an eye camera. Ask for the file where it was taken. A photo of the eye from outside is of no use.")
    if desk.checks:
        check_page.examine(desk, Answers(), SAYS)
        check_page.results(desk, here.actor, eye_place.place)
    check_page.onwards(desk, "Check another photo")
    with trouble.told():
        zone, known = moments.zone(), retina_history.load(here.actor, here.person_id)
        st.subheader("Your eyes", anchor=False)
        retina_history.eyes(here.actor, known, zone)
        retina_history.trend(known, zone)
    retina_grades.show()
