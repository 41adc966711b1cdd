"""A patient and a doctor in two browsers write to each other; the call, too, is in test_clinic.py."""

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
from tests.browser.helpers import Server


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


def test_they_write_on_phones_and_no_line_is_lost(meeting, browser):
    server, tokens, take_back = meeting
    pages, wrong = [], []
    for token in tokens:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": COOKIE, "value": token, "url": server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{server.url}/Messages")
        expect(page.get_by_label("Write a message")).to_be_visible(timeout=60_000)
        pages.append(page)
    ana, lena = pages
    # Faster than a page runs, and the first of them begin the conversation.
    told = [f"line {at} of ten" for at in range(10)]
    for line in told:
        ana.get_by_label("Write a message").fill(line)
        ana.get_by_label("Write a message").press("Enter")
    for page in (lena, ana):
        expect(page.get_by_role("log").locator(".there li")).to_have_count(10, timeout=40_000)
        assert page.get_by_role("log").locator(".text").all_text_contents() == told
    lena.get_by_label("Write a message").fill("I see you")
    lena.get_by_role("button", name="Send").click()
    expect(ana.get_by_role("log").get_by_text("I see you")).to_be_visible(timeout=40_000)
    lena.get_by_label("Write a message").fill("A line that was not sent yet")
    lena.get_by_text("Point to a finding").click()  # the page runs
    lena.get_by_text("There are no findings yet.").wait_for()
    assert lena.get_by_label("Write a message").input_value() == "A line that was not sent yet"
    if folder := os.environ.get("SHOTS"):
        ana.screenshot(path=f"{folder}/ana.png", full_page=True)
        lena.screenshot(path=f"{folder}/lena.png", full_page=True)
    take_back()
    expect(lena.get_by_role("log")).to_have_count(0, timeout=60_000)
    expect(lena.get_by_text("You are not let in any more")).to_be_visible()
    assert not wrong, wrong
