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
HISTORY = Entry("pages/History.py", "History", "History", "history")
EVIDENCE = Entry("pages/Evidence.py", "How we know", "Evidence", "fact_check")
ACCOUNT = Entry("pages/Account.py", "Account", "Account", "account_circle")

MENU: dict[str, tuple[Entry, ...]] = {
    "patient": (HOME, SKIN, HISTORY, EVIDENCE, ACCOUNT),
    "doctor": (HOME, EVIDENCE, ACCOUNT),
    "staff": (HOME, EVIDENCE, ACCOUNT),
    "admin": (HOME, ACCOUNT),
}
"""At most five entries each: that is what the bottom bar of a phone holds."""


def entries(role: str) -> list[Entry]:
    """The pages of a role that exist."""
    return [entry for entry in MENU[role] if (ROOT / entry.path).exists()]


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
        for entry in known:
            st.page_link(entry.path, label=entry.word, icon=f":material/{entry.icon}:", width="stretch")


def _chosen() -> None:
    chosen = st.session_state.get("account_menu")
    if chosen == "Sign out":
        session.end()
    elif chosen == "Account":
        st.session_state["_to_account"] = True
