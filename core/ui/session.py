"""Signing in and out from a page.

Streamlit can read a cookie but not set one. So a page asks the accounts for a single-use ticket,
and an element in the browser hands it to the `/session` route, which answers with the cookie;
then the page opens anew. The cookie is looked up in the database at every run, so that ending a
session works at once, in every tab.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import streamlit as st

from core.errors import NotAllowed
from core.people import sessions
from core.people.policy import Actor
from core.ui import parts
from core.web.cookie import COOKIE, DEVICE, read

_PENDING, _FAILED = "_session_pending", "_session_failed"
WHO = "_session_account"
"""Key of the account whose tab this is."""
_BEGIN, _END = "/session", "/session/end"
_TROUBLE = {
    _BEGIN: "Signing in did not work this time. Please try again.",
    _END: "You are signed out on our side, but your browser could not be told. Please load this page again.",
}


def _https() -> bool:
    """The browser came by https: it says so itself when it connects."""
    return (st.context.headers.get("Origin") or "").startswith("https://")


def token() -> str | None:
    """The session token this page connected with, if any."""
    return read(st.context.cookies, COOKIE, _https())


def device() -> str | None:
    """What the browser holds of earlier sign-ins (`core.people.devices`)."""
    return read(st.context.cookies, DEVICE, _https())


def address() -> str:
    """Where the visitor comes from, to slow down guessing: as the server knows it, or as a trusted proxy said."""
    return st.context.ip_address or "local"


def actor() -> Actor | None:
    """Who is signed in, asked of the database at every run; None for nobody.

    What a page remembered is forgotten as soon as the session it belonged to is over.
    """
    found = sessions.actor_of(token())
    before, after = st.session_state.get(WHO), found.account_id if found else None
    if before is not None and before != after:
        keep = {name: st.session_state[name] for name in (_PENDING, _FAILED) if name in st.session_state}
        st.session_state.clear()
        st.session_state.update(keep)
    st.session_state[WHO] = after
    return found


def still(who: Actor) -> None:
    """Raise NotAllowed unless this person is signed in here now.

    For what a button does before its page runs (`on_click`, `on_change`): no page has asked yet, and
    `who` is from the run before, so a tab left open could act once more after its session was ended.
    """
    found = sessions.actor_of(token())
    if found is None or found.account_id != who.account_id:
        raise NotAllowed("You are not signed in any more, so nothing was changed.", "Sign in and try again.")


def begin(who: Actor, to: str = "") -> None:
    """Sign this person in: at the end of the run the browser fetches the cookie and opens the page anew, or the page `to`."""
    _ask(_BEGIN, "Signing you in …", ticket=sessions.issue_ticket(who), to=to)


def end(text: str = "Signing you out …") -> None:
    """Sign out: the session is over in every tab at once, then the browser drops the cookie and goes home. `text` is shown meanwhile."""
    now = token()
    if now:
        sessions.end_session(now)
    _ask(_END, text, to="/")


def carry() -> None:
    """Show the element that talks to the session routes, when there is something to say. Every page calls this."""
    if _FAILED in st.session_state:
        st.warning(_TROUBLE[st.session_state.pop(_FAILED)], icon=":material/info:")
    if _PENDING in st.session_state:
        parts.element("session", data=st.session_state[_PENDING], key="session", on_failed_change=_failed)


def _ask(route: str, text: str, **more: Any) -> None:
    st.session_state.pop(_FAILED, None)
    st.session_state[_PENDING] = {"id": uuid4().hex, "route": route, "text": text, **more}


def _failed() -> None:
    asked = st.session_state.pop(_PENDING, None) or {}
    st.session_state[_FAILED] = asked.get("route", _BEGIN)
