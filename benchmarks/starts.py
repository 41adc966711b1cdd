"""From the start of the process to the first page and to the first finding, in a real browser."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.measure import Row, row
from core.demo.pictures import lesion
from core.photo import encode_png
from tests.browser.helpers import CHROMIUM_FLAGS, Server, sign_in_demo


def first_finding(page: Page, server: Server, photo: Path) -> float:
    """Sign in, answer the questions, upload; returns the seconds from the upload to the finding."""
    sign_in_demo(page, server, path="/Skin_check")
    for group in page.get_by_test_id("stButtonGroup").all()[:3]:
        group.get_by_text("No", exact=True).click()
    upload = page.locator("[data-testid=stFileUploader] input[type=file]")
    upload.wait_for(state="attached")
    start = time.perf_counter()
    upload.set_input_files(photo)
    expect(page.get_by_text("How sure", exact=True)).to_be_visible(timeout=120_000)
    return time.perf_counter() - start


def measure(n: int) -> list[Row]:
    """Start the demo `n` times: to the first page, to the first finding, and from upload to finding."""

    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise RuntimeError("Chromium is not installed; leave this part out with --only stages pages.")
    pages, findings, uploads, again = [], [], [], []
    with TemporaryDirectory(prefix="carelens-bench-") as folder, sync_playwright() as playwright:
        photo = Path(folder) / "lesion.png"
        photo.write_bytes(encode_png(lesion(1).pixels))
        chromium = playwright.chromium.launch(executable_path=browser, args=CHROMIUM_FLAGS)
        server = Server(Path(folder) / "house", demo=True, environment={"OMP_NUM_THREADS": str(os.cpu_count() or 1)})
        server.start()  # once before the clock runs: tables and made-up people are there from then on
        server.stop()
        for _ in range(n):
            page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
            start = time.perf_counter()
            server.start()
            page.goto(server.url)
            expect(page.locator("h1").first).to_be_visible(timeout=60_000)
            pages.append(time.perf_counter() - start)
            uploads.append(first_finding(page, server, photo))
            findings.append(time.perf_counter() - start)
            other = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
            again.append(first_finding(other, server, photo))
            page.context.close()
            other.context.close()
            server.stop()
        chromium.close()
    group = "Start of the process, in a browser"
    return [
        row(group, "to the first page", pages),
        row(group, "to the first finding (with signing in)", findings),
        row(group, "upload to finding, first", uploads),
        row(group, "upload to finding, later", again, 1000),
    ]
