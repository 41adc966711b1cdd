"""The frame of every page: `with page("Title").column:` is how each of them begins."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, NotAllowed
from core.people.policy import Actor
from core.records.tables import PersonPublic
from core.settings import ROOT, settings
from core.ui import guard, menu, parts, session, sign_in, trouble, whom

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
    person: PersonPublic | None = None
    """Who was chosen at the top of the page; None where there is nothing to choose."""

    @property
    def who(self) -> str:
        """The name of who was chosen; empty where there is nothing to choose."""
        return self.person.display_name if self.person else ""

    @property
    def person_id(self) -> UUID:
        """The person the account now acts for; NotAllowed for accounts that act for nobody (doctors)."""
        if self.person is not None:
            return self.person.id
        if not self.actor.person_ids:
            raise NotAllowed("This account has no records of its own.", "Sign in with a patient's account.")
        return min(self.actor.person_ids, key=str) if len(self.actor.person_ids) == 1 else whom.remembered(self.actor)


def page(
    title: str,
    allow: Collection[str] = ("patient",),
    width: int | Literal["stretch"] = 900,
    welcome: sign_in.Welcome | None = None,
    personal: bool | None = None,
    first: Callable[[], bool] | None = None,
) -> Here:
    """Begin a page: settings, style, guard, menu, demo banner. Returns only for a person who may be here.

    `allow`: roles that may see the page. `width`: of the column in px ("stretch" for desks; phones
    always use their full width). `welcome` is drawn beside and below the sign-in form for a visitor;
    without it the form names the page that was asked for. Anyone else gets the sign-in form or a refusal
    in place, and the run ends. `personal`: the page is about one person, who can be chosen at its top where
    the account acts for several (None: pages for patients alone are). `first` comes before the guard and
    ends the run when it returns True: what a link from a mail opens is for visitors.
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
        if first is not None and first():
            st.stop()
        if actor is None:
            sign_in.screen(title, welcome)
            st.stop()
    menu.draw(actor)
    if guard.judge(actor, allow) is not guard.Verdict.WELCOME:
        with column:
            _refusal(title, allow)
        st.stop()
    person = None
    if personal if personal is not None else set(allow) == {"patient"}:
        with column:
            try:
                person = whom.choose(actor)
            except CareLensError as caught:
                trouble.show(caught)
                st.stop()
    return Here(Column(column), actor, person)


def _refusal(title: str, allow: Collection[str]) -> None:
    st.title(title, anchor=False)
    with st.container(border=True):
        whom = parts.listed([guard.ROLES[role] for role in allow], last="and")
        parts.titled("This page is not for your account.", icon="lock")
        st.markdown(f"It is for {whom}. You have not done anything wrong.")
        if (ROOT / "Home.py").exists():
            st.page_link("Home.py", label="Back to Home", icon=":material/home:")
