"""What doctors open is written down for the person it belongs to, before it is handed out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from core.people.policy import Actor
from core.records.consent_tables import Opening
from core.records.database import reading, transaction
from core.records.times import now

AGAIN = timedelta(minutes=10)
"""The same thing opened again within this time is one opening: a page reads anew at every click."""


def note(actor: Actor, person_id: UUID, what: str, record_id: UUID | None = None) -> None:
    """Write down that a doctor opened something (one of OPENED) of a person; nothing for those who act for the person.

    Access has been decided before. Raises Unavailable when it cannot be written: then nothing may be handed out.
    """
    if actor.role != "doctor":
        return
    same = (Opening.account_id == actor.account_id, Opening.person_id == person_id, Opening.what == what)
    recent = (Opening.record_id == record_id, col(Opening.created_at) > now() - AGAIN)
    with reading() as session:
        if session.exec(select(Opening.id).where(*same, *recent)).first() is not None:
            return
    with transaction() as session:
        session.add(Opening(account_id=actor.account_id, person_id=person_id, what=what, record_id=record_id))


def note_all(actor: Actor, person_ids: Collection[UUID], what: str) -> None:
    """`note` for many persons at once, of no record in particular: a list shows something of each."""
    if actor.role != "doctor" or not person_ids:
        return
    same = (Opening.account_id == actor.account_id, Opening.what == what, col(Opening.record_id).is_(None))
    with reading() as session:
        recent = (col(Opening.person_id).in_(person_ids), col(Opening.created_at) > now() - AGAIN)
        told = set(session.exec(select(Opening.person_id).where(*same, *recent)))
    new = [id for id in person_ids if id not in told]
    if new:
        with transaction() as session:
            session.add_all([Opening(account_id=actor.account_id, person_id=id, what=what) for id in new])
