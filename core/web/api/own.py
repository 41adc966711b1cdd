"""What an account has: its persons, and their records with their files. Whose records are told is decided in `core.people.policy`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from core.errors import InvalidInput
from core.people.persons import persons
from core.people.policy import Actor
from core.records import files
from core.records.findings import count_records, list_records
from core.web.api.door import Guarded, caller_of
from core.web.api.problems import NEVER_KEPT
from core.web.api.shapes import PREFIX, PersonOut, RecordList, RecordOut, TokenOut, record_out, summary_of
from core.web.api.told import PNG, refusals

router = APIRouter(route_class=Guarded)

READ = {"x-scope": "read"}
RecordId = Annotated[UUID, Path(description="Of the record")]
PHOTO = {kind: {"schema": {"type": "string", "contentMediaType": kind}} for kind in ("image/jpeg", "image/png", "image/webp")}


def picture(data: bytes, media_type: str) -> Response:
    """A file, never kept by a cache."""
    return Response(data, media_type=media_type, headers=NEVER_KEPT)


@router.get("/v1/token", summary="Whose token this is, and what it is for", responses=refusals())
def token(request: Request, response: Response) -> TokenOut:
    """The account, the scopes, and the persons it acts for (for tokens with the scope read or write; else none are told)."""
    response.headers.update(NEVER_KEPT)
    caller = caller_of(request)
    people = _people(caller.actor) if caller.scopes & {"read", "write"} else []
    return TokenOut(account=caller.actor.email, role=caller.actor.role, scopes=sorted(caller.scopes), persons=people)


@router.get("/v1/persons", summary="The persons the account acts for", responses=refusals(), openapi_extra=READ)
def list_persons(request: Request, response: Response) -> list[PersonOut]:
    """The holder of the account first."""
    response.headers.update(NEVER_KEPT)
    return _people(caller_of(request).actor)


def _people(actor: Actor) -> list[PersonOut]:
    return [PersonOut(name=one.display_name, **one.model_dump(include={*PersonOut.model_fields} - {"name"})) for one in persons(actor)]


@router.get("/v1/records", summary="A person's saved findings", responses=refusals(422), openapi_extra=READ)
def records(
    request: Request,
    response: Response,
    person: Annotated[UUID | None, Query(description="Whose; may be left out where the account acts for one person")] = None,
    examination: Annotated[str | None, Query(pattern="^[a-z_]{1,40}$", description="Only those of one examination")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> RecordList:
    """The newest first, by the time the photo was taken."""
    response.headers.update(NEVER_KEPT)
    actor = caller_of(request).actor
    whose = person or _only(actor)
    found = list_records(actor, whose, examination=examination, limit=limit, offset=offset)
    total = count_records(actor, whose, examination=examination)
    more = {"person": str(whose), "examination": examination, "limit": limit, "offset": offset + limit}
    after = f"{PREFIX}/records?{urlencode({name: value for name, value in more.items() if value is not None})}"
    return RecordList(records=[summary_of(one) for one in found], total=total, next=after if offset + limit < total else None)


def _only(actor: Actor) -> UUID:
    if len(actor.person_ids) != 1:
        raise InvalidInput("It is not clear whose records are asked for.", "Name the person; GET /api/v1/persons lists whom you act for.")
    (only,) = actor.person_ids
    return only


@router.get("/v1/records/{record}", summary="One saved finding", responses=refusals(404, 422), openapi_extra=READ)
def one_record(request: Request, response: Response, record: RecordId) -> RecordOut:
    """With links to the photo, the outlines and the heat map."""
    response.headers.update(NEVER_KEPT)
    found = files.describe(caller_of(request).actor, record)
    return record_out(found.record, list(found.masks), found.has_heat)


@router.get(
    "/v1/records/{record}/photo", summary="The photo of a finding", response_class=Response,
    responses={200: {"description": "As it is stored: at full size, without metadata", "content": PHOTO}, **refusals(404, 422)},
    openapi_extra=READ,
)  # fmt: skip
def photo(request: Request, record: RecordId) -> Response:
    """JPEG, PNG or WebP."""
    return picture(*files.photo_file(caller_of(request).actor, record))


@router.get(
    "/v1/records/{record}/masks/{name}", summary="An outline of a finding", response_class=Response,
    responses={200: {"description": "A grey PNG, 0 or 255", "content": PNG}, **refusals(404, 422)},
    openapi_extra=READ,
)  # fmt: skip
def mask(request: Request, record: RecordId, name: Annotated[str, Path(max_length=40)]) -> Response:
    """The newest that a person drew, or else the network's."""
    return picture(files.mask_file(caller_of(request).actor, record, name), "image/png")


@router.get(
    "/v1/records/{record}/heat", summary="The heat map of a finding", response_class=Response,
    responses={200: {"description": "A small grey PNG over the whole photo, 255 for most", "content": PNG}, **refusals(404, 422)},
    openapi_extra=READ,
)  # fmt: skip
def heat(request: Request, record: RecordId) -> Response:
    """What the network looked at."""
    return picture(files.heat_file(caller_of(request).actor, record), "image/png")
