"""One element of the house in a page of its own, with the house's routes and headers beside it and no Streamlit: quick to open.

The element's files are those that ship. The page hands it what Streamlit would, and notes what it tells in `window.told`.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Self

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.ui.parts import ELEMENTS
from core.web import app
from core.web.cookie import COOKIE
from tests.servers import free_port

expect.set_options(timeout=20_000)  # two slow cores with a browser, its server and another process on them
HARNESS = """import make from "./part.js";
const root = document.querySelector("#root");
window.told = [];
const tell = (name, value) => window.told.push([name, value]);
window.mount = (data) => (window.unmount = make({ parentElement: root, data, key: "one", setTriggerValue: tell, setStateValue: tell }));
"""


async def _page(request: Request) -> Response:
    html = (ELEMENTS / request.path_params["name"] / "part.html").read_text(encoding="utf-8")
    head = '<meta charset="utf-8"><title>One element</title><link rel="icon" href="data:,"><link rel="stylesheet" href="part.css">'
    return HTMLResponse(f'<!doctype html><html lang="en"><head>{head}</head><body><main id="root">{html}</main>'
                        '<script type="module" src="harness.js"></script></body></html>')  # fmt: skip


async def _file(request: Request) -> Response:
    name, file = request.path_params["name"], request.path_params["file"]
    kind = "text/css" if file.endswith(".css") else "text/javascript"
    return PlainTextResponse(HARNESS if file == "harness.js" else (ELEMENTS / name / file).read_text(encoding="utf-8"), media_type=kind)


class House:
    """The routes of the house, served from this process: what the test does to the database is told to the pages at once."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        routes = [*app.routes(), Route("/element/{name}/", _page), Route("/element/{name}/{file}", _file)]
        site = Starlette(routes=routes, middleware=app.middleware())
        self._server = uvicorn.Server(uvicorn.Config(site, host="localhost", port=self.port, log_level="warning", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.02)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(20)

    def show(self, browser: Browser | BrowserContext, name: str, data: dict[str, Any], token: str | None, host: str = "localhost") -> Page:
        """The element `name` with `data`, in a profile of its own that is signed in with `token`; what it threw is in `page.wrong`."""
        url = f"http://{host}:{self.port}"
        context = browser.new_context() if isinstance(browser, Browser) else browser
        if token:
            context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        page = context.new_page()
        page.wrong = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.wrong.append(str(error)))  # type: ignore[attr-defined]
        page.goto(f"{url}/element/{name}/")
        page.wait_for_function("() => Boolean(window.mount)")
        page.evaluate("data => { window.mount(data); }", data)
        return page
