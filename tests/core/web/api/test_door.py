"""Who is let in: a token of its own and nothing else, for what it was made for, as often as it may."""

from __future__ import annotations

import logging

import pytest

from core.people import sessions, tokens
from core.people.accounts import create_account
from core.people.policy import SCOPES
from core.web.cookie import COOKIE
from tests.core.house import ask
from tests.core.web.api.conftest import EXAMINE, PASSWORD, jpeg, post, with_token

READING = ("/api/v1/persons", "/api/v1/records", "/api/v1/records/00000000-0000-4000-8000-000000000000")
ANY = ("/api/v1/token", "/api/v1/examinations", "/api/v1/models")


def is_problem(answer, status, name):
    """The answer is a problem of RFC 9457 with these."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json" and answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["status"], told["type"]) == (status, f"/api/docs#{name}") and told["title"] and told["detail"]
    return told


@pytest.mark.parametrize("path", [*READING, *ANY])
def test_nobody_gets_in_without_a_token(client, home, path):
    answer = client.get(path)
    is_problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic bWlhOnBhc3M=", "Bearer a b", "Bearer ä", "Token x", "Bearer carelens_no"]
)
def test_what_is_no_token_is_refused(client, home, header):
    is_problem(client.get("/api/v1/token", headers=[("authorization", header.encode())]), 401, "unauthorized")


def test_a_cookie_opens_nothing(client, patient, key):
    token = sessions.redeem_ticket(sessions.issue_ticket(patient))
    assert sessions.actor_of(token)
    for name in (COOKIE, f"__Host-{COOKIE}"):
        client.cookies.set(name, token)
    is_problem(client.get("/api/v1/records"), 401, "unauthorized")
    is_problem(client.post(EXAMINE, files={"photo": jpeg()}, headers={"Origin": "http://carelens.test"}), 401, "unauthorized")
    is_problem(client.get("/api/v1/records", headers={"Authorization": f"Bearer {token}"}), 401, "unauthorized")
    assert client.get("/api/v1/records", headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_two_tokens_at_once_are_none(client, key):
    twice = [("authorization", f"Bearer {key}"), ("authorization", f"Bearer {key}")]
    is_problem(client.get("/api/v1/token", headers=twice), 401, "unauthorized")


def test_a_token_in_the_address_is_none(client, key):
    is_problem(client.get(f"/api/v1/token?access_token={key}&token={key}"), 401, "unauthorized")


def test_it_says_whose_it_is(program, patient):
    told = program.get("/api/v1/token").json()
    assert (told["account"], told["role"], told["scopes"]) == ("mia@example.org", "patient", ["examine", "read", "write"])
    assert [one["id"] for one in told["persons"]] == [str(id) for id in patient.person_ids] and told["persons"][0]["name"] == "Mia Lind"


def test_a_token_for_one_thing_does_no_other(client, patient, toys):
    def having(*scopes):
        return with_token(client, tokens.make_token(patient, "One", scopes, 7, PASSWORD).secret)

    program = having("examine")
    assert post(program).status_code == 200
    answer = post(program, save="true")
    assert "scope write" in is_problem(answer, 403, "not-allowed")["detail"] and 'scope="write"' in answer.headers["www-authenticate"]
    for path in READING:
        assert 'error="insufficient_scope"' in client.get(path).headers["www-authenticate"]
    assert program.get("/api/v1/token").json()["persons"] == []
    program = having("read")
    assert program.get("/api/v1/records").json()["total"] == 0, "the refused one was not saved"
    is_problem(post(program), 403, "not-allowed")
    program = having("write")
    is_problem(post(program, save="true"), 403, "not-allowed")
    program = having("examine", "write")
    assert post(program, save="true").status_code == 201


def test_revoked_means_at_once(program, patient):
    assert program.get("/api/v1/token").status_code == 200
    tokens.revoke(patient, tokens.list_tokens(patient)[0].id)
    told = program.get("/api/v1/token")
    is_problem(told, 401, "unauthorized")
    assert 'error="invalid_token"' in told.headers["www-authenticate"]


@pytest.mark.parametrize(("role", "examines", "reads"), [("doctor", 200, 403), ("staff", 200, 403)])
def test_other_roles_see_no_record_of_anybody(client, patient, toys, role, examines, reads):
    other = create_account(email="o@example.org", password=PASSWORD, name="O", role=role)
    with_token(client, tokens.make_token(other, "O", SCOPES[role], 7, PASSWORD).secret)
    (person,) = patient.person_ids
    assert post(client).status_code == examines
    is_problem(post(client, save="true", person=str(person)), reads, "not-allowed")
    is_problem(client.get(f"/api/v1/records?person={person}"), reads, "not-allowed")


def test_too_many_requests_wait(few, program):
    assert program.get("/api/v1/token").status_code == 200
    answer = program.get("/api/v1/token")
    is_problem(answer, 429, "too-many-requests")
    assert 10 <= int(answer.headers["retry-after"]) <= 15, "a slice of a minute by four"
    assert post(program).status_code == 429
    # The slice is over: what is paid for lies in the past.
    ask("UPDATE api_token SET free_at = NULL")
    assert program.get("/api/v1/token").status_code == 200


def test_a_flood_of_guesses_is_slowed_down_and_keeps_nobody_out(client, key):
    statuses = [client.get("/api/v1/token", headers={"Authorization": f"Bearer carelens_{number:043}"}).status_code for number in range(60)]
    assert statuses[:49] == [401] * 49 and statuses[-1] == 429
    assert client.get("/api/v1/token", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_body_of_nobodys_is_not_read(client, home):
    read = []

    def body():
        for _ in range(3):
            read.append(1)
            yield b"x" * 1000

    is_problem(client.post(EXAMINE, content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"}), 401, "unauthorized")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1", "/api/v1/records/", "/api/v2/records", "/api/docs/more"])
def test_what_is_nowhere_is_a_problem_too(program, path):
    is_problem(program.get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_named(program, method):
    answer = program.request(method, "/api/v1/records", headers={"Origin": "https://evil.test", "Access-Control-Request-Method": "GET"})
    assert answer.status_code == 405 and answer.headers["allow"] == "GET"
    assert not [name for name in answer.headers if name.startswith("access-control")], "no other site's page may read it"


def test_nothing_of_anybody_is_in_the_log(program, key, caplog):
    caplog.set_level(logging.DEBUG, "carelens")
    saved = post(program, save="true", site="under the left breast").json()["record"]
    for path in ("", "/photo", "/heat", "/masks/lesion"):
        assert program.get(saved["href"] + path).status_code == 200
    program.get("/api/v1/records?person=00000000-0000-4000-8000-000000000000")
    text = caplog.text
    assert key not in text and "breast" not in text and "bright" not in text and saved["id"] not in text and "mia@" not in text


def test_security_headers_are_on_every_answer(program):
    for path in ("/api/docs", "/api/v1/token", "/api/nothing"):
        headers = program.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and "frame-ancestors 'none'" in headers["content-security-policy"]
