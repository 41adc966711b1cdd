"""A doctor in a real browser: let in by a patient, rates a photo, the patient reads it; taken back, nothing is seen any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.helpers import make_account, open_page, pick, sign_in, sign_up
from tests.browser.test_eczema import WithToy, choose, press
from tests.pages.toys import patch

SLOW = 90_000
LENA = "lena@example.org"


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithToy]:
    server = WithToy(tmp_path_factory.mktemp("rating") / "home")
    server.start(120)
    make_account(server, "doctor", LENA, "Dr Lena Osei")
    yield server
    server.stop()


def somebody(new_page: Callable[..., Page]) -> Page:
    page = new_page()
    page.set_default_navigation_timeout(SLOW)
    page.context.set_default_timeout(SLOW)
    return page


@pytest.mark.timeout(600)  # on a busy machine every page takes its time
def test_a_doctor_is_let_in_rates_and_the_patient_reads_it(house: WithToy, new_page: Callable[..., Page], tmp_path: Path) -> None:
    photo = tmp_path / "back.jpg"
    photo.write_bytes(patch(share=0.25, size=(640, 480)))
    page, desk = somebody(new_page), somebody(new_page)
    sign_up(page, house, name="Ana Diaz", email="ana@example.org", path="/Eczema_check")
    choose(page, "What do you want to do?", "Photo")
    choose(page, "Part", "Trunk")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(photo))
    press(page, "Save to my history")
    expect(page.get_by_text("You find it in your history").first).to_be_visible(timeout=SLOW)
    open_page(page, house, "/Ratings")
    expect(page.get_by_text("This page is not for your account.")).to_be_visible(timeout=SLOW)

    sign_in(desk, house, LENA, path="/Ratings")
    expect(desk.get_by_text("Nobody has let you in yet")).to_be_visible(timeout=SLOW)

    open_page(page, house, "/Account")
    box = page.locator("[class*=st-key-sharing_]")
    pick(page, box.locator("[class*=st-key-doctor_]").get_by_role("combobox"), "Dr Lena Osei")
    press(page, "Let in")
    expect(box.get_by_text("Let in on")).to_be_visible(timeout=SLOW)

    open_page(desk, house, "/Ratings")
    expect(desk.locator(".outlined").first).to_be_visible(timeout=SLOW)
    for sign, grade in (("Redness", "2"), ("Thickness", "1.5"), ("Scratch marks", "0"), ("Thick, lined skin", "3")):
        desk.locator("[data-testid=stButtonGroup]", has_text=re.compile(f"^{sign}")).get_by_text(grade, exact=True).click()
    pick(desk, desk.get_by_role("combobox", name=re.compile("^Area of trunk|.*Area of trunk")), "2: 10-29 %")
    press(desk, "Save my rating")
    expect(desk.get_by_text("Your rating is saved. The patient sees it.")).to_be_visible(timeout=SLOW)
    expect(desk.get_by_text("Still to rate: head and neck, arms and legs.")).to_be_visible(timeout=SLOW)
    expect(desk.locator("[data-testid=stMetric]")).to_have_count(0)  # nothing is called an EASI

    open_page(page, house, "/History")
    page.get_by_role("button", name=re.compile("^Open ")).first.click()
    said = page.locator("[class*=st-key-rated_]")
    expect(said).to_contain_text("Redness 2, thickness 1.5, scratch marks 0, thick, lined skin 3", timeout=SLOW)
    expect(said).to_contain_text("Dr Lena Osei")
    expect(said).to_contain_text("13 of 72 for trunk")
    expect(page.locator("table", has_text="Affected, of the skin")).to_contain_text(re.compile(r"25\s%"))
    open_page(page, house, "/Progress")
    expect(page.get_by_text("What your doctor rated")).to_be_visible(timeout=SLOW)

    open_page(page, house, "/Account")
    page.get_by_text("What was opened, and when").click()
    expect(page.locator("table", has_text="One finding")).to_contain_text("Dr Lena Osei", timeout=SLOW)
    press(page, "Take back")
    expect(page.get_by_text("Nobody but the people of this account.")).to_be_visible(timeout=SLOW)
    expect(desk.get_by_text("Nobody has let you in yet")).to_be_visible(timeout=SLOW)  # the open page notices, without a click
