"""Appointments that a consent carries: with a doctor who may see nothing of a person (any more), that person has none to come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from core.records.appointment_tables import Appointment, AppointmentPublic
from core.records.news import MEET, everybody_of
from core.records.times import now


def call_off(
    session: Session, words: dict[str, str], person_id: UUID, doctor_id: UUID, ends_at: datetime | None = None
) -> list[AppointmentPublic]:
    """Cancel what is asked for or booked of a person with a doctor, has not begun, and is not over by `ends_at` (aware; None: all of it).

    In the transaction of the consent, so that the times are free in the very moment in which it ends; `words` are those of
    `telling`. Returns what was cancelled, in order: the mail about it goes out once it is saved.
    """
    found = select(Appointment).where(Appointment.person_id == person_id, Appointment.account_id == doctor_id)
    found = found.where(Appointment.status != "cancelled", Appointment.starts_at > now())
    if ends_at is not None:
        found = found.where(Appointment.ends_at > ends_at)
    rows = session.exec(found.order_by(col(Appointment.starts_at), col(Appointment.id))).all()
    for row in rows:
        row.change(status="cancelled")
        session.add(row)
    session.flush()
    if rows:
        words |= dict.fromkeys(everybody_of(session, person_id, doctor_id), MEET)
    return [AppointmentPublic.model_validate(row) for row in rows]
