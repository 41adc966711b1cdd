"""What happens before the first visitor."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from core.errors import NotAllowed
from core.people import accounts
from core.settings import settings
from core.web import app


@pytest.fixture(autouse=True)
def fresh_settings():
    yield
    settings.cache_clear()


def test_real_people_and_a_known_secret_do_not_start(monkeypatch, capsys):
    monkeypatch.setenv("CARELENS_DEMO", "0")
    monkeypatch.setenv("CARELENS_SECRET_KEY", "change-me")
    settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        app.refuse_to_start_unsafe()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "CARELENS_SECRET_KEY" in said and "Traceback" not in said
    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    app.refuse_to_start_unsafe()


def test_prepare_makes_the_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CARELENS_HOME", str(tmp_path))
    settings.cache_clear()
    app.prepare()
    with sqlite3.connect(tmp_path / "carelens.db") as database:
        assert {"account", "person"} <= {name for (name,) in database.execute("select name from sqlite_master")}


def test_a_database_that_is_down_does_not_stop_the_server(monkeypatch, caplog):
    monkeypatch.setenv("CARELENS_HOME", "/proc/nowhere")
    settings.cache_clear()
    app.prepare()
    assert "the database is not ready" in caplog.text


def test_the_demo_refuses_the_database_of_real_people(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CARELENS_HOME", str(tmp_path))
    monkeypatch.delenv("CARELENS_DEMO", raising=False)
    settings.cache_clear()
    app.prepare()
    accounts.sign_up("mia@example.org", "four quiet words here", "Mia Lind")
    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    with pytest.raises(NotAllowed):
        app.prepare()
    assert "does not start" in capsys.readouterr().err


def test_a_fault_in_one_turn_of_tidying_ends_neither_the_others_nor_the_thread(monkeypatch, caplog):
    over, turns = threading.Event(), []

    def broken() -> None:
        turns.append("broken")
        if len(turns) > 3:
            over.set()
        raise ZeroDivisionError("of the row of somebody@example.org")

    monkeypatch.setattr(app, "TIDY_EVERY", 0.01)
    monkeypatch.setattr(app.erase, "finish_quietly", broken)
    monkeypatch.setattr(app.reminding, "remind_quietly", lambda: turns.append("reminded"))
    app.tidy(over)
    assert turns[:4] == ["broken", "reminded"] * 2 and "ZeroDivisionError" in caplog.text


def test_the_pages_frame_does_not_import_torch():
    code = "import sys, core.web.app, core.ui.page, core.ui.home, core.ui.account; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
