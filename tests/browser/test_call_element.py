"""A call in real browsers: through a real relay and nothing else, back after it broke, one way without a camera, and what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.records.conversations import begin
from core.settings import settings
from core.web import call
from tests.browser.elements import House
from tests.browser.helpers import CHROMIUM_FLAGS, until
from tests.core.clinic_people import two
from tests.core.house import _tables as _tables
from tests.core.house import embedded, own
from tests.core.house import house as house
from tests.servers import Relay, free_port

FAKE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
MOVES = """async () => {
  const video = document.querySelector('video.theirs');
  if (!video.videoWidth) return false;
  const look = () => { const c = document.createElement('canvas'); c.width = c.height = 64;
    const g = c.getContext('2d'); g.drawImage(video, 0, 0, 64, 64); return [...g.getImageData(0, 0, 64, 64).data]; };
  const first = look(); await new Promise(r => setTimeout(r, 500)); const then = look();
  return first.some((value, at) => Math.abs(value - then[at]) > 8);
}"""
WAYS = """async () => {
  const found = await [...window.__carelens_calls.values()][0].peer.getStats();
  const by = Object.fromEntries([...found.values()].map(one => [one.id, one]));
  const pair = [...found.values()].find(one => one.type === 'transport').selectedCandidatePairId;
  return [by[by[pair].localCandidateId].candidateType, by[by[pair].remoteCandidateId].candidateType];
}"""
TRACKS = "() => document.querySelector('video.theirs').srcObject.getTracks().filter(one => !one.muted).map(one => one.kind).sort()"


@pytest.fixture
def pair(house: Path):
    """Ana and Lena, whom she let in, and the id of their conversation."""
    ana, lena = two()
    return ana, lena, str(begin(ana.actor, own(ana.actor), lena.id))


@contextmanager
def other_browser(like: Browser, chromium: str, *flags: str, without: tuple[str, ...] = ()) -> Iterator[Browser]:
    """A browser that was started with other flags; `like` gives the engine, of which a test has one."""
    kept = [flag for flag in CHROMIUM_FLAGS if flag not in without]
    one = like.browser_type.launch(executable_path=chromium, args=[*kept, *flags])
    try:
        yield one
    finally:
        one.close()


def says(page: Page):
    return page.locator(".says")


def start(*pages: Page) -> None:
    for page in pages:
        page.get_by_role("button", name="Start the call").click()


def relayed(monkeypatch: pytest.MonkeyPatch, url: str, secret: str = Relay.SECRET, only: str = "1") -> None:
    for name, value in (("TURN_URL", url), ("TURN_SECRET", secret), ("RELAY_ONLY", only)):
        monkeypatch.setenv(f"CARELENS_{name}", value)
    settings.cache_clear()


@embedded
def test_through_the_relay_alone_and_again_after_it_broke(pair, browser, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena, id = pair
    relayed(monkeypatch, relay.url)
    with House() as site:
        pages = [site.show(browser, "call", {"id": id}, who.token) for who in (ana, lena)]
        start(*pages)
        for page in pages:
            until(page, MOVES, 40)
            assert page.evaluate(WAYS) == ["relay", "relay"]
        assert relay.log.read_text().count("ALLOCATE processed, success") >= 2
        relay.stop()
        for page in pages:
            expect(says(page)).to_have_text("The connection was lost. Trying again.", timeout=40_000)
        relay.start()
        for page in pages:
            until(page, MOVES, 60)
            expect(says(page)).to_have_text("", timeout=30_000)
            assert page.evaluate(WAYS) == ["relay", "relay"]
        # The way to the server breaks: it comes back by itself, and so does the call.
        pages[0].evaluate("() => { [...window.__carelens_calls.values()][0].socket.close(); }")
        expect(says(pages[1])).to_have_text("The other side left.", timeout=20_000)
        for page in pages:
            expect(says(page)).to_have_text("", timeout=30_000)
            until(page, MOVES, 40)
        assert pages[0].wrong == pages[1].wrong == []
        for page in pages:
            page.context.close()


@embedded
def test_without_a_camera_it_goes_one_way(pair, browser, chromium: str) -> None:
    """The patient has a microphone and no camera: they see the doctor, and are heard; both are told."""
    ana, lena, id = pair
    with House() as site, other_browser(browser, chromium, f"{FAKE}=device-count=0", without=(FAKE,)) as blind:
        hers, his = site.show(blind, "call", {"id": id}, ana.token), site.show(browser, "call", {"id": id}, lena.token)
        start(hers, his)
        until(hers, MOVES, 40)
        expect(says(hers)).to_have_text("No camera was found: you see, and are heard only.")
        until(his, f"() => String(({TRACKS})()) === 'audio'")
        assert hers.evaluate(TRACKS) == ["audio", "video"] and hers.wrong == his.wrong == []
        his.context.close()


@embedded
@pytest.mark.parametrize(
    ("allowed", "heard", "note"),
    [
        (["microphone"], ["audio"], "The browser was not allowed to use the camera: you see, and are heard only."),
        (["camera"], ["video"], "The browser was not allowed to use the microphone: you are seen, and hear only."),
        ([], [], "The browser was not allowed to use camera and microphone. You see and hear only."),
    ],
)
def test_a_no_to_the_one_does_not_cost_the_other(pair, browser, chromium: str, allowed: list[str], heard: list[str], note: str) -> None:
    """The patient refuses the camera, the microphone or both: what was allowed goes through, and what is missing is said."""
    ana, lena, id = pair
    with House() as site, other_browser(browser, chromium, without=(ALLOWED,)) as strict:
        hers = site.show(strict.new_context(permissions=allowed), "call", {"id": id}, ana.token)
        his = site.show(browser, "call", {"id": id}, lena.token)
        start(hers, his)
        until(hers, MOVES, 40)
        expect(says(hers)).to_have_text(note)
        until(his, f"() => String(({TRACKS})()) === '{','.join(heard)}'")
        assert [kind for kind, _ in hers.evaluate(MINE)] == heard and hers.wrong == his.wrong == []
        his.context.close()


def verdicts(page: Page) -> list[str]:
    """What the self-test says."""
    page.get_by_role("button", name="Test my camera and network").click()
    expect(page.locator(".results li").first).not_to_have_text("Testing…", timeout=30_000)
    return page.locator(".results li").all_text_contents()


@embedded
def test_the_self_test_says_what_is_in_the_way(pair, browser, chromium: str, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, _, id = pair
    fine = ["✓ The page is secure", "✓ Camera works", "✓ Microphone works", "✓ The server answers"]
    with House() as site:
        page = site.show(browser, "call", {"id": id}, ana.token)
        assert verdicts(page) == [*fine, "✓ No TURN server is set up: calls work within one network"]
        relayed(monkeypatch, relay.url)
        assert verdicts(page) == [*fine, "✓ The TURN server works"]
        relayed(monkeypatch, relay.url, secret="not the one that it knows")
        assert verdicts(page) == [*fine, "✗ The TURN server does not answer, or does not know this house"]
        relayed(monkeypatch, f"turn:127.0.0.1:{free_port()}?transport=udp")
        assert verdicts(page)[-1] == "✗ The TURN server does not answer, or does not know this house"
        relayed(monkeypatch, "", only="0")
        shut = site.show(browser, "call", {"id": id}, None)
        assert verdicts(shut)[3:] == ["✗ The server could not be reached, or does not let you into this call"]
        for one in (page, shut):
            one.context.close()
        clinic = "--host-resolver-rules=MAP clinic.test 127.0.0.1"
        with other_browser(browser, chromium, clinic, without=(FAKE, ALLOWED)) as bare:
            page = site.show(bare, "call", {"id": id}, ana.token)
            assert verdicts(page)[:3] == [fine[0], "✗ Camera: none was found", "✗ Microphone: none was found"]
            page = site.show(bare, "call", {"id": id}, ana.token, host="clinic.test")
            no = "✓ No TURN server is set up: calls work within one network"
            assert verdicts(page) == ["✗ Not https: browsers give no camera here", "✓ The server answers", no]
            page.get_by_role("button", name="Start the call").click()
            expect(says(page)).to_have_text("Calls need https. Open this page by its https address.")
        with other_browser(browser, chromium, without=(ALLOWED,)) as strict:
            page = site.show(strict, "call", {"id": id}, ana.token)
            refused = "the browser was not allowed to use it"
            assert verdicts(page)[1:3] == [f"✗ Camera: {refused}", f"✗ Microphone: {refused}"]


MINE = "() => ([...window.__carelens_calls.values()][0].media?.getTracks() ?? []).map(one => [one.kind, one.enabled]).sort()"


@embedded
def test_who_is_muted_stays_muted_and_sees_it(pair, browser) -> None:
    """Whichever device is chosen next, in the next call, and after a reload."""
    ana, _, id = pair
    with House() as site:
        page = site.show(browser, "call", {"id": id}, ana.token)
        start(page)
        until(page, f"() => ({MINE})().length === 2")
        page.get_by_role("button", name="Mute").click()
        page.get_by_role("button", name="Picture off").click()

        def off(kinds: set[str]) -> None:
            until(page, f"() => ({MINE})().length === 2")
            assert {kind for kind, on in page.evaluate(MINE) if not on} == kinds
            for name, kind in (("Mute", "audio"), ("Picture off", "video")):
                expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", str(kind in kinds).lower())

        off({"audio", "video"})
        page.get_by_role("button", name="Picture off").click()
        off({"audio"})
        before = page.evaluate("() => [...window.__carelens_calls.values()][0].media.id")
        page.get_by_label("Microphone").select_option(index=page.locator(".microphone option").count() - 1)
        until(page, f"() => [...window.__carelens_calls.values()][0].media.id !== '{before}'")
        off({"audio"})
        page.get_by_role("button", name="Leave").click()
        start(page)
        off({"audio"})
        page.reload()
        page.wait_for_function("() => Boolean(window.mount)")
        page.evaluate("data => { window.mount(data); }", {"id": id})
        off({"audio"})
        assert page.wrong == []
        page.context.close()


@embedded
def test_who_cannot_enter_a_call_is_told(pair, browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, _, id = pair
    with House() as site:
        page, shut = site.show(browser, "call", {"id": id}, ana.token), site.show(browser, "call", {"id": id}, None)
        monkeypatch.setattr(call, "MOST", 0)
        start(page, shut)
        expect(says(page)).to_have_text("This call is open in too many places.")
        expect(page.get_by_role("button", name="Start the call")).to_be_visible()
        expect(says(shut)).to_have_text("The server does not answer, or does not let you into this call. Trying again.")
        for one in (page, shut):
            one.context.close()
