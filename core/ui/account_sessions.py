"""The Account page: where the account is signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.people import sessions
from core.people.policy import Actor
from core.settings import settings
from core.ui import moments, parts, session, trouble


def show(actor: Actor) -> None:
    """Every browser that is signed in, this one first to leave, the others to end."""
    known = [one for one in sessions.list_sessions(actor) if one.current or not settings().demo]  # in the demo the others are other people
    zone = moments.zone()
    with st.container(border=True, gap="small"):
        for one in known:
            with parts.row(wrap=False):
                below = "This browser" if one.current else f"Last seen {ago(one.last_seen_at, datetime.now(UTC))}"
                parts.titled(browser(one.user_agent), f"{below} · since {parts.day(moments.local(one.created_at, zone))}", "devices")
                if one.current:
                    st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=session.end)
                elif st.button("End", key=f"end_{one.id}", help="Sign this browser out"):
                    trouble.attempt(partial(sessions.end_session_by_id, actor, one.id), "That browser is signed out.")
        if len(known) > 1 and st.button("Sign out everywhere else", type="tertiary", key="end_others"):
            trouble.attempt(lambda: sessions.end_all(actor.account_id, keep=actor.session_id), "All other browsers are signed out.")


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
