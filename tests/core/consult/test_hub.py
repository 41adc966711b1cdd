"""News: told once they are saved, to those who wait, in this process and (PostgreSQL) in another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.consult import hub
from core.consult.hub import HUB, Hub, Listener, payloads
from core.records.conversations import begin
from core.records.messages import list_messages, mark_read, send_message
from core.records.news import pass_on, telling, topic_of
from core.settings import ROOT, settings
from tests.core.clinic_people import two
from tests.core.house import embedded, own

servers_only = pytest.mark.parametrize("place", ["servers"], indirect=True)


def test_who_waits_hears_and_who_left_does_not() -> None:
    here, heard = Hub(), list[str]()
    leave = here.join("a", lambda body: heard.append(f"first {body}"))
    here.join("a", lambda body: heard.append(f"second {body}"))
    here.give("a", "x")
    here.give("b", "nobody")
    assert heard == ["first x", "second x"] and here.waiting("a") == 2
    leave()
    leave()
    here.look_again()
    assert heard[2:] == ["second "] and here.waiting("a") == 1


def test_a_long_body_travels_in_pieces_that_fit_and_arrives_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    here, heard = Hub(), list[str]()
    here.join("room:1", heard.append)
    monkeypatch.setattr(Listener, "_work", lambda self: None)
    listener = Listener("", here)
    bodies = ["", "x" * 20_000, 'ü"\\n\n\U0001f319' * 3000]
    for body in bodies:
        pieces = list(payloads("room:1", body))
        assert max(len(piece.encode()) for piece in pieces) < 8000
        for piece in reversed(pieces):  # ours come back from the server, too, and are passed over
            listener._take(piece)
    assert heard == []
    for body in bodies:
        pieces = [json.dumps(json.loads(piece) | {"from": "another process"}) for piece in payloads("room:1", body)]
        for piece in reversed(pieces):
            listener._take(piece)
    assert heard == bodies
    for broken in ("", "{", "[]", "{}", json.dumps({"from": "x", "topic": "room:1", "id": "1", "at": 0, "of": 10**9, "body": ""})):
        listener._take(broken)
    assert heard == bodies


def test_both_sides_hear_what_is_saved_and_nothing_of_what_is_not(house: Path) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    heard, found = list[str](), list[int]()
    leave = [
        HUB.join(topic_of(ana.id), lambda body: heard.append(f"Ana {body}")),
        HUB.join(topic_of(lena.id), lambda body: heard.append("Lena")),
    ]
    doctor = lena.actor
    leave.append(HUB.join(topic_of(lena.id), lambda body: found.append(len(list_messages(doctor, id)))))
    send_message(ana.actor, id, "Hello")
    assert sorted(heard) == [f"Ana news {id} 1 patient", "Lena"] and found == [1], "it can be read by whoever is woken"
    mark_read(doctor, id, 1)
    mark_read(doctor, id, 1)
    assert heard[2:] == [f"Ana seen {id}"], "who read it knows"
    with pytest.raises(RuntimeError), telling() as (_, words):
        words[topic_of(ana.id)] = "news"
        raise RuntimeError
    assert len(heard) == 3
    for one in leave:
        one()


@contextmanager
def another_process(topic: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.core.consult.listening_child", topic]
    environment = os.environ | {"CARELENS_DATABASE_URL": settings().database_url}
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "ready\n"
        yield child
    finally:
        child.kill()
        child.wait()


@servers_only
def test_another_process_hears_it_too(house: Path) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    with another_process(topic_of(lena.id)) as child:
        assert child.stdout is not None
        send_message(ana.actor, id, "Hello")
        word = f"news {id} 1 patient"
        assert child.stdout.readline() == f"heard {len(word)} ent\n"
        pass_on(topic_of(lena.id), "x" * 15_000 + "end")
        assert child.stdout.readline() == "heard 15003 end\n"


@servers_only
def test_a_listener_that_lost_its_server_comes_back_and_has_everybody_look_again(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "AGAIN", 0.05)
    monkeypatch.setattr(hub, "_PROCESS", "another")  # what this test sends shall not count as its own
    here, heard = Hub(), list[str]()
    here.join("a", heard.append)
    listener = Listener(settings().database_url, here)
    assert listener.ready.wait(20)
    ask_all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'carelens-hub'"
    from tests.core.house import ask

    ask(ask_all)
    until = time.monotonic() + 20
    while heard != [""] and time.monotonic() < until:
        time.sleep(0.02)
    assert heard == [""]
    monkeypatch.setattr(hub, "_PROCESS", "this")
    listener.stop()


@embedded
def test_on_sqlite_nothing_listens_elsewhere(house: Path) -> None:
    hub.listen(1)
    assert hub._listener.cache_info().currsize == 0
