"""What a link from a mail opens: a form to choose a password, for a new account or in place of a forgotten one."""

from __future__ import annotations

import streamlit as st

from core.errors import CareLensError, NotFound
from core.people import links
from core.people.signing_in import HalfWay
from core.ui import parts, session, sign_in, trouble

_TOKEN, _HALF = "_link", "_link_half_way"


def screen() -> bool:
    """Draw the form of the link this page was opened with. False without a link: the page asks to sign in as any other.

    The token leaves the address at once, so that it goes to nobody with the address. One step back in this browser
    it is still there; by then it was used, or is of use for half an hour at most.
    """
    half = st.session_state.get(_HALF)
    if isinstance(half, HalfWay):
        with st.container(width=480):
            st.title("Your new password is set", anchor=False)
            sign_in.code(half, to="/")
        return True
    if token := st.query_params.get("token"):
        st.session_state[_TOKEN] = token
        st.query_params.clear()
    token = st.session_state.get(_TOKEN)
    if not token:
        return False
    with st.container(width=480):
        _form(token)
    return True


def _form(token: str) -> None:
    try:
        link = links.look(token, session.address())
    except CareLensError as error:
        if isinstance(error, NotFound):
            st.session_state.pop(_TOKEN, None)
        st.title("This link does not work", anchor=False)
        trouble.show(error)
        st.page_link("Home.py", label="Go to the start page", icon=":material/home:")
        return
    new = link.purpose == "sign_up"
    st.title("Finish your account" if new else "Choose a new password", anchor=False)
    parts.note("You sign in with")
    st.text(link.email)
    with st.form("link_password", border=False):
        password = sign_in.new_password("link_password_new")
        if not new:
            parts.note("You are then signed out everywhere else.")
        if st.form_submit_button("Make my account" if new else "Save my new password", type="primary", key="link_go"):
            try:
                _done(token, password, new)
            except CareLensError as error:
                trouble.refused(error)
                return
            st.rerun()


def _done(token: str, password: str, new: bool) -> None:
    who = links.finish_sign_up(token, password) if new else links.choose_password(token, password)
    st.session_state.pop(_TOKEN, None)
    if isinstance(who, HalfWay):
        st.session_state[_HALF] = who
    else:
        session.begin(who, to="/")
