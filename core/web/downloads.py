"""Files made for one person, handed out once they are ready: `/download/<id>`.

A file has no name on the disk and is gone when its time is over, when a newer one takes its place, when
its account is erased, and when the server stops. Only a browser that is signed in to the account gets it.
"""

from __future__ import annotations

import mimetypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.errors import CareLensError
from core.people.policy import Actor
from core.people.secrets import new_token
from core.people.sessions import actor_of
from core.records.export import aside, full
from core.web.session import problem, token_of

PATH = "/download/"
LIFE = 900.0
"""Seconds a file waits to be fetched."""
PIECE = 1 << 18


@dataclass(frozen=True)
class Offer:
    """A file that waits for its person. `size` in bytes; `until`: monotonic seconds. `may`: asked anew when it is fetched; None: always."""

    account_id: UUID
    file: BinaryIO
    name: str
    size: int
    until: float
    may: Callable[[Actor], bool] | None = None


_offers: dict[str, Offer] = {}
_lock = threading.Lock()


def offer(account_id: UUID, file: BinaryIO, name: str, may: Callable[[Actor], bool] | None = None) -> str:
    """Take over a file, already written, for an account; returns its address. An account has one: the one before is closed."""
    size = file.seek(0, os.SEEK_END)
    id = new_token()
    with _lock:
        _drop(lambda one: one.account_id == account_id or one.until < time.monotonic())
        _offers[id] = Offer(account_id, file, name, size, time.monotonic() + LIFE, may)
    timer = threading.Timer(LIFE + 1, sweep)
    timer.daemon = True
    timer.start()
    return PATH + id


def offer_bytes(account_id: UUID, data: bytes, name: str, may: Callable[[Actor], bool] | None = None) -> str:
    """As `offer`, for what was made in memory. Unavailable when the disk is full."""
    file = aside()
    try:
        file.write(data)
    except OSError as error:
        file.close()
        raise full(error) from error
    return offer(account_id, file, name, may)


def waiting(address: str) -> bool:
    """Whether the file of this address can still be fetched."""
    with _lock:
        found = _offers.get(address.removeprefix(PATH))
        return found is not None and found.until > time.monotonic()


def forget(account_id: UUID) -> None:
    """Close what waits for an account."""
    with _lock:
        _drop(lambda one: one.account_id == account_id)


def sweep() -> None:
    """Close what nobody fetched in time."""
    with _lock:
        _drop(lambda one: one.until < time.monotonic())


def _drop(which: Callable[[Offer], bool]) -> None:
    for id in [id for id, one in _offers.items() if which(one)]:
        _offers.pop(id).file.close()  # its last name is this open file: with it the bytes go


def _opened(id: str, account_id: UUID) -> tuple[Offer, BinaryIO] | None:
    """The offer and a handle of its own, which stays good when the offer is closed meanwhile."""
    with _lock:
        found = _offers.get(id)
        if found is None or found.account_id != account_id or found.until < time.monotonic():
            return None
        return found, os.fdopen(os.dup(found.file.fileno()), "rb", buffering=0)


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    with file:
        at = 0
        # By position: all handles of a file share one place to read from, and two downloads may run at once.
        while at < size and (piece := os.pread(file.fileno(), min(PIECE, size - at), at)):
            at += len(piece)
            yield piece


async def download(request: Request) -> Response:
    """GET /download/<id>: the file; 404 for anyone but its account, 401 for nobody, 503 without a database."""
    try:
        actor = await run_in_threadpool(actor_of, token_of(request))
    except CareLensError as error:
        return problem(503, error.reason)
    if actor is None:
        return problem(401, "Sign in first.")
    found = _opened(request.path_params["id"], actor.account_id)
    if found is not None and found[0].may is not None and not found[0].may(actor):
        found[1].close()
        found = None
    if found is None:
        return problem(404, "This file is not here any more. Make it again on the page it came from.")
    one, file = found
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name)}",
        "Content-Length": str(one.size),
        "Cache-Control": "no-store",
    }
    media_type = mimetypes.guess_type(one.name)[0] or "application/octet-stream"
    return StreamingResponse(_pieces(file, one.size), media_type=media_type, headers=headers)


def routes() -> list[Route]:
    """The route of the files."""
    return [Route(PATH + "{id}", download, methods=["GET"])]
