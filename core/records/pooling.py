"""Whether a person lets their numbers of severity teach the forecast of others (`core.records.pooled`): theirs alone to say."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, select

from core.people.policy import Actor, require
from core.records.database import reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.pool_tables import PoolConsent


def agree(actor: Actor, person_id: UUID) -> None:
    """The person's numbers of severity may be pooled; once more changes nothing. NotAllowed, NotFound (erased meanwhile), Unavailable."""
    require(actor, "share_person", person_id)
    with transaction() as session:
        if _row(session, person_id) is None:
            session.add(PoolConsent(person_id=person_id))


def take_back(actor: Actor, person_id: UUID) -> None:
    """They may not any more; nothing happens where they might not. NotAllowed, Unavailable.

    What was learnt from them counts no longer from the next `core.records.pooled.refresh` on.
    """
    require(actor, "share_person", person_id)
    with transaction() as session:
        row = _row(session, person_id)
        if row is None:
            return
        session.delete(row)
        bury(session, ())
    finish_quietly()


def agreed(actor: Actor, person_id: UUID) -> bool:
    """Whether they may, as the database says now. NotAllowed for whoever could not say so, Unavailable."""
    require(actor, "share_person", person_id)
    with reading() as session:
        return _row(session, person_id) is not None


def _row(session: Session, person_id: UUID) -> PoolConsent | None:
    return session.exec(select(PoolConsent).where(PoolConsent.person_id == person_id)).first()
