"""The tables of people. Records and what hangs on them are in `record_tables.py`; import `metadata` from there.

Every table follows Base / Create / Public: Base holds what is the same everywhere, Create what comes
in, the table what is stored, Public what may leave core (made with `model_validate(row)`).
Ids are random UUIDs, times are aware UTC. No `from __future__ import annotations` here: SQLModel
reads the annotations of relationships at run time.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from core.records.times import UtcDateTime, now

if TYPE_CHECKING:
    from core.records.record_tables import Record, Spot

metadata = SQLModel.metadata
# Named constraints, so that later migrations can find and change them on every database.
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class AccountBase(SQLModel):
    """Who signs in. `email` is stripped and casefolded, `name` is what the house calls them."""

    email: str = Field(max_length=254)
    name: str = Field(max_length=100)
    role: str = Field(default="patient", max_length=10)


class AccountCreate(AccountBase):
    """A new account with its password in clear, which is never stored."""

    password: str = Field(max_length=200)


class Account(AccountBase, table=True):
    """An account; `password_hash` is Argon2id in its own text form, empty until somebody has chosen the first password.

    `disabled_at`: switched off since then: it cannot sign in; None: it can. `signed_in_at`: the last time a browser was signed in.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("role IN ('patient', 'doctor', 'staff', 'admin')", name="role"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    password_hash: str = Field(max_length=255)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    links: list["AccountPerson"] = Relationship(back_populates="account", cascade_delete=True, passive_deletes=True)
    sessions: list["AccountSession"] = Relationship(back_populates="account", cascade_delete=True, passive_deletes=True)
    tickets: list["Ticket"] = Relationship(back_populates="account", cascade_delete=True, passive_deletes=True)
    second_factors: list["SecondFactor"] = Relationship(back_populates="account", cascade_delete=True, passive_deletes=True)
    recovery_codes: list["RecoveryCode"] = Relationship(back_populates="account", cascade_delete=True, passive_deletes=True)
    mail_links: list["MailLink"] = Relationship(back_populates="account", cascade_delete=True, passive_deletes=True)


class AccountPublic(AccountBase):
    """An account as the house may show it to its holder or to an administrator."""

    id: UUID
    created_at: datetime
    disabled_at: datetime | None = None


class PersonBase(SQLModel):
    """Somebody with a body: records belong to a person, never to an account.

    `birth_year` is known whenever `birth_date` is; many people would rather say no more than the year.
    """

    display_name: str = Field(max_length=100)
    birth_date: date | None = None
    birth_year: int | None = None


class PersonCreate(PersonBase):
    """A new person."""


class Person(PersonBase, table=True):
    """A person."""

    __tablename__ = "person"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    links: list["AccountPerson"] = Relationship(back_populates="person", cascade_delete=True, passive_deletes=True)
    spots: list["Spot"] = Relationship(back_populates="person", cascade_delete=True, passive_deletes=True)
    records: list["Record"] = Relationship(back_populates="person", cascade_delete=True, passive_deletes=True)


class PersonPublic(PersonBase):
    """A person as shown to those who act for them. `relation`: what they are to the account, `self` or `guardian`."""

    id: UUID
    created_at: datetime
    relation: str = "self"


class AccountPerson(SQLModel, table=True):
    """This account acts for this person. `relation`: `self`, or `guardian` for a child or someone in their care."""

    __tablename__ = "account_person"
    __table_args__ = (
        UniqueConstraint("account_id", "person_id"),
        CheckConstraint("relation IN ('self', 'guardian')", name="relation"),
        Index(None, "person_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    relation: str = Field(default="self", max_length=10)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    account: Account = Relationship(back_populates="links")
    person: Person = Relationship(back_populates="links")


class SessionBase(SQLModel):
    """One browser that is signed in. `user_agent` is what the browser calls itself, cut to fit."""

    user_agent: str = Field(default="", max_length=200)


class AccountSession(SessionBase, table=True):
    """A sign-in. Only the keyed hash (64 hex digits) of the token is here, so a stolen table opens nothing."""

    __tablename__ = "session"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "account_id"), Index(None, "expires_at"), Index(None, "person_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    person_id: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    """The person this browser was last used for; None: nobody was chosen yet."""
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    last_seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)

    account: Account = Relationship(back_populates="sessions")


class SessionPublic(SessionBase):
    """A sign-in as listed on the Account page. `current`: it is the one that asks."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool = False


class Ticket(SQLModel, table=True):
    """A sign-in on its way from the form to the cookie: works once, for a minute. Keyed hash only."""

    __tablename__ = "ticket"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "account_id"), Index(None, "expires_at"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    account: Account = Relationship(back_populates="tickets")


class SecondFactor(SQLModel, table=True):
    """The secret of an account's code app, sealed with a key made from the secret key of the settings.

    `last_step`: the 30-second step (since 1970) of the last code that was accepted; none at or before it is.
    """

    __tablename__ = "second_factor"
    __table_args__ = (UniqueConstraint("account_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    sealed_secret: str = Field(max_length=255)
    last_step: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    account: Account = Relationship(back_populates="second_factors")


class RecoveryCode(SQLModel, table=True):
    """A code that stands in for the code app once; the row goes when it is used. Keyed hash only."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("code_hash"), Index(None, "account_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    code_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    account: Account = Relationship(back_populates="recovery_codes")


class MailLink(SQLModel, table=True):
    """A link that was sent: to choose a new password, or to finish a sign-up. Works once; keyed hash only.

    A sign-up has no account yet, so `email` and `name` wait here until it is finished or too old.
    """

    __tablename__ = "mail_link"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("purpose IN ('reset', 'sign_up')", name="purpose"),
        Index(None, "account_id"),
        Index(None, "expires_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    purpose: str = Field(max_length=10)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE")
    email: str = Field(default="", max_length=254)
    name: str = Field(default="", max_length=100)
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    account: Account = Relationship(back_populates="mail_links")


class Throttle(SQLModel, table=True):
    """What was tried too often: `scope` says what (`core.people.throttle`), `key_hash` by or on whom; it cannot be read back."""

    __tablename__ = "throttle"
    __table_args__ = (
        UniqueConstraint("scope", "key_hash"),
        Index(None, "last_failure_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    scope: str = Field(max_length=20)
    key_hash: str = Field(max_length=64)
    failures: int = 0
    last_failure_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    blocked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Mark(SQLModel, table=True):
    """A fact about the database itself, such as that it belongs to the demo clinic and may be emptied."""

    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=40)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
