"""Signing in, staying in, getting out, and being refused, in a real browser."""

from __future__ import annotations

import re
import time

import pytest
import requests
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.web.cookie import COOKIE
from tests.browser.helpers import (
    PASSWORD,
    ROOT,
    fill_sign_in,
    is_signed_out,
    open_page,
    settle,
    sign_in,
    sign_in_demo,
    sign_out,
    sign_up,
    signed_in,
    watched,
)

pytestmark = pytest.mark.usefixtures("chromium")


def test_sign_up_reload_restart_second_tab_and_sign_out_everywhere(server, browser_page):
    page = browser_page
    sign_up(page, server)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mia")

    cookie = next(c for c in page.context.cookies() if c["name"] == COOKIE)
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/" and not cookie["secure"]
    assert COOKIE not in page.evaluate("document.cookie")

    page.reload()
    signed_in(page)
    server.restart()
    page.reload()
    signed_in(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mia")

    second = page.context.new_page()
    second.goto(server.url + "/Account")
    signed_in(second)
    expect(second.get_by_text("mia@example.org")).to_be_visible()

    sign_out(page)
    until = time.monotonic() + 20  # the form is there at once, the cookie goes with the browser's next request
    while any(c["name"] == COOKIE for c in page.context.cookies()):
        assert time.monotonic() < until, "the cookie stayed"
        page.wait_for_timeout(50)
    second.get_by_text("Change your password").click()  # any step in the other tab meets the guard
    second.get_by_label("Present password").fill(PASSWORD)
    second.get_by_role("button", name="Change password").click()
    is_signed_out(second)

    page.context.add_cookies([{**cookie}])  # the old cookie, played again
    open_page(page, server)
    is_signed_out(page)


def test_a_wrong_password_is_told_and_repeated_failures_have_to_wait(server, browser_page):
    page = browser_page
    sign_up(page, server)
    sign_out(page)
    open_page(page, server)
    fill_sign_in(page, "mia@example.org", "not the password")
    expect(page.get_by_test_id("stAlert")).to_contain_text("wrong")
    for _ in range(12):
        fill_sign_in(page, "mia@example.org", "still not the password")
        settle(page)
        if "wrong" not in page.get_by_test_id("stAlert").inner_text():
            break
    expect(page.get_by_test_id("stAlert")).to_contain_text(re.compile("wait|many|minute|second", re.I))
    fill_sign_in(page, "mia@example.org", PASSWORD)  # the right one has to wait as well, or guessing would pay
    settle(page)
    is_signed_out(page)


def test_a_deep_link_opens_after_signing_in(server, browser_page):
    page = browser_page
    sign_up(page, server)
    sign_out(page)
    sign_in(page, server, path="/Account")
    assert page.url == server.url + "/Account"
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")


def pages() -> list[str]:
    return ["", *sorted(path.stem for path in (ROOT / "pages").glob("*.py"))]


def test_every_page_asks_a_visitor_to_sign_in(demo_server, browser_page):
    for name in pages():
        open_page(browser_page, demo_server, "/" + name)
        is_signed_out(browser_page)
        expect(browser_page.get_by_text("Demo clinic. People are made up, pictures are drawn.")).to_be_visible()


def test_the_session_route_refuses_what_is_not_a_page_of_ours(server):
    url = server.url + "/session"
    ours = {"Origin": server.url}
    for answer, status in (
        (requests.get(url, headers=ours, timeout=10), 405),
        (requests.post(url, data="x", timeout=10), 403),
        (requests.post(url, data="x", headers={"Origin": "https://evil.example"}, timeout=10), 403),
        (requests.post(url, data="", headers=ours, timeout=10), 400),
        (requests.post(url, data="no-such-ticket", headers=ours, timeout=10), 400),
        (requests.post(url, data="x" * 5000, headers=ours, timeout=10), 413),
    ):
        assert (answer.status_code, list(answer.json())) == (status, ["error"])
        assert "set-cookie" not in answer.headers
    # Nobody may say to come from elsewhere: no proxy is trusted unless the settings name it.
    claims = [ours | {"X-Forwarded-For": f"198.51.100.{number}"} for number in range(60)]
    answers = [requests.post(url, data="no-such-ticket", headers=claim, timeout=10).status_code for claim in claims]
    assert answers == [400] * 49 + [429] * 11


WHO = {
    "": "patient doctor staff admin",
    "Account": "patient doctor staff admin",
    "Accounts": "admin",
    "Evidence": "patient doctor staff admin",
    "Open_link": "patient doctor staff admin",
    "Skin_check": "patient",
    "History": "patient",
    "Rash_check": "patient",
    "Eczema_check": "patient",
    "Diary": "patient",
    "Weather_and_triggers": "patient",
    "Progress": "patient",
    "Retina_check": "patient",
    "Ratings": "doctor",
    "Patient": "patient doctor",
    "Clinic": "doctor",
    "Messages": "patient doctor",
    "Appointments": "patient doctor",
    "Screening": "doctor staff",
}
"""Who may see which page. A new page has to be added here."""


@pytest.mark.parametrize("role", ["patient", "doctor", "staff", "admin"])
def test_every_page_by_its_address_for_every_role(demo_server, browser_page, role):
    assert set(pages()) <= set(WHO), "say in WHO who may see the new page"
    sign_in_demo(browser_page, demo_server, role)
    for name in pages():
        open_page(browser_page, demo_server, "/" + name)
        signed_in(browser_page)
        refusal = browser_page.get_by_text("This page is not for your account.")
        expect(refusal).to_have_count(0 if role in WHO[name].split() else 1)
        expect(browser_page.get_by_test_id("stException")).to_have_count(0)
        expect(browser_page.get_by_text("Demo clinic. People are made up, pictures are drawn.")).to_be_visible()


def test_a_phone_has_the_bottom_bar_and_no_sideways_scrolling(demo_server, new_page):
    page = new_page(width=390, height=844)
    for path in ("/", "/Account"):
        open_page(page, demo_server, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sign_in_demo(page, demo_server)
    bar = page.locator(".st-key-tabbar")
    expect(bar).to_be_visible()
    assert all(box["height"] >= 44 for box in (link.bounding_box() for link in bar.locator("a").all()) if box)
    bar.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sign_out(page)


def test_the_browser_would_complain_about_what_the_policy_forbids(demo_server, browser_page):
    open_page(browser_page, demo_server)
    seen = watched(browser_page)
    assert seen.problems() == []
    browser_page.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "window.planted = 1"; document.body.append(s); }"""
    )
    browser_page.evaluate("""() => fetch("https://example.org/").catch(() => 0)""")
    browser_page.wait_for_timeout(200)
    assert browser_page.evaluate("window.planted") is None
    assert any("Content Security Policy" in error for error in seen.problems())
    seen.expect("Content Security Policy|example.org")


def test_a_sign_in_that_gets_lost_on_the_way_can_be_tried_again(demo_server, browser_page):
    page = browser_page
    watched(page).expect("ERR_FAILED")
    open_page(page, demo_server)
    page.route("**/session", lambda route: route.abort())
    page.locator(".st-key-demo_doctor button").click()
    expect(page.get_by_text("Signing in did not work this time. Please try again.")).to_be_visible()
    page.unroute("**/session")
    sign_in_demo(page, demo_server, "doctor")
    page.locator(".st-key-account_menu button").click()
    page.get_by_role("menuitem", name="Account").or_(page.get_by_role("option", name="Account")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    assert page.url == demo_server.url + "/Account"


def test_streamlits_own_doors_refuse_a_page_of_another_site(demo_server):
    """The socket of the pages by its Origin, a file by the mark that only a page of this site can read."""
    address = demo_server.url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, origin=demo_server.url, subprotocols=["streamlit"]):
        pass
    with pytest.raises(InvalidStatus) as refused, connect(address, origin="https://evil.test", subprotocols=["streamlit"], open_timeout=30):
        pass
    assert refused.value.response.status_code == 403
    for headers in ({}, {"X-Xsrftoken": "made-up"}, {"X-Xsrftoken": "made-up", "Cookie": "_streamlit_xsrf=other"}):
        answer = requests.put(
            f"{demo_server.url}/_stcore/upload_file/some-session/some-file", files={"file": b"x"}, headers=headers, timeout=30
        )
        assert answer.status_code == 403, answer.text
