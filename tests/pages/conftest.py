"""Pages under AppTest: a database of their own (`house`), and a page opened as somebody through a real session."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import streamlit as st
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core.people import accounts, consent, sessions
from core.people.policy import Actor, Role
from core.web.cookie import COOKIE
from tests.core.house import _tables as _tables
from tests.core.house import house as house
from tests.core.house import own

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "four quiet words here"
OpenPage = Callable[..., AppTest]


def text(app: AppTest) -> str:
    """Everything a page says in words."""
    return "\n".join(part.value for kind in (app.title, app.subheader, app.markdown, app.info, app.warning) for part in kind)


def links(app: AppTest) -> list[str]:
    """The labels of the links to pages."""
    return [link.proto.label for link in app.get("page_link")]


def talk_of(app: AppTest) -> dict[str, Any] | None:
    """What the element with the messages was given; None where the page shows none."""
    given = [json.loads(one.proto.json) for one in app.get("bidi_component") if getattr(one.proto, "json", "")]
    return next((data for data in given if "lines" in data), None)


def writes(app: AppTest) -> bool:
    """The page has messages and a line to write in."""
    told = talk_of(app)
    return told is not None and bool(told["open"])


@pytest.fixture
def someone(house: Path) -> Callable[[Role], Actor]:
    """A new account of a role, made the way the clinic makes it."""

    def make(role: Role = "patient") -> Actor:
        return accounts.create_account(
            email=f"{role}.{uuid4().hex[:8]}@example.org", password=PASSWORD, name=f"Some {role.title()}", role=role
        )

    return make


@pytest.fixture
def ana(someone: Callable[[Role], Actor]) -> Actor:
    """A new patient."""
    return someone("patient")


@pytest.fixture
def lena(someone: Callable[[Role], Actor], ana: Actor) -> Actor:
    """A new doctor whom Ana lets in."""
    doctor = someone("doctor")
    consent.let_in(ana, own(ana), doctor.account_id)
    return doctor


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """What Streamlit keeps of computed things is forgotten, before and after."""
    st.cache_data.clear()
    yield
    st.cache_data.clear()


@pytest.fixture
def open_page(house: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """`open_page("pages/Account.py", actor)`: the page as its first run left it; no actor: as a visitor.

    The actor gets a real session (ticket, token); only the browser's cookie jar is stood in for.
    """

    monkeypatch.chdir(ROOT)

    def run(path: str, actor: Actor | None = None) -> AppTest:
        token = sessions.redeem_ticket(sessions.issue_ticket(actor), "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0") if actor else None
        monkeypatch.setattr(ContextProxy, "cookies", property(lambda self: {COOKIE: token} if token else {}))
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
        if path != "Home.py":
            app.switch_page(path)
        return app.run()

    return run
