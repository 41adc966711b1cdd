"""The websocket of calls: to its two sides and to nobody else, with what they say passed on as whose it is."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from starlette.websockets import WebSocketDisconnect

from core.people import sessions
from core.records.conversations import begin
from core.web import call
from core.web.cookie import COOKIE
from core.web.live import ENDED, FULL, REFUSED
from tests.core.clinic_people import SignedIn, two
from tests.core.house import own

HOME = "http://carelens.test"


@pytest.fixture
def pair(home):
    ana, lena = two()
    return ana, lena, begin(ana.actor, own(ana.actor), lena.id)


def enter(client, id, who=None, page="page-of-somebody", origin=HOME):
    client.cookies.clear()
    headers = {"origin": origin} | ({"cookie": f"{COOKIE}={who.token}"} if who else {})
    return client.websocket_connect(f"ws://carelens.test/call/{id}?client={page}", headers=headers)


def test_what_one_side_says_the_other_hears_with_who_said_it(client, pair):
    ana, lena, id = pair
    with enter(client, id, lena, "doctors-page") as doctor, enter(client, id, ana, "patients-page") as patient:
        assert doctor.receive_json() == {"kind": "welcome", "side": "doctor", "ice": [], "relay": False}
        assert patient.receive_json()["side"] == "patient"
        patient.send_json({"kind": "hello", "from": "doctors-page", "side": "doctor", "more": 1})
        assert doctor.receive_json() == {"kind": "hello", "to": None, "what": None, "from": "patients-page", "side": "patient"}
        for wrong in ("no json", "[]", "{}", json.dumps({"kind": "shout"}), json.dumps({"kind": "ice", "to": 7}), "x" * 70_000):
            doctor.send_text(wrong)
        doctor.send_json({"kind": "offer", "to": "another-page", "what": "not for the patient"})
        doctor.send_json({"kind": "offer", "to": "patients-page", "what": {"sdp": "v=0"}})
        assert patient.receive_json()["what"] == {"sdp": "v=0"}
        patient.close()
        assert doctor.receive_json()["kind"] == "bye"


def test_nobody_else_enters(client, pair):
    ana, lena, id = pair
    eve, omar, ada = SignedIn("Eve"), SignedIn("Omar", "doctor"), SignedIn("Ada", "admin")
    ana.let_in(omar)
    tries = [(id, who, HOME, "page-of-somebody") for who in (None, eve, omar, ada)]
    tries += [(id, lena, origin, "page-of-somebody") for origin in ("http://elsewhere.test", "null", "")]
    tries += [
        (uuid4(), lena, HOME, "page-of-somebody"),
        ("no-id", lena, HOME, "page-of-somebody"),
        (id, lena, HOME, "x"),
        (id, lena, HOME, ""),
    ]
    for room, who, origin, page in tries:
        with pytest.raises(WebSocketDisconnect) as refused, enter(client, room, who, page, origin):
            pass
        assert refused.value.code == REFUSED


def test_who_is_shut_out_or_signed_out_is_out_of_the_call(client, pair, monkeypatch):
    monkeypatch.setattr(call, "ASK_AGAIN", 0.05)
    ana, lena, id = pair
    with enter(client, id, lena) as doctor, enter(client, id, ana, "patients-page") as patient:
        for socket in (doctor, patient):
            assert socket.receive_json()["kind"] == "welcome"
        ana.shut_out(lena)
        with pytest.raises(WebSocketDisconnect) as ended:
            while True:
                doctor.receive_text()
        assert ended.value.code == ENDED
    ana.let_in(lena)
    with enter(client, id, lena) as doctor:
        assert doctor.receive_json()["kind"] == "welcome"
        sessions.end_session(lena.token)
        with pytest.raises(WebSocketDisconnect):
            doctor.receive_text()


def test_a_room_holds_only_so_many(client, pair, monkeypatch):
    monkeypatch.setattr(call, "MOST", 1)
    ana, lena, id = pair
    with enter(client, id, lena) as doctor:
        assert doctor.receive_json()["kind"] == "welcome"
        with enter(client, id, ana) as patient, pytest.raises(WebSocketDisconnect) as full:
            patient.receive_json()
        assert full.value.code == FULL
