"""Eczema check: the POEM of the week, photos by part of the body, and the PO-SCORAD."""

from __future__ import annotations

import streamlit as st

from core.examinations.finding import Answers
from core.ui import check_page, checking, eczema_place, parts, po_scorad, poem
from core.ui.page import page

VIEWS = ("POEM of the week", "Photo", "PO-SCORAD")

here = page("Eczema check")
SAYS = check_page.Says(
    photos="Photos of this part",
    upload="Photos of your skin",
    camera="Take a photo of the skin",
    kind="clinical",
)


def photo() -> None:
    desk = checking.desk(here.person_id, here.who, "eczema")
    parts.note("Go where it is light, without a flash. Hold the camera straight, so that skin fills most of the picture.")
    place = eczema_place.ask(desk)
    check_page.photos(desk, SAYS)
    if desk.checks:
        check_page.examine(desk, Answers(), SAYS)
        check_page.results(desk, here.actor, place)
    check_page.onwards(desk, "Photograph another part")


with here.column:
    st.title("Eczema check", anchor=False)
    parts.lead("Score your week, photograph the patches, and see whether it gets better.")
    view = st.segmented_control("What do you want to do?", VIEWS, default=VIEWS[0], required=True, key="eczema_view")
    if view == VIEWS[0]:
        poem.screen(here.actor, here.person_id)
    elif view == VIEWS[1]:
        photo()
    else:
        po_scorad.screen(here.actor, here.person_id)
