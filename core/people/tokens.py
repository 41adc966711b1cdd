"""Access tokens: what a program shows instead of a password, to act for an account with some of its rights for some time.

The database holds only a keyed hash of each. A token is looked up anew at every request, so one that is revoked, or whose
account is erased or switched off, opens nothing from that moment on. A new password and a new second step end all tokens; another e-mail
address, a rename, and signing browsers out leave them. Each may make so many requests a minute, counted in the database
and so by all processes together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.people import rate
from core.people.accounts import actor_from, confirm_password
from core.people.policy import SCOPES, Actor, Scope, require
from core.people.secrets import keyed_hash, new_token
from core.people.throttle import TooManyTries
from core.records.database import changed, reading, transaction
from core.records.tables import Account
from core.records.times import now
from core.records.token_tables import ApiToken, ApiTokenCreate, ApiTokenPublic
from core.settings import settings
from core.words import one_line

PREFIX = "carelens_"
"""How every token begins, so that a person, or a program that looks for secrets, knows one where it should not be."""
MOST = 20
"""Tokens of one account."""
LIVES = (7, 30, 90, 365)
"""Days a token may last."""
SWEEP_AFTER = timedelta(days=30)
"""A token that ended so long ago is no longer listed."""
_GONE = ("This access token has ended already.", "Load the page anew.")


@dataclass(frozen=True)
class Made:
    """A new token: `secret` is shown this once, `public` is what is listed."""

    secret: str = field(repr=False)
    public: ApiTokenPublic


@dataclass(frozen=True)
class Caller:
    """A program that came with a token: the account it acts for, and what the token is for."""

    actor: Actor
    scopes: frozenset[Scope]
    token_id: UUID


def _hash(token: str) -> str:
    return keyed_hash("api token", token)


def _clean(name: str) -> str:
    cleaned = one_line(name)
    if not cleaned or len(cleaned) > 60 or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in cleaned):
        raise InvalidInput("Please give the token a name of up to 60 letters.", "Name it after the program that will use it.")
    return cleaned


def make_token(actor: Actor, name: str, scopes: Collection[str], days: int, password: str = "") -> Made:
    """A new token that lasts `days` (one of LIVES). InvalidInput names what cannot be accepted; NotAllowed, TooManyTries, NotFound.

    The password is asked for once more, so that a browser left open gives nobody a way in that lasts;
    not in the demo, whose accounts have none that anybody knows.
    """
    require(actor, "make_token")
    cleaned = _clean(name)
    known = [scope for scope in SCOPES[actor.role] if scope in scopes]
    if not known or len(known) != len(set(scopes)):
        raise InvalidInput("Please choose what the token may do.", "Tick at least one of the boxes.")
    if days not in LIVES:
        raise InvalidInput("Please choose how long the token lasts.", f"{', '.join(map(str, LIVES[:-1]))} or {LIVES[-1]} days.")
    if not settings().demo:
        confirm_password(actor, password)
    moment = now()
    token = PREFIX + new_token()
    create = ApiTokenCreate(name=cleaned, scopes=" ".join(known), expires_at=moment + timedelta(days=days))
    with transaction() as session:
        own = col(ApiToken.account_id) == actor.account_id
        session.execute(delete(ApiToken).where(own, col(ApiToken.expires_at) < moment - SWEEP_AFTER))
        if len(session.exec(select(ApiToken.id).where(own, col(ApiToken.expires_at) > moment)).all()) >= MOST:
            raise InvalidInput(f"An account can have at most {MOST} tokens.", "End one that is not used any more.")
        row = ApiToken.model_validate(create, update={"account_id": actor.account_id, "token_hash": _hash(token)})
        session.add(row)
        session.flush()
        return Made(token, ApiTokenPublic.model_validate(row))


def list_tokens(actor: Actor) -> list[ApiTokenPublic]:
    """The account's tokens, the newest first, those that ended a short time ago too."""
    moment = now()
    query = select(ApiToken).where(ApiToken.account_id == actor.account_id, col(ApiToken.expires_at) >= moment - SWEEP_AFTER)
    with reading() as session:
        rows = session.exec(query.order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))).all()
    return [ApiTokenPublic.model_validate(row, update={"ended": row.expires_at <= moment}) for row in rows]


def revoke(actor: Actor, token_id: UUID) -> None:
    """End one of the account's tokens at once; NotFound for any other."""
    own = (col(ApiToken.id) == token_id, col(ApiToken.account_id) == actor.account_id)
    with transaction() as session:
        if not changed(session, delete(ApiToken).where(*own)):
            raise NotFound(*_GONE)


def admit(token: str) -> Caller | None:
    """Who a request with this token comes from, counted as one of its requests.

    None for one that is unknown, ended or revoked, and for an account that is switched off.

    TooManyTries, with its wait and without being counted, for one request too many; Unavailable.
    """
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    hashed = _hash(token)
    with reading() as session:
        if (row := _valid(session, hashed)) is None:
            return None
        _spend(row)  # refused here without a turn of those who write: a flood must not keep anybody from saving
    with transaction() as session:
        row, account = _valid(session, hashed), None
        if row is not None:
            account = session.get(Account, row.account_id)
        if row is None or account is None or account.disabled_at is not None:
            return None
        row.free_at, row.last_used_at = _spend(row), now()
        session.add(row)
        session.flush()
        actor = actor_from(session, account)
        scopes = frozenset(scope for scope in SCOPES[actor.role] if scope in row.scopes.split())
        return Caller(actor, scopes, row.id)


def _valid(session: Session, hashed: str) -> ApiToken | None:
    moment = now()
    longest = moment + timedelta(days=LIVES[-1] + 1)  # one that would last longer was made by a clock that ran ahead
    lasting = (col(ApiToken.expires_at) > moment, col(ApiToken.expires_at) <= longest)
    return session.exec(select(ApiToken).where(ApiToken.token_hash == hashed, *lasting)).first()


def _spend(row: ApiToken) -> datetime | None:
    free_at, wait = rate.spend(row.free_at, now(), settings().api_per_minute)
    if wait:
        raise TooManyTries(wait, "This token made too many requests.", "The answer says in Retry-After how many seconds to wait.")
    return free_at
