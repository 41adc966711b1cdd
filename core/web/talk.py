"""`/talk/<conversation>`: what is new in a conversation, for the element of a page that is open on it.

A word on the websocket `/live` costs the server one small answer here, and no run of a page. Asked is by POST from a page of this very
site (Origin against Host), with the cookie of a sign-in that lasts; who may read is decided anew at every call, as for a page.
"""

from __future__ import annotations

import json
import logging
from typing import Any, NamedTuple
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.consult import lines
from core.errors import CareLensError, NotFound
from core.people.policy import Actor
from core.people.sessions import actor_of
from core.records.conversations import talk_of
from core.records.messages import mark_read
from core.web.pace import Pace
from core.web.session import METHODS, problem, same_site, small_body, token_of

log = logging.getLogger("carelens.web")

PATH = "/talk/"
HIGHEST = 2**31 - 1
"""The highest number that a message can have."""


PACE = Pace(per_minute=600)
"""Of an account's looks, whatever pages it has open: ten times what a lively conversation makes."""


class TooOften(CareLensError):
    """A look too many; `wait`: seconds until the next."""

    def __init__(self, wait: float) -> None:
        super().__init__("That was asked too often. Please wait a moment.")
        self.wait = wait


class Asked(NamedTuple):
    """What a page has and wants: the messages numbered above `after` and, for older ones, below `before`."""

    after: int
    before: int | None


def address(conversation_id: UUID) -> str:
    """Where a page asks for what is new in a conversation."""
    return f"{PATH}{conversation_id}"


def read_body(body: bytes) -> Asked | None:
    """`{"after": 12}` or `{"before": 40}`, both whole numbers from 0; None for anything else."""
    try:
        given = json.loads(body)
    except ValueError:  # also for bytes that are no text
        return None
    if not isinstance(given, dict) or len(given) != 1:
        return None
    ((name, number),) = given.items()
    if name not in ("after", "before") or type(number) is not int or not 0 <= number <= HIGHEST:
        return None
    return Asked(number, None) if name == "after" else Asked(0, number)


async def talk(request: Request) -> Response:
    """POST /talk/<conversation>: `core.consult.lines.look` as JSON. What is handed out counts as seen.

    400 for a question that is none, 401 for nobody, 403 for a page of another site, 404 for anyone but the two sides, 405, 413,
    429 with Retry-After, 503 when a part is down.
    """
    if request.method != "POST":
        return problem(405, "Use POST.")
    if not same_site(request):
        return problem(403, "This may only be asked from a page of this site.")
    body = await small_body(request)
    if body is None:
        return problem(413, "That is too long.")
    asked = read_body(body)
    if asked is None:
        return problem(400, "Say after or before which message.")
    try:
        found = await run_in_threadpool(_look, token_of(request), request.path_params["id"], asked)
    except NotFound as error:
        return problem(404, error.reason)
    except TooOften as error:
        return problem(429, error.reason, {"Retry-After": str(max(1, round(error.wait)))})
    except CareLensError as error:
        return problem(503, error.reason)
    if found is None:
        return problem(401, "Sign in first.")
    actor, id, told, seen = found
    # Noted when the answer is on its way: who reads need not wait for those who write.
    later = BackgroundTask(note_seen, actor, id, seen) if seen else None
    return JSONResponse(told, headers={"Cache-Control": "no-store"}, background=later)


def _look(token: str | None, conversation: str, asked: Asked) -> tuple[Actor, UUID, dict[str, Any], int] | None:
    actor = actor_of(token)
    if actor is None:
        return None
    if wait := PACE.spend(actor.account_id).total_seconds():
        raise TooOften(wait)
    id = conversation_id(conversation)
    told, seen = lines.look(actor, talk_of(actor, id), after=asked.after, before=asked.before)
    return actor, id, told, seen


def conversation_id(written: str) -> UUID:
    """The id in an address; NotFound for what is none."""
    try:
        return UUID(written)
    except ValueError:
        raise NotFound("This conversation is not here any more.", "Go back to your messages.") from None


def note_seen(actor: Actor, id: UUID, seen: int) -> None:
    """Note how far a page was told; what cannot be noted now is with the next look."""
    try:
        mark_read(actor, id, seen)
    except CareLensError as error:
        log.info("what was read was not noted: %s", type(error).__name__)  # the next look at it is


def routes() -> list[Route]:
    """The route of the messages."""
    return [Route(PATH + "{id}", talk, methods=METHODS)]
