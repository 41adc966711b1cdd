"""The small photos of a long row: `/thumbnail/<record>`, fetched by the browser when they come into sight.

Two hundred photos written into a page would be megabytes at every visit. Who may see one is asked anew for each.
"""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import NotFound
from core.records.findings import thumbnail
from core.records.thumbnails import outlined_thumbnail
from core.web.pictures import answer

PATH = "/thumbnail/"
OUTLINE = "outline"


def address(record_id: UUID, outline: bool = False, version: int = 0) -> str:
    """Where the small photo of a record is, with its outline drawn in if asked; `version` of a corrected outline."""
    plain = f"{PATH}{record_id}"
    return f"{plain}?{OUTLINE}={version}" if outline else plain


async def picture(request: Request) -> Response:
    """GET /thumbnail/<record>: a JPEG; 401 for nobody, 404 for anyone but its people, 503 when a part is down."""
    small = outlined_thumbnail if OUTLINE in request.query_params else thumbnail
    gone = NotFound("This finding does not exist any more.", "Go back to your history.")
    return await answer(request, lambda actor, id: (small(actor, id), "image/jpeg"), gone)


def routes() -> list[Route]:
    """The route of the small photos."""
    return [Route(PATH + "{id}", picture, methods=["GET"])]
