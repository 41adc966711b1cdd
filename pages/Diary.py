"""Diary: a few taps a day, the year at a glance, and tables in and out."""

from __future__ import annotations

import streamlit as st

from core.ui import diary, diary_tables, diary_year, menu, parts, poem_result, trouble
from core.ui.page import page

here = page("Diary")
today = poem_result.today()

with here.column:
    st.title("Diary", anchor=False)
    parts.lead("A few taps a day. After a month you can see what makes it worse, and what does not.")
    diary.tell()
    trouble.say()
    since = diary_year.first_of(today)
    desk = diary.load(here.actor, here.person_id, today, since)
    day = diary.choose_day(desk)
    diary.form(diary.reaching(desk, day, since), day)
    if menu.exists(menu.CAUSES):
        st.page_link(menu.CAUSES.path, label="See what makes it worse", icon=f":material/{menu.CAUSES.icon}:")
    diary_year.show(desk.days, today)
    diary_tables.show(desk)
