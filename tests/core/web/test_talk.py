"""What an open page asks for when it hears a word: only what is new, only for the two sides, and asked of this very site alone."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import event

from core.consult import lines
from core.people import sessions
from core.records import database
from core.records.conversations import begin, count_unread
from core.records.findings import save_finding
from core.records.message_tables import LONGEST
from core.records.messages import marks, send_message
from core.web.cookie import COOKIE
from core.web.talk import HIGHEST, read_body
from tests.core.clinic_people import SignedIn, two
from tests.core.house import a_finding, a_photo, embedded, own

HOME = {"origin": "http://carelens.test"}


def ask(client, who, id, body=None, headers=HOME, method="POST"):
    """The answer to `who` (a SignedIn, or None for nobody)."""
    client.cookies.clear()
    if who is not None:
        client.cookies.set(COOKIE, who.token)
    content = body if isinstance(body, bytes) else json.dumps(body if body is not None else {"after": 0}).encode()
    return client.request(method, f"/talk/{id}", content=content, headers=headers)


def test_it_gives_what_is_new_and_notes_that_it_was_seen(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    texts = ["<img src=x onerror=alert(1)>", "**no** [link](javascript:alert(1))", "ä🌙\u202e\n\"'&", "x" * LONGEST]
    for text in texts:
        send_message(ana.actor, id, text)
    answer = ask(client, lena, id)
    told = answer.json()
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    assert [(one["number"], one["text"], one["who"], one["ours"]) for one in told["lines"]] == [
        (at, text, "Ana 0", False) for at, text in enumerate(texts, 1)
    ]
    assert (told["older"], told["seen"], told["seen_at"], told["open"]) == (False, 0, None, True)
    assert count_unread(lena.actor) == 0 and marks(ana.actor, id).theirs == 4
    send_message(lena.actor, id, "Since when?")
    assert [one["number"] for one in ask(client, lena, id, {"after": 4}).json()["lines"]] == [5]
    hers = ask(client, ana, id, {"after": 3}).json()
    assert [(one["who"], one["ours"]) for one in hers["lines"]] == [("You", True), ("Lena", False)]
    assert hers["seen"] == 4 and hers["seen_at"] == marks(ana.actor, id).seen_at.isoformat()
    nothing = ask(client, ana, id, {"after": 5}).json()
    assert nothing["lines"] == [] and not nothing["older"]


def test_of_many_it_gives_the_newest_and_the_older_ones_when_asked(client, monkeypatch):
    monkeypatch.setattr(lines, "SHOWN", 3)
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    for text in "abcdefgh":
        send_message(ana.actor, id, text)

    def got(body):
        told = ask(client, ana, id, body).json()
        return "".join(one["text"] for one in told["lines"]), told["older"]

    assert got({"after": 0}) == ("fgh", True) and got({"after": 4}) == ("fgh", True) and got({"after": 5}) == ("fgh", False)
    assert got({"before": 6}) == ("cde", True) and got({"before": 3}) == ("ab", False) and got({"before": 1}) == ("", False)


def test_nobody_else_gets_anything(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    send_message(ana.actor, id, "A secret")
    omar = SignedIn("Omar", "doctor")
    ana.let_in(omar)
    others = [SignedIn("Eve"), omar, SignedIn("Ada", "admin"), SignedIn("Sam", "staff")]
    for who, status in [*((one, 404) for one in others), (None, 401)]:
        answer = ask(client, who, id)
        assert answer.status_code == status and "secret" not in answer.text and set(answer.json()) == {"error"}
    for unknown in (uuid4(), "x", "%00", "1" * 300):
        assert ask(client, ana, unknown).status_code == 404
    ana.shut_out(lena)
    assert ask(client, lena, id).status_code == 404, "at once"
    left = ask(client, ana, id).json()
    assert [one["text"] for one in left["lines"]] == ["A secret"] and left["open"] is False
    assert marks(ana.actor, id).theirs == 0, "and nobody of them has read it"
    sessions.end_session(ana.token)
    assert ask(client, ana, id).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"origin": "http://elsewhere.test"}, {"origin": "null"}, {"origin": "http://["}])
@embedded
def test_no_page_of_another_site_asks(client, headers):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    send_message(lena.actor, id, "A secret")
    answer = ask(client, ana, id, headers=headers)
    assert answer.status_code == 403 and "secret" not in answer.text and count_unread(ana.actor) == 1


@embedded
def test_only_a_question_is_answered(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    for method in ("GET", "PUT", "DELETE"):
        assert ask(client, ana, id, method=method).status_code == 405
    wrong = [b"", b"{", b"\xff\xfe", b"[]", b"{}", b'{"x": 1}', b'{"after": 1, "before": 2}', b'{"after": 1e400}']
    wrong += [b'{"after": %s}' % value for value in (b'"1"', b"true", b"1.5", b"-1", str(HIGHEST + 1).encode())]
    for body in wrong:
        assert ask(client, ana, id, body).status_code == 400, body
    assert ask(client, ana, id, b" " * 600).status_code == 413
    assert read_body(b'{"after": 7}') == (7, None) and read_body(b'{"before": 7}') == (0, 7)


@embedded
def test_a_finding_comes_with_its_own_words_and_the_look_is_written_down(client):
    ana, lena = two()
    record = save_finding(ana.actor, own(ana.actor), a_photo(), a_finding(), site="<b>arm</b>")
    id = begin(ana.actor, own(ana.actor), lena.id)
    send_message(ana.actor, id, "This", record_id=record.id)
    (line,) = ask(client, lena, id).json()["lines"]
    assert line["quote"]["id"] == str(record.id) and line["quote"]["site"] == "<b>arm</b>" and line["quote"]["says"].endswith(".")


@embedded
def test_a_look_costs_few_statements_however_long_the_conversation_is(client):
    """What makes fifty open pages bearable: no statement for every message."""
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    counts = []
    for many in (1, 30):
        for _ in range(many):
            send_message(ana.actor, id, "x")
        ask(client, ana, id)
        asked: list[str] = []

        def note(_c, _r, statement, *_more, asked=asked):
            asked.append(statement)

        event.listen(database.engine(), "before_cursor_execute", note)
        ask(client, ana, id)
        event.remove(database.engine(), "before_cursor_execute", note)
        counts.append(sum(statement.lstrip().startswith("SELECT") for statement in asked))
    assert counts[0] == counts[1] <= 9, counts
