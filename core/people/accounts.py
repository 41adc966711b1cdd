"""Accounts and the persons they act for."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.people import throttle
from core.people.passwords import check_new_password, clean_email, clean_name, hash_password, verify_password
from core.people.policy import ROLES, Actor, Role, require
from core.people.throttle import TooManyTries
from core.records.database import reading, transaction
from core.records.tables import (
    Account,
    AccountCreate,
    AccountPerson,
    AccountPublic,
    AccountSession,
    Person,
    PersonCreate,
    PersonPublic,
    Ticket,
)
from core.records.times import now

__all__ = [
    "TooManyTries",
    "actor_from",
    "add_person",
    "check_password",
    "create_account",
    "end_sign_ins",
    "find_account",
    "list_accounts",
    "own_account",
    "persons",
    "rename",
    "replace_password",
    "set_password",
    "sign_up",
]


def actor_from(session: Session, account: Account, session_id: UUID | None = None) -> Actor:
    """The actor an account is now."""
    persons_of = session.exec(select(AccountPerson.person_id).where(AccountPerson.account_id == account.id)).all()
    return Actor(account.id, cast("Role", account.role), frozenset(persons_of), account.name, account.email, session_id)


def sign_up(email: str, password: str, name: str) -> Actor:
    """A new patient account and the person it acts for. InvalidInput names what cannot be accepted."""
    return create_account(email=email, password=password, name=name, role="patient")


def create_account(*, email: str, password: str, name: str, role: Role) -> Actor:
    """A new account of any role: for the command line, never for a page. Patients get their person."""
    if role not in ROLES:
        raise InvalidInput(f"There is no role called {role}.", f"Choose one of: {', '.join(ROLES)}.")
    cleaned = clean_email(email)
    check_new_password(password, cleaned)  # before the model sees it: what that refuses, it quotes
    create = AccountCreate(email=cleaned, name=clean_name(name), role=role, password=password)
    hashed = hash_password(password)  # slow on purpose, so before the transaction
    try:
        with transaction() as session:
            account = Account.model_validate(create, update={"password_hash": hashed})
            session.add(account)
            session.flush()
            if role == "patient":
                _add_person(session, account.id, PersonCreate(display_name=create.name), "self")
            return actor_from(session, account)
    except IntegrityError:
        raise InvalidInput("There is already an account with this e-mail address.", "Sign in instead, or use another address.") from None


def check_password(email: str, password: str, address: str | None = None) -> Actor:
    """The actor whose password this is. `address`: the browser's network address, for throttling.

    Raises InvalidInput when e-mail or password is wrong (never saying which), TooManyTries (with its
    wait) after repeated failures, Unavailable.
    """
    try:
        cleaned = clean_email(email)
    except InvalidInput:
        cleaned = email.strip().casefold()[:254]  # no account has it, and it costs the same as any other
    throttle.before_try(cleaned, address)
    with reading() as session:
        account = session.exec(select(Account).where(Account.email == cleaned)).first()
    good, renewed = verify_password(password, account.password_hash if account else None)
    if account is None or not good:
        raise InvalidInput("The e-mail address or the password is wrong.", "Please check both and try again.")
    throttle.after_success(cleaned, address)
    if renewed:
        with transaction() as session:
            # Only in place of the very hash that was checked: a password changed meanwhile stays.
            same = (col(Account.id) == account.id, col(Account.password_hash) == account.password_hash)
            session.execute(update(Account).where(*same).values(password_hash=renewed))
    with reading() as session:
        return actor_from(session, account)


def set_password(email: str, new: str) -> None:
    """A new password without the old one, ending every sign-in: for the command line, never for a page."""
    account = find_account(email)
    replace_password(account.id, account.email, new, None)


def replace_password(account_id: UUID, email: str, new: str, keep: UUID | None) -> None:
    """Check and store a new password and end the sign-ins but for `keep`. InvalidInput when it will not do."""
    check_new_password(new, email)
    hashed = hash_password(new)
    with transaction() as session:  # together: a new password never leaves an old sign-in open
        session.execute(update(Account).where(col(Account.id) == account_id).values(password_hash=hashed))
        end_sign_ins(session, account_id, keep)


def end_sign_ins(session: Session, account_id: UUID, keep: UUID | None) -> int:
    """End the account's sign-ins but for `keep`, and void its tickets. Returns how many ended."""
    session.execute(delete(Ticket).where(col(Ticket.account_id) == account_id))
    ending = delete(AccountSession).where(col(AccountSession.account_id) == account_id)
    if keep is not None:
        ending = ending.where(col(AccountSession.id) != keep)
    return cast("CursorResult[Any]", session.execute(ending)).rowcount


def own_account(actor: Actor) -> AccountPublic:
    """The actor's account as it is now; NotFound when it was removed."""
    with reading() as session:
        account = session.get(Account, actor.account_id)
        if account is None:
            raise NotFound("This account does not exist any more.", "Please sign up again.")
        return AccountPublic.model_validate(account)


def rename(actor: Actor, name: str) -> AccountPublic:
    """Give the account, and the person who is its holder, another name."""
    cleaned = clean_name(name)
    with transaction() as session:
        account = session.get(Account, actor.account_id)
        if account is None:
            raise NotFound("This account does not exist any more.", "Please sign up again.")
        account.name = cleaned
        session.add(account)
        own = select(Person).join(AccountPerson).where(AccountPerson.account_id == account.id, AccountPerson.relation == "self")
        for person in session.exec(own):
            person.display_name = cleaned
            session.add(person)
        session.flush()
        return AccountPublic.model_validate(account)


def _add_person(session: Session, account_id: UUID, create: PersonCreate, relation: str) -> PersonPublic:
    person = Person.model_validate(create)
    session.add(person)
    session.flush()
    session.add(AccountPerson(account_id=account_id, person_id=person.id, relation=relation))
    session.flush()
    return PersonPublic.model_validate(person)


def add_person(actor: Actor, name: str, birth_date: date | None = None) -> PersonPublic:
    """One more person the account acts for (a child); the next `actor_of` knows of them."""
    require(actor, "add_person")
    if birth_date is not None and not date(1900, 1, 1) <= birth_date <= now().date():
        raise InvalidInput("This day of birth cannot be right.", "Please check the year.")
    create = PersonCreate(display_name=clean_name(name), birth_date=birth_date)
    with transaction() as session:
        return _add_person(session, actor.account_id, create, "guardian")


def persons(actor: Actor) -> list[PersonPublic]:
    """The persons the actor acts for, the holder first."""
    query = (
        select(Person)
        .join(AccountPerson)
        .where(AccountPerson.account_id == actor.account_id, col(Person.id).in_(actor.person_ids))
        .order_by(col(AccountPerson.relation).desc(), col(Person.created_at))
    )
    with reading() as session:
        return [PersonPublic.model_validate(row) for row in session.exec(query)]


def list_accounts() -> list[AccountPublic]:
    """Every account, oldest first, without anything medical: for the command line."""
    with reading() as session:
        return [AccountPublic.model_validate(row) for row in session.exec(select(Account).order_by(col(Account.created_at)))]


def find_account(email: str) -> AccountPublic:
    """The account of an e-mail address; NotFound without one."""
    with reading() as session:
        account = session.exec(select(Account).where(Account.email == clean_email(email))).first()
    if account is None:
        raise NotFound("There is no account with this e-mail address.", "Check it with list-accounts.")
    return AccountPublic.model_validate(account)
