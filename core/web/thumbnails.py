"""The small photos of a long row: `/thumbnail/<record>`, fetched by the browser when they come into sight.

Two hundred photos written into a page would be megabytes at every visit. Who may see one is asked anew for each.
"""

from __future__ import annotations

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import CareLensError, NotFound
from core.people.sessions import actor_of
from core.records.findings import thumbnail
from core.records.thumbnails import outlined_thumbnail
from core.web.session import problem, token_of

PATH = "/thumbnail/"
OUTLINE = "outline"


def address(record_id: UUID, outline: bool = False, version: int = 0) -> str:
    """Where the small photo of a record is, with its outline drawn in if asked; `version` of a corrected outline."""
    plain = f"{PATH}{record_id}"
    return f"{plain}?{OUTLINE}={version}" if outline else plain


def _picture(token: str | None, id: str, outline: bool) -> bytes | None:
    actor = actor_of(token)
    if actor is None:
        return None
    try:
        record_id = UUID(id)
    except ValueError:
        raise NotFound("This finding does not exist any more.", "Go back to your history.") from None
    return outlined_thumbnail(actor, record_id) if outline else thumbnail(actor, record_id)


async def picture(request: Request) -> Response:
    """GET /thumbnail/<record>: a JPEG; 401 for nobody, 404 for anyone but its people, 503 when a part is down."""
    try:
        found = await run_in_threadpool(_picture, token_of(request), request.path_params["id"], OUTLINE in request.query_params)
    except NotFound as error:
        return problem(404, error.reason)
    except CareLensError as error:
        return problem(503, error.reason)
    if found is None:
        return problem(401, "Sign in first.")
    # Kept nowhere: on a shared computer the next person must not find it in the browser's folder.
    return Response(found, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """The route of the small photos."""
    return [Route(PATH + "{id}", picture, methods=["GET"])]
