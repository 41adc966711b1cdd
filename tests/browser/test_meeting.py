"""A patient and a doctor in two browsers: they write, call, see each other move and hear the tone, and a reload comes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.people import consent, sessions
from core.people.policy import Actor
from core.records import database
from core.records.tables import Account, AccountPerson, Person
from core.settings import settings
from core.web.cookie import COOKIE
from tests.browser.helpers import Server, until

MOVES = """async () => {
  const video = [...document.querySelectorAll('*')].map(e => e.shadowRoot ?? e).flatMap(r => [...r.querySelectorAll('video.theirs')])[0];
  if (!video || !video.videoWidth) return false;
  const look = () => { const c = document.createElement('canvas'); c.width = c.height = 64;
    const g = c.getContext('2d'); g.drawImage(video, 0, 0, 64, 64); return [...g.getImageData(0, 0, 64, 64).data]; };
  const first = look(); await new Promise(r => setTimeout(r, 700)); const then = look();
  return first.some((value, at) => Math.abs(value - then[at]) > 8);
}"""
HEARS = """async () => {
  const video = [...document.querySelectorAll('*')].map(e => e.shadowRoot ?? e).flatMap(r => [...r.querySelectorAll('video.theirs')])[0];
  if (!video?.srcObject?.getAudioTracks().length) return false;
  const context = new AudioContext(); await context.resume();
  const ear = context.createAnalyser(); context.createMediaStreamSource(video.srcObject).connect(ear);
  const heard = new Float32Array(ear.fftSize);
  for (let at = 0; at < 60; at++) { await new Promise(r => setTimeout(r, 50)); ear.getFloatTimeDomainData(heard);
    if (heard.some(v => Math.abs(v) > 0.01)) { await context.close(); return true; } }
  await context.close(); return false;
}"""


@pytest.fixture
def meeting(tmp_path: Path, monkeypatch):
    """A server, and the tokens of Ana and of Lena, whom she let in."""
    server = Server(tmp_path / "home")
    for name, value in server.settings().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    server.start()
    with database.transaction() as session:
        ana = Account(email="ana@example.org", name="Ana Ruiz", password_hash="none")
        lena = Account(email="lena@example.org", name="Dr Lena Osei", role="doctor", password_hash="none")
        person = Person(display_name="Ana Ruiz")
        session.add_all([ana, lena, person])
        session.flush()
        session.add(AccountPerson(account_id=ana.id, person_id=person.id))
    patient, doctor = Actor(ana.id, "patient", frozenset({person.id}), "A", "a"), Actor(lena.id, "doctor", frozenset(), "L", "l")
    consent.let_in(patient, person.id, lena.id)
    yield (
        server,
        [sessions.redeem_ticket(sessions.issue_ticket(who)) for who in (patient, doctor)],
        lambda: consent.take_back(patient, person.id, lena.id),
    )
    server.stop()
    database.engine().dispose()
    settings.cache_clear()


def test_they_write_and_call(meeting, browser):
    server, tokens, take_back = meeting
    pages, wrong = [], []
    for token in tokens:
        context = browser.new_context(permissions=["camera", "microphone"], viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": COOKIE, "value": token, "url": server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{server.url}/Messages")
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible(timeout=60_000)
        pages.append(page)
    ana, lena = pages
    ana.get_by_test_id("stChatInputTextArea").fill("Hello doctor")
    ana.keyboard.press("Enter")
    expect(lena.get_by_role("log").get_by_text("Hello doctor")).to_be_visible(timeout=15_000)
    for page in pages:
        page.get_by_text("Video visit", exact=True).click()
        page.get_by_role("button", name="Start the call").click(timeout=15_000)
    for page in pages:
        until(page, MOVES)
        until(page, HEARS)
    ana.reload()
    expect(ana.get_by_role("button", name="Leave")).to_be_visible(timeout=60_000)
    for page in pages:
        until(page, MOVES)
    lena.get_by_test_id("stChatInputTextArea").fill("I see you")
    lena.get_by_test_id("stChatInputTextArea").press("Enter")
    expect(lena.get_by_role("log").get_by_text("I see you")).to_be_visible(timeout=30_000)
    expect(ana.get_by_role("log").get_by_text("I see you")).to_be_visible(timeout=40_000)
    if folder := os.environ.get("SHOTS"):
        ana.screenshot(path=f"{folder}/ana.png", full_page=True)
        lena.screenshot(path=f"{folder}/lena.png", full_page=True)
    ana.get_by_role("button", name="Leave").click()
    expect(lena.get_by_text("The other side left.")).to_be_visible(timeout=10_000)
    take_back()
    expect(lena.get_by_text("You are not in this call any more.")).to_be_visible(timeout=15_000)
    expect(lena.get_by_role("log")).to_have_count(0, timeout=60_000)
    expect(lena.get_by_text("You are not let in any more")).to_be_visible()
    assert not wrong, wrong
