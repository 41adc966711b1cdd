"""The app in a process of its own, in a browser of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.helpers import CHROMIUM_FLAGS, Server, watch


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One headless Chromium for a file of tests; every page gets a profile of its own.

    Not for the whole session: Playwright keeps an event loop running in this thread, in which other tests could start none.
    """
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield one
        one.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`new_page(width=1280, height=900, dark=False, **context)`: a page in a fresh profile.

    At the end of the test: no error on the console (policy violations among them) and no request
    that left this machine; `page.context.allowed_errors` takes texts that are expected.
    """
    opened: list[Any] = []

    def make(width: int = 1280, height: int = 900, dark: bool = False, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **options)
        context.set_default_timeout(20_000)
        opened.append((context, watch(context)))
        return context.new_page()

    yield make
    problems = []
    for context, seen in opened:
        problems += seen.problems()
        context.close()
    assert not problems, "the browser complained:\n" + "\n".join(problems)


@pytest.fixture
def browser_page(new_page: Callable[..., Page]) -> Page:
    """A page of 1280 x 900 in a fresh profile."""
    return new_page()


@pytest.fixture
def server(chromium: str, tmp_path: Path) -> Iterator[Server]:
    """The app for real people on an empty database: `.url`, `.home`, `.log`, `.restart()`."""
    yield from _serve(Server(tmp_path / "home", demo=False))


@pytest.fixture(scope="session")
def demo_server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo clinic, one for all tests that only look around."""
    yield from _serve(Server(tmp_path_factory.mktemp("demo"), demo=True))


def _serve(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()
