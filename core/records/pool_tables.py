"""The tables of pooling: who agreed that their severity teaches the forecast, and what all of them taught. See `tables.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = ["PoolConsent", "PoolPrior", "metadata"]


class PoolConsent(SQLModel, table=True):
    """A person agreed that their numbers of severity are pooled. Taken back, the row is gone: nothing says that it ever was."""

    __tablename__ = "pool_consent"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    agreed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class PoolPrior(SQLModel, table=True):
    """What the diaries of `patients` persons taught together; there is one row, or none, and it does not say whose.

    `prior`: as `core.insight.forecast_prior.as_json` makes it. `agreements`: a keyed hash of which agreements stood at the time,
    64 hex digits, so that one more or one less is noticed.
    """

    __tablename__ = "pool_prior"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    prior: dict[str, Any] = Field(sa_type=JSON)
    patients: int
    agreements: str = Field(max_length=64)
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
