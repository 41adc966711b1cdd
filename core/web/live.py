"""`/live`: a websocket on which a page hears that there is something new for its account, and nothing else.

It carries a word, never what is new: the page then asks the server as it always does, which decides anew who may see what.
Only a page of this very site may open it (Origin against Host), with the cookie of a sign-in that still lasts.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.consult import hub
from core.errors import CareLensError
from core.people.policy import Actor
from core.people.sessions import actor_of
from core.records.news import topic_of
from core.web.session import same_site, token_of

log = logging.getLogger("carelens.web")

PATH = "/live"
NEWS = "news"
"""The word for whatever may have been missed; what is known to have changed has a word of `core.records.news`."""
ASK_AGAIN = 60.0
"""Seconds after which an open socket is asked again whether its sign-in still lasts."""
MOST = 30
"""Sockets of one account in one process: tabs and devices. More are refused."""
REFUSED, ENDED, FULL = 4403, 4401, 4429
"""Why a socket was closed: of another site or nobody's; the sign-in is over; too many."""


async def admitted(socket: WebSocket) -> Actor | None:
    """Who opens a socket of ours, or None: of another site, or not signed in. Shared by every socket of the house."""
    if not same_site(socket):
        return None
    try:
        return await run_in_threadpool(actor_of, token_of(socket))
    except CareLensError:
        return None


def thread_safe(queue: asyncio.Queue[str], loop: asyncio.AbstractEventLoop) -> hub.Heard:
    """Puts what any thread hears into a queue of the event loop; nothing when the loop is closed or the queue is full."""

    def put(body: str) -> None:
        with suppress(asyncio.QueueFull):
            queue.put_nowait(body)

    def heard(body: str) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(put, body)

    return heard


async def live(socket: WebSocket) -> None:
    """The websocket `/live`."""
    actor = await admitted(socket)
    if actor is None:
        await socket.close(REFUSED)
        return
    topic = topic_of(actor.account_id)
    if hub.HUB.waiting(topic) >= MOST:
        await socket.close(FULL)
        return
    queue: asyncio.Queue[str] = asyncio.Queue(4)  # a few words are enough however much is new
    leave = hub.HUB.join(topic, thread_safe(queue, asyncio.get_running_loop()))
    try:
        await socket.accept()
        async with anyio.create_task_group() as group:
            group.start_soon(_until_it_goes, socket, group.cancel_scope)
            await _speak(socket, queue, actor.account_id)
            group.cancel_scope.cancel()
    finally:
        leave()


async def _speak(socket: WebSocket, queue: asyncio.Queue[str], account_id: UUID) -> None:
    """Say the word whenever there is something new, as long as the sign-in lasts."""
    while True:
        with anyio.move_on_after(ASK_AGAIN) as waited:
            word = await queue.get()
        if not waited.cancelled_caught:
            await socket.send_text(word or NEWS)
            continue
        actor = await admitted(socket)
        if actor is None or actor.account_id != account_id:
            await socket.close(ENDED)
            return


async def _until_it_goes(socket: WebSocket, scope: anyio.CancelScope) -> None:
    """Nothing is expected of the page, and whatever it says is not listened to; when it goes, `scope` ends."""
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()
    scope.cancel()


def routes() -> list[WebSocketRoute]:
    """The websocket of the pages."""
    return [WebSocketRoute(PATH, live)]
