"""A morning at the screening desk: a ZIP file of thirty photos with two broken ones, a reload and a restart in the middle."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.photo import encode_jpeg
from tests.browser.helpers import ROOT, Server, make_account, open_page, pick, settle, sign_in, watched

STAND_IN = Path(__file__).with_name("stand_in")
PHOTOS, BROKEN = 30, (7, 20)
EMAIL = "sam@example.org"


@pytest.fixture
def desk_server(chromium: str, tmp_path: Path) -> Iterator[Server]:
    """The app with a quick check in the place of that of the retina."""
    server = Server(tmp_path / "home", environment={"PYTHONPATH": f"{STAND_IN}:{ROOT}", "SLOW": "1"})
    server.start(240)
    try:
        yield server
    finally:
        server.stop()


def drawn(number: int) -> bytes:
    """A drawn round field; the higher the number, the brighter, and so the worse for the stand-in."""
    y, x = np.mgrid[:240, :240]
    inside = (x - 120) ** 2 + (y - 120) ** 2 < 118**2
    noise = np.random.default_rng(number).integers(-9, 10, (240, 240, 3))
    pixels = np.where(inside[..., None], np.array([60 + 7 * number, 40 + 7 * number, 30 + 7 * number]), 8) + noise
    return encode_jpeg(np.clip(pixels, 0, 255).astype(np.uint8))


def name_of(number: int) -> str:
    return f"camp/P{number // 2:03}_{('right', 'left')[number % 2]}.jpg"


def packed(path: Path) -> Path:
    """Thirty photos in a ZIP file, two of them broken."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(PHOTOS):
            data = drawn(number)
            if number == BROKEN[0]:
                data = data[: len(data) // 2]
            if number == BROKEN[1]:
                data = b"\x89PNG\r\n\x1a\n" + b"no picture at all" * 20
            archive.writestr(name_of(number), data)
    return path


def wait_for(page: Page, words: str | re.Pattern[str], seconds: float = 120) -> None:
    expect(page.get_by_text(words).first).to_be_visible(timeout=seconds * 1000)


def save(page: Page, button: str, ending: str, tmp_path: Path) -> Path:
    """Press the button that makes a file, then fetch it by the link."""
    page.get_by_role("button", name=button).click()
    link = page.get_by_role("link", name=re.compile(rf"Save .*{re.escape(ending)}"))
    expect(link).to_be_visible(timeout=60_000)
    address = link.get_attribute("href")
    assert address is not None
    answer = page.request.get(page.url.split("/Screening")[0] + address if address.startswith("/") else address)
    assert answer.ok, answer.status
    path = tmp_path / f"made{ending}"
    path.write_bytes(answer.body())
    return path


def test_a_morning_at_the_desk(desk_server: Server, new_page: Callable[..., Page], tmp_path: Path) -> None:
    make_account(desk_server, "staff", EMAIL, "Sam Vos")
    page = new_page()
    page.set_default_timeout(120_000)  # a server that grades in the background has little time for pages
    sign_in(page, desk_server, EMAIL, path="/Screening")
    page.get_by_role("radio", name="Add photos").or_(page.get_by_role("button", name="Add photos")).first.click()
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(packed(tmp_path / "camp.zip"))
    wait_for(page, "30 of 30")
    page.get_by_role("button", name="Grade 30 files").click()

    # In the middle: the page is loaded anew, then the whole server ends and starts again.
    wait_for(page, re.compile(r"\b[2-9] of 30 graded"))
    page.reload()
    wait_for(page, re.compile(r"\d+ of 30 graded"))
    # The page says so while nobody is there.
    for said in (
        "already in CLOSING",
        "Cannot send rerun backMessage",
        "Client Error in reaching",
        "Is Streamlit still running",
    ):
        watched(page).expect(said)
    desk_server.stop()
    desk_server.start(240)
    open_page(page, desk_server, "/Screening")
    wait_for(page, re.compile(r"\d+ of 30 graded"))
    wait_for(page, "28 of 30 graded", seconds=240)
    settle(page)
    wait_for(page, "2 could not be read")

    page.get_by_role("radio", name=re.compile("Not read")).or_(page.get_by_role("button", name=re.compile("Not read"))).first.click()
    settle(page)
    wait_for(page, "The photo is not complete: a part of the file is missing.")
    assert page.get_by_text("Not read", exact=True).count() == 2
    page.get_by_role("radio", name=re.compile("All 30")).or_(page.get_by_role("button", name=re.compile("All 30"))).first.click()
    settle(page)

    # One is corrected: another grade needs a reason.
    page.locator("[class*='st-key-row_']").first.get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Your grade")).to_be_visible(timeout=30_000)
    pick(page, dialog.get_by_role("combobox", name=re.compile("Grade")), "2 Moderate")
    dialog.get_by_label("Why, if it is another one").fill("No new vessels, some bleeds")
    dialog.get_by_role("button", name="Save my grade").click()
    wait_for(page, "Your grade is saved.")
    settle(page)
    wait_for(page, re.compile(r"People agree on 0 of 1"))

    table = list(csv.DictReader(io.StringIO(save(page, "Make the table (CSV)", ".csv", tmp_path).read_bytes().decode("utf-8-sig"))))
    assert len(table) == PHOTOS
    assert sorted(row["File"] for row in table) == sorted(map(name_of, range(PHOTOS)))
    assert [row["File"] for row in table if row["State"] == "not read"] == [name_of(number) for number in BROKEN]
    assert all(row["Why there is no grade"] for row in table if row["State"] == "not read")
    assert {row["State"] for row in table} == {"graded", "not read"}
    (corrected,) = [row for row in table if row["Grade of a person"]]
    assert (corrected["Grade of a person"], corrected["Whose"], corrected["Role"]) == ("2 Moderate", "Sam Vos", "staff")
    assert corrected["Network's grade"] != "2 Moderate" and corrected["Why another grade"] == "No new vessels, some bleeds"

    with zipfile.ZipFile(save(page, "Make the letters (PDF)", ".zip", tmp_path)) as letters:
        assert len(letters.namelist()) == PHOTOS // 2
        assert all(letters.read(name).startswith(b"%PDF") for name in letters.namelist())
