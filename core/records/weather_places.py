"""The town whose weather a person follows: one, by their own choice, to a tenth of a degree."""

from __future__ import annotations

from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, select

from core.errors import InvalidInput
from core.people.policy import Actor, require
from core.records.database import reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.spots import clean
from core.records.times import now
from core.records.weather_cache import forget_places
from core.records.weather_tables import PersonPlace, PersonPlaceCreate, PersonPlacePublic
from core.weather.towns import Place


def set_place(actor: Actor, person_id: UUID, place: Place) -> PersonPlacePublic:
    """Keep a person's town in place of the one there was; days of a town that nobody else has are forgotten.

    InvalidInput for a town without a name or with one of more than 100 letters; NotAllowed, NotFound, Unavailable.
    """
    require(actor, "change_diary", person_id)
    lat10, lon10 = place.tenths
    words = {"name": clean(place.name), "region": clean(place.region), "country": clean(place.country)}
    try:
        create = PersonPlaceCreate.model_validate({**words, "lat10": lat10, "lon10": lon10, "timezone": place.timezone})
    except ValidationError:
        raise InvalidInput("A town has a name of up to 100 letters.", "Choose one from the list.") from None
    with transaction() as session:
        row = _row(session, person_id)
        moved = row is not None and (row.lat10, row.lon10) != (lat10, lon10)
        if row is None:
            row = PersonPlace.model_validate(create, update={"person_id": person_id})
        else:
            row.sqlmodel_update(create.model_dump() | ({"since": now()} if moved else {}))
        session.add(row)
        session.flush()
        if moved:
            forget_places(session)
            bury(session, ())
        saved = PersonPlacePublic.model_validate(row)
    if moved:
        finish_quietly()
    return saved


def place_of(actor: Actor, person_id: UUID) -> PersonPlacePublic | None:
    """The person's town; None: none was chosen."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    with reading() as session:
        row = _row(session, person_id)
        return None if row is None else PersonPlacePublic.model_validate(row)


def remove_place(actor: Actor, person_id: UUID) -> None:
    """Erase a person's town for good, and its days where nobody else has it; what was loaded stays. Nothing happens when there is none."""
    require(actor, "change_diary", person_id)
    with transaction() as session:
        row = _row(session, person_id)
        if row is None:
            return
        session.delete(row)
        session.flush()
        forget_places(session)
        bury(session, ())
    finish_quietly()


def _row(session: Session, person_id: UUID) -> PersonPlace | None:
    return session.exec(select(PersonPlace).where(PersonPlace.person_id == person_id)).first()
