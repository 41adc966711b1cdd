"""From the start of the process to the first page and to the first finding, in a real browser."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.measure import Row, row
from benchmarks.stages import passing
from core.demo.marks import mark
from core.demo.pictures import lesion_jpeg
from core.photo import read_photo
from tests.browser.helpers import CHROMIUM_FLAGS, Server, settle, sign_in_demo


def first_finding(page: Page, server: Server, photo: Path) -> float:
    """Sign in, answer the questions, upload; returns the seconds from the upload to the finding."""
    sign_in_demo(page, server, path="/Skin_check")
    for group in page.get_by_test_id("stButtonGroup").all()[:3]:
        group.get_by_text("No", exact=True).click()
        settle(page)
    upload = page.locator("[data-testid=stFileUploader] input[type=file]")
    upload.wait_for(state="attached")
    start = time.perf_counter()
    upload.set_input_files(photo)
    answer, refusal = page.get_by_text("How sure", exact=True), page.get_by_text("Nothing was examined and nothing was saved.")
    expect(answer.or_(refusal).first).to_be_visible(timeout=30_000)
    seconds = time.perf_counter() - start
    if refusal.is_visible():
        raise RuntimeError(f"The drawn picture was turned away: {page.locator('h4').first.inner_text()}")
    return seconds


def drawn_photo(path: Path) -> bool:
    """Write a drawn picture that the gate lets through, marked as drawn in the demo clinic of this process; False: none of ten passes."""
    for data, _ in passing(lesion_jpeg, 10):
        mark(read_photo(data).sha256)
        path.write_bytes(data)
        return True
    return False


def measure(n: int, home: Path) -> list[Row]:
    """Start the demo clinic in `home` (seeded, that of this process) `n` times, and use it twice each time."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise RuntimeError("Chromium is not installed; leave this part out with --only stages pages.")
    pages, findings, uploads, again = [], [], [], []
    photo = home / "lesion.jpg"
    found = drawn_photo(photo)
    server = Server(home, demo=True, environment={"OMP_NUM_THREADS": str(os.cpu_count() or 1)})
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=CHROMIUM_FLAGS)
        try:
            for _ in range(n):
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                start = time.perf_counter()
                server.start()
                page.goto(server.url)
                expect(page.locator("h1").first).to_be_visible(timeout=60_000)
                pages.append(time.perf_counter() - start)
                if found:
                    uploads.append(first_finding(page, server, photo))
                    findings.append(time.perf_counter() - start)
                    page.close()
                    page = chromium.new_page(viewport={"width": 1280, "height": 900})
                    again.append(first_finding(page, server, photo))
                page.close()
                server.stop()
        finally:
            server.stop()
            chromium.close()
    group = "Start of the process, in a browser" + ("" if found else " (no drawn picture passes the gate: no finding measured)")
    rows = [row(group, "to the first page", pages)]
    if found:
        rows.append(row(group, "to the first finding (with signing in)", findings))
        rows.append(row(group, "upload to finding, first", uploads))
        rows.append(row(group, "upload to finding, later", again, 1000))
    return rows
