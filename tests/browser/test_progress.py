"""Twelve weeks of eczema in a real browser: scored, photographed, treated, and looked at; somebody else sees none of it.

A toy that takes red for affected stands in the place of the network, so that every share is known. Time is made to pass
by moving what was saved back in the database, as a browser cannot wait for weeks.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import open_page, settle, sign_up, watched
from tests.browser.test_eczema import WithToy, choose, press
from tests.pages.toys import patch

TOTALS = (21, 22, 20, 18, 18, 17, 15, 14, 12, 11, 10, 9)
"""POEM of each week, the oldest first."""
SHARES = {11: 0.30, 6: 0.16, 0: 0.05}
"""Weeks ago to the affected share of the photo."""
ANSWERS = ("No days", "1-2 days", "3-4 days", "5-6 days", "Every day")
SLOW = 90_000


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithToy]:
    server = WithToy(tmp_path_factory.mktemp("weeks") / "home")
    server.start(120)
    yield server
    server.stop()


def later(house: WithToy, days: int) -> None:
    """Let time pass: every finding that was saved is so many days older."""
    with sqlite3.connect(house.home / "carelens.db", timeout=30) as database:
        for id, taken in database.execute("SELECT id, taken_at FROM record").fetchall():
            moved = datetime.fromisoformat(taken) - timedelta(days=days)
            database.execute("UPDATE record SET taken_at = ? WHERE id = ?", (moved.isoformat(" "), id))


def score(page: Page, weeks_ago: int, total: int) -> None:
    """Fill in the POEM of a week, all questions on one page."""
    choose(page, "How do you want to answer?", "All on one page")
    full, rest = divmod(total, 7)
    questions = page.locator("[data-testid=stRadio]")
    expect(questions).to_have_count(7, timeout=SLOW)
    for at in range(7):
        questions.nth(at).get_by_text(ANSWERS[full + (at < rest)], exact=True).click()
    settle(page)
    day = datetime.now(UTC).date() - timedelta(weeks=weeks_ago)
    page.get_by_role("spinbutton", name="day, ").click()
    page.keyboard.type(f"{day:%d%m%Y}")  # from one part of the date to the next by itself
    page.keyboard.press("Tab")
    settle(page)
    press(page, "Save my POEM")
    expect(page.get_by_text(f"{total} of 28", exact=True)).to_be_visible(timeout=SLOW)


def photograph(page: Page, share: float, folder: Path) -> None:
    """Photograph the left arm and save the finding."""
    photo = folder / f"arm-{share}.jpg"
    photo.write_bytes(patch(share=share, size=(640, 480)))
    choose(page, "Part", "Arms")
    choose(page, "Left or right?", "Left")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(photo))
    press(page, "Save to my history")
    expect(page.get_by_text("You find it in your history").first).to_be_visible(timeout=SLOW)
    press(page, "Photograph another part")


def drawn(page: Page, text: str) -> Locator:
    """A word inside a chart."""
    return page.locator("svg.main-svg text", has_text=re.compile(f"^{re.escape(text)}$"))


@pytest.mark.timeout(900)  # twelve weeks take a minute; on a busy machine many
def test_twelve_weeks_are_played_and_nobody_else_sees_them(house: WithToy, new_page: Callable[..., Page], tmp_path: Path) -> None:
    page = new_page()
    page.set_default_navigation_timeout(SLOW)
    page.context.set_default_timeout(SLOW)
    sign_up(page, house, path="/Eczema_check")

    for at, total in enumerate(TOTALS):
        score(page, len(TOTALS) - 1 - at, total)
        if at == len(TOTALS) - 1:
            expect(page.get_by_text("1 point better. A change this small is within the noise.")).to_be_visible(timeout=SLOW)
            expect(page.get_by_text("5 points better. This is very likely an important change.")).to_be_visible()
        press(page, "Fill in another week")
    score_twice = page.get_by_text("You have one of this week already")
    choose(page, "How do you want to answer?", "All on one page")
    page.locator("[data-testid=stRadio]").first.get_by_text("No days", exact=True).click()
    settle(page)
    press(page, "Save my POEM")
    expect(score_twice).to_be_visible(timeout=SLOW)
    press(page, "Keep the one I have")

    choose(page, "What do you want to do?", "Photo")
    weeks = list(SHARES)
    for ago, after in zip(weeks, [*weeks[1:], 0], strict=True):
        photograph(page, SHARES[ago], tmp_path)
        later(house, 7 * (ago - after))

    page.goto(f"{house.url}/Progress")
    expect(drawn(page, "Very severe")).to_be_visible(timeout=SLOW)  # the chart comes last, and on a busy machine late
    settle(page)
    expect(page.get_by_text("9 of 28", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("In four weeks: 5 points better. This is very likely an important change.")).to_be_visible()
    for band in ("Clear or almost clear", "Mild", "Moderate", "Severe", "Very severe"):
        expect(drawn(page, band)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("University of Nottingham")).to_be_visible()

    page.get_by_role("button", name="Log a treatment").click()  # one
    page.get_by_text("Wet wraps or bandages", exact=True).click()  # two
    page.get_by_role("button", name="Started today").click()  # three
    expect(drawn(page, "Wet wraps or bandages")).to_have_count(2, timeout=SLOW)  # on both charts

    photos = page.get_by_role("list", name="Your photos")
    cards = photos.locator("li")
    expect(cards.locator("b")).to_have_text([re.compile(text) for text in (r"^30\s%", r"^16\s%", r"^5\.0\s%")], timeout=SLOW)
    for image in cards.locator("img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True, timeout=SLOW)
        assert image.evaluate("one => one.naturalWidth") > 100
    expect(cards.locator("img")).to_have_count(6)
    address = cards.locator("img").nth(1).get_attribute("src")
    page.get_by_label("Outlines").uncheck()
    expect(cards.locator(".outlined").first).to_be_hidden()

    choose(page, "Look at", "Before and after")
    slider = page.locator("input[type=range]")
    expect(slider).to_be_visible(timeout=SLOW)
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^51 %"))
    expect(page.get_by_text("Less than before.")).to_be_visible()

    choose(page, "Look at", "Time-lapse")
    film = page.locator("figure[data-at]")
    expect(film).to_have_attribute("data-at", "2", timeout=SLOW)
    film.get_by_role("button", name="Play").click()
    expect(film).to_have_attribute("data-at", "1", timeout=SLOW)
    expect(film).to_have_attribute("data-at", "2", timeout=SLOW)
    page.emulate_media(reduced_motion="reduce")
    expect(film.locator(".play")).to_be_hidden()
    film.get_by_role("button", name="Photo before").click()
    expect(film).to_have_attribute("data-at", "1")

    open_page(page, house, "/History")
    expect(page.get_by_text("3 findings and 12 scores, the newest first.")).to_be_visible(timeout=SLOW)
    choose(page, "View", "To print")
    sheet = page.locator(".carelens-sheet")
    expect(sheet.locator("tbody tr")).to_have_count(15, timeout=SLOW)
    expect(sheet.get_by_text("Wet wraps or bandages, since")).to_be_visible()
    expect(page.get_by_role("button", name="Print this page")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("button:visible, a:visible, input:visible, [role=combobox]:visible")).to_have_count(0)
    expect(sheet.locator("tbody tr").last).to_be_visible()
    ink = sheet.evaluate("one => getComputedStyle(one.querySelector('td')).color")
    assert ink == "rgb(13, 27, 31)", "dark letters on white paper, whatever the theme"
    printed = page.pdf()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2, "all of it is printed, not the part that was in sight"
    page.emulate_media(media="screen")

    other = new_page()
    other.set_default_navigation_timeout(SLOW)
    sign_up(other, house, name="Ben Other", email="ben@example.org", path="/Progress")
    expect(other.get_by_text("Nothing here yet")).to_be_visible(timeout=SLOW)
    open_page(other, house, "/History")
    expect(other.get_by_text("Nothing here yet")).to_be_visible(timeout=SLOW)
    expect(other.get_by_text("of 28")).to_have_count(0)
    watched(other).expect("404")
    assert address
    assert other.evaluate("async way => (await fetch(way)).status", address) == 404
    assert page.evaluate("async way => (await fetch(way)).status", address) == 200
