"""The routes beside the pages, without Streamlit: a small ASGI app around them and a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.people import accounts
from core.people.policy import Actor
from core.web import app
from tests.core.house import _tables as _tables
from tests.core.house import house as house


@pytest.fixture
def home(house: Path) -> Path:
    """An empty, migrated database; its folder."""
    return house


@pytest.fixture
def patient(home: Path) -> Actor:
    """A patient."""
    return accounts.sign_up("mia@example.org", "four quiet words here", "Mia Lind")


@pytest.fixture
def client(home: Path) -> TestClient:
    """A browser of sorts: keeps cookies, sends what it is told."""
    return TestClient(Starlette(routes=app.routes(), middleware=app.middleware()), base_url="http://carelens.test")
