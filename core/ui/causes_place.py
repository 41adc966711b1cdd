"""Where the weather comes from: the town, what is kept and missing, and a file in place of the services."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from uuid import UUID

import streamlit as st

from core.insight.weather_factors import FACTORS
from core.insight.weather_rows import LAGS, WEEK, WEEK_LAGS
from core.people.policy import Actor
from core.records import weather, weather_loaded, weather_places
from core.records.weather import Refreshed
from core.records.weather_tables import PersonPlacePublic
from core.ui import causes, moments, parts, trouble
from core.ui.causes import Desk
from core.weather import client, weather_csv, words
from core.weather.towns import Place
from core.words import written

AGAIN = 900.0
"""Seconds after which the services are asked again for what is missing."""
BEFORE, WEEKS_BEFORE = timedelta(days=LAGS[-1] + 1), timedelta(days=WEEK * (WEEK_LAGS[-1] + 1))
"""Days before the first entry whose weather is wanted, for the lags; of what is known by weeks as many weeks."""


def named(place: PersonPlacePublic) -> str:
    """The town as it is shown."""
    return ", ".join(dict.fromkeys(word for word in (place.name, place.region, place.country) if word))


@st.cache_data(show_spinner="Asking for the weather", max_entries=64, ttl=AGAIN)
def _refreshed(account: str, person: str, place: str, first: date, last: date, _actor: Actor) -> Refreshed:
    return weather.refresh(_actor, UUID(person), first, last)


def span(desk: Desk) -> tuple[date, date]:
    """The days whose weather is wanted: those of the diary, and a few before."""
    before = WEEKS_BEFORE if desk.weekly else BEFORE
    if desk.series is None:
        return desk.today - before, desk.today
    return max(desk.series.first - before, desk.today - causes.LONGEST), max(desk.series.last, desk.today)


def ask(desk: Desk, place: PersonPlacePublic) -> Refreshed:
    """Ask the services for what is missing, at most every `AGAIN` seconds for the same days."""
    where = f"{place.lat10} {place.lon10} {place.since.isoformat()}"
    return _refreshed(str(desk.actor.account_id), str(desk.person_id), where, *span(desk), desk.actor)


def trouble_of(told: Refreshed) -> None:
    """What did not come, and since when."""
    if not told.reason:
        return
    names = {"weather": "The weather", "air": "UV, dust and pollen"}
    gone = [f"{names[group]}: missing since {written(one.since)}." for group, one in told.missing.items() if one.since is not None]
    st.info(" ".join([told.reason, *gone, told.hint]), icon=":material/cloud_off:")


def choose(desk: Desk, place: PersonPlacePublic | None, open_: bool) -> None:
    """The town: search, keep, change, forget."""
    with st.expander("Change the town" if place else "Choose your town", icon=":material/location_on:", expanded=open_, key="town"):
        if place is None:
            parts.note(words.LEAVES)
        _search(desk)
        if place is not None:
            parts.note(words.LEAVES)
            if st.button("Forget the town", type="tertiary", key="forget_town"):
                trouble.attempt(lambda: weather_places.remove_place(desk.actor, desk.person_id), "The town is forgotten.")


def _search(desk: Desk) -> None:
    towns = f"_towns_{desk.person_id}"
    with st.form("town_search", border=False):
        name = st.text_input("Town", max_chars=60, key="town_name", placeholder="Leiden", autocomplete="off")
        sought = st.form_submit_button("Search", icon=":material/search:", key="town_go")
    if sought and name:
        with trouble.told():
            st.session_state[towns] = client.search(name)
    found: tuple[Place, ...] | None = st.session_state.get(towns)
    if found is None:
        return
    if not found:
        st.markdown("No town of this name was found. Write it as in its own country, or take the next larger one.")
    for at, town in enumerate(found):
        label = ", ".join(dict.fromkeys(word for word in (town.name, town.region, town.country) if word))
        if st.button(moments.plain(label), key=f"town_{at}", width="stretch"):
            st.session_state.pop(towns, None)
            keep = partial(weather_places.set_place, desk.actor, desk.person_id, town)
            trouble.attempt(keep, f"Your town is {moments.plain(label)} now.")


def files(desk: Desk) -> None:
    """Weather from a file, where there is no network or somebody does not want to name a town."""
    with st.expander("Load the weather from a file (CSV)", icon=":material/upload_file:", key="weather_file"), trouble.told():
        known = weather_loaded.loaded_span(desk.actor, desk.person_id)
        if known is not None:
            st.markdown(f"Loaded: {known.days} days, {written(known.first)} to {written(known.last)}.")
            if st.button("Delete what was loaded", type="tertiary", key="weather_unload"):
                trouble.attempt(lambda: weather_loaded.remove_loaded(desk.actor, desk.person_id), "The loaded weather is deleted.")
        st.markdown(
            "A line for each day: `date`, and columns such as `temperature`, `humidity`, `pressure` or `uv`. Without a unit in the name "
            "they are °C, %, hPa and µg/m³."
        )
        key = f"weather_csv_{desk.person_id}"
        file = st.file_uploader("Table of the weather", type=["csv", "txt", "tsv"], key=key, label_visibility="collapsed")
        if file is None:
            return
        told = weather_csv.read(file.getvalue())
        for line in told.left_out:
            st.markdown(f"- {moments.plain(line)}")
        for id in told.factors:
            values = [row.values[id] for row in told.rows if id in row.values]
            st.markdown(f"- {FACTORS[id].name}: {min(values):g} to {max(values):g} {FACTORS[id].unit} on {len(values)} days")
        first = st.checkbox("Where a service says something else, the file counts", key="weather_first")
        if st.button(f"Load {len(told.rows)} {'day' if len(told.rows) == 1 else 'days'}", type="primary", key="weather_load"):
            said = f"The weather of {len(told.rows)} days is loaded."
            trouble.attempt(lambda: weather_loaded.load_weather(desk.actor, desk.person_id, told.rows, replace=first), said)
