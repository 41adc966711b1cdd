"""The parts of the Account page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.errors import CareLensError
from core.people import accounts, sessions
from core.settings import settings
from core.ui import data_rights, parts, session, trouble
from core.ui.page import Here

ROLE_NAMES = {
    "patient": "A patient's account",
    "doctor": "A doctor's account",
    "staff": "An account of the screening desk",
    "admin": "An administrator's account",
}


def show(here: Here) -> None:
    """The whole page. Accounts of the demo are shared by everyone who looks around, so they cannot be changed."""
    st.title("Account", anchor=False)
    parts.lead(ROLE_NAMES[here.actor.role])
    if said := st.session_state.pop("_account_said", None):
        st.success(said, icon=":material/check_circle:")
    st.subheader("You", anchor=False)
    if settings().demo:
        with st.container(border=True):
            parts.titled(
                here.actor.name,
                "Everyone who looks around the demo shares this account, so its name and password stay as they are.",
                "badge",
            )
    else:
        _you(here)
        _password(here)
    st.subheader("Where you are signed in", anchor=False)
    with trouble.told():
        _sign_ins(here)
    st.subheader("What is kept, and where", anchor=False)
    _kept(here)
    data_rights.show(here)


def _you(here: Here) -> None:
    with st.form("rename", border=True):
        parts.note("You sign in with")
        st.text(here.actor.email)
        name = st.text_input("Your name", value=here.actor.name, key="account_name", autocomplete="name", max_chars=100)
        if st.form_submit_button("Save name", key="rename_go"):
            _try(lambda: accounts.rename(here.actor, name or ""), "Your name is saved.")


def _password(here: Here) -> None:
    with (
        st.expander("Change your password", icon=":material/key:", key="password"),
        st.form("change_password", border=False, clear_on_submit=True),
    ):
        old = st.text_input("Present password", type="password", key="password_old", autocomplete="current-password", max_chars=200)
        new = st.text_input("New password", type="password", key="password_new", autocomplete="new-password", max_chars=200)
        again = st.text_input("New password, once more", type="password", key="password_again", autocomplete="new-password", max_chars=200)
        parts.note("All your other browsers are then signed out.")
        if st.form_submit_button("Change password", key="password_go"):
            if new != again:
                st.warning("The two new passwords are not the same. Please type them again.", icon=":material/info:")
            else:
                _try(lambda: sessions.change_password(here.actor, old or "", new or ""), "Your password is changed.")


def _sign_ins(here: Here) -> None:
    known = [
        one for one in sessions.list_sessions(here.actor) if one.current or not settings().demo
    ]  # in the demo the others are other people
    with st.container(border=True, gap="small"):
        for one in known:
            with parts.row(wrap=False):
                below = "This browser" if one.current else f"Last seen {ago(one.last_seen_at, datetime.now(UTC))}"
                parts.titled(browser(one.user_agent), f"{below} · since {parts.day(one.created_at)}", "devices")
                if one.current:
                    st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=session.end)
                elif st.button("End", key=f"end_{one.id}", help="Sign this browser out"):
                    _try(partial(sessions.end_session_by_id, here.actor, one.id), "That browser is signed out.")
        if len(known) > 1 and st.button("Sign out everywhere else", type="tertiary", key="end_others"):
            _try(lambda: sessions.end_all(here.actor.account_id, keep=here.actor.session_id), "All other browsers are signed out.")


def _kept(here: Here) -> None:
    with st.container(border=True):
        if here.actor.role == "patient":
            st.markdown(
                "- **Your photos**, as you loaded them. Place, time and camera data are taken out first.\n"
                "- **What was found**: the answer, the outline, what the network looked at, and your answers to the three questions.\n"
                "- **Your account**: name, e-mail address, and a scrambled form of your password that cannot be turned back."
            )
        else:
            st.markdown("- **Your account**: name, e-mail address, and a scrambled form of your password that cannot be turned back.")
        st.markdown(
            "All of it stays **on the server of the clinic that runs CareLens**. "
            "Nothing is sent to anyone else, and nothing is loaded from another company.\n\n"
            f"One cookie keeps you signed in for {settings().session_days} days. It holds a random number and nothing about you."
        )
        if here.actor.role == "patient":
            parts.note("You can delete a finding with its photo in your history.")


def _try(what: Callable[[], object], said: str) -> None:
    """Do it and say so on the fresh page, or say why it could not be done."""
    try:
        what()
    except CareLensError as error:
        st.warning(f"**{error.reason}** {error.hint}", icon=":material/info:")
        return
    st.session_state["_account_said"] = said
    st.rerun()


def browser(user_agent: str) -> str:
    """A browser and its system in plain words: `Firefox on Android`."""
    names = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    name = next((plain for sign, plain in names if sign in user_agent), "A browser")
    system = next((plain for sign, plain in systems if sign in user_agent), "")
    return f"{name} on {system}" if system else name


def ago(when: datetime, now: datetime) -> str:
    """How long ago, roughly: `just now`, `2 hours ago`, `3 days ago`."""
    minutes = int((now - when).total_seconds() // 60)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
