"""What administrators do with accounts: find, make, rename, switch off and on, and give their holders a link to choose a password.

Nothing here reads anything medical, reads or sets a password, or opens an account for anybody but its holder. A role is given when
an account is made and stays: a doctor who is a patient too has two accounts. Every change is a line in the log with the ids of who
did it and to whom, never with a name or an address; as a warning, so that it is written however little the log is set up to say.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people import accounts, links, mail, throttle
from core.people.passwords import clean_email, clean_name
from core.people.policy import Actor, Role, require
from core.people.throttle import TooManyTries
from core.records.database import reading, transaction
from core.records.news import telling, topic_of
from core.records.tables import Account, AccountCreate, MailLink
from core.records.times import now

log = logging.getLogger("carelens.accounts")

PER_PAGE = 12
Only = Literal["patient", "doctor", "staff", "admin", "waiting", "off"]
"""Accounts of one role, those whose password nobody has chosen yet, or those that are switched off."""


@dataclass(frozen=True)
class Listed:
    """An account as an administrator sees it. Times are aware, in UTC.

    `signed_in_at`: the last sign-in that is known of; `off_since`: switched off since then; `waiting`: nobody chose its password yet.
    """

    id: UUID
    name: str
    email: str
    role: Role
    made_at: datetime
    signed_in_at: datetime | None
    off_since: datetime | None
    waiting: bool

    def fits(self, only: Only | None) -> bool:
        """Whether it is one of these; None: of all."""
        own = {self.role, "waiting" if self.waiting else "", "off" if self.off_since else ""}
        return only is None or only in own


@dataclass(frozen=True)
class Found:
    """One page of a search. `count`: how many were found; `pages`, `number`: how many pages that are and which one this is, from 1."""

    rows: Sequence[Listed]
    count: int
    pages: int
    number: int


@dataclass(frozen=True)
class Made:
    """A new account. `link`: to be handed over and shown this once; empty where it went out by mail."""

    account_id: UUID
    link: str = field(repr=False)


_COLUMNS = (Account.id, Account.name, Account.email, Account.role, Account.created_at, Account.signed_in_at, Account.disabled_at)


def list_accounts(actor: Actor, words: str = "", only: Only | None = None, number: int = 1) -> Found:
    """Accounts by name whose name or address holds every word, letter case aside. `number`: of the page; the last where there are fewer.

    Names are compared here and not by the database: each kind of it knows other small letters and another alphabet.
    """
    require(actor, "manage_accounts")
    wanted = words.casefold().split()
    with reading() as session:
        rows = [Listed(*row) for row in session.execute(select(*_COLUMNS, col(Account.password_hash) == ""))]  # type: ignore[call-overload]
    found = [one for one in rows if one.fits(only) and all(word in f"{one.name} {one.email}".casefold() for word in wanted)]
    found.sort(key=lambda one: (one.name.casefold(), one.email))
    pages = max(1, -(-len(found) // PER_PAGE))
    at = min(max(number, 1), pages)
    return Found(found[(at - 1) * PER_PAGE : at * PER_PAGE], len(found), pages, at)


def make_account(actor: Actor, email: str, name: str, role: str) -> Made:
    """A new account of any role, whose holder chooses its password with a link: by mail, or where there is none handed over.

    InvalidInput names what cannot be accepted, an address that has an account among it; NotAllowed.
    """
    require(actor, "manage_accounts")
    accounts.check_role(role)
    create = AccountCreate(email=clean_email(email), name=clean_name(name), role=role, password="")
    by_mail = mail.configured()
    with transaction() as session:
        _acting(session, actor)
        if session.exec(select(Account.id).where(Account.email == create.email)).first() is not None:
            raise InvalidInput("There is already an account with this e-mail address.", "Look for it in the list, or use another address.")
        made = accounts.make_account(session, create, "")
        link = "" if by_mail else links.new_link(session, "reset", account_id=made.account_id)
    _note(f"made, with the role {role}", actor, made.account_id)
    if by_mail:
        links.send_to(made.account_id, first=True)
    return Made(made.account_id, link)


def give_link(actor: Actor, account_id: UUID) -> str:
    """One more link to choose a password: sent by mail (then empty), else returned, to be handed over and shown this once.

    Without mail only for an account whose password nobody has chosen yet: whoever holds the link of one that is in use could walk in
    and read on. NotAllowed for that, InvalidInput for one that is switched off, TooManyTries after a few, NotFound.
    """
    require(actor, "manage_accounts")
    by_mail = mail.configured()
    with transaction() as session:
        _acting(session, actor)
        account = _account(session, account_id)
        if account.disabled_at is not None:
            raise InvalidInput("This account is switched off.", "Switch it on first.")
        waiting, address, link = not account.password_hash, account.email, ""
        if not by_mail:
            if not waiting:
                raise NotAllowed(
                    "Mail is not set up, and a link to an account in use is not shown here: it would open the account to you.",
                    "Whoever runs the server makes one with: python -m core.admin reset-link.",
                )
            link = links.new_link(session, "reset", account_id=account_id)
    if by_mail:
        _count(address)
        links.send_to(account_id, first=waiting)
    _note("given a link to choose a password", actor, account_id)
    return link


def _count(address: str) -> None:
    try:
        throttle.count(("mail", f"admin:{address}"))
    except TooManyTries as error:
        told = "Several mails went to this address just now."
        raise TooManyTries(error.wait, told, "A link that was sent works for half an hour.") from None


def rename(actor: Actor, account_id: UUID, name: str) -> None:
    """Another name for an account that is not a patient's: a patient's name stands on their records and is theirs to change.

    InvalidInput for a name that cannot be accepted, NotAllowed, NotFound.
    """
    require(actor, "manage_accounts")
    cleaned = clean_name(name)
    with transaction() as session:
        _acting(session, actor)
        account = _account(session, account_id)
        if account.role == "patient":
            raise NotAllowed("Patients change their names themselves.", "They do so on their Account page.")
        accounts.put_name(session, account, cleaned)
    _note("given another name", actor, account_id)


def switch_off(actor: Actor, account_id: UUID) -> None:
    """Keep an account from signing in; its sign-ins, access tokens and links end at once. What belongs to it stays.

    Never oneself (InvalidInput). So one administrator who can act is always left: the one who just did. NotAllowed, NotFound.
    """
    require(actor, "manage_accounts")
    with telling() as (session, words):
        _acting(session, actor)
        if account_id == actor.account_id:
            raise InvalidInput("This is your own account, so it stays on.", "Another administrator can switch it off.")
        account = _account(session, account_id)
        account.disabled_at = account.disabled_at or now()
        session.add(account)
        session.execute(delete(MailLink).where(col(MailLink.account_id) == account_id))
        accounts.end_sign_ins(session, account_id, None)
        accounts.end_tokens(session, account_id)
        words[topic_of(account_id)] = ""  # open pages that listen look anew, and find that nobody is signed in
    _note("switched off", actor, account_id)


def switch_on(actor: Actor, account_id: UUID) -> None:
    """Let an account sign in again, with the password it had; what was ended stays so. NotAllowed, NotFound."""
    require(actor, "manage_accounts")
    with transaction() as session:
        _acting(session, actor)
        account = _account(session, account_id)
        account.disabled_at = None
        session.add(account)
    _note("switched on", actor, account_id)


def _acting(session: Session, actor: Actor) -> None:
    """Refuse whoever is no administrator any more: of two who switch each other off at the same moment, one does."""
    row = session.get(Account, actor.account_id)
    if row is None or row.role != actor.role or row.disabled_at is not None:
        raise NotAllowed("Your own account is switched off or gone, so nothing was changed.", "Ask another administrator.")


def _account(session: Session, account_id: UUID) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("This account does not exist any more.", "Load the page anew.")
    return account


def _note(what: str, actor: Actor, account_id: UUID) -> None:
    log.warning("an account was %s: account %s, by %s", what, account_id, actor.account_id)
