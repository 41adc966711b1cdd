"""The photos of messages: `/message-photo/<message>`, to the two sides of the conversation and to nobody else."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import NotFound
from core.records.messages import message_photo
from core.web.pictures import answer

PATH = "/message-photo/"
SMALL = "small"


def address(message_id: UUID, small: bool = False) -> str:
    """Where the photo of a message is; `small`: at most 480 px."""
    return f"{PATH}{message_id}" + (f"?{SMALL}" if small else "")


async def picture(request: Request) -> Response:
    """GET /message-photo/<message>: the photo; 401 for nobody, 404 for anyone but its two sides, 503 when a part is down."""
    gone = NotFound("This photo is not here any more.", "Go back to your messages.")
    find = partial(message_photo, small=SMALL in request.query_params)
    return await answer(request, find, gone, {"Content-Disposition": "inline"})


def routes() -> list[Route]:
    """The route of the photos."""
    return [Route(PATH + "{id}", picture, methods=["GET"])]
