"""The eczema check in a real browser: a week scored, a body tapped, and an outline corrected by brush until its number changes.

A toy that takes red for affected stands in the place of the network, so that every share is known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import Server, open_page, settle, sign_up
from tests.pages.toys import patch

START = """
import sys
from core.examinations.registry import examinations, register
from tests.pages.toys import Patches
examinations()  # those of the house first: the toy takes the place of one
register(Patches().examination)
from streamlit.web.cli import main
sys.argv = ["streamlit", "run", "Home.py", *sys.argv[1:]]
main()
"""


class WithToy(Server):
    """The app with the toy for the eczema check."""

    def command(self) -> list[str]:
        flags = ["--server.address", "localhost", "--server.headless", "true", "--server.fileWatcherType", "none"]
        return [sys.executable, "-c", START, "--server.port", str(self.port), *flags]


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithToy]:
    server = WithToy(tmp_path_factory.mktemp("eczema") / "home")
    server.start(120)
    yield server
    server.stop()


def patient(new_page: Callable[..., Page], house: WithToy, name: str, **look: Any) -> Page:
    """A new patient on the eczema check. The first page of a server that has just begun takes its time on a busy machine."""
    page = new_page(**look)
    page.set_default_navigation_timeout(90_000)
    sign_up(page, house, name=name, email=f"{name.split()[0].lower()}@example.org", path="/Eczema_check")
    return page


def choose(page: Page, group: str | re.Pattern[str], option: str) -> None:
    page.locator("[data-testid=stButtonGroup]", has_text=group).get_by_text(option, exact=True).click()
    settle(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def stage(page: Page) -> Locator:
    found = page.locator(".stage[data-ready]")
    found.wait_for(timeout=60_000)
    found.scroll_into_view_if_needed()
    return found


def test_a_week_is_scored_question_by_question_with_a_thumb(house: WithToy, new_page: Callable[..., Page]) -> None:
    page = patient(new_page, house, "Ana Diaz", width=390, height=844, has_touch=True, is_mobile=True)
    for at in range(7):
        expect(page.get_by_text(f"Question {at + 1} of 7")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("radio", checked=True).and_(page.locator("[data-testid=stRadio] input"))).to_have_count(0)
        expect(page.locator("[data-testid=stRadio]")).to_have_count(1)  # the question before is gone
        page.locator("[data-testid=stRadio]").get_by_text("3-4 days").tap()
        settle(page)
        press(page, "See all answers" if at == 6 else "Next")
    press(page, "Save my POEM")
    expect(page.get_by_text("14 of 28")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Moderate eczema")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_outline_is_corrected_by_brush_and_its_number_changes(house: WithToy, new_page: Callable[..., Page], tmp_path: Path) -> None:
    photo = tmp_path / "arm.jpg"
    photo.write_bytes(patch(share=0.25, size=(640, 480)))
    page = patient(new_page, house, "Ben Ito")
    choose(page, "What do you want to do?", "Photo")
    choose(page, "Part", "Trunk")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(photo))
    expect(page.get_by_text("The numbers")).to_be_visible(timeout=60_000)
    press(page, "Save to my history")
    expect(page.get_by_text("Correct the outline")).to_be_visible(timeout=60_000)
    page.get_by_text("Correct the outline").click()
    box = stage(page).bounding_box()
    assert box
    settle(page)
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    page.get_by_role("radio", name="Remove").check()
    page.get_by_label("Size of the brush").press("End")  # a fifth of the picture: two strokes take the left half of the square
    for x in (0.3, 0.4):
        page.mouse.move(left + width * x, top + 2)
        page.mouse.down()
        page.mouse.move(left + width * x, top + height - 2, steps=4)
        page.mouse.up()
    said = page.get_by_text(re.compile(r"With your outline, \d+\s% of the skin"))
    expect(said).to_contain_text(re.compile(r"1[23]\s% of the skin in this picture is affected\. Before: 25\s%"), timeout=60_000)
    may = page.get_by_role("checkbox", name="My photo and my outline may be used to train CareLens")
    expect(may).not_to_be_checked()
    press(page, "Save my outline")
    expect(page.get_by_text("Measured with the outline that you drew")).to_be_visible(timeout=60_000)
    expect(page.locator(".stage[data-ready]")).to_have_count(0, timeout=60_000)  # the brush is put away
    expect(page.locator("table", has_text="Affected, of the skin")).to_contain_text(re.compile(r"1[23]\s%"))


def test_the_body_is_tapped_for_the_extent(house: WithToy, new_page: Callable[..., Page]) -> None:
    page = patient(new_page, house, "Cleo Fox", dark=True)
    choose(page, "What do you want to do?", "PO-SCORAD")
    back = page.get_by_role("button", name=re.compile("^Back: "))
    back.click()
    expect(page.get_by_text("Together about 4.5 % of the body.")).to_be_visible(timeout=60_000)
    back.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Together about 9 % of the body.")).to_be_visible(timeout=60_000)
    open_page(page, house, "/Eczema_check")
    choose(page, "What do you want to do?", "PO-SCORAD")
    expect(page.get_by_text("Together about 9 % of the body.")).to_be_visible(timeout=60_000)  # kept as a draft
