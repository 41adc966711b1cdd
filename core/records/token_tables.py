"""The table of access tokens: what a program shows instead of a password. See `tables.py`.

No `from __future__ import annotations` here, as there.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.records.tables import metadata  # first of all: it says how constraints are named
from core.records.times import UtcDateTime, now

__all__ = ["ApiToken", "ApiTokenCreate", "ApiTokenPublic", "metadata"]


class ApiTokenBase(SQLModel):
    """An access token. `name`: what its holder calls it; `scopes`: what it may do, words with a space between (RFC 6749, 3.3)."""

    name: str = Field(max_length=60)
    scopes: str = Field(max_length=40)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ApiTokenCreate(ApiTokenBase):
    """A new token, without the token itself, which is never stored."""


class ApiToken(ApiTokenBase, table=True):
    """A token. Only its keyed hash (64 hex digits) is here, so a stolen table opens nothing.

    `free_at`: how far the requests so far are paid for (`core.people.rate`); None: there were none.
    """

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    free_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiTokenPublic(ApiTokenBase):
    """A token as listed on the Account page. `ended`: its time is over."""

    id: UUID
    created_at: datetime
    last_used_at: datetime | None = None
    ended: bool = False
