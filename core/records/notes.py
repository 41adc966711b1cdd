"""Notes of doctors: a draft is its writer's alone, a signed note is the patient's too and never changes; it can only be amended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, allowed, require
from core.records.chart import checked, seen_notes, texts
from core.records.chart_tables import DRAFT, LONGEST, SIGNED, Note, NoteCreate, NotePublic
from core.records.database import reading, transaction
from core.records.erase import bury, finish_quietly
from core.records.openings import note as note_opening
from core.records.tables import Account
from core.records.times import now

PARTS = ("observed", "diagnosis", "advice", "plan")


def _checked(observed: str, diagnosis: str, advice: str, plan: str, follow_up_on: date | None) -> NoteCreate:
    values = {name: texts(words) for name, words in zip(PARTS, (observed, diagnosis, advice, plan), strict=True)}
    if follow_up_on is None and not any(values.values()):
        raise InvalidInput("There is nothing in this note yet.", "Write something, or leave it.")
    return checked(
        NoteCreate, {**values, "follow_up_on": follow_up_on}, f"One part of a note has at most {LONGEST:,} letters.", "Shorten it."
    )


def write_note(
    actor: Actor,
    person_id: UUID,
    observed: str = "",
    diagnosis: str = "",
    advice: str = "",
    plan: str = "",
    follow_up_on: date | None = None,
    *,
    amends: UUID | None = None,
) -> NotePublic:
    """A new draft. `amends`: a signed note of the same person that the writer may read, which this one sets right.

    Raises NotAllowed for everybody but a doctor who was let in, NotFound (`amends`), InvalidInput (nothing in it, too long).
    """
    require(actor, "write_chart", person_id)
    create = _checked(observed, diagnosis, advice, plan, follow_up_on)
    with transaction() as session:
        if amends is not None:
            query = select(Note).where(Note.id == amends, Note.person_id == person_id, Note.state == SIGNED)
            if session.exec(query.where(seen_notes(actor, person_id))).first() is None:
                raise _gone()
        row = Note.model_validate(create, update={"person_id": person_id, "account_id": actor.account_id, "amends_id": amends})
        session.add(row)
        session.flush()
        return _public(row, actor, actor.name)


def change_note(
    actor: Actor,
    note_id: UUID,
    observed: str = "",
    diagnosis: str = "",
    advice: str = "",
    plan: str = "",
    follow_up_on: date | None = None,
) -> NotePublic:
    """Write a draft of one's own anew. InvalidInput for one that is signed: that can only be amended."""
    create = _checked(observed, diagnosis, advice, plan, follow_up_on)
    with transaction() as session:
        row = _own_draft(session, actor, note_id)
        row.sqlmodel_update(create.model_dump())
        session.add(row)
        session.flush()
        return _public(row, actor, actor.name)


def sign_note(actor: Actor, note_id: UUID) -> NotePublic:
    """Sign a draft of one's own: from now on the patient reads it, and nobody changes it. InvalidInput for one that is signed."""
    with transaction() as session:
        row = _own_draft(session, actor, note_id)
        row.state, row.signed_at = SIGNED, now()
        session.add(row)
        session.flush()
        return _public(row, actor, actor.name)


def delete_draft(actor: Actor, note_id: UUID) -> None:
    """Drop a draft of one's own for good. InvalidInput for one that is signed: it stays."""
    with transaction() as session:
        session.delete(_own_draft(session, actor, note_id))
        bury(session, ())
    finish_quietly()


def list_notes(actor: Actor, person_id: UUID) -> list[NotePublic]:
    """The signed notes of a person and one's own drafts, oldest first; a doctor who does not see the chart reads their own alone."""
    seen = seen_notes(actor, person_id)
    note_opening(actor, person_id, "chart")
    query = select(Note, Account.name).join(Account, isouter=True).where(Note.person_id == person_id, seen)
    with reading() as session:
        return [_public(row, actor, name or "") for row, name in session.exec(query.order_by(col(Note.created_at), col(Note.id)))]


def _public(row: Note, actor: Actor, doctor: str) -> NotePublic:
    return NotePublic.model_validate(row, update={"doctor": doctor, "mine": row.account_id == actor.account_id})


def _own_draft(session: Session, actor: Actor, note_id: UUID) -> Note:
    row = session.get(Note, note_id)
    if row is None or row.account_id != actor.account_id or not allowed(actor, "write_chart", row.person_id):
        raise _gone()
    if row.state != DRAFT:
        raise InvalidInput("This note is signed, so it stays as it is.", "Write an amendment to it.")
    return row


def _gone() -> NotFound:
    return NotFound("This note is not here any more.", "Load the page anew.")
