"""What the addresses of pictures share: who asks, which one, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.errors import CareLensError, NotFound
from core.people.policy import Actor
from core.people.sessions import actor_of
from core.web.session import problem, token_of


async def answer(
    request: Request, find: Callable[[Actor, UUID], tuple[bytes, str]], gone: NotFound, headers: Mapping[str, str] | None = None
) -> Response:
    """The picture that `find` gives to whoever is signed in for the `id` of the address: its bytes and media type.

    401 for nobody, 404 where `find` raises NotFound or the id is none (`gone`), 503 when a part is down.
    """

    def found() -> tuple[bytes, str] | None:
        actor = actor_of(token_of(request))
        if actor is None:
            return None
        try:
            id = UUID(request.path_params["id"])
        except ValueError:
            raise gone from None
        return find(actor, id)

    try:
        picture = await run_in_threadpool(found)
    except NotFound as error:
        return problem(404, error.reason)
    except CareLensError as error:
        return problem(503, error.reason)
    if picture is None:
        return problem(401, "Sign in first.")
    data, media_type = picture
    # Kept nowhere: on a shared computer the next person must not find it in the browser's folder.
    return Response(data, media_type=media_type, headers={"Cache-Control": "no-store", **(headers or {})})
