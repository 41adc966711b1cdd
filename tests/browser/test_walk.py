"""The first walk, as a person takes it: a mole photographed, examined, saved and found again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from models.photo_kind.mistakes import document
from tests.browser.helpers import Server, is_signed_out, open_page, settle, sign_out, sign_up
from tests.conftest import ROOT

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture
def house(chromium: str, tmp_path: Path) -> Iterator[Server]:
    """A demo house of its own: there drawn pictures pass the gate by their mark."""
    server = Server(tmp_path / "home", demo=True)
    server.start()
    yield server
    server.stop()


def drawn(house: Server, folder: Path) -> list[Path]:
    """Two drawn lesions, marked in the house, made as a presenter makes them."""
    command = [sys.executable, "-m", "core.demo.pictures", "--out", str(folder), "--count", "2", "--seed", "40"]
    ours = {"CARELENS_HOME": str(house.home), "CARELENS_DEMO": "1"}
    subprocess.run(command, cwd=ROOT, env=os.environ | ours, check=True, capture_output=True)
    return sorted(folder.glob("*.jpg"))


UPLOADER = "[data-testid=stFileUploader] input[type=file]"


def upload(page: Page, *files: Path) -> None:
    page.locator(UPLOADER).set_input_files([str(file) for file in files])


def answer(page: Page) -> None:
    """No to the three questions, and where the spot is."""
    for question in ("Is the spot new", "Does it bleed", "Does it look unlike"):
        page.locator("[data-testid=stButtonGroup]", has_text=re.compile(question)).get_by_text("No", exact=True).click()
        settle(page)
    page.locator("[data-testid=stButtonGroup]", has_text="Where on the body").get_by_text("Back", exact=True).click()
    settle(page)


def test_a_mole_is_photographed_examined_saved_and_found_again(house: Server, new_page: Callable[..., Page], tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    cv2.imwrite(str(text), document(np.random.default_rng(950_000), 1000, 800))
    first, second = drawn(house, tmp_path / "drawn")
    page = new_page()

    sign_up(page, house, path="/Skin_check")
    answer(page)

    upload(page, text)
    expect(page.get_by_text("This looks like something other than skin")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("What it looks like")).to_have_count(0)
    page.get_by_role("button", name="Take it again").click()
    settle(page)

    for file in (first, second):
        upload(page, file)
        expect(page.get_by_text("What cannot be excluded").first).to_be_visible(timeout=60_000)
        for line in ("What it looks like", "How sure", "What to do next", "How we know"):
            expect(page.get_by_text(line, exact=True).first).to_be_visible()
        expect(page.get_by_text("not a diagnosis").first).to_be_visible()
        page.get_by_role("button", name="Save to my history").click()
        expect(page.get_by_text("You find it in your history").first).to_be_visible(timeout=30_000)
        settle(page)

    page.reload()
    expect(page.get_by_text("A new spot, or one you follow")).to_be_visible(timeout=30_000)
    page.wait_for_load_state("networkidle")  # what is still being loaded would be lost with the server
    house.restart()

    open_page(page, house, "/History")
    expect(page.get_by_text("2 findings, the newest first.")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-testid=stImage] img, figure img").first).to_be_visible()

    page.get_by_text("Compare two", exact=True).click()
    settle(page)
    slider = page.locator("input[type=range]").first
    expect(slider).to_be_attached(timeout=30_000)

    sign_out(page)
    for name in PAGES:
        page.goto(f"{house.url}/{name}")
        is_signed_out(page)
        expect(page.get_by_text("Spot on the back")).to_have_count(0)


def test_a_photo_that_meets_a_click_is_not_lost(house: Server, new_page: Callable[..., Page], tmp_path: Path) -> None:
    """An answer changed in the same moment starts a new run of the page; the photo arrives all the same."""
    text = tmp_path / "text.png"
    cv2.imwrite(str(text), document(np.random.default_rng(950_000), 1000, 800))
    page = new_page()
    sign_up(page, house, path="/Skin_check")
    answer(page)
    site = page.locator("[data-testid=stButtonGroup]", has_text="Where on the body")
    for at in range(8):
        expect(page.locator(UPLOADER)).to_have_count(1)  # that of the run before is gone
        site.get_by_text(("Arm", "Leg")[at % 2], exact=True).click()
        page.wait_for_timeout(10 * at)
        upload(page, text)
        site.get_by_text(("Hand", "Foot")[at % 2], exact=True).click()
        expect(page.get_by_text("This looks like something other than skin")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Take it again").click()
        settle(page)
