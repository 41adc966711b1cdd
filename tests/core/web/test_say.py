"""What an open page sends: once, in order, only by the two sides, and never lost without a word."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.people.policy import Actor
from core.photo import encode_png
from core.records.conversations import begin, count_unread
from core.records.message_tables import LONGEST
from core.records.messages import list_messages, message_photo
from core.settings import settings
from core.web import say, talk
from core.web.cookie import COOKIE
from core.web.pace import MOST, Pace
from tests.core.clinic_people import SignedIn, two
from tests.core.house import a_photo, embedded, own

HOME = {"origin": "http://carelens.test"}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(say, "PACE", Pace(say.PACE.per_minute))
    monkeypatch.setattr(talk, "PACE", Pace(talk.PACE.per_minute))


def send(client, who, id, text="Hello", photo=None, headers=HOME, **more):
    """The answer to `who` (a SignedIn, or None for nobody)."""
    client.cookies.clear()
    if who is not None:
        client.cookies.set(COOKIE, who.token)
    fields = {"text": text, "token": uuid4().hex, "after": "0"} | more
    files = {name: (None, value) for name, value in fields.items() if value is not None}
    if photo is not None:
        files["photo"] = ("IMG 1.png", photo)
    return client.post(f"/talk/{id}/message", files=files, headers=headers)


def texts(actor: Actor, id):
    return [one.text for one in list_messages(actor, id)]


def test_what_is_sent_stands_in_the_answer_with_all_that_is_new(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    odd = "<b>x</b>\n ä🌙\u202e\"'&" + "🌙" * (LONGEST - 20)
    answer = send(client, ana, id, odd)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert [(one["text"], one["who"]) for one in answer.json()["lines"]] == [(odd, "You")] and count_unread(lena.actor) == 1
    assert send(client, ana, id, "a\r\nb\nc").json()["lines"][-1]["text"] == "a\nb\nc"
    told = send(client, lena, id, "Since when?").json()
    assert [one["text"] for one in told["lines"]] == [odd, "a\nb\nc", "Since when?"] and count_unread(lena.actor) == 0
    assert [one["number"] for one in send(client, ana, id, "May", after="3").json()["lines"]] == [4]


def test_a_try_that_is_made_again_sends_nothing_twice(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    tokens = [uuid4().hex for _ in range(4)]
    order = [0, 0, 1, 2, 1, 3, 3, 2]
    for at in order:
        assert send(client, ana, id, f"message {at}", token=tokens[at]).status_code == 200
    assert texts(ana.actor, id) == [f"message {at}" for at in range(4)]


def test_a_photo_goes_through_the_intake(client, home):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    (line,) = send(client, ana, id, "", encode_png(a_photo().pixels)).json()["lines"]
    assert line["photo"] and message_photo(lena.actor, UUID(line["id"]), small=True)
    refused = send(client, ana, id, "look", b"not a picture at all")
    assert refused.status_code == 422 and refused.json()["error"].endswith(".") and refused.json()["hint"]
    assert len(texts(ana.actor, id)) == 1, "nothing of it was sent, not even its text"


def test_what_cannot_be_sent_says_why(client, monkeypatch):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    long = send(client, ana, id, "x" * (LONGEST + 1))
    assert long.status_code == 422 and "too long" in long.json()["error"] and "two parts" in long.json()["hint"]
    assert send(client, ana, id, "  ").status_code == 422
    assert send(client, ana, id, "x" * 6 * LONGEST).status_code == 400, "no page lets that much be written"
    wrong = [{"token": "x"}, {"token": None}, {"after": "-1"}, {"after": "x"}, {"after": None}, {"more": "1"}]
    for fields in wrong:
        answer = send(client, ana, id, **fields)
        assert (answer.status_code, answer.json()["error"]) == (400, say.WRONG), fields
    for body, kind, status in ((b"{}", "application/json", 415), (b"--x\r\nno form", "multipart/form-data; boundary=y", 400),
                               (b"x", "multipart/form-data", 400)):  # fmt: skip
        answer = client.post(f"/talk/{id}/message", content=body, headers=HOME | {"content-type": kind})
        assert answer.status_code == status, kind
    monkeypatch.setattr(settings(), "max_upload_mb", 1)
    assert send(client, ana, id, "x", random.randbytes(1_200_000)).status_code == 413
    assert texts(ana.actor, id) == []


def test_nobody_else_sends_anything(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    omar = SignedIn("Omar", "doctor")
    ana.let_in(omar)
    for who, status in ((SignedIn("Eve"), 404), (omar, 404), (SignedIn("Ada", "admin"), 404), (SignedIn("Sam", "staff"), 404), (None, 401)):
        assert send(client, who, id).status_code == status
    for unknown in (uuid4(), "x", "1" * 300):
        assert send(client, ana, unknown).status_code == 404
    for headers in ({}, {"origin": "http://elsewhere.test"}, {"origin": "null"}):
        assert send(client, ana, id, headers=headers).status_code == 403
    client.cookies.set(COOKIE, ana.token)
    for method in ("GET", "PUT", "DELETE"):
        assert client.request(method, f"/talk/{id}/message", headers=HOME).status_code == 405
    ana.shut_out(lena)
    assert send(client, lena, id).status_code == 404 and send(client, ana, id).status_code == 403
    assert texts(ana.actor, id) == []


@embedded
def test_a_page_that_runs_wild_waits_and_others_do_not(client, monkeypatch):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    monkeypatch.setattr(say, "PACE", Pace(8))
    got = [send(client, ana, id, str(at)) for at in range(3)]
    assert [one.status_code for one in got] == [200, 200, 429] and 1 <= int(got[2].headers["retry-after"]) <= 8
    assert send(client, lena, id, "from the other side").status_code == 200
    assert texts(ana.actor, id) == ["0", "1", "from the other side"]
    monkeypatch.setattr(talk, "PACE", Pace(4))
    client.cookies.set(COOKIE, lena.token)
    codes = [client.post(f"/talk/{id}", json={"after": 0}, headers=HOME).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_the_pace_is_kept_for_each_and_forgets_who_may_come_again():
    pace, start = Pace(60), datetime(2026, 1, 1, tzinfo=UTC)
    assert [pace.spend("a", start) for _ in range(15)] == [timedelta(0)] * 15
    assert pace.spend("a", start) == timedelta(seconds=1) and pace.spend("b", start) == timedelta(0)
    assert pace.spend("a", start + timedelta(seconds=1)) == timedelta(0), "a refused one is not counted"
    for at in range(MOST):
        pace.spend(at, start)
    pace.spend("c", start + timedelta(minutes=1))
    assert len(pace._free_at) == 1
