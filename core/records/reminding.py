"""Reminders of appointments by mail, a day before: claimed in one transaction, so that of several servers one writes, and once."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlmodel import col, select

from core.consult import notices
from core.errors import CareLensError
from core.people import mail
from core.records.appointment_tables import Appointment, AppointmentPublic
from core.records.database import transaction
from core.records.times import now

log = logging.getLogger("carelens.mail")

BEFORE = timedelta(hours=24)
"""How long before it begins."""
LATEST = timedelta(hours=1)
"""Nearer to it nobody is written to any more: they are on their way, or the server was down."""
QUIET = timedelta(hours=3)
"""What was booked or moved so lately is not reminded of: its own mail has just come."""


def remind(at: datetime | None = None) -> int:
    """Write to the patients of every booked appointment that is near, once each; how many. `at`: aware, for now.

    Nothing is claimed where no mail is set up. Unavailable without a database.
    """
    if not mail.configured():
        return 0
    at = at or now()
    with transaction() as session:
        near = (col(Appointment.starts_at) > at + LATEST, col(Appointment.starts_at) <= at + BEFORE)
        due = (Appointment.status == "booked", col(Appointment.reminded_at).is_(None), col(Appointment.changed_at) < at - QUIET)
        rows = session.exec(select(Appointment).where(*near, *due).with_for_update(skip_locked=True)).all()
        for row in rows:
            row.reminded_at = at
            session.add(row)
        session.flush()
        claimed = [AppointmentPublic.model_validate(row) for row in rows]
    for one in claimed:
        notices.remind(one)
    return len(claimed)


def remind_quietly() -> None:
    """As `remind`, for a thread that goes on whatever happens: what failed is tried at the next turn."""
    try:
        remind()
    except CareLensError as error:
        log.warning("no reminders now: %s", type(error).__name__)
