"""The brush in a real browser, under the house's own security rules: what is painted is the mask that Python gets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import Server, settle

WIDTH, HEIGHT = 640, 480
PAGE = """
import os
import cv2
import numpy as np
import streamlit as st
from streamlit import runtime

if not runtime.exists():
    from core.records.database import migrate
    from core.web.app import middleware, routes

    migrate()  # the server is healthy with a database only
    app = st.App(__file__, routes=routes(), middleware=middleware())
else:
    from core.ui import brush, pictures

    photo = np.full(({height}, {width}, 3), (225, 180, 160), np.uint8)
    photo[100:200, 100:200] = (190, 90, 80)
    mask = np.zeros(({height}, {width}), np.uint8)
    mask[100:200, 100:200] = 255
    st.title("Brush")
    drawn = brush.brush(pictures.photo_picture(photo, "A drawn patch"), mask, "brush")
    cv2.imwrite({file!r}, mask if drawn is None else drawn)
    told = st.session_state["brush"].drawn
    st.markdown(f"drawing {{told['n'] if told else 0}}.")
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.markdown(f"run {{st.session_state.runs}}.")
    st.button("Run again")
"""


class Alone(Server):
    """A page with nothing but the brush, served as the app is."""

    @property
    def mask_file(self) -> Path:
        return self.home.parent / "mask.png"

    def command(self) -> list[str]:
        page = self.home.parent / "brush_page.py"
        page.write_text(PAGE.format(width=WIDTH, height=HEIGHT, file=str(self.mask_file)), encoding="utf-8")
        flags = ["--server.address", "localhost", "--server.headless", "true", "--server.fileWatcherType", "none"]
        return [sys.executable, "-m", "streamlit", "run", str(page), "--server.port", str(self.port), *flags]

    def mask(self) -> NDArray[np.uint8]:
        return np.asarray(cv2.imread(str(self.mask_file), cv2.IMREAD_GRAYSCALE), np.uint8)


@pytest.fixture(scope="module")
def alone(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    server = Alone(tmp_path_factory.mktemp("brush") / "home")
    server.start()
    yield server
    server.stop()


def opened(page: Page, server: Alone) -> Locator:
    page.goto(server.url, timeout=60_000)
    stage = page.locator(".stage[data-ready]")
    stage.wait_for(timeout=60_000)
    settle(page)
    stage.scroll_into_view_if_needed()
    return stage


def at(stage: Locator, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the photo is on the screen."""
    box = stage.bounding_box()
    assert box
    return box["x"] + x / WIDTH * box["width"], box["y"] + y / HEIGHT * box["height"]


def changed(page: Page, server: Alone, drawings: int) -> NDArray[np.uint8]:
    """The mask once Python has got so many drawings (undoing is one, too)."""
    expect(page.get_by_text(f"drawing {drawings}.", exact=True)).to_be_visible(timeout=60_000)
    settle(page)
    return server.mask()


def capsule(x0: int, x1: int, y: int, thick: float) -> NDArray[np.bool_]:
    """Everything nearer than half the thickness to a level line."""
    row, column = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.hypot(column - np.clip(column, x0, x1), row - y) < thick / 2


def square() -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[100:200, 100:200] = True
    return mask


def overlap(found: NDArray[np.uint8], wanted: NDArray[np.bool_]) -> float:
    return float((wanted & (found > 0)).sum() / (wanted | (found > 0)).sum())


def thickness(page: Page) -> float:
    return float(page.locator(".size input").input_value()) * max(WIDTH, HEIGHT) / 100


def test_the_mouse_paints_and_what_is_painted_is_the_mask(alone: Alone, new_page: Callable[..., Page]) -> None:
    page = new_page()
    stage = opened(page, alone)
    assert np.array_equal(changed(page, alone, 0) > 0, square())
    page.mouse.move(*at(stage, 300, 300))
    page.mouse.down()
    page.mouse.move(*at(stage, 500, 300), steps=8)
    page.mouse.up()
    wanted = square() | capsule(300, 500, 300, thickness(page))
    assert overlap(changed(page, alone, 1), wanted) > 0.97

    alone.mask_file.unlink()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("run 3.", exact=True)).to_be_visible(timeout=60_000)
    assert overlap(changed(page, alone, 1), wanted) > 0.97  # another click loses nothing

    page.get_by_role("radio", name="Remove").check()
    page.mouse.move(*at(stage, 60, 150))
    page.mouse.down()
    page.mouse.move(*at(stage, 240, 150), steps=8)
    page.mouse.up()
    assert overlap(changed(page, alone, 2), wanted & ~capsule(60, 240, 150, thickness(page))) > 0.97

    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert np.array_equal(changed(page, alone, 4) > 0, square())
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_finger_paints_on_a_phone_and_two_fingers_do_not(alone: Alone, new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, height=844, has_touch=True, is_mobile=True)
    stage = opened(page, alone)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    browser = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(points)]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", at(stage, 300, 300))
    for x in range(320, 501, 20):
        touch("touchMove", at(stage, x, 300))
    touch("touchEnd")
    mask = changed(page, alone, 1)
    assert overlap(mask, square() | capsule(300, 500, 300, thickness(page))) > 0.95

    touch("touchStart", at(stage, 100, 400))
    touch("touchStart", at(stage, 100, 400), at(stage, 500, 400))
    touch("touchMove", at(stage, 140, 400), at(stage, 460, 400))
    touch("touchEnd")
    page.wait_for_timeout(600)
    assert np.array_equal(alone.mask(), mask)


def test_a_pen_paints_and_its_other_end_removes(alone: Alone, new_page: Callable[..., Page]) -> None:
    page = new_page()
    stage = opened(page, alone)
    browser = page.context.new_cdp_session(page)

    def pen(kind: str, x: int, y: int) -> None:
        left, top = at(stage, x, y)
        browser.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": left, "y": top, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"},
        )

    pen("mousePressed", 400, 100)
    pen("mouseMoved", 500, 100)
    pen("mouseReleased", 500, 100)
    assert overlap(changed(page, alone, 1), square() | capsule(400, 500, 100, thickness(page))) > 0.97


def test_keys_paint_too(alone: Alone, new_page: Callable[..., Page]) -> None:
    page = new_page(dark=True)
    stage = opened(page, alone)
    stage.focus()
    for key in ("+", "+", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    thick = thickness(page)
    assert thick == 8 * WIDTH / 100
    x = round(WIDTH / 2 + thick)
    assert overlap(changed(page, alone, 1), square() | capsule(x, x, HEIGHT // 2, thick)) > 0.97
    page.keyboard.press("z")
    assert np.array_equal(changed(page, alone, 2) > 0, square())
    expect(page.locator("[role=status]")).to_have_text("Added here.")
