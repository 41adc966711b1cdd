"""What Home shows: to a visitor, to a patient, to a doctor, to the others."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import cast

import streamlit as st

from core.errors import CareLensError
from core.examinations.condition_texts import spots_by_phone
from core.examinations.finding import Finding, Step
from core.examinations.registry import examination
from core.records import findings
from core.records.record_tables import RecordPublic
from core.ui import lan, menu, moments, parts, reminders, trouble
from core.ui.page import Here

log = logging.getLogger("carelens.ui")

LATEST = 6
"""Findings in the strip on Home."""
DERMATOSCOPE, PHONE = "With a dermatoscope", "With the phone alone"


def welcome() -> None:
    """Beside the sign-in form: what CareLens is and what it is not."""
    st.title("Look closely at a mole. Keep track of it.", anchor=False)
    parts.lead("CareLens looks at close-up photos of skin, tells you how sure it is, and says what to do next.")
    with st.container(gap="small"):
        parts.titled("An honest answer", "What it looks like, how sure we are, what cannot be excluded, what to do next.", "fact_check")
        parts.titled("Your history", "Every photo and answer stays in order, so that you see what changes.", "history")
        parts.titled("Yours alone", "Photos are kept on this clinic's own server. Place and camera data are removed.", "lock")
    lan.offer()


def what_it_is_not() -> None:
    """The limits, in three plain lines."""
    with st.container(border=True, gap="xsmall"):
        parts.titled("What CareLens is not", icon="info")
        st.markdown(
            "- It is **not a doctor** and gives **no diagnosis**. A computer looks at one photo.\n"
            "- It can be wrong, in both directions. The page “How we know” shows how often.\n"
            "- A spot that is new, changes or bleeds needs a doctor, **whatever CareLens says**."
        )


def show(here: Here) -> None:
    """Home of the person who is signed in."""
    {"patient": _patient, "doctor": _doctor}.get(here.actor.role, _others)(here)
    lan.offer()


def greeting(hour: int) -> str:
    """The greeting for an hour of the day, 0-23."""
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def local_now() -> datetime:
    """Now where the person is, as their browser says; UTC when it does not."""
    offset = st.context.timezone_offset
    return datetime.now(UTC) - timedelta(minutes=offset if isinstance(offset, int) else 0)


def _title(here: Here) -> None:
    now = local_now()
    st.title(f"{greeting(now.hour)}, {moments.plain(first_name(here.actor.name))}", anchor=False)
    parts.lead(f"{now:%A} {now.day} {now:%B}")


def first_name(name: str) -> str:
    """What to call a person: the first name; with a title, title and last name (`Dr Osei`)."""
    words = name.split()
    if len(words) > 2 and words[0].rstrip(".") in {"Dr", "Prof"}:
        return f"{words[0]} {words[-1]}"
    return words[0] if words and words[0].rstrip(".") not in {"Dr", "Prof"} else name


def _patient(here: Here) -> None:
    _title(here)
    with trouble.told():
        reminders.show(here)
    st.subheader("Look at a mole", anchor=False)
    with st.container(border=True, gap="small"):
        how = st.segmented_control("Is the photo taken with a dermatoscope, or with the phone alone?", [DERMATOSCOPE, PHONE], key="how")
        parts.note("A dermatoscope is a magnifying glass with its own light that touches the skin. Some clip onto a phone.")
        if how == DERMATOSCOPE:
            if st.button("Go to the skin check", type="primary", icon=":material/arrow_forward:", key="go_skin"):
                st.switch_page(menu.SKIN.path)
        elif how == PHONE:
            _phone_alone()
    _ways()
    st.subheader("Latest findings", anchor=False)
    with trouble.told():
        _latest(here)
    what_it_is_not()


def _phone_alone() -> None:
    text = spots_by_phone()
    for paragraph in text.paragraphs[1:3]:
        st.markdown(paragraph)
    if st.button("Go to the rash check", type="primary", icon=":material/arrow_forward:", key="go_rash"):
        st.switch_page(menu.RASH.path)


def _ways() -> None:
    """The other things one can do here; the phone's bottom bar has room for few."""
    ways = (
        (menu.ECZEMA, "Your eczema", "Score your week, photograph the patches, see whether it gets better."),
        (menu.RASH, "A rash", "A photo with the phone, and what can look like it."),
        (menu.PROGRESS, "How it went", "Scores, photos and treatments over time."),
    )
    grid = st.grid(3, min_column_width=220, border=True)
    for entry, title, below in ways:
        if menu.exists(entry):
            with grid.cell(), st.container(gap="xsmall"):
                parts.titled(title, below, entry.icon)
                st.page_link(entry.path, label=entry.label, icon=":material/arrow_forward:")


def _latest(here: Here) -> None:
    records = findings.list_records(here.actor, here.person_id, limit=LATEST)
    if not records:
        with parts.empty(
            "add_a_photo",
            "Nothing here yet",
            "Start with one photo of one mole, taken with a dermatoscope. Your answers will then be kept here.",
        ):
            if st.button("Make your first skin check", icon=f":material/{menu.SKIN.icon}:", key="go_first"):
                st.switch_page(menu.SKIN.path)
        return
    grid, zone = parts.strip(max(len(records), 3), 231, name="latest", border=True), moments.zone()
    for record in records:
        when = parts.day(moments.local(record.taken_at, zone))
        with grid.cell(), st.container(gap="xsmall"):
            with trouble.told():
                # Written into the page: given as bytes, Streamlit would serve it at an address that asks nobody who they are.
                small = parts.data_url(findings.thumbnail(here.actor, record.id), "image/jpeg")
                st.image(small, width="stretch", alt=f"Photo of {when}")
            st.markdown(f"**{moments.plain((record.site or 'skin').capitalize())}** :gray[· {when}]  \n{says(record)}")
            parts.urgency(cast("Step", record.step))
    if menu.HISTORY in menu.entries(here.actor.role):
        st.page_link(menu.HISTORY.path, label="All of your history", icon=":material/history:")


def says(record: RecordPublic) -> str:
    """The first sentence of the finding card; a plain one when this examination is gone."""
    try:
        words = examination(record.examination).words(Finding.from_facts(record.facts)).looks_like
        return words.split(". ")[0].rstrip(".") + "."
    except CareLensError as error:
        log.warning("a finding could not be put in words: %s", type(error).__name__)
        return "Examined. Open your history to read it."


def _doctor(here: Here) -> None:
    _title(here)
    with st.container(border=True, gap="small"):
        parts.titled("Here now: how we know", "What each network can do, on photos it had never seen, with its doubt.", "fact_check")
        if menu.EVIDENCE in menu.entries("doctor"):
            st.page_link(menu.EVIDENCE.path, label="Open the evidence", icon=":material/arrow_forward:")
    with st.container(border=True, gap="small"):
        parts.titled("Coming next", icon="upcoming")
        st.markdown(
            "- **Your patients**: people who let you in, and one timeline for each of them.\n"
            "- **Screening**: whole folders of retina pictures, the network beside your own grade.\n"
            "- **Talking**: messages and video visits.\n\n"
            "You see no patients yet: nobody's records are open to you until they say so."
        )
    what_it_is_not()


def _others(here: Here) -> None:
    _title(here)
    with st.container(border=True, gap="small"):
        parts.titled("Nothing to do on this screen yet", icon="upcoming")
        st.markdown(
            "Accounts are made and changed on the server, with `python -m core.admin`."
            if here.actor.role == "admin"
            else "The screening desk comes later."
        )
