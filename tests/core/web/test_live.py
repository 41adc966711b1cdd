"""The websocket of news: to the account's own pages, for as long as they are signed in, and to no page of another site."""

from __future__ import annotations

import threading

import pytest
from starlette.websockets import WebSocketDisconnect

from core.consult.hub import HUB
from core.people import sessions
from core.records.conversations import begin
from core.records.messages import mark_read, send_message
from core.records.news import topic_of
from core.web import live
from core.web.cookie import COOKIE
from tests.core.clinic_people import SignedIn, two
from tests.core.house import own

HOME = {"origin": "http://carelens.test"}


def test_it_says_so_when_a_message_comes(client):
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    client.cookies.set(COOKIE, lena.token)
    with client.websocket_connect("ws://carelens.test/live", headers=HOME) as socket:
        threading.Timer(0.1, send_message, (ana.actor, id, "Hello")).start()
        assert socket.receive_text() == f"news {id} 1 patient"
        socket.send_text("what is said here is not listened to")
        send_message(ana.actor, id, "Again")
        assert socket.receive_text() == f"news {id} 2 patient"
        mark_read(lena.actor, id, 2)  # one's own reading is no news
        send_message(lena.actor, id, "Since when?")
        assert socket.receive_text() == f"news {id} 3 doctor"
        mark_read(ana.actor, id, 3)
        assert socket.receive_text() == f"seen {id}"


def test_it_wakes_the_two_sides_and_nobody_else(client):
    """Of many open pages a message wakes those of its own conversation; a doctor's page on another patient hears which it was."""
    ana, lena = two()
    ben, omar = SignedIn("Ben"), SignedIn("Omar", "doctor")
    ben.let_in(omar)
    ana.let_in(omar)
    ids = [begin(ana.actor, own(ana.actor), lena.id), begin(ben.actor, own(ben.actor), omar.id)]
    heard = {who: [] for who in (ana, lena, ben, omar)}
    leave = [HUB.join(topic_of(who.id), words.append) for who, words in heard.items()]
    send_message(ana.actor, ids[0], "Hello")
    for end in leave:
        end()
    assert list(heard.values()) == [[f"news {ids[0]} 1 patient"]] * 2 + [[], []]


@pytest.mark.parametrize("headers", [{}, {"origin": "http://elsewhere.test"}, {"origin": "null"}, {"origin": "http://["}])
def test_no_page_of_another_site_opens_it(client, headers):
    _, lena = two()
    client.cookies.set(COOKIE, lena.token)
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("ws://carelens.test/live", headers=headers):
        pass
    assert refused.value.code == live.REFUSED


def test_nobody_signed_in_hears_nothing(client):
    for token in ("", "no token", "x" * 200):
        client.cookies.set(COOKIE, token)
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://carelens.test/live", headers=HOME):
            pass


def test_it_ends_with_the_sign_in_and_holds_only_so_many(client, monkeypatch):
    monkeypatch.setattr(live, "ASK_AGAIN", 0.05)
    monkeypatch.setattr(live, "MOST", 2)
    _, lena = two()
    client.cookies.set(COOKIE, lena.token)
    with (
        client.websocket_connect("ws://carelens.test/live", headers=HOME) as one,
        client.websocket_connect("ws://carelens.test/live", headers=HOME) as two_,
    ):
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("ws://carelens.test/live", headers=HOME):
            pass
        assert refused.value.code == live.FULL
        sessions.end_session(lena.token)
        for socket in (one, two_):
            with pytest.raises(WebSocketDisconnect) as ended:
                socket.receive_text()
            assert ended.value.code == live.ENDED
