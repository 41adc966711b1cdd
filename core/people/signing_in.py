"""Signing in: the password, then a code where the account asks for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.errors import InvalidInput
from core.people import second_factor
from core.people.accounts import actor_from, check_active, check_password, password_mark
from core.people.policy import Actor
from core.records.database import reading
from core.records.tables import Account
from core.records.times import now

PATIENCE = timedelta(minutes=5)
"""How long a right password waits for its code."""


@dataclass(frozen=True)
class HalfWay:
    """The password was right and the code is missing. Kept on the server only; it is no sign-in.

    `password_mark`: a password changed meanwhile makes it void.
    """

    account_id: UUID
    until: datetime
    password_mark: str


def half_way_or_in(actor: Actor) -> Actor | HalfWay:
    """Who just proved a password or a link: signed in, or half way where a code is asked for."""
    if second_factor.state(actor.account_id).since is None:
        return actor
    return HalfWay(actor.account_id, now() + PATIENCE, actor.password_mark)


def first_step(email: str, password: str, address: str | None = None, device: str | None = None) -> Actor | HalfWay:
    """The password. Raises what `check_password` raises."""
    return half_way_or_in(check_password(email, password, address, device))


def second_step(half: HalfWay, code: str, address: str | None = None, device: str | None = None) -> Actor:
    """The code. InvalidInput when it does not fit or came too late, TooManyTries, NotAllowed when it was switched off meanwhile."""
    with reading() as session:
        account = session.get(Account, half.account_id)
        if account is None or half.until < now() or password_mark(account) != half.password_mark:
            raise InvalidInput("That took too long.", "Please sign in again with your password.")
        check_active(account)
        actor = actor_from(session, account)
    second_factor.check(half.account_id, code, address, device)
    return actor
