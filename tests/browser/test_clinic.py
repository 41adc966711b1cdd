"""A whole visit in two real browsers with cameras of their own, and a third person who is let in nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.people.accounts import check_password
from core.people.policy import Actor
from core.people.tokens import SCOPES, make_token
from core.records import database
from core.records.findings import save_finding
from core.settings import settings
from core.web.thumbnails import address
from tests.browser.helpers import PASSWORD, Server, make_account, open_page, pick, settle, sign_in, sign_up, until
from tests.browser.test_eczema import press
from tests.core.house import a_finding, a_photo, ask

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
SLOW = 90_000
LENA = "lena@example.org"


@pytest.fixture
def clinic(chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server for real people with one doctor, on whose database the test can look, too."""
    server = Server(tmp_path / "home")
    for name, value in server.settings().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    server.start(120)
    make_account(server, "doctor", LENA, "Dr Lena Osei")
    yield server
    server.stop()
    database.engine().dispose()
    settings.cache_clear()


def person(browser, server: Server) -> Page:
    context: BrowserContext = browser.new_context(permissions=["camera", "microphone"], viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SLOW)
    return context.new_page()


def letter(page: Page, server: Server) -> bytes:
    """Ask for the letter and fetch it by the link, as this browser."""
    page.get_by_text("A letter to another doctor").click()
    page.get_by_role("button", name="Letter (PDF)").click()
    link = page.get_by_role("link", name=re.compile("^Save "))
    expect(link).to_be_visible(timeout=SLOW)
    answer = page.request.get(server.url + str(link.get_attribute("href")))
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
    return answer.body()


def write(page: Page, words: str) -> None:
    page.get_by_label("Write a message").fill(words)
    page.get_by_label("Write a message").press("Enter")


def reads(page: Page, words: str) -> None:
    expect(page.get_by_role("log").get_by_text(words, exact=True)).to_be_visible(timeout=30_000)


@pytest.mark.timeout(900)  # three people, two of them in a call, on a busy machine
def test_a_whole_visit_and_nobody_else_sees_it(clinic: Server, browser) -> None:
    ana, lena, eve = (person(browser, clinic) for _ in range(3))
    sign_up(ana, clinic, name="Ana Ruiz", email="ana@example.org", path="/Account")
    sign_up(eve, clinic, name="Eve Stone", email="eve@example.org", path="/Account")
    sign_in(lena, clinic, LENA, path="/Appointments")

    box = ana.locator("[class*=st-key-sharing_]")
    pick(ana, box.locator("[class*=st-key-doctor_]").get_by_role("combobox"), "Dr Lena Osei")
    press(ana, "Let in")
    expect(box.get_by_text("Let in on")).to_be_visible(timeout=SLOW)

    days = lena.locator("[class*=st-key-offer_days]").get_by_role("combobox")
    for day in ("Monday", "Thursday"):
        pick(lena, days, day)
    lena.keyboard.press("Escape")
    press(lena, "Offer it")
    expect(lena.get_by_text("Patients who let you in can take these times now.")).to_be_visible(timeout=SLOW)

    open_page(ana, clinic, "/Appointments")
    weeks = ana.get_by_role("combobox", name=re.compile("Week from"))
    weeks.click()
    ana.get_by_role("option").nth(1).click()  # next week has both days
    settle(ana)
    ana.locator("[data-testid=stButtonGroup]", has_text="Time").get_by_text(re.compile(r"^\d\d:\d\d$")).first.click()
    settle(ana)
    press(ana, "Book this time")
    expect(ana.get_by_text("Booked.")).to_be_visible(timeout=SLOW)

    id = UUID(ask("SELECT id FROM person WHERE display_name = 'Ana Ruiz'")[0][0])
    account = UUID(ask("SELECT id FROM account WHERE email = 'ana@example.org'")[0][0])
    record = save_finding(Actor(account, "patient", frozenset({id}), "Ana", "ana@example.org"), id, a_photo(), a_finding())
    open_page(lena, clinic, "/Appointments")
    expect(lena.get_by_text("Ana Ruiz. At the clinic")).to_be_visible(timeout=SLOW)
    open_page(lena, clinic, f"/Patient?patient={id}")
    open_page(ana, clinic, "/Patient")
    for page in (ana, lena):
        page.get_by_text("Messages and video").click()
        expect(page.get_by_label("Write a message")).to_be_visible(timeout=SLOW)
    write(ana, "Hello doctor")
    reads(lena, "Hello doctor")
    for page in (ana, lena):
        page.get_by_text("Video visit", exact=True).click()
        page.get_by_role("button", name="Start the call").click()
    for page in (ana, lena):
        until(page, MOVES, 60)
        until(page, HEARS, 60)
    ana.reload()
    expect(ana.get_by_role("button", name="Leave")).to_be_visible(timeout=SLOW)
    for page in (ana, lena):
        until(page, MOVES, 60)
    write(lena, "I see you")
    for page in (ana, lena):
        reads(page, "I see you")
    for page in (ana, lena):
        page.get_by_role("button", name="Leave").click()

    lena.get_by_role("textbox", name=re.compile("Advice")).fill("Cream twice a day")
    press(lena, "Sign")
    expect(lena.get_by_text("Signed. The patient reads it from now on.")).to_be_visible(timeout=SLOW)
    open_page(ana, clinic, "/Patient")
    expect(ana.get_by_text("Cream twice a day").first).to_be_visible(timeout=SLOW)
    for page in (ana, lena):
        assert letter(page, clinic).startswith(b"%PDF-")
    theirs = str(lena.get_by_role("link", name=re.compile("^Save ")).get_attribute("href"))

    open_page(ana, clinic, "/Account")
    press(ana, "Take back")
    expect(ana.get_by_text("Nobody but the people of this account.")).to_be_visible(timeout=SLOW)
    expect(lena.get_by_text("Cream twice a day")).to_have_count(0, timeout=SLOW)  # the open page, without a click
    expect(lena.get_by_text("This patient does not let you in, or does not any more.")).to_be_visible(timeout=SLOW)
    assert lena.request.get(clinic.url + theirs).status == 404

    for path in (f"/Patient?patient={id}", f"/Messages?call={id}", f"/Clinic?patient={id}", f"/History?person={id}"):
        open_page(eve, clinic, path)
        for secret in ("Ana Ruiz", "Cream twice a day", "Hello doctor", "I see you"):
            expect(eve.get_by_text(secret)).to_have_count(0)
    talk = UUID(ask("SELECT id FROM conversation")[0][0])
    answer = eve.request.post(f"{clinic.url}/talk/{talk}", data='{"after": 0}', headers={"Origin": clinic.url})
    assert answer.status == 404, answer.text()
    for who, status in ((ana, 200), (eve, 404), (lena, 404)):
        assert who.request.get(clinic.url + address(record.id)).status == status
    stranger = check_password("eve@example.org", PASSWORD)
    made = make_token(stranger, "Mine", SCOPES["patient"], 7, PASSWORD)
    key = {"Authorization": f"Bearer {made.secret}"}
    assert eve.request.get(f"{clinic.url}/api/v1/records/{record.id}", headers=key).status == 404
    assert eve.request.get(clinic.url + theirs).status == 404
