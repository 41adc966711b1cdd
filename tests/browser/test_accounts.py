"""An administrator in one browser, and somebody else in another: an account is made, handed over, and switched off while it is open."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from tests.browser.helpers import PASSWORD, is_signed_out, make_account, open_page, pick, settle, sign_in, signed_in

NINA, LENA = "nina@example.org", "lena@example.org"


def test_from_a_new_account_to_one_that_is_switched_off(server, new_page):
    make_account(server, "admin", NINA, "Nina Roth")
    nina = new_page(width=390, height=844)
    sign_in(nina, server, NINA)
    nina.get_by_role("button", name="Go to the accounts").click()
    expect(nina.get_by_role("heading", level=1)).to_have_text("Accounts")
    nina.get_by_text("Make an account").first.click()
    nina.get_by_label("Name", exact=True).fill("Dr Lena Osei")
    nina.get_by_label("E-mail").fill(LENA)
    pick(nina, nina.locator("[class*=st-key-new_role_]").get_by_role("combobox"), "Doctor")
    nina.get_by_role("button", name="Make the account").click()
    link = nina.locator(".st-key-account_link code").inner_text()
    assert link.startswith(server.url), "at the address where the page was opened"
    assert nina.evaluate("document.documentElement.scrollWidth") <= 390
    nina.get_by_role("button", name="I have handed it over").click()
    settle(nina)
    expect(nina.get_by_text("No password yet").last).to_be_visible()

    lena = new_page()
    open_page(lena, server, link.removeprefix(server.url))
    lena.locator(".st-key-link_password_new input").fill(PASSWORD)
    lena.get_by_role("button", name="Save my new password").click()
    signed_in(lena)
    open_page(lena, server, "/Account")
    lena.get_by_text("Make an access token").click()
    lena.get_by_label("Name of the program").fill("Script")
    lena.get_by_text("Examine photos").click()
    lena.locator(".st-key-token_password input").fill(PASSWORD)
    lena.get_by_role("button", name="Make the token").click()
    secret = lena.locator(".st-key-new_token code").inner_text()

    def program() -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return requests.get(f"{server.url}/api/v1/token", headers=headers, timeout=30).status_code

    assert program() == 200

    open_page(nina, server, "/Accounts")
    row = nina.locator("[class*=st-key-account_]").filter(has_text="Dr Lena Osei").last
    row.get_by_role("button", name="Change").click()
    settle(nina)
    nina.get_by_text("Sign them out everywhere").click()
    nina.get_by_role("button", name="Switch off").click()
    expect(nina.get_by_text("The account is switched off, and signed out everywhere.")).to_be_visible()
    assert nina.evaluate("document.documentElement.scrollWidth") <= 390

    assert program() == 401
    lena.get_by_role("button", name="I have copied it").click()
    is_signed_out(lena)
    lena.reload()
    is_signed_out(lena)
    log = server.log.read_text()
    assert "an account was switched off" in log and LENA not in log and "Osei" not in log
