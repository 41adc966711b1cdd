"""Appointments of a person and a doctor: asked for or booked, moved, cancelled; no time is ever given twice.

What is free is looked up again in the transaction that takes it, and those who write take turns (`core.records.database`): of two
who want the same time in the same moment, one gets it and the other is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, or_, select

from core.consult import notices
from core.consult.slots import Slot, free, overlap
from core.errors import InvalidInput, NotAllowed, NotFound
from core.people.consent import is_let_in, is_let_in_until
from core.people.policy import Actor, allowed, require
from core.records.appointment_tables import PLACES, Appointment, AppointmentCreate, AppointmentPublic, DayException, Offer
from core.records.database import reading
from core.records.news import MEET, everybody_of, telling
from core.records.tables import Account, Person
from core.records.times import now

SOONEST = timedelta(minutes=30)
"""How long before it begins a patient can still take a time."""
AHEAD = timedelta(days=92)
"""How far ahead patients see what is free."""
KEPT = timedelta(days=1)
"""How long after its end an appointment still counts as coming, for lists."""


def free_times(actor: Actor, person_id: UUID, doctor_id: UUID, first: datetime, last: datetime) -> list[Slot]:
    """What a doctor offers the person between two moments (aware), in order; neither past nor further than AHEAD. Raises NotAllowed."""
    require(actor, "meet", person_id)
    with reading() as session:
        _let_in(session, actor, person_id, doctor_id)
        return _free(session, doctor_id, person_id, first, last)


def _let_in(session: Session, actor: Actor, person_id: UUID, doctor_id: UUID) -> None:
    if (actor.role == "doctor" and doctor_id != actor.account_id) or not is_let_in(session, doctor_id, person_id):
        raise NotAllowed("This doctor is not let in.", "Let them in on the Account page first.")


def _let_in_until(session: Session, actor: Actor, person_id: UUID, doctor_id: UUID, ends_at: datetime) -> None:
    """InvalidInput where the consent ends before the appointment does: the doctor would see nothing in it, nor be able to call."""
    if is_let_in_until(session, doctor_id, person_id, ends_at):
        return
    if actor.role == "doctor":
        hint = "Choose an earlier time, or ask them to let you in for longer."
        raise InvalidInput("By then the patient does not let you in any more.", hint)
    hint = "Choose an earlier time, or let them in for longer on the Account page first."
    raise InvalidInput("By then you do not let this doctor in any more.", hint)


def _free(session: Session, doctor_id: UUID, person_id: UUID, first: datetime, last: datetime, without: UUID | None = None) -> list[Slot]:
    """What is free, but for the appointment `without`, which is being moved."""
    first, last = max(first, now() + SOONEST), min(last, now() + AHEAD)
    there = (Offer.account_id == doctor_id, col(Account.disabled_at).is_(None))  # nobody keeps what a switched-off account offered
    weekly = session.exec(select(Offer).join(Account, col(Account.id) == col(Offer.account_id)).where(*there)).all()
    away = session.exec(select(DayException).where(DayException.account_id == doctor_id)).all()
    return free(weekly, away, _taken(session, doctor_id, person_id, first, last, without), first, last)


def _taken(
    session: Session, doctor_id: UUID, person_id: UUID, first: datetime, last: datetime, without: UUID | None
) -> list[tuple[datetime, datetime]]:
    """When the doctor or the person has an appointment that touches a span of time."""
    whose = or_(col(Appointment.account_id) == doctor_id, col(Appointment.person_id) == person_id)
    then = (Appointment.status != "cancelled", Appointment.starts_at < last + timedelta(days=1), Appointment.ends_at > first)
    rows = session.exec(select(Appointment).where(whose, *then)).all()
    return [(row.starts_at, row.ends_at) for row in rows if row.id != without]


def book(
    actor: Actor, person_id: UUID, doctor_id: UUID, starts_at: datetime, *, wish: str = "", minutes: int | None = None,
    zone: str = "UTC", place: str = "clinic",
) -> AppointmentPublic:  # fmt: skip
    """Make an appointment at `starts_at` (aware). A patient takes a time that is offered: booked, or asked for where the doctor confirms.

    A doctor gives any time that is free for both: `minutes`, `zone` and `place` are theirs to say. Raises NotAllowed, InvalidInput
    (a time that was taken meanwhile, is not offered, past, or not over before the doctor's consent is).
    """
    require(actor, "meet", person_id)
    wish = wish.strip()
    if len(wish) > 500 or "\0" in wish:
        raise InvalidInput("This is too long.", "Use at most 500 letters; more can go in a message.")
    with telling() as (session, words):
        _let_in(session, actor, person_id, doctor_id)
        slot = _slot(session, actor, person_id, doctor_id, starts_at, minutes, zone, place)
        _let_in_until(session, actor, person_id, doctor_id, slot.ends_at)
        create = AppointmentCreate(starts_at=slot.starts_at, ends_at=slot.ends_at, zone=slot.zone, place=slot.place, wish=wish)
        status = "asked" if slot.confirm else "booked"
        row = Appointment.model_validate(create, update={"person_id": person_id, "account_id": doctor_id, "status": status})
        session.add(row)
        session.flush()
        words |= dict.fromkeys(everybody_of(session, person_id, doctor_id), MEET)
        made = _shown(session, row)
    notices.send(made, actor.account_id)
    return made


def _slot(
    session: Session, actor: Actor, person_id: UUID, doctor_id: UUID, starts_at: datetime, minutes: int | None, zone: str, place: str,
    without: UUID | None = None,
) -> Slot:  # fmt: skip
    """The time, if it can be had now; InvalidInput otherwise."""
    if starts_at.tzinfo is None:
        raise ValueError("starts_at needs a time zone")
    if actor.role != "doctor":
        found = _free(session, doctor_id, person_id, starts_at, starts_at + timedelta(minutes=1), without)
        if not found or found[0].starts_at != starts_at:
            raise InvalidInput("This time is not free any more, so nothing was changed.", "Choose another one.")
        return found[0]
    if minutes is None or not 5 <= minutes <= 240 or place not in PLACES:
        raise InvalidInput("This appointment cannot be right.", "Choose how long it takes, 5 minutes to 4 hours.")
    ends_at = starts_at + timedelta(minutes=minutes)
    if starts_at <= now():
        raise InvalidInput("This time has passed already.", "Choose a later one.")
    if any(overlap(starts_at, ends_at, *one) for one in _taken(session, doctor_id, person_id, starts_at, ends_at, without)):
        raise InvalidInput("You or the patient have another appointment then, so nothing was changed.", "Choose another time.")
    return Slot(starts_at, ends_at, zone, place)


def own_appointment(session: Session, actor: Actor, appointment_id: UUID) -> Appointment:
    """The row; NotFound when there is none or it is not the actor's."""
    row = session.get(Appointment, appointment_id)
    mine = row is not None and allowed(actor, "meet", row.person_id) and (actor.role != "doctor" or row.account_id == actor.account_id)
    if row is None or not mine:
        raise NotFound("This appointment is not here any more.", "Go back to your appointments.")
    return row


def _shown(session: Session, row: Appointment) -> AppointmentPublic:
    person = session.get(Person, row.person_id)
    doctor = session.get(Account, row.account_id) if row.account_id else None
    names = {"person": person.display_name if person else "", "doctor": doctor.name if doctor else ""}
    return AppointmentPublic.model_validate(row, update=names)


def _change(
    actor: Actor, appointment_id: UUID, values: dict[str, object], only: tuple[str, ...] = ("asked", "booked")
) -> AppointmentPublic:
    with telling() as (session, words):
        row = own_appointment(session, actor, appointment_id)
        if row.status not in only or row.ends_at <= now():
            raise InvalidInput("This appointment was changed or is over, so nothing was changed.", "Load the page anew.")
        made = _saved(session, row, values)
        words |= dict.fromkeys(everybody_of(session, row.person_id, row.account_id), MEET)
    notices.send(made, actor.account_id)
    return made


def _saved(session: Session, row: Appointment, values: dict[str, object]) -> AppointmentPublic:
    row.change(**values)
    session.add(row)
    session.flush()
    return _shown(session, row)


def confirm(actor: Actor, appointment_id: UUID) -> AppointmentPublic:
    """Say yes to what a patient asked for; the doctor alone. Raises NotFound, NotAllowed, InvalidInput (not asked for any more)."""
    if actor.role != "doctor":
        raise NotAllowed("Only the doctor can confirm an appointment.")
    return _change(actor, appointment_id, {"status": "booked"}, only=("asked",))


def cancel(actor: Actor, appointment_id: UUID) -> AppointmentPublic:
    """Call it off, from either side; the time is free again. Raises NotFound, InvalidInput (called off or over already)."""
    return _change(actor, appointment_id, {"status": "cancelled"})


def move(actor: Actor, appointment_id: UUID, starts_at: datetime) -> AppointmentPublic:
    """Move it to another time, for which the same holds as for `book`; the old one is free again at once, and only if the new one was to

    be had. A time that a doctor gives keeps its length. Raises NotFound, NotAllowed, InvalidInput.
    """
    with telling() as (session, words):
        row = own_appointment(session, actor, appointment_id)
        if row.account_id is None or row.status == "cancelled" or row.ends_at <= now():
            raise InvalidInput("This appointment was changed or is over, so nothing was changed.", "Load the page anew.")
        _let_in(session, actor, row.person_id, row.account_id)
        minutes = round((row.ends_at - row.starts_at).total_seconds() / 60)
        slot = _slot(session, actor, row.person_id, row.account_id, starts_at, minutes, row.zone, row.place, row.id)
        _let_in_until(session, actor, row.person_id, row.account_id, slot.ends_at)
        values = {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "zone": slot.zone, "place": slot.place, "reminded_at": None}
        made = _saved(session, row, values | {"status": "asked" if slot.confirm else "booked"})
        words |= dict.fromkeys(everybody_of(session, row.person_id, row.account_id), MEET)
    notices.send(made, actor.account_id)
    return made


def appointments(actor: Actor, person_id: UUID | None = None, *, past: bool = False) -> list[AppointmentPublic]:
    """The account's appointments, or those with one person: the coming ones in order, or, with `past`, those that are over, latest first.

    Cancelled ones are told until they would have ended. NotAllowed for a person who is not the actor's.
    """
    if person_id is not None:
        require(actor, "meet", person_id)
    everybody = actor.let_in_by if actor.role == "doctor" else actor.person_ids
    people = [id for id in everybody if allowed(actor, "meet", id) and person_id in (None, id)]
    query = select(Appointment, Person.display_name, Account.name).join(Person).join(Account, isouter=True)
    query = query.where(col(Appointment.person_id).in_(people))
    if actor.role == "doctor":
        query = query.where(Appointment.account_id == actor.account_id)
    over = col(Appointment.ends_at) <= now()
    order = (col(Appointment.starts_at).desc() if past else col(Appointment.starts_at), col(Appointment.id))
    query = query.where(over if past else ~over).order_by(*order).limit(500)
    with reading() as session:
        return [
            AppointmentPublic.model_validate(row, update={"person": who, "doctor": name or ""}) for row, who, name in session.exec(query)
        ]
