"""Spots: the same place on the body, followed over time."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Action, Actor, allowed, kinds_of, require
from core.records.database import reading, transaction
from core.records.openings import note
from core.records.record_tables import Record, Spot, SpotCreate, SpotPublic
from core.words import one_line


def clean(words: str) -> str:
    """A line of text without what cannot be shown; a zero byte, say, which not every database would take."""
    return one_line("".join(letter for letter in words if unicodedata.category(letter) not in ("Cc", "Cs") or letter.isspace()))


def checked_spot(site: str, name: str) -> SpotCreate:
    """What a spot may be, with single spaces and nothing unprintable; InvalidInput for an empty or too long name or site."""
    try:
        return SpotCreate.model_validate({"site": clean(site), "name": clean(name)})
    except ValidationError:
        raise InvalidInput(
            "A spot needs a place on the body and a name of up to 80 letters.", "Give it a short name, such as: mole below the elbow."
        ) from None


def own_spot(session: Session, actor: Actor, spot_id: UUID, action: Action) -> Spot:
    """The spot's row; NotFound when there is none or the actor may not do `action` there."""
    row = session.get(Spot, spot_id)
    if row is None or not allowed(actor, action, row.person_id):
        raise NotFound("This spot does not exist any more.", "Choose another one.")
    return row


def list_spots(actor: Actor, person_id: UUID) -> list[SpotPublic]:
    """The person's spots, oldest first; for a doctor who sees some kinds of records, those with one. NotAllowed for anybody else's."""
    kinds = kinds_of(actor, "read_spots", person_id)
    note(actor, person_id, "list")
    query = select(Spot).where(Spot.person_id == person_id)
    if kinds is not None:
        query = query.where(col(Spot.id).in_(select(Record.spot_id).where(col(Record.examination).in_(kinds))))
    with reading() as session:
        return [SpotPublic.model_validate(row) for row in session.exec(query.order_by(col(Spot.created_at), col(Spot.id)))]


def create_spot(actor: Actor, person_id: UUID, site: str, name: str) -> SpotPublic:
    """A new spot. InvalidInput for an empty or too long name or site."""
    require(actor, "change_spots", person_id)
    create = checked_spot(site, name)
    with transaction() as session:
        row = Spot.model_validate(create, update={"person_id": person_id})
        session.add(row)
        session.flush()
        return SpotPublic.model_validate(row)


def rename_spot(actor: Actor, spot_id: UUID, name: str) -> SpotPublic:
    """Give a spot another name."""
    with transaction() as session:
        row = own_spot(session, actor, spot_id, "change_spots")
        row.name = checked_spot(row.site, name).name
        session.add(row)
        session.flush()
        return SpotPublic.model_validate(row)


def delete_spot(actor: Actor, spot_id: UUID) -> None:
    """Forget a spot; its records stay with the person."""
    with transaction() as session:
        session.delete(own_spot(session, actor, spot_id, "change_spots"))
