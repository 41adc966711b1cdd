"""Changes that are told at once to those who look: saved first, then told, and told nothing of what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from core.consult.hub import CHANNEL, HUB, payloads
from core.records.database import engine, transaction
from core.records.tables import AccountPerson

MEET = "meet"
"""The word for what changed in an appointment."""
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


def news_of(conversation_id: UUID, number: int, side: str) -> str:
    """The word for a message: a page that is open on another conversation, or has this message already, need not look."""
    return f"news {conversation_id} {number} {side}"


def seen_in(conversation_id: UUID) -> str:
    """The word for what is less urgent than a message: the other side has read one."""
    return f"seen {conversation_id}"


def topic_of(account_id: UUID) -> str:
    """Where an account hears that something of its own changed."""
    return f"account:{account_id}"


@contextmanager
def telling() -> Iterator[tuple[Session, dict[str, str]]]:
    """A transaction, and what to tell each topic once it is saved: nobody is woken for what is not there yet, or never will be."""
    words: dict[str, str] = {}
    with transaction() as session:
        yield session, words
        if session.get_bind().dialect.name == "postgresql":
            for topic, word in sorted(words.items()):
                for payload in payloads(topic, word):  # PostgreSQL itself keeps it until the transaction is through
                    session.connection().execute(_NOTIFY, {"channel": CHANNEL, "payload": payload})
    for topic, word in words.items():
        HUB.give(topic, word)


def accounts_of(session: Session, person_id: UUID) -> Sequence[UUID]:
    """Who acts for a person."""
    return session.exec(select(AccountPerson.account_id).where(col(AccountPerson.person_id) == person_id)).all()


def everybody_of(session: Session, person_id: UUID, doctor_id: UUID | None) -> set[str]:
    """The topics of all who act for a person, and of one doctor."""
    return {topic_of(id) for id in (*accounts_of(session, person_id), doctor_id) if id is not None}


def pass_on(topic: str, body: str) -> None:
    """Give something to whoever waits at a topic, in every process; nothing of it is kept. Raises Unavailable without a database."""
    HUB.give(topic, body)
    if engine().dialect.name == "postgresql":
        with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for payload in payloads(topic, body):
                connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": payload})
