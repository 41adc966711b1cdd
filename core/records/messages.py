"""What a person and a doctor write each other: in one order for both, complete, and read by nobody else.

A message is numbered in the transaction that saves it. Those who write take turns (`core.records.database`), so the numbers
have no gap and no number becomes visible after a higher one: whoever has read up to a number has missed nothing before it.
What a doctor reads here was written to them, so it is no opening of a record; how far they read is told beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core.errors import InvalidInput, NotAllowed, NotFound, Unavailable
from core.people.consent import can_talk
from core.people.policy import Actor, allowed
from core.photo import Photo, encode_jpeg, resized
from core.records.database import reading
from core.records.findings import own_record
from core.records.message_tables import LONGEST, Conversation, Message, MessageCreate, MessagePublic, ReadMark
from core.records.news import everybody_of, news_of, seen_in, telling, topic_of
from core.records.photos import PhotoStore, store
from core.records.pictures import THUMBNAIL, drop
from core.records.times import now

MOST = 200
"""Messages read at once."""


@dataclass(frozen=True)
class Marks:
    """How far a conversation is read. `mine`: by this account; `theirs`: by the other side, at `seen_at`; 0: nothing."""

    mine: int = 0
    theirs: int = 0
    seen_at: datetime | None = None


def side_of(actor: Actor) -> str:
    """On which side of a conversation an account writes: `doctor` or `patient`."""
    return "doctor" if actor.role == "doctor" else "patient"


def own_conversation(session: Session, actor: Actor, conversation_id: UUID) -> Conversation:
    """The row; NotFound when there is none or it is not the actor's: of another person, or between a person and another doctor."""
    row = session.get(Conversation, conversation_id)
    mine = row is not None and allowed(actor, "talk", row.person_id) and (actor.role != "doctor" or row.account_id == actor.account_id)
    if row is None or not mine:
        raise NotFound("This conversation is not here any more.", "Go back to your messages.")
    return row


def send_message(
    actor: Actor,
    conversation_id: UUID,
    text: str = "",
    *,
    photo: Photo | None = None,
    record_id: UUID | None = None,
    token: UUID | None = None,
) -> MessagePublic:
    """Send a message; it is there for both sides, after all that were sent before it, once this returns.

    `text`: at most LONGEST letters; may be empty beside a photo or a finding. `record_id`: a finding of the person that is pointed to,
    which the actor must be able to read. `token`: sending again with the same one returns the first message. Raises NotFound
    (conversation, finding), NotAllowed (the person does not let this doctor in now), InvalidInput, Unavailable; then nothing was sent.
    """
    text = text.strip()
    if not text and photo is None and record_id is None:
        raise InvalidInput("There is nothing to send yet.", "Write something, or add a photo.")
    if len(text) > LONGEST:
        raise InvalidInput(f"This message is too long: {len(text)} letters of at most {LONGEST}.", "Send it in two parts.")
    if "\0" in text:  # no database text holds it, and PostgreSQL refuses it
        raise InvalidInput("This message holds a sign that cannot be sent.", "Please type it anew.")
    with reading() as session:  # before anything is stored
        _may_write(session, actor, conversation_id, record_id)
        if token is not None and (known := _by_token(session, conversation_id, token)):
            return known
    blobs, keys = store(), list[str]()
    create = MessageCreate(text=text, record_id=record_id, token=token)
    try:
        pictures = _put(blobs, keys, photo) if photo else {}
        with telling() as (session, words):
            conversation = _may_write(session, actor, conversation_id, record_id)
            of_row = {"conversation_id": conversation_id, "person_id": conversation.person_id, "account_id": actor.account_id}
            last = _last_number(session, conversation_id)
            row = Message.model_validate(create, update={**of_row, **pictures, "number": last + 1, "side": side_of(actor)})
            session.add(row)
            session.flush()
            word = news_of(conversation_id, row.number, row.side)
            words |= dict.fromkeys(everybody_of(session, conversation.person_id, conversation.account_id), word)
            return MessagePublic.model_validate(row)
    except BaseException as error:
        saved = _after_failure(conversation_id, token, blobs, keys)
        if saved is not None and isinstance(error, Unavailable | IntegrityError):
            return saved
        raise


def _put(blobs: PhotoStore, keys: list[str], photo: Photo) -> dict[str, str | int]:
    """Store a photo, noting each key in `keys` at once; returns the columns."""
    keys.append(blobs.put(photo.original))
    keys.append(blobs.put(encode_jpeg(resized(photo.pixels, THUMBNAIL))))
    width, height = photo.size
    names: dict[str, str | int] = {"photo_key": keys[0], "thumbnail_key": keys[1], "photo_sha256": photo.sha256}
    return names | {"media_type": photo.media_type, "width": width, "height": height}


def _may_write(session: Session, actor: Actor, conversation_id: UUID, record_id: UUID | None) -> Conversation:
    row = own_conversation(session, actor, conversation_id)
    if row.account_id is None or not can_talk(session, row.account_id, row.person_id):
        told = "This doctor is not let in any more, or is not here now, so nothing was sent."
        raise NotAllowed(told, "Let them in on the Account page to go on writing, or call the clinic.")
    if record_id is not None and own_record(session, actor, record_id, "read_records").person_id != row.person_id:
        raise NotFound("This finding does not exist any more.", "Choose another one.")
    return row


