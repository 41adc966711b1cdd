"""The tables of sharing: whom a person let in, and when a doctor opened what is theirs. See `tables.py`."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.people.policy import EVERYTHING
from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = ["EVERYTHING", "OPENED", "Consent", "ConsentCreate", "ConsentPublic", "DoctorCode", "Opening", "OpeningPublic", "metadata"]

OPENED = ("list", "photos", "finding", "diary", "chart")
"""What a doctor can open: the list of what was found, the small photos, one finding, scores and treatments, what doctors wrote."""


class ConsentBase(SQLModel):
    """A person lets a doctor see their records. `ends_at` None: until taken back.

    `kinds`: EVERYTHING, or those of them that the doctor sees, in order and with a blank between them: ids of examinations,
    `core.people.policy.DIARY`, CHART.
    """

    kinds: str = Field(default=EVERYTHING, max_length=200)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsentCreate(ConsentBase):
    """A new consent."""


class Consent(ConsentBase, table=True):
    """A consent. `account_id`: the doctor's. `taken_back_at`: the row stays, so that the person can see whom they let in once."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "person_id"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsentPublic(ConsentBase):
    """A consent as shown to those who act for the person. `doctor`: the name."""

    id: UUID
    person_id: UUID
    account_id: UUID
    created_at: datetime
    taken_back_at: datetime | None = None
    doctor: str = ""


class DoctorCode(SQLModel, table=True):
    """A code that a doctor gives to patients, so that they find them without the clinic's list. One each; keyed hash only."""

    __tablename__ = "doctor_code"
    __table_args__ = (UniqueConstraint("account_id"), UniqueConstraint("code_hash"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    code_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Opening(SQLModel, table=True):
    """A doctor opened something of a person. `what`: one of OPENED; `record_id`: of a finding; None also once that is deleted.

    `account_id`: the doctor's; None when that account is gone, the row stays with the person.
    """

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint("what IN ('list', 'photos', 'finding', 'diary', 'chart')", name="what"),
        Index(None, "person_id", "created_at"),
        Index(None, "account_id"),
        Index(None, "record_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    record_id: UUID | None = Field(default=None, foreign_key="record.id", ondelete="SET NULL")
    what: str = Field(max_length=10)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class OpeningPublic(SQLModel):
    """An opening as shown to those who act for the person. `doctor`: the name; empty when they left the clinic."""

    what: str
    created_at: datetime
    record_id: UUID | None = None
    doctor: str = ""
