"""The retina check in a real browser: two photos of one eye on one day, asked for its side, kept side by side, and nobody else's.

A toy that finds the disc by its light stands in the place of the networks; the eyes are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.demo.fundus import fundus, fundus_jpeg
from tests.browser.helpers import Server, open_page, settle, sign_up
from tests.browser.test_eczema import START, WithToy, choose, press


class WithEyes(WithToy):
    """The app with the toy for the retina check."""

    def command(self) -> list[str]:
        return [part.replace("Patches", "Eyes") if part == START else part for part in super().command()]


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithEyes]:
    server = WithEyes(tmp_path_factory.mktemp("retina") / "home")
    server.start(120)
    yield server
    server.stop()


def upload(page: Page, file: Path) -> None:
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(file))
    expect(page.get_by_text("Which eye is it?")).to_be_visible(timeout=60_000)
    settle(page)


def test_two_photos_of_an_eye_are_asked_for_its_side_and_kept_beside_each_other(
    house: Server, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    files = [tmp_path / f"eye{seed}.jpg" for seed in (4, 5)]
    for seed, file in zip((4, 5), files, strict=True):
        file.write_bytes(fundus_jpeg(fundus(seed, "left", 2, size=(600, 500))))
    page = new_page(width=390, height=844)
    page.set_default_navigation_timeout(90_000)
    sign_up(page, house, name="Ana Diaz", email="ana@example.org", path="/Retina_check")
    expect(page.get_by_text("No photo of the left eye is saved yet.")).to_be_visible(timeout=60_000)

    upload(page, files[0])
    expect(page.get_by_text("Moderate changes from diabetes")).to_be_visible()
    expect(page.get_by_text("It looks like a left eye")).to_be_visible()
    press(page, "Save to my history")
    expect(page.get_by_text("Which eye it is, is not answered yet.")).to_be_visible()
    choose(page, "Which eye is it?", "Left eye")
    press(page, "Save to my history")
    expect(page.get_by_text("This is the first grade of this eye.")).to_be_visible(timeout=60_000)

    press(page, "Check another photo")
    upload(page, files[1])
    choose(page, "Which eye is it?", "Left eye")
    press(page, "Save to my history")
    page.reload()
    settle(page)
    left = page.locator(".st-key-eye_left")
    expect(left.get_by_text("The same grade as last time.")).to_be_visible(timeout=60_000)
    left.get_by_text("All 2 photos of this eye").click()
    expect(left.get_by_role("button", name="Open")).to_have_count(2)
    expect(page.get_by_text("No photo of the right eye is saved yet.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    left.get_by_role("button", name="Open").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History", timeout=60_000)
    expect(page.get_by_text("Moderate changes from diabetes")).to_be_visible(timeout=60_000)

    other = new_page()
    sign_up(other, house, name="Ben Ito", email="ben@example.org", path="/Retina_check")
    expect(other.get_by_text("No photo of the left eye is saved yet.")).to_be_visible(timeout=60_000)
    open_page(other, house, "/History")
    expect(other.get_by_text("Nothing here yet")).to_be_visible()
