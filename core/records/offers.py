"""The times a doctor offers: every week, with exceptions; nobody else changes them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import delete
from sqlmodel import col, select

from core.consult.slots import DAY
from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, require
from core.records.appointment_tables import PLACES, DayException, DayExceptionPublic, Offer, OfferCreate, OfferPublic
from core.records.database import changed, reading, transaction
from core.records.times import now

MOST = 60
"""Weekly times of one doctor."""
SHORTEST, LONGEST = 5, 240
"""Minutes of one appointment."""


def checked_zone(name: str) -> str:
    """A time zone of the IANA list, such as `Europe/Berlin`; InvalidInput for any other."""
    if name not in available_timezones() and name != "UTC":
        raise InvalidInput("This time zone is not known.", "Choose one from the list.")
    return name


def add_offer(actor: Actor, create: OfferCreate) -> OfferPublic:
    """Offer a time every week. InvalidInput for one that cannot be, or that overlaps another one of the same weekday and clock."""
    require(actor, "offer_times")
    fits = 0 <= create.weekday <= 6 and 0 <= create.starts < create.ends <= DAY and SHORTEST <= create.length <= LONGEST
    if not fits or create.place not in PLACES or (create.until_day is not None and create.until_day < create.from_day):
        raise InvalidInput("These times cannot be right.", "The end must come after the beginning.")
    if create.ends - create.starts < create.length:
        raise InvalidInput("Not even one appointment fits between these times.", "Choose a later end, or shorter appointments.")
    checked_zone(create.zone)
    with transaction() as session:
        known = session.exec(select(Offer).where(Offer.account_id == actor.account_id)).all()
        if len(known) >= MOST:
            raise InvalidInput("You offer as many times as there can be.", "Take one back first.")
        same = [one for one in known if (one.weekday, one.zone) == (create.weekday, create.zone)]
        days = [one for one in same if (one.until_day or date.max) >= create.from_day and one.from_day <= (create.until_day or date.max)]
        if any(one.starts < create.ends and create.starts < one.ends for one in days):
            raise InvalidInput("This overlaps a time you offer already.", "Take that one back first, or choose another time.")
        row = Offer.model_validate(create, update={"account_id": actor.account_id})
        session.add(row)
        session.flush()
        return OfferPublic.model_validate(row)


def offers(actor: Actor) -> list[OfferPublic]:
    """The doctor's own weekly times, by weekday and hour."""
    require(actor, "offer_times")
    query = select(Offer).where(Offer.account_id == actor.account_id).order_by(col(Offer.weekday), col(Offer.starts))
    with reading() as session:
        return [OfferPublic.model_validate(row) for row in session.exec(query)]


def end_offer(actor: Actor, offer_id: UUID) -> None:
    """Offer it no more; appointments that were made stay. NotFound for one that is not the actor's."""
    require(actor, "offer_times")
    mine = (col(Offer.id) == offer_id, col(Offer.account_id) == actor.account_id)
    with transaction() as session:
        if not changed(session, delete(Offer).where(*mine)):
            raise NotFound("You do not offer this time any more.")


def add_exception(actor: Actor, day: date, starts: int = 0, ends: int = DAY) -> DayExceptionPublic:
    """Do not offer a day, or a part of it (minutes on the clock of the weekly times). InvalidInput for one that is past or cannot be."""
    require(actor, "offer_times")
    if not 0 <= starts < ends <= DAY:
        raise InvalidInput("These times cannot be right.", "The end must come after the beginning.")
    if day < now().date() - timedelta(days=1):
        raise InvalidInput("This day has passed already.", "Choose a later one.")
    with transaction() as session:
        row = DayException(account_id=actor.account_id, day=day, starts=starts, ends=ends)
        session.add(row)
        session.flush()
        return DayExceptionPublic.model_validate(row, from_attributes=True)


def exceptions(actor: Actor) -> list[DayExceptionPublic]:
    """The doctor's own exceptions from yesterday on, by day."""
    require(actor, "offer_times")
    mine = (DayException.account_id == actor.account_id, DayException.day >= now().date() - timedelta(days=1))
    with reading() as session:
        rows = session.exec(select(DayException).where(*mine).order_by(col(DayException.day), col(DayException.starts)))
        return [DayExceptionPublic.model_validate(row, from_attributes=True) for row in rows]


def end_exception(actor: Actor, exception_id: UUID) -> None:
    """Offer that day again. NotFound for one that is not the actor's."""
    require(actor, "offer_times")
    mine = (col(DayException.id) == exception_id, col(DayException.account_id) == actor.account_id)
    with transaction() as session:
        if not changed(session, delete(DayException).where(*mine)):
            raise NotFound("There is no such exception any more.")


def zone_of(actor: Actor) -> ZoneInfo | None:
    """The clock of the doctor's weekly times; None without any."""
    known = offers(actor)
    return ZoneInfo(known[0].zone) if known else None