def _last_number(session: Session, conversation_id: UUID) -> int:
    return session.exec(select(func.max(Message.number)).where(Message.conversation_id == conversation_id)).one() or 0


def _by_token(session: Session, conversation_id: UUID, token: UUID) -> MessagePublic | None:
    row = session.exec(select(Message).where(Message.conversation_id == conversation_id, Message.token == token)).first()
    return None if row is None else MessagePublic.model_validate(row)


def _after_failure(conversation_id: UUID, token: UUID | None, blobs: PhotoStore, keys: list[str]) -> MessagePublic | None:
    """The message after all, where it was saved though it seemed not to be; its pictures go unless a row names them.

    As for a finding (`core.records.findings`): a connection lost while committing leaves open whether the row is there.
    """
    try:
        with reading() as session:
            named = session.exec(select(Message.photo_key).where(col(Message.photo_key).in_(keys))).first() if keys else None
            known = _by_token(session, conversation_id, token) if token is not None else None
    except Unavailable:
        return None
    if named is None:
        drop(blobs, keys)
    return known


def list_messages(actor: Actor, conversation_id: UUID, *, after: int = 0, limit: int = MOST) -> list[MessagePublic]:
    """The newest `limit` messages with a number above `after`, in order. NotFound for anyone but its two sides."""
    with reading() as session:
        own_conversation(session, actor, conversation_id)
        return _messages(session, conversation_id, after, limit)


def open_conversation(
    actor: Actor, conversation_id: UUID, *, after: int = 0, before: int | None = None, limit: int = MOST
) -> tuple[list[MessagePublic], Marks]:
    """`list_messages`, also only those numbered below `before`, and `marks` of one moment."""
    with reading() as session:
        conversation = own_conversation(session, actor, conversation_id)
        return _messages(session, conversation_id, after, limit, before), _marks(session, actor, conversation)


def _messages(session: Session, conversation_id: UUID, after: int, limit: int, before: int | None = None) -> list[MessagePublic]:
    query = select(Message).where(Message.conversation_id == conversation_id, Message.number > after)
    if before is not None:
        query = query.where(Message.number < before)
    rows = session.exec(query.order_by(col(Message.number).desc()).limit(limit)).all()
    return [MessagePublic.model_validate(row) for row in reversed(rows)]


def mark_read(actor: Actor, conversation_id: UUID, number: int) -> bool:
    """Note that the account has seen the messages up to `number`; never back, and never further than there are. Whether that was news."""
    with reading() as session:  # most pages have nothing new, and a look at one is not to be a write
        own_conversation(session, actor, conversation_id)
        mine = select(ReadMark.number).where(ReadMark.conversation_id == conversation_id, ReadMark.account_id == actor.account_id)
        if number <= (session.exec(mine).first() or 0):
            return False
    with telling() as (session, words):
        row = own_conversation(session, actor, conversation_id)
        others = everybody_of(session, row.person_id, row.account_id) - {topic_of(actor.account_id)}
        words |= dict.fromkeys(others, seen_in(conversation_id))
        return _mark(session, actor, conversation_id, min(number, _last_number(session, conversation_id)))


def _mark(session: Session, actor: Actor, conversation_id: UUID, number: int) -> bool:
    mine = select(ReadMark).where(ReadMark.conversation_id == conversation_id, ReadMark.account_id == actor.account_id)
    row = session.exec(mine).first() or ReadMark(conversation_id=conversation_id, account_id=actor.account_id)
    if number <= row.number:
        return False
    row.number, row.read_at = number, now()
    session.add(row)
    return True


def marks(actor: Actor, conversation_id: UUID) -> Marks:
    """How far both sides have read. Of several who act for the person, the one who read furthest counts."""
    with reading() as session:
        return _marks(session, actor, own_conversation(session, actor, conversation_id))


def _marks(session: Session, actor: Actor, conversation: Conversation) -> Marks:
    rows = session.exec(select(ReadMark).where(ReadMark.conversation_id == conversation.id)).all()
    mine = next((row.number for row in rows if row.account_id == actor.account_id), 0)
    doctors = conversation.account_id
    others = [row for row in rows if (row.account_id == doctors) is not (actor.account_id == doctors)]
    furthest = max(others, key=lambda row: row.number, default=None)
    return Marks(mine, furthest.number if furthest else 0, furthest.read_at if furthest else None)


def message_photo(actor: Actor, message_id: UUID, *, small: bool = False) -> tuple[bytes, str]:
    """The photo of a message and its media type; `small`: a JPEG, longer side at most 480 px. NotFound for anyone but the two sides."""
    with reading() as session:
        row = session.get(Message, message_id)
        if row is None or row.photo_key is None or row.thumbnail_key is None:
            raise NotFound("This photo is not here any more.", "Go back to your messages.")
        own_conversation(session, actor, row.conversation_id)
    return store().get(row.thumbnail_key if small else row.photo_key), "image/jpeg" if small else row.media_type or "image/jpeg"
