"""The Account page: a code from an app as the second step of signing in."""

from __future__ import annotations

import streamlit as st

from core.errors import CareLensError
from core.people import second_factor
from core.people.policy import Actor
from core.ui import moments, parts, trouble

_PROPOSAL, _CODES = "_second_step", "_recovery_codes"


def show(actor: Actor) -> None:
    """The second step: set it up, or turn it off; and the recovery codes, once."""
    if codes := st.session_state.get(_CODES):
        _codes(codes)
        return
    state = second_factor.state(actor.account_id)
    if state.since is not None:
        _on(actor, state)
        return
    with st.expander("Ask for a code as well", icon=":material/phonelink_lock:", key="second"):
        proposal = st.session_state.get(_PROPOSAL)
        if isinstance(proposal, second_factor.Proposal):
            _set_up(actor, proposal)
            return
        st.markdown(
            "Your password alone then opens nothing: at each sign-in you also type a code that an app on your phone shows. "
            "You need an authenticator app, such as Aegis, FreeOTP or the one of your phone's maker."
        )
        st.button("Set it up", key="second_start", on_click=_start, args=(actor,))


def _start(actor: Actor) -> None:
    st.session_state[_PROPOSAL] = second_factor.propose(actor)


def _stop() -> None:
    for name in (_PROPOSAL, _CODES):
        st.session_state.pop(name, None)


def _set_up(actor: Actor, proposal: second_factor.Proposal) -> None:
    st.markdown("**1. Scan this with the app**, or type the letters below it into the app.")
    st.image(parts.qr_code(proposal.uri), width=240, alt="QR code for the authenticator app")
    st.code(" ".join(proposal.secret[at : at + 4] for at in range(0, 32, 4)), language=None, wrap_lines=True)
    st.markdown("**2. Type the code** that the app shows now, and your password.")
    with st.form("second_form", border=False):
        code = st.text_input("Code of the app", key="second_new_code", autocomplete="one-time-code", max_chars=10)
        password = st.text_input("Your password", type="password", key="second_password", autocomplete="current-password", max_chars=200)
        parts.note("All your other browsers are then signed out, and access tokens end.")
        if st.form_submit_button("Turn it on", type="primary", key="second_on"):
            try:
                codes = second_factor.enable(actor, proposal, password or "", code or "")
            except CareLensError as error:
                trouble.refused(error)
            else:
                st.session_state.pop(_PROPOSAL, None)
                st.session_state[_CODES] = codes
                st.rerun()
    st.button("Not now", type="tertiary", key="second_cancel", on_click=_stop)


def _codes(codes: list[str]) -> None:
    with st.container(border=True, key="recovery_codes"):
        parts.titled(
            "Your recovery codes",
            "The second step is on. Each of these works once in place of the app. Write them down: they are shown this one time.",
            "password",
        )
        st.code("\n".join(codes), language=None)
        st.button("I have written them down", type="primary", key="codes_seen", on_click=_stop)


def _on(actor: Actor, state: second_factor.State) -> None:
    left = f"{state.codes_left} recovery code{'' if state.codes_left == 1 else 's'} left"
    with st.container(border=True):
        since = f"On since {parts.day(moments.local(state.since, moments.zone()))} · {left}" if state.since else left
        parts.titled("A code is asked for as well", since, "phonelink_lock")
    with (
        st.expander("Turn the second step off", icon=":material/no_encryption:", key="second_off"),
        st.form("second_off_form", border=False, clear_on_submit=True),
    ):
        password = st.text_input("Your password", type="password", key="off_password", autocomplete="current-password", max_chars=200)
        code = st.text_input("Code of the app, or a recovery code", key="off_code", autocomplete="one-time-code", max_chars=20)
        parts.note("To get new recovery codes, turn it off and on again.")
        if st.form_submit_button("Turn it off", key="second_off_go"):
            trouble.attempt(lambda: second_factor.disable(actor, password or "", code or ""), "The second step is off.")
