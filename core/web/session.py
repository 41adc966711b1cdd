"""The routes that set and clear the session cookie.

Only a page of this very site may call them (Origin against Host), with a body of a few bytes. A
ticket works once and for a minute, so nothing that stays valid ever travels through a page.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import CareLensError
from core.people import devices, sessions, throttle
from core.people.throttle import TooManyTries
from core.settings import settings
from core.web.cookie import COOKIE, DEVICE, DEVICE_AGE, clear_cookie, read, set_cookie
from core.web.proxies import over_https

log = logging.getLogger("carelens.web")
MAX_BODY = 512
"""Bytes a body may have; a ticket is far shorter."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All of them, so that a wrong one is answered here and in JSON."""


def problem(status: int, text: str, more: dict[str, str] | None = None) -> JSONResponse:
    """A refusal: `{"error": text}`, never kept by a cache. `more`: further headers."""
    allow = {"Allow": "POST"} if status == 405 else {}
    return JSONResponse({"error": text}, status, headers={"Cache-Control": "no-store"} | allow | (more or {}))


def is_https(request: HTTPConnection) -> bool:
    """The browser speaks https to us, or to the proxy before us. It says so itself where the proxy does not."""
    return over_https(request.url.scheme, request.headers) or request.headers.get("origin", "").startswith("https://")


def same_site(request: HTTPConnection) -> bool:
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


def cookie_of(request: HTTPConnection, name: str = COOKIE) -> str | None:
    """The value of one of our cookies in the request."""
    return read(request.cookies, name, is_https(request))  # Python's own parser gives up at the first odd cookie of somebody else


def token_of(request: HTTPConnection) -> str | None:
    """The session token of the request's cookie."""
    return cookie_of(request)


def address_of(request: Request) -> str | None:
    """The network address the request comes from; the server has put in what a trusted proxy said."""
    return request.client.host if request.client else None


def _refusal(request: Request) -> JSONResponse | None:
    if request.method != "POST":
        return problem(405, "Use POST.")
    if not same_site(request):
        return problem(403, "This may only be asked from a page of this site.")
    return None


async def begin(request: Request) -> Response:
    """POST /session with a ticket as the body: 204 and the cookies; 400, 403, 405, 413, 429 or 503 otherwise."""
    if refusal := _refusal(request):
        return refusal
    body = await small_body(request)
    if body is None:
        return problem(413, "That is too long for a ticket.")
    ticket = body.decode("ascii", "ignore").strip()
    if not ticket or len(ticket) != len(body.strip()):
        return problem(400, "There is no ticket.")
    try:
        found = await run_in_threadpool(_redeem, ticket, request)
    except TooManyTries as error:
        return problem(429, error.reason, {"Retry-After": str(max(1, round(error.wait.total_seconds())))})
    except CareLensError as error:
        log.warning("no session: %s", type(error).__name__)
        return problem(503, error.reason)
    if found is None:
        return problem(400, "This ticket was used already, or is too old.")
    token, device = found
    secure = is_https(request)
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.headers.append("Set-Cookie", set_cookie(token, max_age=settings().session_days * 86400, secure=secure))
    answer.headers.append("Set-Cookie", set_cookie(device, max_age=DEVICE_AGE, secure=secure, name=DEVICE))
    return answer


def _redeem(ticket: str, request: Request) -> tuple[str, str] | None:
    """Session token and device cookie for a ticket; None, or TooManyTries after a flood, for one that is no good.

    A good ticket is taken whatever else comes from that address: nobody guesses 256 bits, and a visitor
    must not wait for what a neighbour does. So the count only spares the database a flood.
    """
    token = sessions.redeem_ticket(ticket, request.headers.get("user-agent", "")[:200])
    actor = sessions.actor_of(token)
    if token is None or actor is None:
        throttle.count(*throttle.from_address("ticket", address_of(request)), told="Too many tickets were tried from here.")
        return None
    return token, devices.remember(cookie_of(request, DEVICE), actor.account_id)


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
