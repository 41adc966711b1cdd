"""The API without the pages: what else is there, and when it does not start."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from core.settings import settings
from core.web.api.__main__ import main, site
from tests.core.web.api.test_door import is_problem


def test_there_is_the_api_and_how_the_house_is_and_nothing_else(home):
    client = TestClient(site(), base_url="http://carelens.test")
    assert client.get("/api/docs").status_code == 200 and client.get("/healthz").json()["database"] == "ok"
    assert client.get("/", follow_redirects=False).headers["location"] == "/api/docs"
    for path in ("/History", "/session", "/download/x", "/_stcore/health"):
        is_problem(client.get(path), 404, "not-found")
    is_problem(client.post("/session", content="x"), 404, "not-found")
    assert client.get("/api/docs").headers["x-frame-options"] == "DENY"


def test_real_people_and_a_known_secret_do_not_start(monkeypatch, capsys):
    monkeypatch.setenv("CARELENS_DEMO", "0")
    monkeypatch.setenv("CARELENS_SECRET_KEY", "change-me")
    settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        main(["--port", "0"])
    said = capsys.readouterr()
    assert ended.value.code == 1 and "CARELENS_SECRET_KEY" in said.err and said.out == ""
    settings.cache_clear()
