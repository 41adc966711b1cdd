"""The routes that set and clear the session cookie.

Only a page of this very site may call them (Origin against Host), with a body of a few bytes. A
ticket works once and for a minute, so nothing that stays valid ever travels through a page.
"""

from __future__ import annotations

import logging
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import CareLensError
from core.people import sessions
from core.settings import settings
from core.web.cookie import COOKIE, clear_cookie, set_cookie

log = logging.getLogger("carelens.web")
MAX_BODY = 512
"""Bytes a body may have; a ticket is far shorter."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All of them, so that a wrong one is answered here and in JSON."""


def problem(status: int, text: str) -> JSONResponse:
    """A refusal: `{"error": text}`, never kept by a cache."""
    return JSONResponse({"error": text}, status, headers={"Cache-Control": "no-store"} | ({"Allow": "POST"} if status == 405 else {}))


def is_https(request: Request) -> bool:
    """The browser speaks https to us, or to the proxy before us."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https"


def same_site(request: Request) -> bool:
    """The request was sent by a page of this site: its Origin names the Host it was sent to."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # no address at all, such as `http://[`
        return False


async def small_body(request: Request) -> bytes | None:
    """The body, or None when it is larger than MAX_BODY; reads no more than that."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return body


def token_of(request: Request) -> str | None:
    """The session token of the request's cookie."""
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel and morsel.value else None


def _refusal(request: Request) -> JSONResponse | None:
    if request.method != "POST":
        return problem(405, "Use POST.")
    if not same_site(request):
        return problem(403, "This may only be asked from a page of this site.")
    return None


async def begin(request: Request) -> Response:
    """POST /session with a ticket as the body: 204 and the cookie; 400, 403, 405, 413 or 503 otherwise."""
    if refusal := _refusal(request):
        return refusal
    body = await small_body(request)
    if body is None:
        return problem(413, "That is too long for a ticket.")
    ticket = body.decode("ascii", "ignore").strip()
    if not ticket or len(ticket) != len(body.strip()):
        return problem(400, "There is no ticket.")
    try:
        token = await run_in_threadpool(sessions.redeem_ticket, ticket, request.headers.get("user-agent", "")[:200])
    except CareLensError as error:
        log.warning("no session: %s", type(error).__name__)
        return problem(503, error.reason)
    if token is None:
        return problem(400, "This ticket was used already, or is too old.")
    cookie = set_cookie(token, max_age=settings().session_days * 86400, secure=is_https(request))
    return Response(status_code=204, headers={"Set-Cookie": cookie, "Cache-Control": "no-store"})


async def end(request: Request) -> Response:
    """POST /session/end: the session is over and the cookie is gone; 204 also when there was none."""
    if refusal := _refusal(request):
        return refusal
    if await small_body(request) is None:
        return problem(413, "That is too long.")
    token = token_of(request)
    if token:
        try:
            await run_in_threadpool(sessions.end_session, token)
        except CareLensError as error:
            log.warning("a session could not be ended: %s", type(error).__name__)
            return problem(503, error.reason)
    return Response(status_code=204, headers={"Set-Cookie": clear_cookie(secure=is_https(request)), "Cache-Control": "no-store"})


def routes() -> list[Route]:
    """The two session routes."""
    return [Route("/session", begin, methods=METHODS), Route("/session/end", end, methods=METHODS)]
