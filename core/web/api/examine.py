"""`POST /api/v1/examinations/{examination}`: one photo in, a finding out. Nothing of the photo is kept unless that is asked for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, BinaryIO, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from pydantic import AwareDatetime
from starlette.responses import JSONResponse, Response

from core.demo.marks import is_drawn
from core.errors import InvalidInput, NotFound
from core.examinations.finding import Answers, Context, Finding
from core.examinations.registry import examination as known_examination
from core.people.policy import Actor, require
from core.photo import Photo, encode_mask, encode_png, read_photo
from core.records.findings import save_finding
from core.records.pictures import heat_to_grey
from core.records.record_tables import RecordPublic
from core.web.api.door import Guarded, caller_of, refusal, unknown_fields
from core.web.api.line import Line
from core.web.api.problems import NEVER_KEPT, problem
from core.web.api.shapes import Examined, finding_out, href_of, summary_of
from core.web.api.told import PNG, refusals

router = APIRouter(route_class=Guarded)

Said = Literal["yes", "no", "not_sure"]
SAID: dict[str | None, bool | None] = {"yes": True, "no": False, "not_sure": None, None: None}
FIRST_PHOTO = datetime(1900, 1, 1, tzinfo=UTC)
HEAT = "heat"
Id = Annotated[str, Path(description="One of the examinations that `GET /v1/examinations` lists", max_length=40)]
QUESTIONS = ("new_or_changed", "bleeds_or_does_not_heal", "unlike_the_others")
FUNDUS = frozenset({"fundus"})
FIELDS = {"photo", *QUESTIONS, "eye", "signs", "age", "sex", "site", "save", "person", "spot", "region", "side", "whole_region", "taken_at"}


@dataclass(frozen=True)
class Wish:
    """What a request asks for beside the finding. `place`: where the photo belongs, as `save_finding` takes it."""

    examination: str
    about: Mapping[str, Any]
    save_for: UUID | None
    place: Mapping[str, Any]
    taken_at: datetime | None


@dataclass(frozen=True, eq=False)
class Done:
    """A finding, and the record it was saved as. `new`: it was saved just now and not by an earlier request."""

    finding: Finding
    record: RecordPublic | None = None
    new: bool = False


@router.post(
    "/v1/examinations/{examination}",
    summary="Examine a photo",
    response_model=Examined,
    responses={
        200: {"description": "The finding, or the picture that was asked for", "content": PNG},
        201: {"description": "The finding, saved as a record", "model": Examined, "content": PNG},
        **refusals(400, 404, 413, 415, 422, photo=True),
    },
    openapi_extra={"x-scope": "examine"},
)
async def examine(
    request: Request,
    examination: Id,
    photo: Annotated[UploadFile, File(description="The photo: JPEG, PNG, WebP, HEIC or DICOM. Never an address: nothing is fetched")],
    new_or_changed: Annotated[Said | None, Form(description="Is the spot new, or has it changed in three months?")] = None,
    bleeds_or_does_not_heal: Annotated[Said | None, Form(description="Does it bleed, or is it a sore that does not heal?")] = None,
    unlike_the_others: Annotated[Said | None, Form(description="Does it look unlike the person's other spots?")] = None,
    eye: Annotated[Literal["left", "right"] | None, Form(description="For a photo of the back of the eye: which eye")] = None,
    signs: Annotated[bool, Form(description="For a photo of the back of the eye: outline the signs whatever the grade")] = False,
    age: Annotated[float | None, Form(ge=0, le=130, allow_inf_nan=False, description="In years, where it is known")] = None,
    sex: Annotated[Literal["female", "male"] | None, Form(description="Where it is known")] = None,
    site: Annotated[str | None, Form(max_length=60, description="The place on the body, in words")] = None,
    save: Annotated[bool, Form(description="Keep the photo and the finding as a record; needs the scope write")] = False,
    person: Annotated[UUID | None, Form(description="Whose record it is; may be left out where the account acts for one person")] = None,
    spot: Annotated[UUID | None, Form(description="An existing spot of that person that the record joins")] = None,
    region: Annotated[str | None, Form(max_length=20, description="head_neck, arms, trunk or legs")] = None,
    side: Annotated[Literal["left", "right", "both"] | None, Form(description="For arms and legs")] = None,
    whole_region: Annotated[bool, Form(description="The photo shows the whole of the region")] = False,
    taken_at: Annotated[AwareDatetime | None, Form(description="When it was taken, with a time zone; left out: now")] = None,
    picture: Annotated[
        str | None, Query(max_length=40, description="Answer with this picture as PNG instead: the name of a mask, or `heat`")
    ] = None,
) -> Response:
    """Examines one photo and answers with the finding. Unless `save` is true, nothing of the photo or the finding is kept, and

    the pictures travel within the answer as `data:` links. Saving the same photo with the same answers at the same place twice
    gives the first record again (200 instead of 201).
    """
    caller = caller_of(request)
    require(caller.actor, "examine_photo")
    if save and (refused := refusal("write", caller)):
        return refused
    if wrong := unknown_fields(await request.form(), FIELDS):
        told = [{"where": f"form.{name[:40]}", "detail": "There is no such field, or it came twice."} for name in wrong[:10]]
        return problem("invalid", "Some of what was sent cannot be accepted.", "See errors.", errors=told)
    said = (new_or_changed, bleeds_or_does_not_heal, unlike_the_others)
    answers = Answers(**{name: SAID[one] for name, one in zip(QUESTIONS, said, strict=True)})
    place = {"site": site, "spot_id": spot, **where(examination, eye, region, side), "whole_region": whole_region}
    about = {"answers": answers, "eye": eye, "signs": signs, "age": age, "sex": sex, "site": site}
    wish = Wish(examination, about, owner(caller.actor, person) if save else None, place, sensible(taken_at))
    done = await line_of(request).run(request, partial(carry_out, caller.actor, wish, photo.file))
    return answer(done, picture)


def line_of(request: Request) -> Line:
    """The line of this server."""
    line = request.app.state.line
    assert isinstance(line, Line)
    return line


def where(examination: str, eye: str | None, region: str | None, side: str | None) -> dict[str, str | None]:
    """Region and side of the record: for an examination of eyes alone the eye. InvalidInput, NotFound."""
    if known_examination(examination).kinds == FUNDUS:
        return {"region": "eye", "side": eye}
    if eye is not None and "fundus" not in known_examination(examination).kinds:
        raise InvalidInput("This examination is of no eye.", "Leave the field eye out.")
    return {"region": region, "side": side}


def owner(actor: Actor, person: UUID | None) -> UUID:
    """Whose record it will be. InvalidInput where that is not clear; NotAllowed for anybody the account does not act for."""
    if person is None:
        if len(actor.person_ids) != 1:
            raise InvalidInput("It is not clear whose record this is.", "Name the person; GET /api/v1/persons lists whom you act for.")
        (person,) = actor.person_ids
    require(actor, "save_record", person)
    return person


def sensible(taken_at: datetime | None) -> datetime | None:
    """The moment, where a photo can have been taken then. InvalidInput."""
    if taken_at is not None and not FIRST_PHOTO <= taken_at <= datetime.now(UTC) + timedelta(days=1):
        raise InvalidInput("The photo cannot have been taken then.", "Check the year, or leave taken_at out.")
    return taken_at


def carry_out(actor: Actor, wish: Wish, file: BinaryIO) -> Done:
    """Read, examine, and save where that is wished. Raises what each of them raises."""
    chosen = known_examination(wish.examination)
    photo = read_photo(file.read())
    there = {field.name for field in fields(Context)}
    about = {name: value for name, value in wish.about.items() if name in there}
    finding = chosen.run(photo, Context(**about, drawn=is_drawn(photo.sha256)))
    if wish.save_for is None:
        return Done(finding)
    began = datetime.now(UTC)
    record = save_finding(actor, wish.save_for, photo, finding, **wish.place, taken_at=wish.taken_at, token=_token(wish, photo, finding))
    return Done(finding, record, record.created_at >= began)


def _token(wish: Wish, photo: Photo, finding: Finding) -> UUID:
    """The same for the same request, so that one that is sent again after a lost answer saves nothing twice."""
    assert wish.save_for is not None
    said = ("api", wish.examination, photo.sha256, finding.answers, sorted(finding.versions.items()), sorted(wish.place.items(), key=str))
    return uuid5(wish.save_for, repr((*said, str(wish.about.get("eye")))))


def answer(done: Done, picture: str | None) -> Response:
    """The finding as JSON, or one picture of it."""
    record = done.record
    headers = NEVER_KEPT | ({"Location": href_of(record.id)} if record is not None else {})
    status = 201 if done.new else 200
    if picture is not None:
        return Response(picture_of(done.finding, picture), status, headers, "image/png")
    if record is None:
        links = {name: _data(encode_mask(mask)) for name, mask in done.finding.masks.items()}
        heat = None if done.finding.heat is None else _data(encode_png(heat_to_grey(done.finding.heat)))
    else:
        links = {name: href_of(record.id, "masks", name) for name in done.finding.masks}
        heat = None if done.finding.heat is None else href_of(record.id, HEAT)
    told = Examined(finding=finding_out(done.finding, links, heat), record=None if record is None else summary_of(record))
    return JSONResponse(told.model_dump(mode="json"), status, headers)


def picture_of(finding: Finding, name: str) -> bytes:
    """A mask or the heat map as PNG. NotFound names those there are."""
    if name in finding.masks:
        return encode_mask(finding.masks[name])
    if name == HEAT and finding.heat is not None:
        return encode_png(heat_to_grey(finding.heat))
    there = [*finding.masks, *([HEAT] if finding.heat is not None else [])]
    raise NotFound("This finding has no picture of that name.", f"It has: {', '.join(there) or 'none'}.")


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
