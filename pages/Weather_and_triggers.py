"""Weather and triggers: what makes it worse, how sure that is, and what the coming week may bring."""

from __future__ import annotations

import streamlit as st

from core.ui import causes, causes_along, causes_forecast, causes_triggers, causes_weather, menu, parts, poem_result, trouble
from core.ui.page import page

VIEWS = {"Weather": causes_weather.show, "Triggers": causes_triggers.show, "The coming week": causes_forecast.show}

here = page("Weather & triggers")

with here.column:
    st.title("What makes it worse?", anchor=False)
    trouble.say()
    view = st.segmented_control("Look at", list(VIEWS), default="Weather", required=True, key="causes_view", label_visibility="collapsed")
    whose = here.actor, here.person_id, poem_result.today()
    desk = causes.load(*whose, *causes.choose(*whose, weekly=view == "Weather"))
    if desk.series is None or (desk.weekly and not desk.told):
        way = menu.ECZEMA if desk.weekly else menu.DIARY
        st.page_link(way.path, label=f"Go to the {way.label.lower()}", icon=f":material/{way.icon}:")
    with trouble.told():
        VIEWS[view or "Weather"](desk)
    with trouble.told():
        causes_along.show(desk)
    own = "" if view == "The coming week" else "From your own days alone. "  # a forecast says itself what it starts from
    parts.note(f"{own}What goes together need not be the cause: ask your doctor before you change anything.")
