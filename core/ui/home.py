"""What Home shows: to a visitor, to a patient, to a doctor, to the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import streamlit as st

from core.examinations.condition_texts import spots_by_phone
from core.examinations.finding import Step
from core.records import findings
from core.records.in_words import says, words_of
from core.ui import causes_home, coming, lan, menu, moments, parts, poem_result, reminders, tour, trouble, unread
from core.ui.page import Here

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


def below() -> None:
    """Below the sign-in form: the tour of the demo, and the limits."""
    tour.show(open_=True)
    what_it_is_not()


def show(here: Here) -> None:
    """Home of the person who is signed in."""
    tour.show()
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
        unread.show(here.actor)
    with trouble.told():
        coming.show(here.actor)
    with trouble.told():
        reminders.show(here)
    with trouble.told():
        causes_home.show(here, poem_result.today())
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
        (menu.RETINA, "Your eyes", "A photo of the back of the eye, and whether diabetes has harmed it."),
        (menu.DIARY, "Your diary", "A few taps a day: how bad it was, what you used, what you met."),
        (menu.CAUSES, "What makes it worse", "The weather and triggers, from your own days, with their doubt."),
        (menu.PROGRESS, "How it went", "Scores, photos and treatments over time."),
    )
    grid = st.grid(len(ways), min_column_width=190, border=True)
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
            words = words_of(record)
            st.markdown(f"**{moments.plain((record.site or 'skin').capitalize())}** :gray[· {when}]  \n{says(words)}")
            parts.urgency(cast("Step", record.step), says=words.when if words else "")
    if menu.HISTORY in menu.entries(here.actor.role):
        st.page_link(menu.HISTORY.path, label="All of your history", icon=":material/history:")


def _desk(text: str) -> None:
    """The way to the screening desk."""
    with st.container(border=True, gap="small"):
        parts.titled("Screening", text, menu.SCREENING.icon)
        if st.button("Go to the screening desk", type="primary", icon=":material/arrow_forward:", key="go_screening"):
            st.switch_page(menu.SCREENING.path)


def _doctor(here: Here) -> None:
    _title(here)
    count = len(here.actor.let_in_by)
    who = f"{count:,} {'patient lets' if count == 1 else 'patients let'} you in." if count else "Nobody has let you in yet."
    with st.container(border=True, gap="small"):
        parts.titled("Your patients", f"The most urgent first, each with one timeline of everything. {who}", menu.CLINIC.icon)
        if st.button("Go to my patients", type="primary", icon=":material/arrow_forward:", key="go_clinic"):
            st.switch_page(menu.CLINIC.path)
    with trouble.told():
        unread.show(here.actor)
    with trouble.told():
        coming.show(here.actor)
    _desk("Photos of many people's eyes, the most urgent first. Your grade stands beside the network's.")
    with st.container(border=True, gap="small"):
        text = f"The signs on your patients' photos, for an EASI or an objective SCORAD. {who}"
        parts.titled("Rate eczema", text, menu.RATINGS.icon)
        st.page_link(menu.RATINGS.path, label="Rate eczema", icon=":material/arrow_forward:")
    with st.container(border=True, gap="small"):
        parts.titled("Here now: how we know", "What each network can do, on photos it had never seen, with its doubt.", "fact_check")
        if menu.EVIDENCE in menu.entries("doctor"):
            st.page_link(menu.EVIDENCE.path, label="Open the evidence", icon=":material/arrow_forward:")
    parts.note("Nobody's records are open to you until they say so.")
    what_it_is_not()


def _others(here: Here) -> None:
    _title(here)
    if here.actor.role == "staff":
        _desk("Drop a folder or a ZIP file of eye photos. Each is graded, and the most urgent come first.")
        return
    with st.container(border=True, gap="small"):
        what = "Make one for a doctor or anybody else, help with a first password, switch one off."
        parts.titled("Accounts", f"{what} You see nothing medical.", menu.ACCOUNTS.icon)
        if st.button("Go to the accounts", type="primary", icon=":material/arrow_forward:", key="go_accounts"):
            st.switch_page(menu.ACCOUNTS.path)
