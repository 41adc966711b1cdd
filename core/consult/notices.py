"""The mail about an appointment: to the other side that it is made or changed, to its patients that it is near.

No name, nothing medical, nothing of the wish.
"""

from __future__ import annotations

from collections.abc import Set
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from core.people import mail
from core.records.appointment_tables import AppointmentPublic
from core.records.database import reading
from core.records.news import accounts_of
from core.records.tables import Account
from core.settings import settings

SAYS = {
    "asked": ("An appointment was asked for", "An appointment on CareLens waits for a yes:"),
    "booked": ("Your appointment", "An appointment of yours on CareLens is booked for:"),
    "cancelled": ("An appointment was cancelled", "An appointment of yours on CareLens was cancelled. It was to be on:"),
}
"""State to the subject and the first line."""
NEAR = ("Your appointment is near", "Do not forget your appointment on CareLens:")


def words(one: AppointmentPublic) -> str:
    """The time, on the clock on which the doctor offers it, with that clock's name."""
    then = one.starts_at.astimezone(ZoneInfo(one.zone))
    return f"{then:%A} {then.day} {then:%B %Y}, {then:%H:%M} ({one.zone})"


def text(one: AppointmentPublic, first: str = "") -> str:
    """The whole mail. `first`: its first line; that of the state where it is empty."""
    return f"{first or SAYS[one.status][1]}\n\n{words(one)}\n\nSign in to see it, or to change it:\n{settings().base_url}/Appointments\n"


def send(one: AppointmentPublic, by: UUID) -> None:
    """Write to everybody of the appointment but the account that changed it; nothing happens where mail is not set up."""
    _post(one, SAYS[one.status][0], text(one), {one.account_id}, by)


def remind(one: AppointmentPublic) -> None:
    """Write to the patients of an appointment that it is near; nothing happens where mail is not set up."""
    _post(one, NEAR[0], text(one, NEAR[1]))


def _post(one: AppointmentPublic, subject: str, words: str, more: Set[UUID | None] = frozenset(), without: UUID | None = None) -> None:
    """To the accounts of the person and `more`, but for `without` and those that are switched off."""
    if not mail.configured():
        return
    with reading() as session:
        ids = {*accounts_of(session, one.person_id), *more} - {without, None}
        addresses = session.exec(select(Account.email).where(col(Account.id).in_(ids), col(Account.disabled_at).is_(None))).all()
    for address in addresses:
        mail.send_later(partial(mail.Mail, address, f"CareLens: {subject}", words))
