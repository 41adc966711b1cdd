"""`/call/<conversation>`: the websocket on which the two browsers of a call find a way to each other. Picture and sound never pass here.

Checked before it opens: the page is of this very site (Origin against Host), the sign-in lasts, the account is one of the two sides and
the doctor is let in now. The last two are asked again every few seconds: who is shut out is out of the call.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.consult import hub, rooms
from core.consult.turn import ice_servers
from core.errors import CareLensError
from core.records.news import pass_on
from core.settings import settings
from core.web.live import ENDED, FULL, REFUSED, admitted, thread_safe

log = logging.getLogger("carelens.web")

PATH = "/call/"
ASK_AGAIN = 5.0
"""Seconds between two looks at whether somebody may still be in the call."""
MOST = 8
"""Pages in one room of one process: both sides, with a reload or a second tab each."""
AT_ONCE, A_SECOND = 100, 30.0
"""What a page may say at once, and in a second after that; ways to reach it come in bursts."""


Say = Callable[[str], Awaitable[None]]
"""Passes on what a page says."""


async def _side(socket: WebSocket, conversation_id: UUID) -> str | None:
    """The side on which this socket's account takes part; None for everybody else."""
    actor = await admitted(socket)
    try:
        return None if actor is None else await run_in_threadpool(rooms.admit, actor, conversation_id)
    except CareLensError:
        return None


async def call(socket: WebSocket) -> None:
    """The websocket `/call/<conversation>?client=<a number by chance>`."""
    client = socket.query_params.get("client", "")
    try:
        conversation_id = UUID(socket.path_params["id"])
    except ValueError:
        await socket.close(REFUSED)
        return
    side = await _side(socket, conversation_id) if rooms.CLIENT.fullmatch(client) else None
    if side is None:
        await socket.close(REFUSED)
        return
    topic = rooms.topic_of(conversation_id)
    if hub.HUB.waiting(topic) >= MOST:
        await socket.accept()  # a browser is told why only after that
        await socket.close(FULL)
        return
    queue: asyncio.Queue[str] = asyncio.Queue(500)
    leave = hub.HUB.join(topic, thread_safe(queue, asyncio.get_running_loop()))
    say = partial(_say, topic, client, side)
    try:
        await socket.accept()
        # The credentials come with every connection, so they are fresh, and stand in no page.
        welcome = {"kind": "welcome", "side": side, "ice": ice_servers(), "relay": settings().relay_only}
        await socket.send_text(json.dumps(welcome))
        async with anyio.create_task_group() as group:
            group.start_soon(_listen, socket, say, group.cancel_scope)
            group.start_soon(_ask_again, socket, conversation_id, group.cancel_scope)
            while True:
                text = await queue.get()
                if rooms.is_for(text, client):
                    await socket.send_text(text)
    except (WebSocketDisconnect, RuntimeError):  # it went while something was sent to it
        log.info("a page left a call")
    finally:
        leave()
        with anyio.CancelScope(shield=True):
            await say(json.dumps({"kind": "bye"}))


async def _say(topic: str, client: str, side: str, text: str) -> None:
    body = rooms.passed_on(text, client, side)
    if body is not None:
        with suppress(CareLensError):
            await run_in_threadpool(pass_on, topic, body)


async def _listen(socket: WebSocket, say: Say, scope: anyio.CancelScope) -> None:
    """Pass on what the page says, as long as it does not flood the room; when it goes, `scope` ends."""
    left, last = float(AT_ONCE), anyio.current_time()
    with suppress(WebSocketDisconnect):
        while True:
            text = await socket.receive_text()
            left, last = min(AT_ONCE, left + (anyio.current_time() - last) * A_SECOND), anyio.current_time()
            if left >= 1:
                left -= 1
                await say(text)
    scope.cancel()


async def _ask_again(socket: WebSocket, conversation_id: UUID, scope: anyio.CancelScope) -> None:
    while True:
        await anyio.sleep(ASK_AGAIN)
        if await _side(socket, conversation_id) is None:
            with suppress(RuntimeError):
                await socket.close(ENDED)
            scope.cancel()
            return


def routes() -> list[WebSocketRoute]:
    """The websocket of calls."""
    return [WebSocketRoute(PATH + "{id}", call)]
