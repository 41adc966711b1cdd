"""Forms with one photo: how large they may be, asked before and while they are read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from core.settings import settings

FORM = "multipart/form-data"
BESIDE_THE_PHOTO = 64 * 1024
"""Bytes a form may have beside the photo, for its fields and boundaries."""


class Bounded(Request):
    """A request whose body ends at the limit, and whose form is small beside its one file: so many `fields` of so many bytes."""

    def __init__(self, request: Request, fields: int, longest: int) -> None:
        super().__init__(request.scope, _bounded(request), request._send)
        self._fields, self._longest = fields, longest

    def form(self, **_: Any) -> Any:
        """The form: one file, and some short fields. HTTPException: 413 past the limit, 400 for what is no such form."""
        return super().form(max_files=1, max_fields=self._fields, max_part_size=self._longest)


def most_bytes() -> int:
    """Bytes a body may have."""
    return settings().max_upload_mb * 2**20 + BESIDE_THE_PHOTO


def too_large() -> HTTPException:
    """The refusal of a body over the limit, with the words of a photo over it."""
    return HTTPException(413, f"The request is too large. A photo may have at most {settings().max_upload_mb} MB.")


def is_form(request: Request) -> bool:
    """The body says it is a form that may hold a file."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower() == FORM


def says_too_large(request: Request) -> bool:
    """The request says of itself that it is over the limit; one that does not say is cut off while it is read."""
    length = request.headers.get("content-length", "")
    return length.isdecimal() and int(length) > most_bytes()


def _bounded(request: Request) -> Callable[[], Coroutine[Any, Any, Message]]:
    most, seen = most_bytes(), 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise too_large()
        return message

    return receive
