"""Files that wait for one person: given to nobody else, and gone when their time is over."""

from __future__ import annotations

import os
import tempfile
import threading
from typing import BinaryIO, cast

import pytest

from core.people import accounts, sessions
from core.web import downloads
from core.web.cookie import COOKIE

DATA = os.urandom(3 * downloads.PIECE + 17)


def waiting_file(data: bytes = DATA) -> BinaryIO:
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the house closes it
    file.write(data)
    return file


@pytest.fixture(autouse=True)
def _nothing_waits():
    yield
    for one in downloads._offers.values():
        one.file.close()
    downloads._offers.clear()


def signed_in(client, actor):
    client.cookies.clear()
    client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(actor)))
    return client


def test_its_person_gets_it(client, patient):
    address = downloads.offer(patient.account_id, waiting_file(), "carelens-zoë-2026.zip")
    answer = signed_in(client, patient).get(address)
    assert answer.status_code == 200 and answer.content == DATA
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''carelens-zo%C3%AB-2026.zip"
    assert answer.headers["cache-control"] == "no-store" and answer.headers["content-length"] == str(len(DATA))
    assert client.get(address).content == DATA, "a second time, when the first was broken off"


def test_nobody_else_does(client, patient):
    address = downloads.offer(patient.account_id, waiting_file(), "a.zip")
    assert client.get(address).status_code == 401
    other = accounts.sign_up("eve@example.org", "four other words here", "Eve")
    assert signed_in(client, other).get(address).status_code == 404
    assert signed_in(client, patient).get(address + "x").status_code == 404
    sessions.end_all(patient.account_id)
    assert client.get(address).status_code == 401
    assert client.post(address).status_code == 405


def test_who_may_is_asked_anew_at_every_fetch(client, patient):
    asked = []
    address = downloads.offer_bytes(patient.account_id, b"letter", "a.pdf", lambda actor: asked.append(actor.account_id) or len(asked) < 2)
    answers = [signed_in(client, patient).get(address) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 404] and answers[0].content == b"letter" and b"letter" not in answers[1].content
    assert asked == [patient.account_id] * 2


def test_two_at_once_do_not_mix(client, patient):
    address = downloads.offer(patient.account_id, waiting_file(), "a.zip")
    found = downloads._opened(address.removeprefix(downloads.PATH), patient.account_id)
    again = downloads._opened(address.removeprefix(downloads.PATH), patient.account_id)
    pieces = zip(downloads._pieces(found[1], len(DATA)), downloads._pieces(again[1], len(DATA)), strict=True)
    assert [b"".join(side) for side in zip(*pieces, strict=True)] == [DATA, DATA]


def test_a_newer_one_takes_its_place_and_a_running_one_goes_on(client, patient):
    first = waiting_file()
    address = downloads.offer(patient.account_id, first, "a.zip")
    _, handle = downloads._opened(address.removeprefix(downloads.PATH), patient.account_id)
    newer = downloads.offer(patient.account_id, waiting_file(b"new"), "b.zip")
    assert first.closed and not downloads.waiting(address) and downloads.waiting(newer)
    assert b"".join(downloads._pieces(handle, len(DATA))) == DATA and handle.closed
    assert signed_in(client, patient).get(address).status_code == 404


def test_it_is_gone_after_its_time(client, patient, monkeypatch):
    monkeypatch.setattr(downloads, "LIFE", 0.2)
    file = waiting_file()
    address = downloads.offer(patient.account_id, file, "a.zip")
    timer = next(one for one in threading.enumerate() if isinstance(one, threading.Timer) and one.function is downloads.sweep)
    timer.join(5)
    assert file.closed and signed_in(client, patient).get(address).status_code == 404


def test_it_is_forgotten_with_its_account(patient):
    file = waiting_file()
    downloads.offer(patient.account_id, file, "a.zip")
    downloads.forget(patient.account_id)
    assert file.closed
