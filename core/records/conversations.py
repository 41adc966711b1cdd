"""With whom an account can talk, what is unread, and the newest message of each; see `messages.py` for what is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core.errors import NotAllowed
from core.people.consent import can_talk, consents
from core.people.policy import Actor, allowed, require
from core.records.database import reading, transaction
from core.records.message_tables import Conversation, Message, MessagePublic, ReadMark
from core.records.messages import own_conversation, side_of
from core.records.tables import Account, Person


@dataclass(frozen=True)
class Talk:
    """A person and a doctor who can talk, or did. `id`: of the conversation; None before anybody wrote. `doctor_id`: the account;

    None, and `doctor` empty, when they left the clinic. `open`: the doctor is let in now and not switched off, so that either can write.
    """

    person_id: UUID
    person: str
    doctor_id: UUID | None
    doctor: str
    open: bool
    id: UUID | None = None
    unread: int = 0
    last: MessagePublic | None = None


def talks(actor: Actor, person_id: UUID | None = None) -> list[Talk]:
    """With whom the account can talk: a patient's persons (or only `person_id`) with each doctor let in, a doctor with who let them in.

    Those with unread messages first, then by the newest message, then by name. NotAllowed for a person who is not the actor's.
    """
    if person_id is not None:
        require(actor, "talk", person_id)
    everybody = actor.let_in_by if actor.role == "doctor" else actor.person_ids
    people = [id for id in everybody if allowed(actor, "talk", id) and person_id in (None, id)]
    open_to = {(one.person_id, one.account_id): one.doctor for id in people for one in _consents(actor, id)}
    with reading() as session:
        names = {row.id: row.display_name for row in session.exec(select(Person).where(col(Person.id).in_(people)))}
        query = select(Conversation, Account.name).join(Account, isouter=True).where(col(Conversation.person_id).in_(people))
        rows = [(row, name) for row, name in session.exec(query.where(_mine(actor)))]
        doctors = {id for _, id in open_to}
        away = set(session.exec(select(Account.id).where(col(Account.id).in_(doctors), col(Account.disabled_at).is_not(None))))
        open_to = {pair: name for pair, name in open_to.items() if pair[1] not in away}
        unread, last = _unread(session, actor, [row.id for row, _ in rows]), _last(session, [row.id for row, _ in rows])
    found = [
        Talk(row.person_id, names[row.person_id], row.account_id, name or "", (row.person_id, row.account_id) in open_to,
             row.id, unread.get(row.id, 0), last.get(row.id))
        for row, name in rows if row.person_id in names
    ]  # fmt: skip
    known = {(one.person_id, one.doctor_id) for one in found}
    found += [Talk(who, names[who], id, name, True) for (who, id), name in open_to.items() if (who, id) not in known and who in names]
    there = [one for one in found if one.open or one.last]
    return sorted(there, key=lambda one: (not one.unread, -one.last.created_at.timestamp() if one.last else 0.0, one.doctor, one.person))


def _consents(actor: Actor, person_id: UUID) -> Sequence[_Open]:
    if actor.role == "doctor":
        return [_Open(person_id, actor.account_id, actor.name)]
    return [_Open(person_id, one.account_id, one.doctor) for one in consents(actor, person_id)]


@dataclass(frozen=True)
class _Open:
    person_id: UUID
    account_id: UUID
    doctor: str


def talk_with(actor: Actor, person_id: UUID, doctor_id: UUID | None) -> Talk | None:
    """One of `talks`, without what is unread and the newest message: for an open page, which looks often. None where it is none of them."""
    if not allowed(actor, "talk", person_id) or (actor.role == "doctor" and doctor_id != actor.account_id):
        return None
    # Of doctors who left there may be several, and none of them has an account to tell them apart: `talks` does.
    if doctor_id is None:
        return next((one for one in talks(actor, person_id) if one.doctor_id is None), None)
    pair = select(Conversation.id).where(Conversation.person_id == person_id, Conversation.account_id == doctor_id)
    with reading() as session:
        person, doctor, id = session.get(Person, person_id), session.get(Account, doctor_id), session.exec(pair).first()
        let_in = can_talk(session, doctor_id, person_id)
    if person is None or doctor is None or not (let_in or id):
        return None
    return Talk(person_id, person.display_name, doctor_id, doctor.name, let_in, id)


def talk_of(actor: Actor, conversation_id: UUID) -> Talk:
    """The talk of a conversation, as `talk_with`. NotFound for anyone but its two sides."""
    with reading() as session:
        row = own_conversation(session, actor, conversation_id)
        person = session.get_one(Person, row.person_id)
        doctor = session.get(Account, row.account_id) if row.account_id else None
        let_in = doctor is not None and can_talk(session, doctor.id, person.id)
    return Talk(person.id, person.display_name, row.account_id, doctor.name if doctor else "", let_in, row.id)


def begin(actor: Actor, person_id: UUID, doctor_id: UUID) -> UUID:
    """The conversation of a person and a doctor, made now where there was none. NotAllowed unless the person lets that doctor in now."""
    require(actor, "talk", person_id)
    pair = select(Conversation.id).where(Conversation.person_id == person_id, Conversation.account_id == doctor_id)
    if actor.role == "doctor" and doctor_id != actor.account_id:
        raise _shut()
    with reading() as session:
        if (known := session.exec(pair).first()) is not None:
            return known
        if not can_talk(session, doctor_id, person_id):
            raise _shut()
    try:
        with transaction() as session:
            if not can_talk(session, doctor_id, person_id):
                raise _shut()
            if (known := session.exec(pair).first()) is None:
                row = Conversation(person_id=person_id, account_id=doctor_id)
                session.add(row)
                known = row.id
            return known
    except IntegrityError:  # only without turns: somebody else made it in the same moment
        with reading() as session:
            return session.exec(pair).one()


def _shut() -> NotAllowed:
    return NotAllowed("This doctor is not let in, or is not here now.", "Let them in on the Account page first, or call the clinic.")


def count_unread(actor: Actor, person_id: UUID | None = None) -> int:
    """How many messages the account has not seen, of all its persons or only `person_id`; 0 for an account that talks to nobody."""
    if person_id is not None:
        require(actor, "talk", person_id)
    return sum(count for id, count in unread_by_person(actor).items() if person_id in (None, id))


def unread_by_person(actor: Actor) -> dict[UUID, int]:
    """As `count_unread`, by person, for a list of patients; those with nothing unread are not in it."""
    everybody = actor.let_in_by if actor.role == "doctor" else actor.person_ids
    # A doctor may have thousands of patients: the policy is asked of the few who wrote something new.
    mine = _mine(actor) if actor.role == "doctor" else col(Conversation.person_id).in_(everybody)
    query = select(Conversation.person_id, func.count()).join(Message, col(Message.conversation_id) == col(Conversation.id))
    query = query.join(ReadMark, _marks(actor), isouter=True).where(mine, *_unseen(actor)).group_by(col(Conversation.person_id))
    with reading() as session:
        return {id: count for id, count in session.exec(query) if id in everybody and allowed(actor, "talk", id)}


def _mine(actor: Actor) -> ColumnElement[bool]:
    """A doctor has their own conversations, and those of no other doctor."""
    return col(Conversation.account_id) == actor.account_id if actor.role == "doctor" else col(Conversation.id).is_not(None)


def _marks(actor: Actor) -> ColumnElement[bool]:
    """How far the account has read the conversation of a message."""
    return and_(col(ReadMark.conversation_id) == col(Message.conversation_id), col(ReadMark.account_id) == actor.account_id)


def _unseen(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Of the other side, above the account's mark."""
    above = or_(col(ReadMark.number).is_(None), col(Message.number) > col(ReadMark.number))
    return col(Message.side) != side_of(actor), above


def _unread(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Messages the account has not seen, by conversation; one query however many there are."""
    query = select(Message.conversation_id, func.count()).join(ReadMark, _marks(actor), isouter=True)
    query = query.where(col(Message.conversation_id).in_(ids), *_unseen(actor))
    return dict(session.exec(query.group_by(col(Message.conversation_id))).all())


def _last(session: Session, ids: Sequence[UUID]) -> dict[UUID, MessagePublic]:
    newest = select(Message.conversation_id, func.max(Message.number).label("number")).where(col(Message.conversation_id).in_(ids))
    top = newest.group_by(col(Message.conversation_id)).subquery()
    both = and_(col(Message.conversation_id) == top.c.conversation_id, col(Message.number) == top.c.number)
    return {row.conversation_id: MessagePublic.model_validate(row) for row in session.exec(select(Message).join(top, both))}
