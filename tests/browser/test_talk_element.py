"""The messages of an open page in a real browser: at once, in order, and as the text that was written, whatever that is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.consult import lines
from core.people import sessions
from core.photo import encode_png
from core.records.conversations import begin, talk_of
from core.records.findings import save_finding
from core.records.message_tables import LONGEST
from core.records.messages import list_messages, send_message
from core.web import say
from core.web.pace import Pace
from core.web.talk import address
from tests.browser.elements import House
from tests.browser.helpers import until
from tests.core.clinic_people import two
from tests.core.house import _tables as _tables
from tests.core.house import a_finding, a_photo, embedded, own
from tests.core.house import house as house

HOSTILE = [
    "<img src=x onerror='window.hacked=1'>",
    "<script>window.hacked=1</script><svg onload=window.hacked=1><a href='javascript:window.hacked=1'>press</a>",
    "</p></li></ol><iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "![x](javascript:window.hacked=1) [press](javascript:window.hacked=1) https://example.org :material/lock: $x$",
    "first line\n  second line\t&lt;b&gt;  'quotes\" \u202e\u2028 🌙 ${window.hacked=1} {{window.hacked=1}}",
]


def given(who, id, **more):
    """What the page gives to its element."""
    told, _ = lines.look(who.actor, talk_of(who.actor, id))
    side = "doctor" if who.actor.role == "doctor" else "patient"
    return (
        told | {"id": "a page", "conversation": str(id), "route": address(id), "side": side, "longest": LONGEST, "accept": "image/*"} | more
    )


@embedded
def test_it_stands_there_at_once_as_it_was_written(house: Path, browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    record = save_finding(ana.actor, own(ana.actor), a_photo(), a_finding(), site="<img src=x onerror='window.hacked=1'>")
    for text in HOSTILE[:3]:
        send_message(ana.actor, id, text)
    with House() as site:
        page = site.show(browser, "talk", given(lena, id), lena.token)
        log = page.get_by_role("log")
        expect(log.locator(".there li")).to_have_count(3)
        for text in HOSTILE[3:]:
            send_message(ana.actor, id, text)
        send_message(ana.actor, id, "With a photo", photo=a_photo(1), record_id=record.id)
        expect(log.locator(".there li")).to_have_count(6)
        assert [one.text_content() for one in log.locator(".text").all()] == [*HOSTILE, "With a photo"]
        expect(log.locator("script, svg, iframe, ol ol")).to_have_count(0)
        expect(log.locator(".text *")).to_have_count(0)
        expect(log.locator("img")).to_have_count(2)  # the photo, and that of the finding: each asked of the house, for this very person
        page.wait_for_function("() => [...document.querySelectorAll('li img')].every(one => one.complete && one.naturalWidth > 0)")
        assert page.locator(".quote .title").text_content().startswith("<img src=x onerror=")
        assert page.evaluate("window.hacked") is None and page.evaluate("window.told") == [], "without any run of the page"
        assert page.evaluate(
            "() => { const box = document.querySelector('.box'); return box.scrollHeight - box.scrollTop - box.clientHeight < 2; }"
        )

        # What the page itself draws later, in whatever order, makes nothing double; and nothing is read out twice.
        page.evaluate("data => { window.mount(data); }", given(lena, id))
        expect(log.locator(".there li")).to_have_count(6)
        hers = site.show(browser, "talk", given(ana, id), ana.token)
        expect(hers.locator(".state")).to_contain_text("✓ Seen, today")
        times = []
        for at in range(5):
            start = time.monotonic()
            send_message(lena.actor, id, f"Answer {at}")
            hers.get_by_text(f"Answer {at}").wait_for()
            times.append(time.monotonic() - start)
        assert sorted(times)[2] < 2.0, times
        sessions.end_session(lena.token)
        page.evaluate("() => { [...window.__carelens_talks.values()][0].socket.close(); }")
        page.wait_for_function("() => window.told.some(([name]) => name === 'news')", timeout=15_000)
        expect(log.locator(".there li")).to_have_count(0)
        assert page.wrong == hers.wrong == []
        for one in (page, hers):
            one.context.close()


@embedded
def test_older_ones_at_a_press_and_nothing_missing_after_a_gap(house: Path, browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SHOWN", 4)
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    for at in range(1, 11):
        send_message(ana.actor, id, str(at))

    def shown(page):
        return [int(text) for text in page.locator(".text").all_text_contents()]

    with House() as site:
        page = site.show(browser, "talk", given(lena, id), lena.token)
        assert shown(page) == [7, 8, 9, 10]
        for many in (8, 10):
            page.get_by_role("button", name="Older messages").click()
            expect(page.locator(".there li")).to_have_count(many)
        assert shown(page) == list(range(1, 11)) and not page.get_by_role("button", name="Older messages").is_visible()
        send_message(ana.actor, id, "11")
        expect(page.locator(".there li")).to_have_count(11)
        page.evaluate("() => { const one = [...window.__carelens_talks.values()][0]; one.socket.onmessage = null; }")
        for at in range(12, 18):
            send_message(ana.actor, id, str(at))
        page.evaluate("() => { [...window.__carelens_talks.values()][0].socket.close(); }")  # it connects again and looks
        page.wait_for_function("() => document.querySelector('.there li:last-child .text').textContent === '17'", timeout=15_000)
        assert shown(page) == [14, 15, 16, 17], "never a row with a hole in it"
        page.get_by_role("button", name="Older messages").click()
        expect(page.locator(".there li")).to_have_count(8)
        assert shown(page) == list(range(10, 18)) and page.wrong == []
        page.context.close()


@embedded
def test_what_is_written_is_sent_in_order_and_nothing_is_lost(house: Path, browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line loses its connection in the middle, and an answer on its way: each message arrives once, in order."""
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    monkeypatch.setattr(say, "PACE", Pace(600))
    with House() as site:
        page = site.show(browser, "talk", given(ana, id), ana.token)
        line, log = page.get_by_label("Write a message"), page.get_by_role("log")

        def write(*texts: str) -> None:
            for text in texts:
                line.fill(text)
                line.press("Enter")

        write("one", "two\n<b>lines</b>")
        expect(log.locator(".there li")).to_have_count(2)
        broken = iter(["refuse", "lose", "lose", "pass"])

        def fault(route) -> None:
            how = next(broken, "pass")
            if how == "pass":
                return route.continue_()
            if how == "lose":
                route.fetch()  # it arrives, and the answer is lost
            return route.abort()

        page.route("**/message", fault)
        write("three", "four", "five")
        expect(log.locator(".waiting li").first).to_contain_text("three")
        expect(log.locator(".there li")).to_have_count(5, timeout=40_000)
        expect(log.locator(".waiting li")).to_have_count(0)
        sent = ["one", "two\n<b>lines</b>", "three", "four", "five"]
        assert log.locator(".text").all_text_contents() == sent == [one.text for one in list_messages(ana.actor, id)]

        page.unroute("**/message")
        line.fill("x" * (LONGEST + 2))
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_have_text("This message is too long by 2 letters. Send it in two parts.")
        assert len(line.input_value()) == LONGEST + 2 and len(list_messages(ana.actor, id)) == 5

        line.fill("with a picture that is none")
        page.locator("input.file").set_input_files({"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
        expect(page.get_by_text("Photo: broken.jpg")).to_be_visible()
        page.get_by_role("button", name="Send").click()
        expect(log.locator(".waiting .why")).to_contain_text("This is a text file, not a photo.")
        page.get_by_role("button", name="Take it back").click()
        assert line.input_value() == "with a picture that is none"
        page.get_by_role("button", name="Leave the photo out").click()
        picture = encode_png(a_photo(3).pixels)
        page.locator("input.file").set_input_files({"name": "arm.png", "mimeType": "image/png", "buffer": picture})
        page.get_by_role("button", name="Send").click()
        expect(log.locator(".there li")).to_have_count(6)
        assert list_messages(ana.actor, id)[-1].has_photo

        # Who leaves the page and comes back finds what was not sent yet, and what is being sent arrives meanwhile.
        held: list = []
        page.route("**/message", lambda route: held.append(route))
        write("sent while leaving", "and this after it")
        line.fill("half a line")
        page.evaluate("() => window.unmount()")
        page.wait_for_timeout(2000)  # longer than it takes to be sure that the element was not only moved
        held[0].continue_()
        page.unroute("**/message")
        until(page, "() => [...window.__carelens_talks.values()].every(one => !one.waiting.length)")
        assert [one.text for one in list_messages(ana.actor, id)[-2:]] == ["sent while leaving", "and this after it"]
        page.evaluate("data => { window.mount(data); }", given(ana, id))
        assert line.input_value() == "half a line"
        expect(log.locator(".there li")).to_have_count(8)
        expect(log.locator(".waiting li")).to_have_count(0)

        ana.shut_out(lena)
        write("too late")
        expect(log.locator(".waiting .why")).to_contain_text("nothing was sent")
        ana.let_in(lena)
        page.get_by_role("button", name="Try again").click()
        expect(log.locator(".there li")).to_have_count(9)
        assert list_messages(ana.actor, id)[-1].text == "too late" and page.wrong == []
        page.context.close()


@embedded
def test_the_first_message_waits_until_the_page_began_the_conversation(house: Path, browser) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    before = given(ana, id) | {"route": None, "conversation": None}
    with House() as site:
        page = site.show(browser, "talk", before, ana.token)
        for text in ("first", "second"):
            page.get_by_label("Write a message").fill(text)
            page.get_by_label("Write a message").press("Enter")
        assert page.evaluate("window.told") == [["begin", 1]], "asked for once"
        page.evaluate("data => { window.mount(data); }", before)
        expect(page.locator(".waiting .why").first).to_contain_text("could not be sent")
        page.get_by_role("button", name="Try again").click()
        assert [name for name, _ in page.evaluate("window.told")] == ["begin", "begin"]
        page.evaluate("data => { window.mount(data); }", given(ana, id))
        expect(page.locator(".there li")).to_have_count(2)
        assert [one.text for one in list_messages(lena.actor, id)] == ["first", "second"] and page.wrong == []
        page.context.close()
