"""The frame of every page: `with page("Title").column:` is how each of them begins."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, NotAllowed
from core.people.policy import Actor
from core.settings import ROOT, settings
from core.ui import guard, menu, parts, session, sign_in, trouble

ASSETS = Path(__file__).parent / "assets"
STYLE = Path(__file__).parent / "style.css"
WELCOME_WIDTH = 1120
"""Of the column a visitor sees on Home, in px: there is no menu beside it."""


class Column:
    """The column a page writes in. An error meant for people that leaves it is shown in it, as a sentence."""

    def __init__(self, container: Any) -> None:
        self.container = container
        self._stack = ExitStack()

    def __enter__(self) -> Any:
        self._stack.enter_context(self.container)
        return self.container

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        shown = isinstance(error, CareLensError)
        if isinstance(error, CareLensError):
            trouble.show(error)
        self._stack.close()
        return shown


@dataclass(frozen=True)
class Here:
    """Where a page is: the column to write in and the person who is looking."""

    column: Column
    actor: Actor

    @property
    def person_id(self) -> UUID:
        """The person the account now acts for; NotAllowed for accounts that act for nobody (doctors)."""
        chosen: UUID | None = st.session_state.get("_person")
        if chosen in self.actor.person_ids and chosen is not None:
            return chosen
        if not self.actor.person_ids:
            raise NotAllowed("This account has no records of its own.", "Sign in with a patient's account.")
        return min(self.actor.person_ids, key=str)


def page(
    title: str,
    allow: Collection[str] = ("patient",),
    width: int | Literal["stretch"] = 900,
    welcome: sign_in.Welcome | None = None,
) -> Here:
    """Begin a page: settings, style, guard, menu, demo banner. Returns only for a person who may be here.

    `allow`: roles that may see the page. `width`: of the column in px ("stretch" for desks; phones
    always use their full width). `welcome` is drawn beside and below the sign-in form for a visitor;
    without it the form names the page that was asked for. Anyone else gets the sign-in form or a refusal
    in place, and the run ends.
    """
    st.set_page_config(f"{title} · CareLens", ASSETS / "icon.svg", layout="wide")
    st.html(STYLE)
    st.logo(ASSETS / "logo.svg", size="large", icon_image=ASSETS / "logo.svg")
    try:
        actor, error = session.actor(), None
    except CareLensError as caught:
        actor, error = None, caught
    column = st.container(width=WELCOME_WIDTH if actor is None and welcome else width)
    with column:
        if settings().demo:
            with st.container(key="demo_banner"):
                parts.note(":material/info: Demo clinic. People are made up, pictures are drawn.")
        if error is not None:
            st.title(title, anchor=False)
            trouble.show(error)
            st.stop()
        session.carry()
        if actor is None:
            sign_in.screen(title, welcome)
            st.stop()
    menu.draw(actor)
    if guard.judge(actor, allow) is not guard.Verdict.WELCOME:
        with column:
            _refusal(title, allow)
        st.stop()
    return Here(Column(column), actor)


def _refusal(title: str, allow: Collection[str]) -> None:
    st.title(title, anchor=False)
    with st.container(border=True):
        whom = parts.listed([guard.ROLES[role] for role in allow], last="and")
        parts.titled("This page is not for your account.", icon="lock")
        st.markdown(f"It is for {whom}. You have not done anything wrong.")
        if (ROOT / "Home.py").exists():
            st.page_link("Home.py", label="Back to Home", icon=":material/home:")
