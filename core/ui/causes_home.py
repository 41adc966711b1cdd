"""What Home says of the diary: that today is not written yet, what tomorrow may bring, and one finding of the week."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from core.insight import forecast_words, trigger_words, weather_words
from core.records.treatments import KINDS
from core.records.weather import weather_of
from core.ui import causes, causes_forecast, causes_place, causes_triggers, causes_weather, causes_words, menu, moments, parts
from core.ui.causes import Desk
from core.ui.page import Here

RECENT = timedelta(days=14)
"""Who has written nothing for longer is not asked for a diary."""


def show(here: Here, today: date) -> None:
    """The three of them, each where there is something to say."""
    desk = causes.load(here.actor, here.person_id, today, "1 year", "severity")
    series = desk.series
    if series is None:
        return
    written_today = series.last == today
    if not written_today and today - series.last <= RECENT:
        with st.container(border=True, key="diary_due"), parts.row(wrap=False):
            parts.titled("How was today?", "A few taps in the diary.", menu.DIARY.icon)
            if st.button("Write it", type="primary", icon=f":material/{menu.DIARY.icon}:", key="go_diary"):
                st.switch_page(menu.DIARY.path)
    if not desk.told:
        return
    found = causes_forecast.made(series, desk.measure, today)
    if found.good and found.scores.reach:
        with st.container(border=True, gap="xsmall", key="home_forecast"):
            day = causes_forecast.day_name(causes_forecast.until(series, today) + timedelta(days=1), today)
            title = f"{day}: likely {forecast_words.likely(found)} of 10"
            learnt = ", and what other patients have taught" if found.patients else ""
            parts.titled(title, f"How bad the eczema may be, from your own days{learnt}.", "online_prediction")
            st.page_link(menu.CAUSES.path, label="The coming week", icon=":material/arrow_forward:")
    if (said := _of_the_week(desk, today)) is not None:
        title, text = said
        with st.container(border=True, gap="xsmall", key="finding_of_the_week"):
            parts.titled(title, text, "lightbulb")
            st.page_link(menu.CAUSES.path, label="How we know", icon=":material/arrow_forward:")


def _of_the_week(desk: Desk, today: date) -> tuple[str, str] | None:
    """One of the findings with evidence, another one each week; None where there is none."""
    series = desk.series
    assert series is not None
    known: list[tuple[str, str]] = []
    for one in causes_triggers.found(series, desk.measure):
        if one.verdict == "evidence":
            name = moments.plain(series.names[one.id])
            beside = " ".join(moments.plain(line) for line in trigger_words.beside(one, series.names, KINDS))
            known.append((trigger_words.headline(name, one), f"{trigger_words.sentence(one)} {beside}"))
    table = weather_of(desk.actor, desk.person_id, *causes_place.span(desk))
    for effect in causes_weather.found(series, table, desk.measure)[0]:
        if effect.verdict == "evidence":
            known.append((causes_words.headline(effect, desk.in_words), f"{weather_words.sentence(effect)}."))
    if not known:
        return None
    title, text = known[today.isocalendar().week % len(known)]
    return title, f"{text.strip()} {causes.CAUSE}."
