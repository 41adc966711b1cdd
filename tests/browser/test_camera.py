"""The guided camera before a skin photo, with frames that really go from the browser through the server: it aims, and takes by itself."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.demo.pictures import lesion
from tests.browser.helpers import CHROMIUM_FLAGS, Server, sign_in_demo, watch
from tests.browser.test_walk import answer
from tests.servers import Relay

SIZE = (640, 480)
SECONDS = 12
"""Of a picture too dark; then as many of a good one, and from the start again."""


def film(file: Path) -> Path:
    """A camera that shows a drawn spot, first in the dark: five pictures a second, YUV4MPEG2."""
    good = lesion(5, "plain", size=SIZE).pixels
    dark = (good * 0.15).astype(np.uint8)
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F5:1 Ip A1:1 C420jpeg\n".encode())
        for pixels in (dark, good):
            frame = b"FRAME\n" + cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420).tobytes()
            out.writelines([frame] * (5 * SECONDS))
    return file


@pytest.fixture
def page(browser: Browser, chromium: str, tmp_path: Path):
    """A phone whose camera shows the film."""
    shown = f"--use-file-for-fake-video-capture={film(tmp_path / 'camera.y4m')}"
    one = browser.browser_type.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS, shown])
    context = one.new_context(viewport={"width": 390, "height": 844}, permissions=["camera"])
    seen = watch(context)
    yield context.new_page()
    one.close()
    assert not seen.problems()


@pytest.fixture
def server(tmp_path: Path, relay: Relay):
    """The demo clinic with a relay of its own."""
    one = Server(tmp_path / "demo", demo=True, environment={"CARELENS_TURN_URL": relay.url, "CARELENS_TURN_SECRET": Relay.SECRET})
    one.start()
    yield one
    one.stop()


def test_it_says_what_is_wrong_and_takes_a_good_picture_by_itself(server: Server, relay: Relay, page: Page) -> None:
    sign_in_demo(page, server, path="/Skin_check")
    answer(page)
    page.get_by_text("Guided camera", exact=True).click()
    frame = page.frame_locator("iframe[title*='webrtc']")
    frame.get_by_role("button", name="Start the camera").click(timeout=30_000)
    expect(page.get_by_text("Take the photo by itself when it is good")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("go where it is brighter")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The photo was taken. It is below.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1 of 1 photo done")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Take another by itself").click()
    expect(page.get_by_text("2 of 2 photos done")).to_be_visible(timeout=90_000)
    log = relay.log.read_text()
    assert log.count("ALLOCATE processed, success") >= 2, "both ends asked the relay for a way"
    assert len(set(re.findall(r"user <(\d+:\w+)>", log))) == 1, "with credentials that stay, so that the camera began once"
