"""The screen of a visitor: sign in, make an account, or (in the demo) step into a made-up person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import streamlit as st

from core.errors import CareLensError, InvalidInput
from core.people import accounts, links, mail
from core.people import signing_in as steps
from core.people.policy import Actor
from core.people.signing_in import HalfWay
from core.settings import settings
from core.ui import parts, session, trouble


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


_HALF, _FORGOT, _SENT = "_half_way", "_forgot", "_mail_sent"


def _forms() -> None:
    half = st.session_state.get(_HALF)
    if isinstance(half, HalfWay):
        code(half)
    elif st.session_state.get(_FORGOT):
        _forgot()
    else:
        _first()


def _first() -> None:
    if settings().demo:
        _demo()
    known, new = st.tabs(["Sign in", "Create an account"])
    with known:
        with st.form("sign_in", border=False):
            email = st.text_input("E-mail", key="sign_in_email", autocomplete="username", max_chars=254)
            password = st.text_input("Password", type="password", key="sign_in_password", autocomplete="current-password", max_chars=200)
            if st.form_submit_button("Sign in", type=_weight(), key="sign_in_go"):
                _try(lambda: enter(steps.first_step(email or "", password or "", session.address(), session.device())))
        st.button("Forgot your password?", type="tertiary", key="forgot", on_click=_turn, args=(_FORGOT, True))
    with new:
        _sign_up()


def _sign_up() -> None:
    if st.session_state.get(_SENT) == "sign_up":
        _look_into_mailbox()
        st.button("Use another address", type="tertiary", icon=":material/arrow_back:", key="sign_up_back", on_click=_back)
        return
    by_mail = mail.configured()
    with st.form("sign_up", border=False):
        name = st.text_input("Your name", key="sign_up_name", autocomplete="name", max_chars=100)
        email = st.text_input("E-mail", key="sign_up_email", autocomplete="email", max_chars=254)
        password = None if by_mail else new_password("sign_up_password")
        agreed = st.checkbox("I understand that CareLens gives hints, not a diagnosis.", key="sign_up_agreed")
        if st.form_submit_button("Create my account", type=_weight(), key="sign_up_go"):
            _try(lambda: _new_account(email or "", password, name or "", agreed))
        if by_mail:
            parts.note("We send you a link. You choose your password there.")
        parts.note("This makes a patient's account. Doctors get theirs from the clinic.")


def new_password(key: str) -> str:
    """The field for a password that is chosen."""
    return st.text_input("Password", type="password", key=key, autocomplete="new-password", max_chars=200, help=PASSWORD_HELP) or ""


def code(half: HalfWay, to: str = "") -> None:
    """The second step: a code of the app, or one of the recovery codes. `to`: the page that opens then, if not this one."""
    parts.titled("One more step", "Your password is right. Now the code that your app shows for CareLens.", "phonelink_lock")
    with st.form("second_step", border=False, clear_on_submit=True):
        given = st.text_input("Code", key="second_code", autocomplete="one-time-code", max_chars=20)
        parts.note("No phone at hand? Type one of your recovery codes instead.")
        if st.form_submit_button("Sign in", type="primary", key="second_go"):
            _try(lambda: session.begin(steps.second_step(half, given or "", session.address(), session.device()), to))
    st.button("Back", type="tertiary", icon=":material/arrow_back:", key="second_back", on_click=_turn, args=(_HALF, None))


def enter(who: Actor | HalfWay) -> None:
    """Sign in, or go on to the second step."""
    if isinstance(who, HalfWay):
        st.session_state[_HALF] = who
    else:
        session.begin(who)


def _forgot() -> None:
    parts.titled("Forgot your password?", icon="key")
    if st.session_state.get(_SENT) == "reset":
        _look_into_mailbox()
    elif mail.configured():
        with st.form("forgot", border=False):
            email = st.text_input("E-mail", key="forgot_email", autocomplete="username", max_chars=254)
            parts.note("We send you a link with which you choose a new one.")
            if st.form_submit_button("Send me a link", type="primary", key="forgot_go"):
                _try(lambda: _send_link(email or ""))
    else:
        st.markdown(
            "**Ask the people who run CareLens** at your clinic. They can make a link with which you choose a new one. "
            "They do not see your password, and need not."
        )
    st.button("Back", type="tertiary", icon=":material/arrow_back:", key="forgot_back", on_click=_back)


def _send_link(email: str) -> None:
    links.ask_for_password(email, session.address())
    st.session_state[_SENT] = "reset"


def _look_into_mailbox() -> None:
    st.info(
        "**Please look into your mailbox.** If we can write to this address, a mail from us is there within a few minutes. "
        "Look among the unwanted mails too. We send only a few in a row: one that came in the last half hour still works.",
        icon=":material/mail:",
    )


def _back() -> None:
    for name in (_FORGOT, _SENT):
        st.session_state.pop(name, None)


def _turn(name: str, value: object) -> None:
    if value is None:
        st.session_state.pop(name, None)
    else:
        st.session_state[name] = value


def _weight() -> Literal["primary", "secondary"]:
    """One primary button on the screen: in the demo it is the one that needs no password."""
    return "secondary" if settings().demo else "primary"


PASSWORD_HELP = "Long is better than odd: three or four words in a row are a good password."  # noqa: S105 - a help text


def _new_account(email: str, password: str | None, name: str, agreed: bool) -> None:
    if not agreed:
        raise InvalidInput(
            "Please tick the box above the button first.", "CareLens can help you decide, but only a doctor can tell you what a spot is."
        )
    if password is None:
        links.ask_for_account(email, name, session.address())
        st.session_state[_SENT] = "sign_up"
    else:
        session.begin(accounts.sign_up(email, password, name, session.address()))


def _demo() -> None:
    from core.demo import people

    with st.container(border=True, gap="small"):
        parts.titled("Look around the demo clinic", "One click, no password. Nothing here is about a real person.", "travel_explore")
        if st.button("Continue as Ana Ruiz (patient)", type="primary", icon=":material/person:", key="demo_patient", width="stretch"):
            _try(lambda: session.begin(people.demo_actor("patient")))
        if st.button("Continue as Dr Lena Osei (doctor)", icon=":material/stethoscope:", key="demo_doctor", width="stretch"):
            _try(lambda: session.begin(people.demo_actor("doctor")))
        if st.button("Continue as Sam Vos (staff)", icon=":material/view_list:", key="demo_staff", width="stretch"):
            _try(lambda: session.begin(people.demo_actor("staff")))
        with trouble.told(), st.popover("As somebody else", icon=":material/groups:", width="stretch"):
            names = {email: f"{name} ({role})" for email, name, role in people.demo_people()}
            email = st.selectbox("Who?", list(names), None, names.__getitem__, placeholder="Doctors first", key="demo_who")
            if st.button("Continue", key="demo_somebody", disabled=email is None) and email is not None:
                _try(lambda: session.begin(people.demo_somebody(email)))


def _try(what: Callable[[], None]) -> None:
    """Do it and show the page again with the session element, or say in a sentence why not."""
    try:
        what()
    except CareLensError as error:
        trouble.refused(error)
        return
    st.rerun()
