"""A doctor's ratings of the signs of eczema on one photo. With them, and only then, there is an EASI or an objective SCORAD."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select

from core.errors import InvalidInput
from core.insight.rated import Rated
from core.instruments import easi, scorad
from core.instruments.rules import whole
from core.people.policy import Actor, kinds_of
from core.records.database import reading, transaction
from core.records.eczema_tables import SignRating, SignRatingCreate, SignRatingPublic
from core.records.findings import own_record
from core.records.openings import note
from core.records.outlines import newest_of_person, shown
from core.records.record_tables import Record, RecordPublic
from core.records.tables import Account

_ANY_AGE = 30


def _checked(signs: Mapping[str, float]) -> dict[str, float]:
    """The signs of one of the two instruments, each with a grade that it knows; the instruments themselves say so."""
    if set(signs) == set(scorad.SIGNS):
        scorad.objective_scorad(0, dict(signs))  # type: ignore[arg-type]
        return {sign: signs[sign] for sign in scorad.SIGNS}
    areas = {region: int(region == easi.REGIONS[0]) for region in easi.REGIONS}
    easi.easi(areas, {easi.REGIONS[0]: signs}, _ANY_AGE)
    return {sign: signs[sign] for sign in easi.SIGNS}


def save_rating(
    actor: Actor, record_id: UUID, signs: Mapping[str, float], *, area: int | None = None, extent: float | None = None
) -> SignRatingPublic:
    """A doctor's rating of a record; those before stay.

    `signs`: each of `easi.SIGNS` 0-3 in steps of a half, or each of `scorad.SIGNS` 0-3 in whole steps. `area`: the area band
    0-6 of the whole region, as the doctor sees it; only with the signs of the EASI, and where the record names a region.
    `extent`: percent of the body 0-100, only with the signs of the SCORAD.
    Raises NotFound for everybody but a doctor whom the patient let in, InvalidInput, Unavailable.
    """
    with transaction() as session:
        row = own_record(session, actor, record_id, "rate_record")
        given = _checked(signs)
        if area is not None:
            area = whole(area, 0, 6, "An area band")
            if row.region is None or set(given) != set(easi.SIGNS):
                raise InvalidInput("An area belongs to a named region and the four signs of the EASI.", "Say first which region it is.")
        if extent is not None:
            if set(given) != set(scorad.SIGNS):
                raise InvalidInput("An extent belongs to the six signs of the SCORAD.", "Rate these first.")
            extent = scorad.objective_scorad(extent, given).extent  # type: ignore[arg-type]
        create = SignRatingCreate(signs=given, area=area, extent=extent)
        ids = {"person_id": row.person_id, "record_id": record_id, "account_id": actor.account_id}
        made = SignRating.model_validate(create, update=ids)
        session.add(made)
        session.flush()
        return SignRatingPublic.model_validate(made)


def list_ratings(actor: Actor, record_id: UUID) -> list[SignRatingPublic]:
    """The ratings of a record, oldest first, for everybody who may read it."""
    with reading() as session:
        row = own_record(session, actor, record_id, "read_records")
        query = select(SignRating).where(SignRating.record_id == record_id).order_by(col(SignRating.created_at))
        found = [SignRatingPublic.model_validate(row) for row in session.exec(query)]
    note(actor, row.person_id, "finding", record_id)
    return found


def ratings_of(actor: Actor, person_id: UUID) -> list[Rated]:
    """Every rating of every photo of a person, in the order in which they were made."""
    kinds = kinds_of(actor, "read_records", person_id)
    query = (
        select(SignRating, Record, Account.name)
        .join(Record, col(SignRating.record_id) == Record.id)
        .join(Account, col(SignRating.account_id) == Account.id, isouter=True)
        .where(SignRating.person_id == person_id)
        .order_by(col(SignRating.created_at), col(SignRating.id))
    )
    if kinds is not None:
        query = query.where(col(Record.examination).in_(kinds))
    with reading() as session:
        corrected = newest_of_person(session, person_id)
        found = [_rated(one, shown(row, corrected.get(row.id, {})), name or "") for one, row, name in session.exec(query)]
    note(actor, person_id, "list")
    return found


def _rated(one: SignRating, record: RecordPublic, doctor: str) -> Rated:
    return Rated(
        record_id=one.record_id,
        region=record.region,
        side=record.side,
        taken_at=record.taken_at,
        rated_at=one.created_at,
        account_id=one.account_id,
        doctor=doctor,
        signs=dict(one.signs),
        area=one.area,
        extent=one.extent,
        share=record.facts["numbers"].get("affected_fraction"),
    )
