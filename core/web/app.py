"""What the server does beside the pages: routes, headers, and what happens before the first visitor."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from core.consult import hub
from core.errors import CareLensError, NotAllowed
from core.records import erase, pooled, reminding
from core.screening import pool
from core.settings import settings
from core.web import call, downloads, health, live, message_photos, say, session, talk, thumbnails
from core.web.api import app as api
from core.web.headers import SecurityHeaders
from core.web.uploads import keep_upload_answers

log = logging.getLogger("carelens.web")
WARM_AFTER = 1.5
"""Seconds after the start before torch is imported: the first visitor's first page gets the processor for itself."""
TIDY_EVERY = 300.0
"""Seconds between two looks at what was erased and is not gone to the last byte yet, at whom to remind, and from whom to learn."""


def refuse_to_start_unsafe() -> None:
    """End the process with a plain message when the app would run for real people with a known secret."""
    try:
        settings().refuse_default_secret()
    except ValueError as error:
        sys.stderr.write(f"\nCareLens does not start: {error}\nTo look around with made-up people instead: make run\n\n")
        raise SystemExit(1) from None


def routes() -> list[BaseRoute]:
    """The routes beside the pages."""
    return [
        *session.routes(),
        *downloads.routes(),
        *thumbnails.routes(),
        *message_photos.routes(),
        *live.routes(),
        *talk.routes(),
        *say.routes(),
        *call.routes(),
        *health.routes(),
        *api.routes(),
    ]


def middleware() -> list[Middleware]:
    """The middleware around everything."""
    return [Middleware(SecurityHeaders)]


def prepare() -> None:
    """Before the first page: the database in its newest form; in the demo, made-up people in an empty one.

    NotAllowed when the demo would run on real people's database. A database that is down does not
    stop the server: its pages say so, and work again when it is back.
    """
    from core.records.database import migrate

    try:
        migrate()
        if settings().demo:
            from core.demo.people import seed_if_empty

            seed_if_empty()
    except NotAllowed as error:
        # The demo on a database that is not the demo's: its banner would be a lie, so nobody is let in.
        sys.stderr.write(f"\nCareLens does not start: {error.reason} {error.hint}\n\n")
        raise
    except CareLensError as error:
        log.error("the database is not ready: %s", error.reason)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """The life of the server with the pages."""
    keep_upload_answers()
    async with open_house(app) as state:
        yield state


@asynccontextmanager
async def open_house(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Prepare, then start warming the networks in a thread of their own: no page waits for them."""
    await run_in_threadpool(prepare)
    hub.listen()
    timer = threading.Timer(WARM_AFTER, warm)
    timer.daemon = True
    timer.start()
    desk = pool.Pool()
    desk.start()  # batches that were not finished go on
    over = threading.Event()
    threading.Thread(target=tidy, args=(over,), daemon=True).start()
    yield {}
    over.set()
    timer.cancel()
    await run_in_threadpool(desk.stop)


def tidy(over: threading.Event) -> None:
    """Now and every few minutes: finish what was erased while the store was away, somebody read, or the server was killed; remind.

    Every few minutes, and not now: learn from the diaries of those who agreed. A server's first minutes are its first visitors'.
    """
    while True:
        _turn(erase.finish_quietly)
        _turn(reminding.remind_quietly)
        if over.wait(TIDY_EVERY):
            return
        _turn(pooled.refresh_quietly)


def _turn(task: Callable[[], object]) -> None:
    """Do one of them. A fault of ours in one must not end the thread: nothing would be erased to the last byte any more."""
    try:
        task()
    except Exception as error:
        log.error("a turn of tidying failed: %s", type(error).__name__, exc_info=error)


def warm() -> None:
    """Start loading the networks in the background; without them the rest of the house works.

    First what the pages compute with, for it may not be loaded while torch is (`core.vision.loading`).
    """
    from core.insight import forecast, triggers, weather_partial  # noqa: F401

    try:
        from core.vision.engine import warm_in_background
    except ImportError:
        log.warning("there is no engine for networks")
        return
    warm_in_background()
