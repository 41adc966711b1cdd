"""Sign-ins: a ticket carries one from the form to the cookie, a token in the cookie keeps it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select

from core.errors import InvalidInput, NotFound, Unavailable
from core.people.accounts import check_active, confirm_password, end_sign_ins, password_mark, replace_password
from core.people.consent import seen_by
from core.people.policy import Actor, Role
from core.people.secrets import keyed_hash, new_token
from core.records.database import changed, reading, transaction
from core.records.tables import Account, AccountPerson, AccountSession, SessionPublic, Ticket
from core.records.times import now
from core.settings import settings

log = logging.getLogger("carelens.sessions")

TICKET_LIFE = timedelta(seconds=60)
CLOCK_SLACK = timedelta(days=1)
"""A sign-in that would last longer than one made now, by more than this, was made by a clock that ran ahead, and has ended."""
SEEN_EVERY = timedelta(minutes=5)
"""`last_seen_at` is written at most this often, so that looking at a page is not a write."""


def issue_ticket(actor: Actor) -> str:
    """A ticket for the browser to change into a cookie: works once, within 60 seconds.

    InvalidInput when the account is gone, or its password was changed since the actor proved to know it: whoever
    signs in over and over with an old password must not slip in while a new one is stored. NotAllowed when it is switched off.
    """
    ticket = new_token()
    moment = now()
    with transaction() as session:
        account = session.get(Account, actor.account_id)
        if account is None or actor.password_mark not in ("", password_mark(account)):
            raise InvalidInput("Your account or its password was changed just now.", "Please sign in again.")
        check_active(account)
        session.execute(delete(Ticket).where(col(Ticket.expires_at) < moment - TICKET_LIFE))
        session.add(Ticket(account_id=actor.account_id, token_hash=keyed_hash("ticket", ticket), expires_at=moment + TICKET_LIFE))
    return ticket


def redeem_ticket(ticket: str, user_agent: str = "") -> str | None:
    """The token for the cookie, or None for a ticket that is unknown, used or too old."""
    if not ticket or len(ticket) > 100:
        return None
    token = new_token()
    moment = now()
    hashed = keyed_hash("ticket", ticket)
    with transaction() as session:
        fresh = (
            col(Ticket.token_hash) == hashed,
            col(Ticket.used_at).is_(None),
            col(Ticket.expires_at) > moment,
            col(Ticket.expires_at) <= moment + 2 * TICKET_LIFE,
        )
        # One statement decides: of two that come at the same moment, one changes a row.
        if changed(session, update(Ticket).where(*fresh).values(used_at=moment)) != 1:
            return None
        account_id = session.exec(select(Ticket.account_id).where(Ticket.token_hash == hashed)).one()
        session.execute(delete(AccountSession).where(col(AccountSession.expires_at) <= moment))
        session.execute(update(Account).where(col(Account.id) == account_id).values(signed_in_at=moment))
        session.add(
            AccountSession(
                account_id=account_id,
                token_hash=keyed_hash("session", token),
                expires_at=moment + timedelta(days=settings().session_days),
                user_agent=user_agent[:200],
            )
        )
    return token


def _lasting(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What is true of a sign-in that has not ended."""
    longest = timedelta(days=settings().session_days) + CLOCK_SLACK
    return col(AccountSession.expires_at) > moment, col(AccountSession.expires_at) <= moment + longest


def actor_of(token: str | None) -> Actor | None:
    """Who is signed in with this token, in one query (a doctor: two).

    None for a token that is unknown, ended or too old, and for an account that is switched off.
    """
    if not token or len(token) > 100:
        return None
    moment = now()
    query = (
        select(Account, AccountSession, AccountPerson.person_id)
        .join(AccountSession, col(AccountSession.account_id) == Account.id)
        .join(AccountPerson, col(AccountPerson.account_id) == Account.id, isouter=True)
        .where(AccountSession.token_hash == keyed_hash("session", token), col(Account.disabled_at).is_(None), *_lasting(moment))
    )
    with reading() as session:
        # An account without persons has one row with none.
        rows = cast("Sequence[tuple[Account, AccountSession, UUID | None]]", session.exec(query).all())
        if not rows:
            return None
        account, own, _ = rows[0]
        guests = seen_by(session, account.id, account.role)
    if moment - own.last_seen_at > SEEN_EVERY:
        _note_seen(own.id)
    person_ids = frozenset(person_id for _, _, person_id in rows if person_id is not None)
    return Actor(account.id, cast("Role", account.role), person_ids, account.name, account.email, own.id, own.person_id, guests)


def _note_seen(session_id: UUID) -> None:
    try:
        with transaction(wait=0) as session:
            session.execute(update(AccountSession).where(col(AccountSession.id) == session_id).values(last_seen_at=now()))
    except Unavailable:
        log.info("last seen not noted, the database is busy")  # never a reason to keep a page from anyone


def end_session(token: str) -> None:
    """Sign this browser out; nothing happens when it was not signed in."""
    with transaction() as session:
        session.execute(delete(AccountSession).where(col(AccountSession.token_hash) == keyed_hash("session", token)))


def end_all(account_id: UUID, *, keep: UUID | None = None) -> int:
    """Sign the account out everywhere, but for the sign-in `keep`, and void its tickets. Returns how many ended."""
    with transaction() as session:
        return end_sign_ins(session, account_id, keep)


def list_sessions(actor: Actor) -> list[SessionPublic]:
    """Where the account is signed in, the most recently seen first; `current` marks the actor's own."""
    query = (
        select(AccountSession)
        .where(AccountSession.account_id == actor.account_id, *_lasting(now()))
        .order_by(col(AccountSession.last_seen_at).desc())
    )
    with reading() as session:
        rows = session.exec(query).all()
    return [SessionPublic.model_validate(row, update={"current": row.id == actor.session_id}) for row in rows]


def end_session_by_id(actor: Actor, session_id: UUID) -> None:
    """Sign one of the actor's own browsers out; NotFound for any other."""
    own = (col(AccountSession.id) == session_id, col(AccountSession.account_id) == actor.account_id)
    with transaction() as session:
        ended = changed(session, delete(AccountSession).where(*own))
    if not ended:
        raise NotFound("This sign-in has ended already.")


def change_password(actor: Actor, old: str, new: str) -> None:
    """A new password; every other sign-in of the account ends. InvalidInput when either will not do."""
    confirm_password(actor, old)
    replace_password(actor.account_id, actor.email, new, actor.session_id)
