"""The menu of a role: in the sidebar on a desk, along the bottom on a phone."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.people.policy import Actor
from core.settings import ROOT
from core.ui import moments, session


class Entry(NamedTuple):
    """One page: its file, its name in the menu, one word for the phone's bottom bar, its icon."""

    path: str
    label: str
    word: str
    icon: str


HOME = Entry("Home.py", "Home", "Home", "home")
SKIN = Entry("pages/Skin_check.py", "Skin check", "Skin", "center_focus_strong")
RASH = Entry("pages/Rash_check.py", "Rash check", "Rash", "smartphone")
ECZEMA = Entry("pages/Eczema_check.py", "Eczema check", "Eczema", "edit_note")
RETINA = Entry("pages/Retina_check.py", "Retina check", "Retina", "ophthalmology")
DIARY = Entry("pages/Diary.py", "Diary", "Diary", "calendar_month")
CAUSES = Entry("pages/Weather_and_triggers.py", "Weather & triggers", "Causes", "partly_cloudy_day")
PROGRESS = Entry("pages/Progress.py", "Progress", "Progress", "monitoring")
HISTORY = Entry("pages/History.py", "History", "History", "history")
CLINIC = Entry("pages/Clinic.py", "My patients", "Patients", "groups")
TIMELINE = Entry("pages/Patient.py", "Timeline", "Timeline", "timeline")
MESSAGES = Entry("pages/Messages.py", "Messages", "Messages", "forum")
APPOINTMENTS = Entry("pages/Appointments.py", "Appointments", "Visits", "event")
RATINGS = Entry("pages/Ratings.py", "Rate eczema", "Rate", "stethoscope")
SCREENING = Entry("pages/Screening.py", "Screening", "Screening", "view_list")
EVIDENCE = Entry("pages/Evidence.py", "How we know", "Evidence", "fact_check")
ACCOUNTS = Entry("pages/Accounts.py", "Everyone's accounts", "People", "manage_accounts")
ACCOUNT = Entry("pages/Account.py", "Account", "Account", "account_circle")

MENU: dict[str, tuple[Entry, ...]] = {
    "patient": (
        *(HOME, SKIN, RASH, ECZEMA, DIARY, CAUSES, PROGRESS, RETINA),
        *(HISTORY, TIMELINE, MESSAGES, APPOINTMENTS, EVIDENCE, ACCOUNT),
    ),
    "doctor": (HOME, CLINIC, TIMELINE, MESSAGES, APPOINTMENTS, RATINGS, SCREENING, EVIDENCE, ACCOUNT),
    "staff": (HOME, SCREENING, EVIDENCE, ACCOUNT),
    "admin": (HOME, ACCOUNTS, ACCOUNT),
}
"""Every page of a role, as the sidebar lists them."""

BAR: dict[str, tuple[Entry, ...]] = MENU | {
    "patient": (HOME, SKIN, ECZEMA, HISTORY, ACCOUNT),
    "doctor": (HOME, CLINIC, MESSAGES, APPOINTMENTS, ACCOUNT),
}
"""At most five of them each: that is what the bottom bar of a phone holds. Home leads to the others."""


def entries(role: str) -> list[Entry]:
    """The pages of a role that exist."""
    return [entry for entry in MENU[role] if exists(entry)]


def exists(entry: Entry) -> bool:
    """The page is part of this house."""
    return (ROOT / entry.path).exists()


def draw(actor: Actor) -> None:
    """The menu of this person, with the way out."""
    known = entries(actor.role)
    with st.sidebar:
        for entry in known:
            st.page_link(entry.path, label=entry.label, icon=f":material/{entry.icon}:", width="stretch")
        st.space("medium")
        st.menu_button(
            moments.plain(actor.name),
            ["Account", "Sign out"],
            icon=":material/account_circle:",
            width="stretch",
            key="account_menu",
            on_click=_chosen,
        )
    if st.session_state.pop("_to_account", False):
        st.switch_page(ACCOUNT.path)
    with st.bottom, st.container(key="tabbar", horizontal=True, wrap=False, gap=None):
        for entry in filter(exists, BAR[actor.role]):
            st.page_link(entry.path, label=entry.word, icon=f":material/{entry.icon}:", width="stretch")


def _chosen() -> None:
    chosen = st.session_state.get("account_menu")
    if chosen == "Sign out":
        session.end()
    elif chosen == "Account":
        st.session_state["_to_account"] = True
