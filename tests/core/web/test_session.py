"""The session routes: who may call them, and what they leave behind."""

from __future__ import annotations

import sqlite3

import pytest

from core.people import devices, sessions
from core.settings import settings
from core.web.cookie import COOKIE, DEVICE

ORIGIN = {"Origin": "http://carelens.test"}


def begin(client, ticket, **headers):
    return client.post("/session", content=ticket, headers={**ORIGIN, **headers})


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(client, patient):
    answer = begin(client, sessions.issue_ticket(patient))
    assert answer.status_code == 204 and answer.headers["cache-control"] == "no-store"
    parts = [part.strip() for part in answer.headers.get_list("set-cookie")[0].split(";")]
    assert parts[0].startswith(f"{COOKIE}=")
    assert set(parts[1:]) == {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Strict"}
    assert sessions.actor_of(client.cookies[COOKIE]).account_id == patient.account_id


@pytest.mark.parametrize("forwarded", ["https", "https,http"])
def test_the_cookie_is_secure_behind_https(client, patient, forwarded):
    answer = begin(client, sessions.issue_ticket(patient), **{"X-Forwarded-Proto": forwarded})
    session, device = answer.headers.get_list("set-cookie")
    assert session.startswith(f"__Host-{COOKIE}=") and device.startswith(f"__Host-{DEVICE}=")
    assert all("Secure" in cookie.split("; ") and "Domain" not in cookie for cookie in (session, device))


def test_a_ticket_works_once(client, patient):
    ticket = sessions.issue_ticket(patient)
    assert begin(client, ticket).status_code == 204
    again = begin(client, ticket)
    assert again.status_code == 400 and "set-cookie" not in again.headers


def test_the_database_holds_no_token(client, patient, home):
    begin(client, sessions.issue_ticket(patient))
    token = client.cookies[COOKIE]
    with sqlite3.connect(home / "carelens.db") as database:
        everything = "\n".join(database.iterdump())
    assert token not in everything and "mia@example.org" in everything


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.test",
        "http://carelens.test.evil.test",
        "http://evil.test/carelens.test",
        "http://carelens.test:8080",
        "http://carelens.test@evil.test",
        "http://[",
    ],
)
@pytest.mark.parametrize("path", ["/session", "/session/end"])
def test_only_a_page_of_this_site_may_ask(client, patient, origin, path):
    ticket = sessions.issue_ticket(patient)
    answer = client.post(path, content=ticket, headers={"Origin": origin} if origin else {})
    assert answer.status_code == 403 and list(answer.json()) == ["error"] and "set-cookie" not in answer.headers
    assert begin(client, ticket).status_code == 204, "the refusal must not use the ticket up"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/session", "/session/end"])
def test_other_methods_are_refused_in_json(client, home, method, path):
    answer = client.request(method, path, headers=ORIGIN)
    assert answer.status_code == 405 and answer.headers["allow"] == "POST" and answer.json() == {"error": "Use POST."}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"  \n", 400), (b"nothing-like-a-ticket", 400), (b"\xff\xfe", 400), (b"x" * 513, 413), (b"x" * 10**6, 413)],
)
def test_a_body_that_is_no_ticket(client, home, body, status):
    answer = begin(client, body)
    assert answer.status_code == status and list(answer.json()) == ["error"] and "set-cookie" not in answer.headers


def test_ending_a_session_ends_it_for_everyone_who_holds_the_cookie(client, patient):
    begin(client, sessions.issue_ticket(patient))
    token = client.cookies[COOKIE]
    answer = client.post("/session/end", headers=ORIGIN)
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"] and answer.headers["set-cookie"].startswith(f"{COOKIE}=;")
    assert sessions.actor_of(token) is None
    assert client.post("/session/end", headers={**ORIGIN, "Cookie": f"{COOKIE}={token}"}).status_code == 204


@pytest.mark.parametrize("cookie", ["", "a=b; c", f"{COOKIE}=", f"{COOKIE}=made-up", '"broken; =;;' + "x" * 300])
def test_ending_nothing_is_no_error(client, home, cookie):
    assert client.post("/session/end", headers={**ORIGIN, "Cookie": cookie}).status_code == 204


def test_an_odd_cookie_of_another_app_on_this_machine_hides_ours_from_nobody(client, patient):
    token = sessions.redeem_ticket(sessions.issue_ticket(patient))
    odd = f'theirs={{"a": 1, "b": "c d"}}; {COOKIE}={token}; x=y'
    assert client.post("/session/end", headers={**ORIGIN, "Cookie": odd}).status_code == 204
    assert sessions.actor_of(token) is None


def test_a_database_that_is_down_is_said_so(client, patient, monkeypatch, tmp_path):
    ticket = sessions.issue_ticket(patient)
    monkeypatch.setenv("CARELENS_DATABASE_URL", f"sqlite:///{tmp_path / 'without-tables.db'}")
    settings.cache_clear()
    answer = begin(client, ticket)
    assert answer.status_code == 503 and answer.json()["error"] and "set-cookie" not in answer.headers


def test_with_https_only_the_cookie_with_the_prefix_counts(client, patient):
    token = sessions.redeem_ticket(sessions.issue_ticket(patient))
    https = {**ORIGIN, "X-Forwarded-Proto": "https"}
    client.post("/session/end", headers={**https, "Cookie": f"{COOKIE}={token}"})
    assert sessions.actor_of(token), "a plain cookie may be planted by anyone on the way"
    client.post("/session/end", headers={**https, "Cookie": f"{COOKIE}=planted; __Host-{COOKIE}={token}"})
    assert sessions.actor_of(token) is None


def test_a_browser_is_known_again_and_the_mark_opens_nothing(client, patient):
    begin(client, sessions.issue_ticket(patient))
    mark = client.cookies[DEVICE]
    assert devices.known(mark, patient.account_id) and sessions.actor_of(mark) is None
    client.post("/session/end", headers=ORIGIN)
    assert client.cookies[DEVICE] == mark, "signing out does not forget it"
    begin(client, sessions.issue_ticket(patient))
    assert client.cookies[DEVICE] == mark, "and signing in again brings no new count of guesses"


def test_guessing_tickets(client, patient):
    answers = [begin(client, f"guess-{number}") for number in range(55)]
    assert [answer.status_code for answer in answers] == [400] * 50 + [429] * 5
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60 and "set-cookie" not in answers[-1].headers
    assert begin(client, sessions.issue_ticket(patient)).status_code == 204, "a real one does not wait for a neighbour's guesses"
