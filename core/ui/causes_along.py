"""Taking along what was looked at and what was found: two tables."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.insight import causes_csv
from core.records.weather import weather_of
from core.ui import causes_place, causes_triggers, causes_weather, parts
from core.ui.causes import Desk
from core.ui.screening import ready
from core.web import downloads

FOUND, DAYS = "What was found", "The days"


def show(desk: Desk) -> None:
    """The choice, the button, and the file once it is made."""
    series = desk.series
    if series is None:
        return
    file = f"_causes_file_{desk.person_id}"
    with st.expander("Take it along (CSV)", icon=":material/download:", key="causes_along"):
        which = st.segmented_control("Which table?", (FOUND, DAYS), default=FOUND, required=True, key="causes_table")
        if st.button("Make the table", icon=":material/table:", key="causes_make"):
            table = weather_of(desk.actor, desk.person_id, *causes_place.span(desk))
            if which == DAYS:
                text, name = causes_csv.days(desk.written or series, table), f"days-{desk.today.isoformat()}.csv"
            else:
                told = causes_weather.found(series, table, desk.measure, desk.weekly)[0] if np.isfinite(table.values).any() else ()
                met = () if desk.weekly else causes_triggers.found(series, desk.measure)
                text, name = causes_csv.results(told, met, series.names, desk.in_table), f"what-was-found-{desk.today.isoformat()}.csv"
            st.session_state[file] = (downloads.offer_bytes(desk.actor.account_id, text.encode("utf-8-sig"), name), name)
        ready(file, "Whoever has the file can read your days: keep it somewhere safe.")
        parts.note("Sizes stand with their 95 % interval. “Chance” is how likely such a size is where there is nothing.")
