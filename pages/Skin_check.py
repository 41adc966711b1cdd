"""Skin check: three questions, photos of one spot, and one finding card for each photo."""

from __future__ import annotations

import streamlit as st

from core.ui import check_page, checking, parts
from core.ui.page import page

here = page("Skin check")
desk = checking.desk(here.person_id, here.who)
SAYS = check_page.Says(
    photos="Photos of this spot",
    upload="Photos taken through a dermatoscope",
    camera="Take a photo of the spot through the dermatoscope",
)

with here.column:
    st.title("Skin check", anchor=False)
    parts.lead("For one mole or spot, photographed through a dermatoscope. You get an answer in a few seconds.")
    answers = check_page.questions(desk)
    place = check_page.spot(desk, here.actor, "Which spot is it?", "A new spot", "Where on the body?", "Mole below the left elbow")
    check_page.photos(desk, SAYS)
    if desk.checks:
        check_page.examine(desk, answers, SAYS)
        check_page.results(desk, here.actor, place)
    check_page.onwards(desk, "Check another spot")
