"""The command line, as a person at a terminal uses it."""

from __future__ import annotations

import http.server
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import admin
from core.errors import NotFound
from core.people.accounts import check_password, list_accounts, sign_up
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import database
from core.records.photos import store
from core.settings import ROOT, settings
from tests.core.house import _tables as _tables
from tests.core.house import a_finding, a_photo, own, somebody
from tests.core.house import house as house

pytestmark = pytest.mark.usefixtures("house")

GOOD = "seven green bottles"
CREATE = ["create-account", "--role", "doctor", "--email", "Lena@Example.org", "--name", "Dr Lena Osei", "--password-stdin"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(GOOD + "\n"))


def usage_error(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        admin.main(arguments)
    assert ended.value.code == 2


@pytest.mark.usefixtures("typed")
def test_a_doctor_is_made_and_signs_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(CREATE) == 0
    assert capsys.readouterr().out == "Made the doctor account of Dr Lena Osei, lena@example.org.\n"
    assert check_password("lena@example.org", GOOD).role == "doctor"


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv("CARELENS_SESSION_DAYS", "many-4711")
        settings.cache_clear()
        assert admin.main(["list-accounts"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("A setting cannot be used. CARELENS_SESSION_DAYS: ") and "4711" not in said and "Traceback" not in said


def test_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    usage_error()
    usage_error("dance")
    usage_error(*["owner" if word == "doctor" else word for word in CREATE])
    assert "owner" in capsys.readouterr().err
    usage_error("create-account", "--role", "doctor")
    assert list_accounts() == []


@pytest.mark.parametrize(
    ("email", "password", "why"),
    [
        ("lena", GOOD, "e-mail"),
        ("lena@example.org", "short", "too short"),
        ("lena@example.org", "", "too short"),
        ("ana@example.org", GOOD, "already"),
    ],
)
def test_what_cannot_be_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], email: str, password: str, why: str
) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    monkeypatch.setattr(sys, "stdin", io.StringIO(password))
    assert admin.main(["create-account", "--role", "admin", "--email", email, "--name", "L", "--password-stdin"]) == 1
    shown = capsys.readouterr()
    assert why in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert len(list_accounts()) == 1


def test_typed_passwords_must_agree(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed = iter([GOOD, GOOD + "x", GOOD, GOOD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert admin.main(CREATE[:-1]) == 1
    assert "differ" in capsys.readouterr().err
    assert admin.main(CREATE[:-1]) == 0
    assert check_password("lena@example.org", GOOD)


@pytest.mark.usefixtures("typed")
def test_a_new_password_signs_out_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    actor = sign_up("ana@example.org", "the old password", "Ana")
    token = redeem_ticket(issue_ticket(actor))
    assert admin.main(["set-password", "--email", "eve@example.org", "--password-stdin"]) == 1
    assert "no account" in capsys.readouterr().err
    assert admin.main(["set-password", "--email", "ANA@example.org", "--password-stdin"]) == 0
    assert check_password("ana@example.org", GOOD)
    assert actor_of(token) is None


def test_the_list_has_nothing_medical(capsys: pytest.CaptureFixture[str]) -> None:
    from core.records.findings import save_finding

    actor = sign_up("ana@example.org", GOOD, "Ana Ruiz")
    save_finding(actor, own(actor), a_photo(), a_finding(), site="back")
    assert admin.main(["list-accounts"]) == 0
    out = capsys.readouterr().out
    assert out.split()[:2] == ["patient", "ana@example.org"]
    assert out.rstrip().endswith("Ana Ruiz")
    assert len(out.splitlines()) == 1
    for word in ("back", "nv", "mel", "soon", "argon2", str(own(actor))):
        assert word not in out


def test_check_and_repair(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    somebody()
    key = store().put(b"left behind")
    assert admin.main(["check"]) == 0  # too young: its finding may be on its way
    assert capsys.readouterr().out.endswith("Everything is in order.\n")
    os.utime(house / "photos" / key[:2] / key[2:4] / key, (0, 0))
    assert admin.main(["check"]) == 1
    shown = capsys.readouterr()
    assert "Pictures that belong to no finding: 1 (--repair removes them)\n" in shown.out
    assert "Not everything is in order." in shown.err
    assert admin.main(["check", "--repair"]) == 0
    assert "Pictures that belong to no finding: 1, removed\n" in capsys.readouterr().out
    with pytest.raises(NotFound):
        store().get(key)


def test_backup_and_restore(tmp_path: Path, house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from core.records.findings import list_records, save_finding

    actor = sign_up("ana@example.org", GOOD, "Ana Ruiz")
    save_finding(actor, own(actor), a_photo(), a_finding(), site="back")
    file = str(tmp_path / "all.zip")
    assert admin.main(["backup", file]) == 0
    assert "and 4 pictures." in capsys.readouterr().out
    assert admin.main(["backup", file]) == 1
    assert "already a file" in capsys.readouterr().err
    assert admin.main(["restore", file]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    monkeypatch.setenv("CARELENS_HOME", str(tmp_path / "new"))
    settings.cache_clear()
    assert admin.main(["restore", file]) == 0
    assert "and 4 pictures." in capsys.readouterr().out
    assert check_password("ana@example.org", GOOD) == actor
    assert len(list_records(actor, own(actor))) == 1
    assert admin.main(["check"]) == 0
    usage_error("backup")


def test_without_tables_it_says_what_to_do_and_migrate_does_it(capsys: pytest.CaptureFixture[str]) -> None:
    database.migrate("base")
    assert admin.main(["list-accounts"]) == 1
    assert "core.admin migrate" in capsys.readouterr().err
    assert admin.main(["migrate"]) == 0
    assert admin.main(["list-accounts"]) == 0


def test_demo_reset_outside_the_demo_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    assert admin.main(["demo-reset"]) == 1
    assert "not the demo clinic" in capsys.readouterr().err
    assert len(list_accounts()) == 1


class _Health(http.server.BaseHTTPRequestHandler):
    answer: tuple[int, bytes] = (200, b"")

    def do_GET(self) -> None:
        status, body = self.answer if self.path == "/healthz" else (404, b"")
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Health) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_health(server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    good = {"status": "ok", "database": "ok", "networks": {"skin_lesion": {"state": "ready", "version": "1.0", "reason": ""}}}
    monkeypatch.setattr(_Health, "answer", (200, json.dumps(good).encode()))
    for url in (server, server + "/", server + "/healthz"):
        assert admin.main(["health", "--url", url]) == 0
        assert capsys.readouterr().out.splitlines() == ["status: ok", "database: ok", "networks/skin_lesion: ready 1.0"]
    monkeypatch.setattr(_Health, "answer", (503, json.dumps({**good, "database": "unavailable"}).encode()))
    assert admin.main(["health", "--url", server]) == 1
    shown = capsys.readouterr()
    assert "database: unavailable" in shown.out
    assert "503" in shown.err
    monkeypatch.setattr(_Health, "answer", (200, b"<html>another server</html>"))
    assert admin.main(["health", "--url", server]) == 1


def test_health_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["health", "--url", "http://127.0.0.1:9", "--timeout", "1"]) == 1
    assert "no CareLens" in capsys.readouterr().err


def test_as_a_program_from_any_folder(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CARELENS_HOME": str(tmp_path / "new")}
    for arguments, code in ((["migrate"], 0), (["list-accounts"], 0), (["list-accounts", "--all"], 2)):
        done = subprocess.run(
            [sys.executable, "-m", "core.admin", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr


def test_an_account_is_erased_once_its_address_is_typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from core.records.findings import save_finding

    ana, eve = sign_up("ana@example.org", GOOD, "Ana"), sign_up("eve@example.org", GOOD, "Eve")
    for actor in (ana, eve):
        save_finding(actor, own(actor), a_photo(), a_finding())
    command = ["erase-account", "--email", "ANA@example.org"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("eve@example.org\n"))
    assert admin.main(command) == 1 and len(list_accounts()) == 2
    assert "Nothing was erased" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO("ana@example.org\n"))
    assert admin.main(command) == 0
    assert "Erased the account, 1 people and 1 findings." in capsys.readouterr().out
    assert [one.email for one in list_accounts()] == ["eve@example.org"] and len(store().keys()) == 4
    assert admin.main([*command, "--yes"]) == 1 and "no account" in capsys.readouterr().err
    assert admin.main(["erase-account", "--email", "eve@example.org", "--yes"]) == 0 and not store().keys()
