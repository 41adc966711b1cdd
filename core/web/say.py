"""`/talk/<conversation>/message`: an open page sends a message, and hears in the answer what is new.

The element of the page sends by itself, one message after the other in the order they were written: no run of the page lies between,
so none gets lost when two are written faster than a page runs. A message has a token of its own, so a try that seemed to fail can be
made again and sends nothing twice.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.consult import lines
from core.errors import CareLensError, InvalidInput, NotAllowed, NotFound, PhotoRejected
from core.people.policy import Actor
from core.people.sessions import actor_of
from core.photo import read_photo
from core.records.conversations import talk_of
from core.records.message_tables import LONGEST
from core.records.messages import send_message
from core.web.bodies import Bounded, is_form, says_too_large, too_large
from core.web.pace import Pace
from core.web.session import METHODS, problem, same_site, token_of
from core.web.talk import HIGHEST, PATH, conversation_id, note_seen

FIELDS = ("text", "photo", "token", "after")
PACE = Pace(per_minute=60)
"""Of an account's messages; fifteen at once."""
WRONG = "This is not a message."


class Given(NamedTuple):
    """What a page sends: `photo`, the bytes of a file, or None; `after`: the number of the last message it has."""

    text: str
    photo: bytes | None
    token: UUID
    after: int


async def read_form(form: FormData) -> Given | None:
    """The message in a form; None where it is none."""
    if any(name not in FIELDS for name in form) or len(form.multi_items()) != len(form):
        return None
    text, photo, token, after = (form.get(name) for name in FIELDS)
    if not isinstance(text, str) or not isinstance(token, str) or not isinstance(after, str) or isinstance(photo, str):
        return None
    try:
        id, last = UUID(token), int(after)
    except ValueError:
        return None
    if not 0 <= last <= HIGHEST:
        return None
    text = text.replace("\r\n", "\n")  # a browser writes the ends of lines so into every form
    return Given(text, await photo.read() if isinstance(photo, UploadFile) else None, id, last)


async def say(request: Request) -> Response:
    """POST /talk/<conversation>/message: a form with `text`, `token` (a UUID), `after` and, where there is one, the file `photo`.

    What `core.consult.lines.look` tells, as JSON, with the new message in it. 400 for what is no message, 401 for nobody, 403 for a page
    of another site and for who may not write, 404 for anyone but the two sides, 405, 413, 415, 422 for a message or a photo that cannot be
    sent, 429 with Retry-After, 503 when a part is down. A refusal has the reason as `error` and may have a `hint`; nothing was sent then.
    """
    if request.method != "POST":
        return problem(405, "Use POST.")
    if not same_site(request):
        return problem(403, "This may only be asked from a page of this site.")
    if not is_form(request):
        return problem(415, "Send a form.")
    if says_too_large(request):
        return problem(413, str(too_large().detail))
    try:
        actor = await run_in_threadpool(actor_of, token_of(request))
        if actor is None:
            return problem(401, "Sign in first.")
        if wait := PACE.spend(actor.account_id).total_seconds():
            return problem(429, "That was a lot at once. It goes on in a moment.", {"Retry-After": str(max(1, round(wait)))})
        async with Bounded(request, len(FIELDS), 4 * LONGEST + 4096).form() as form:
            given = await read_form(form)
        if given is None:
            return problem(400, WRONG)
        id, told, seen = await run_in_threadpool(_send, actor, request.path_params["id"], given)
    except HTTPException as error:
        return problem(error.status_code, str(error.detail) if error.status_code == 413 else WRONG)
    except CareLensError as error:
        return _refused(error)
    later = BackgroundTask(note_seen, actor, id, seen) if seen else None
    return JSONResponse(told, headers={"Cache-Control": "no-store"}, background=later)


def _send(actor: Actor, conversation: str, given: Given) -> tuple[UUID, dict[str, Any], int]:
    id = conversation_id(conversation)
    talk_of(actor, id)  # before a photo of nobody's is looked at
    photo = read_photo(given.photo) if given.photo is not None else None
    send_message(actor, id, given.text, photo=photo, token=given.token)
    told, seen = lines.look(actor, talk_of(actor, id), after=given.after)
    return id, told, seen


def _refused(error: CareLensError) -> Response:
    status = 503
    for kind, code in ((NotFound, 404), (NotAllowed, 403), (InvalidInput, 422), (PhotoRejected, 422)):
        if isinstance(error, kind):
            status = code
            break
    return JSONResponse({"error": error.reason, "hint": error.hint}, status, headers={"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """The route that takes messages."""
    return [Route(PATH + "{id}/message", say, methods=METHODS)]
