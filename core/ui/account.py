"""The Account page: its parts in order, and what is kept about one."""

from __future__ import annotations

import streamlit as st

from core.people import accounts
from core.people.policy import allowed
from core.settings import settings
from core.ui import (
    account_people,
    account_screening,
    account_second_step,
    account_sessions,
    account_sharing,
    account_sign_in,
    account_tokens,
    data_rights,
    moments,
    parts,
    trouble,
)
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
    trouble.say()
    st.subheader("You", anchor=False)
    if settings().demo:
        with st.container(border=True):
            parts.titled(
                moments.plain(here.actor.name),
                "Everyone who looks around the demo shares this account, so its name and password stay as they are.",
                "badge",
            )
    else:
        _name(here)
        if here.actor.role == "patient":
            with trouble.told():
                account_people.show(here.actor)
            with trouble.told():
                account_screening.show(here.actor)
    if here.actor.role == "patient":
        with trouble.told():
            account_sharing.show(here.actor)
    if allowed(here.actor, "make_doctor_code"):
        st.subheader("Your patients", anchor=False)
        account_sharing.code(here.actor)
    if not settings().demo:
        st.subheader("How you sign in", anchor=False)
        account_sign_in.email(here.actor)
        account_sign_in.password(here.actor)
        with trouble.told():
            account_second_step.show(here.actor)
    st.subheader("Where you are signed in", anchor=False)
    with trouble.told():
        account_sessions.show(here.actor)
    if allowed(here.actor, "make_token"):
        st.subheader("Programs that use your account", anchor=False)
        with trouble.told():
            account_tokens.show(here.actor)
    st.subheader("What is kept, and where", anchor=False)
    _kept(here)
    data_rights.show(here)


def _name(here: Here) -> None:
    with st.form("rename", border=True):
        name = st.text_input("Your name", value=here.actor.name, key="account_name", autocomplete="name", max_chars=100)
        if st.form_submit_button("Save name", key="rename_go"):
            trouble.attempt(lambda: accounts.rename(here.actor, name or ""), "Your name is saved.")


def _kept(here: Here) -> None:
    account = "- **Your account**: name, e-mail address, and a scrambled form of your password that cannot be turned back."
    if allowed(here.actor, "make_token"):
        account += "\n- **Your access tokens**, if you make some: name, end, last use, and a scrambled form of each."
    with st.container(border=True):
        if here.actor.role == "patient":
            st.markdown(
                "- **Your photos**, as you loaded them. Place, time and camera data are taken out first.\n"
                "- **What was found**: the answer, the outline, what the network looked at, and your answers to the three questions.\n"
                "- **The people of this account**: names, and days or years of birth where you gave them.\n" + account
            )
        else:
            st.markdown(account)
        st.markdown(
            "All of it stays **on the server of the clinic that runs CareLens**. "
            "Nothing is sent to anyone else, and nothing is loaded from another company.\n\n"
            f"One cookie keeps you signed in for {settings().session_days} days. Another stays for a year and says that you signed in on "
            "this browser before, so that nobody can lock you out by guessing. They hold random numbers and nothing about you."
        )
        if here.actor.role == "patient":
            parts.note("You can delete a finding with its photo in your history.")
