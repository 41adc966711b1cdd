"""A family's account in a real browser: sign-up by mail, a second step, a forgotten password, ending another browser."""

from __future__ import annotations

import time

import pyotp
import pytest
import requests
from playwright.sync_api import expect

from core.web.cookie import DEVICE
from tests.browser.conftest import _serve
from tests.browser.helpers import PASSWORD, Server, fill_sign_in, is_signed_out, open_page, settle, sign_out, signed_in
from tests.smtp import Post, link

pytestmark = pytest.mark.usefixtures("chromium")
EMAIL, NEW = "mia@example.org", "other quiet words here"


@pytest.fixture
def post():
    with Post() as running:
        yield running


@pytest.fixture
def server(chromium, tmp_path, post):
    made = Server(tmp_path / "home")
    made.environment = {
        "CARELENS_SMTP_URL": post.url,
        "CARELENS_MAIL_FROM": "care@example.org",
        "CARELENS_BASE_URL": made.url,
        "CARELENS_TRUSTED_PROXIES": "127.0.0.1,::1",
    }
    yield from _serve(made)


def see(what):
    expect(what).to_be_visible(timeout=30_000)


def letter(post, number):
    until = time.monotonic() + 30
    while len(post.letters) < number and time.monotonic() < until:
        time.sleep(0.05)
    return link(post.letters[number - 1])


def code(secret, used):
    """The next code that was not used: one step ahead at most."""
    step = int(time.time()) // 30
    while step <= used[-1] or step < int(time.time()) // 30:
        step += 1
    while step > int(time.time()) // 30 + 1:
        time.sleep(1)
    used.append(step)
    return pyotp.TOTP(secret).generate_otp(step)


def enter_code(page, given):
    see(page.get_by_text("One more step"))
    page.get_by_label("Code", exact=True).fill(given)
    page.get_by_role("button", name="Sign in", exact=True).click()
    signed_in(page)


def test_sign_up_second_step_forgotten_password_and_another_browser(server, post, new_page):
    page, used = new_page(), [0]
    open_page(page, server)
    page.get_by_role("tab", name="Create an account").click()
    panel = page.get_by_role("tabpanel").filter(has=page.get_by_role("button", name="Create my account"))
    panel.get_by_label("Your name").fill("Mia Lind")
    panel.get_by_label("E-mail").fill(EMAIL)
    panel.get_by_text("I understand that CareLens gives hints").click()
    panel.get_by_role("button", name="Create my account").click()
    see(page.get_by_text("Please look into your mailbox"))
    page.goto(letter(post, 1))
    see(page.get_by_role("heading", name="Finish your account"))
    assert "token" not in page.url, "it stays in no history"
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    signed_in(page)
    assert page.url == server.url + "/"

    open_page(page, server, "/Account")
    page.get_by_text("Ask for a code as well").click()
    page.get_by_role("button", name="Set it up").click()
    see(page.get_by_alt_text("QR code for the authenticator app"))
    secret = page.get_by_test_id("stCode").first.inner_text().replace(" ", "").strip()
    page.get_by_label("Code of the app").fill(code(secret, used))
    page.locator(".st-key-second_password input").fill(PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    see(page.get_by_text("Your recovery codes"))
    recovery = page.get_by_test_id("stCode").first.inner_text().split()[0]
    page.get_by_role("button", name="I have written them down").click()
    see(page.get_by_text("10 recovery codes left"))

    other = new_page(width=390, height=844)
    open_page(other, server)
    fill_sign_in(other, EMAIL, PASSWORD)
    enter_code(other, code(secret, used))
    assert [c for c in other.context.cookies() if c["name"] == DEVICE and c["httpOnly"]]

    page.reload()  # the first browser sees the second and ends it
    signed_in(page)
    page.get_by_role("button", name="End", exact=True).click()
    see(page.get_by_text("That browser is signed out."))
    other.reload()
    is_signed_out(other)
    sign_out(page)

    other.get_by_role("button", name="Forgot your password?").click()
    see(other.get_by_text("We send you a link with which you choose a new one."))
    other.locator(".st-key-forgot_email input").fill(EMAIL)
    other.get_by_role("button", name="Send me a link").click()
    see(other.get_by_text("Please look into your mailbox"))
    other.goto(letter(post, 2))
    see(other.get_by_role("heading", name="Choose a new password"))
    other.get_by_label("Password", exact=True).fill(NEW)
    other.get_by_role("button", name="Save my new password").click()
    enter_code(other, recovery)  # the phone is not at hand
    other.goto(letter(post, 2))
    see(other.get_by_role("heading", name="This link does not work"))

    open_page(page, server)
    fill_sign_in(page, EMAIL, PASSWORD)
    see(page.get_by_text("The e-mail address or the password is wrong."))
    assert EMAIL not in server.log.read_text() and secret not in server.log.read_text()
    attack(server)
    settle(page)


def attack(server):
    """Tickets guessed from behind a proxy that is trusted: each visitor is counted by itself."""

    def guess(number, visitor):
        headers = {"Origin": server.url, "X-Forwarded-For": f"203.0.113.99, {visitor}"}  # what the visitor made up, and what the proxy saw
        return requests.post(f"{server.url}/session", data=f"guess-{number}", headers=headers, timeout=10)

    answers = [guess(number, "198.51.100.1").status_code for number in range(60)]
    assert answers == [400] * 50 + [429] * 10
    assert int(guess(99, "198.51.100.1").headers["Retry-After"]) <= 60
    assert guess(100, "198.51.100.2").status_code == 400
