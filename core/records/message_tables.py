"""The tables of the talk between a person and a doctor: conversations, messages, how far each account has read. See `tables.py`."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = ["LONGEST", "Conversation", "Message", "MessageCreate", "MessagePublic", "ReadMark", "metadata"]

LONGEST = 4000
"""Letters of a message."""


class Conversation(SQLModel, table=True):
    """What a person and a doctor write each other; there is one of the two. `account_id`: the doctor's; None when they left the clinic."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("person_id", "account_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class MessageBase(SQLModel):
    """One message. `text` may be empty beside a photo or a finding. `record_id`: a finding that is pointed to; None also when deleted.

    `width` and `height`: of the full upright photo in pixels; None: there is none.
    """

    text: str = Field(default="", max_length=LONGEST)
    record_id: UUID | None = Field(default=None, foreign_key="record.id", ondelete="SET NULL")
    width: int | None = None
    height: int | None = None


class MessageCreate(MessageBase):
    """A message to be sent, without its photo. `token`: sending again with the same one sends nothing twice."""

    token: UUID | None = None


class Message(MessageBase, table=True):
    """A message as sent; it is never changed. `number`: 1, 2, 3 ... within its conversation, in the order of sending, without a gap.

    `side`: who wrote, the person's people or the doctor; `account_id`: which account; None when that account is gone.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number"),
        UniqueConstraint("conversation_id", "token"),
        CheckConstraint("side IN ('patient', 'doctor')", name="side"),
        Index(None, "person_id", "created_at"),
        Index(None, "account_id"),
        Index(None, "record_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    number: int
    side: str = Field(max_length=10)
    token: UUID | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    photo_key: str | None = Field(default=None, max_length=100)
    photo_sha256: str | None = Field(default=None, max_length=64)
    media_type: str | None = Field(default=None, max_length=40)
    thumbnail_key: str | None = Field(default=None, max_length=100)

    @property
    def has_photo(self) -> bool:
        """A photo was sent."""
        return self.photo_key is not None

    def blobs(self) -> list[str]:
        """The keys of its pictures."""
        return [key for key in (self.photo_key, self.thumbnail_key) if key]


class MessagePublic(MessageBase):
    """A message as shown to both sides."""

    id: UUID
    conversation_id: UUID
    person_id: UUID
    account_id: UUID | None = None
    number: int
    side: str
    created_at: datetime
    has_photo: bool = False


class ReadMark(SQLModel, table=True):
    """How far an account has read a conversation. `number`: of the last message it saw."""

    __tablename__ = "read_mark"
    __table_args__ = (UniqueConstraint("conversation_id", "account_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    number: int = 0
    read_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
