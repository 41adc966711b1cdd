"""Every refusal of the API as a problem (RFC 9457, `application/problem+json`), with a hint what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import CareLensError, InvalidInput, NotAllowed, NotFound, PhotoRejected, Unavailable
from core.people.throttle import TooManyTries

log = logging.getLogger("carelens.api")

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/docs"
BUSY_FOR = 10
"""Seconds to wait, in Retry-After, while a part of the house is not there."""
NEVER_KEPT = {"Cache-Control": "no-store"}

TYPES = {
    "bad-request": (400, "The request cannot be read."),
    "unauthorized": (401, "A token is missing, or opens nothing any more."),
    "not-allowed": (403, "The token, or its account, may not do this."),
    "not-found": (404, "There is no such thing, or the account may not know of it."),
    "method-not-allowed": (405, "This address knows other methods, named in Allow."),
    "too-large": (413, "The photo or the request is too large."),
    "unsupported-media-type": (415, "Send a form (multipart/form-data) with a JPEG, PNG, WebP, HEIC or DICOM file."),
    "invalid": (422, "A field or parameter cannot be accepted; `errors` says which."),
    "photo-rejected": (422, "The photo cannot be examined: of the wrong kind, or too poor; `code` and `hint` say more."),
    "too-many-requests": (429, "Too many requests; Retry-After says how many seconds to wait."),
    "internal-error": (500, "Something went wrong on our side."),
    "unavailable": (503, "A network, the database or the photo store is not there now, or everybody is busy; try again later."),
}
"""Kinds of problem: name to status and meaning. `type` of a problem is the docs page with the name as its fragment."""
BY_STATUS = {status: name for name, (status, _) in TYPES.items() if name != "photo-rejected"}
"""The name for a refusal of which only the status is known."""


class FieldError(BaseModel):
    """One field or parameter that cannot be accepted."""

    where: str = Field(description="`form.NAME`, `query.NAME` or `path.NAME`")
    detail: str


class Problem(BaseModel):
    """Why a request was refused."""

    type: str = Field(description="The kind of problem: an address on the docs page, or about:blank")
    title: str
    status: int
    detail: str = Field(description="What happened, in a sentence")
    hint: str | None = Field(None, description="What to do about it")
    code: str | None = Field(None, description="For photos: a short fixed word, such as blurred or wrong_kind")
    kind: str | None = Field(None, description="For photos: what the picture looks like, where that is known")
    errors: list[FieldError] | None = Field(None, description="For fields and parameters: each that cannot be accepted")


def problem(
    name: str, detail: str, hint: str = "", *, status: int | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer. `name`: one of TYPES. `status`: another one than is usual for it. `more`: further members; empty ones are left out."""
    usual, _ = TYPES[name]
    told = {"type": f"{DOCS}#{name}", "title": HTTPStatus(status or usual).phrase, "status": status or usual, "detail": detail}
    told |= {member: value for member, value in {"hint": hint, **more}.items() if value}
    return JSONResponse(told, status or usual, headers=NEVER_KEPT | dict(headers or {}), media_type=MEDIA_TYPE)


def of_error(error: CareLensError) -> JSONResponse:
    """The problem of an error of the house."""
    said = (error.reason, error.hint)
    if isinstance(error, PhotoRejected):
        more: dict[str, Any] = {"code": error.code, "kind": error.kind}
        if error.code in ("too_many_bytes", "too_many_pixels"):
            return problem("too-large", *said, **more)
        if error.code == "wrong_format":
            return problem("unsupported-media-type", *said, **more)
        return problem("photo-rejected", *said, **more)
    if isinstance(error, TooManyTries):
        return problem("too-many-requests", *said, headers={"Retry-After": str(seconds(error))})
    if isinstance(error, Unavailable):
        log.info("a part is not there: %s", type(error).__name__)
        return problem("unavailable", *said, headers={"Retry-After": str(BUSY_FOR)})
    kinds: tuple[tuple[type[CareLensError], str], ...] = ((NotFound, "not-found"), (NotAllowed, "not-allowed"), (InvalidInput, "invalid"))
    return problem(next((name for kind, name in kinds if isinstance(error, kind)), "bad-request"), *said)


def seconds(error: TooManyTries) -> int:
    """Whole seconds to wait, at least one and never too few."""
    return max(1, -int(-error.wait.total_seconds() // 1))


async def house_error(_: Request, error: Exception) -> Response:
    """Handler for what the house says."""
    assert isinstance(error, CareLensError)
    return of_error(error)


async def http_error(request: Request, error: Exception) -> Response:
    """Handler for what the framework refuses: no such address, another method, a form that is none."""
    assert isinstance(error, HTTPException)
    name = BY_STATUS.get(error.status_code, "bad-request")
    said = {
        "not-found": ("There is nothing at this address.", f"Everything there is stands on {DOCS}."),
        "method-not-allowed": (f"This address does not know the method {request.method}.", "Allow says which it knows."),
        "bad-request": ("The form cannot be read.", "Send multipart/form-data with one file, photo, and short fields beside it."),
    }.get(name, (str(error.detail), ""))
    return problem(name, *said, headers=error.headers)


async def invalid(_: Request, error: Exception) -> Response:
    """Handler for fields and parameters that cannot be accepted. Tells which, never what was in them."""
    assert isinstance(error, RequestValidationError)
    told = [{"where": _where(one["loc"]), "detail": _detail(one)} for one in error.errors()]
    return problem("invalid", "Some of what was sent cannot be accepted.", "See errors.", errors=told)


def _where(place: tuple[int | str, ...]) -> str:
    first = {"body": "form"}.get(str(place[0]), str(place[0]))
    return ".".join([first, *map(str, place[1:])])


def _detail(one: Mapping[str, Any]) -> str:
    if one["loc"][:2] == ("body", "photo"):
        return "Send the photo itself as a file in this field; an address or text is not taken."
    return str(one["msg"])


class Faults:
    """ASGI middleware, the last net: what nobody expected becomes a problem, and goes to the log without anything of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            log.error("a request failed: %s", type(error).__name__, exc_info=error)
            if scope["type"] != "http" or begun:
                raise
            told = problem("internal-error", "Something went wrong on our side.", "Please try again, or tell whoever runs CareLens.")
            await told(scope, receive, send)
