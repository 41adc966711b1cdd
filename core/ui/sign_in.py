"""The screen of a visitor: sign in, make an account, or (in the demo) step into a made-up person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import streamlit as st

from core.errors import CareLensError, InvalidInput
from core.people import accounts
from core.people.policy import Actor
from core.settings import settings
from core.ui import parts, session


class Welcome(NamedTuple):
    """What a visitor sees on Home: `beside` the forms (before them on a phone) and `below` them."""

    beside: Callable[[], None]
    below: Callable[[], None]


def screen(title: str, welcome: Welcome | None = None) -> None:
    """The forms, in place on the page that was asked for; after signing in that page opens."""
    if welcome is None:
        with st.container(width=480):
            st.title("Please sign in", anchor=False)
            parts.lead(f"You asked for the page “{title}”. It opens as soon as you are signed in.")
            _forms()
        return
    left, right = st.columns([6, 5], gap="large")
    with left:
        welcome.beside()
    with right:
        _forms()
    welcome.below()


def _forms() -> None:
    if settings().demo:
        _demo()
    signing_in, new = st.tabs(["Sign in", "Create an account"])
    with signing_in, st.form("sign_in", border=False):
        email = st.text_input("E-mail", key="sign_in_email", autocomplete="username", max_chars=254)
        password = st.text_input("Password", type="password", key="sign_in_password", autocomplete="current-password", max_chars=200)
        if st.form_submit_button("Sign in", type=_weight(), key="sign_in_go"):
            _try(lambda: session.begin(accounts.check_password(email or "", password or "", _address())))
    with new, st.form("sign_up", border=False):
        name = st.text_input("Your name", key="sign_up_name", autocomplete="name", max_chars=100)
        email = st.text_input("E-mail", key="sign_up_email", autocomplete="email", max_chars=254)
        password = st.text_input(
            "Password", type="password", key="sign_up_password", autocomplete="new-password", max_chars=200, help=PASSWORD_HELP
        )
        agreed = st.checkbox("I understand that CareLens gives hints, not a diagnosis.", key="sign_up_agreed")
        if st.form_submit_button("Create my account", type=_weight(), key="sign_up_go"):
            _try(lambda: session.begin(_new_account(email or "", password or "", name or "", agreed)))
        parts.note("This makes a patient's account. Doctors get theirs from the clinic.")


def _weight() -> Literal["primary", "secondary"]:
    """One primary button on the screen: in the demo it is the one that needs no password."""
    return "secondary" if settings().demo else "primary"


PASSWORD_HELP = "Long is better than odd: three or four words in a row are a good password."  # noqa: S105 - a help text


def _new_account(email: str, password: str, name: str, agreed: bool) -> Actor:
    if not agreed:
        raise InvalidInput(
            "Please tick the box above the button first.", "CareLens can help you decide, but only a doctor can tell you what a spot is."
        )
    return accounts.sign_up(email, password, name)


def _demo() -> None:
    from core.demo import people

    with st.container(border=True, gap="small"):
        parts.titled("Look around the demo clinic", "One click, no password. Nothing here is about a real person.", "travel_explore")
        if st.button("Continue as Ana Ruiz (patient)", type="primary", icon=":material/person:", key="demo_patient", width="stretch"):
            _try(lambda: session.begin(people.demo_actor("patient")))
        if st.button("Continue as Dr Lena Osei (doctor)", icon=":material/stethoscope:", key="demo_doctor", width="stretch"):
            _try(lambda: session.begin(people.demo_actor("doctor")))


def _try(what: Callable[[], None]) -> None:
    """Do it and show the page again with the session element, or say in a sentence why not."""
    try:
        what()
    except CareLensError as error:
        st.warning(f"**{error.reason}** {error.hint}", icon=":material/info:")
        return
    st.rerun()


def _address() -> str:
    """Where the visitor comes from, to slow down guessing."""
    return st.context.ip_address or "local"
