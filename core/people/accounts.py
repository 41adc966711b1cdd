"""Accounts and the persons they act for."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people import devices, mail, throttle
from core.people.consent import seen_by
from core.people.passwords import check_new_password, clean_email, clean_name, hash_password, verify_password
from core.people.persons import make_person
from core.people.policy import ROLES, Actor, Role
from core.people.secrets import keyed_hash
from core.people.throttle import TooManyTries
from core.records.database import changed, reading, transaction
from core.records.tables import (
    Account,
    AccountCreate,
    AccountPerson,
    AccountPublic,
    AccountSession,
    MailLink,
    Person,
    PersonCreate,
    Ticket,
)
from core.records.token_tables import ApiToken

__all__ = [
    "TooManyTries",
    "actor_from",
    "change_email",
    "check_password",
    "confirm_password",
    "create_account",
    "end_sign_ins",
    "end_tokens",
    "find_account",
    "list_accounts",
    "own_account",
    "rename",
    "replace_password",
    "set_password",
    "sign_up",
]


ADDRESS_CHANGED = (
    "The e-mail address of your CareLens account was changed. From now on you sign in with the new one.\n\n"
    "If you did not do this, tell the clinic that runs CareLens at once."
)


def password_mark(account: Account) -> str:
    """What changes with the password, and tells nothing of it."""
    return keyed_hash("half way", account.password_hash)


def actor_from(session: Session, account: Account) -> Actor:
    """The actor an account is now, to be signed in while it has this password."""
    persons_of = frozenset(session.exec(select(AccountPerson.person_id).where(AccountPerson.account_id == account.id)).all())
    role = cast("Role", account.role)
    guests = seen_by(session, account.id, role)
    return Actor(account.id, role, persons_of, account.name, account.email, sees=guests, password_mark=password_mark(account))


def account_of(session: Session, account_id: UUID | None) -> Account:
    """The account's row; NotFound when it was removed."""
    account = session.get(Account, account_id) if account_id else None
    if account is None:
        raise NotFound("This account does not exist any more.", "Please sign up again.")
    return account


def check_active(account: Account) -> None:
    """Raise NotAllowed for an account that is switched off: only to those who proved that it is theirs."""
    if account.disabled_at is not None:
        raise NotAllowed("This account is switched off.", "The people who run your clinic can switch it on again.")


def by_email(email: str) -> Account | None:
    """The account of an address as `clean_email` leaves it, if there is one."""
    with reading() as session:
        return session.exec(select(Account).where(Account.email == email)).first()


def sign_up(email: str, password: str, name: str, address: str | None = None) -> Actor:
    """A new patient account and the person it acts for. InvalidInput names what cannot be accepted.

    It tells when the e-mail address has an account: where mail can be sent, pages use
    `core.people.links.ask_for_account`, which does not. `address`: the browser's, counted for TooManyTries.
    """
    throttle.count(*throttle.from_address("sign_up", address), told="Too many accounts were asked for from here.")
    return create_account(email=email, password=password, name=name, role="patient")


def create_account(*, email: str, password: str, name: str, role: Role) -> Actor:
    """A new account of any role: for the command line, never for a page (see `core.people.managing`). Patients get their person."""
    check_role(role)
    cleaned = clean_email(email)
    check_new_password(password, cleaned)  # before the model sees it: what that refuses, it quotes
    create = AccountCreate(email=cleaned, name=clean_name(name), role=role, password=password)
    hashed = hash_password(password)  # slow on purpose, so before the transaction
    with transaction() as session:
        return make_account(session, create, hashed)


def check_role(role: str) -> None:
    """Raise InvalidInput for what is no role."""
    if role not in ROLES:
        raise InvalidInput(f"There is no role called {role}.", f"Choose one of: {', '.join(ROLES)}.")


def make_account(session: Session, create: AccountCreate, hashed: str) -> Actor:
    """An account, and its person, in a transaction that is open. InvalidInput when the address has one."""
    account = Account.model_validate(create, update={"password_hash": hashed})
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise InvalidInput("There is already an account with this e-mail address.", "Sign in instead, or use another address.") from None
    if account.role == "patient":
        make_person(session, account.id, PersonCreate(display_name=create.name), "self")
    return actor_from(session, account)


def _throttled(account: Account | None, email: str, address: str | None, device: str | None) -> tuple[list[throttle.Key], bool]:
    """What a try to sign in is counted on, and whether the browser is one that the account knows."""
    number = devices.known(device, account.id) if account else None
    if account is not None and number:
        return [("device", f"{account.id}:{number}")], True
    return [("account", email), *throttle.from_address("address", address)], False


def check_password(email: str, password: str, address: str | None = None, device: str | None = None) -> Actor:
    """The actor whose password this is; a second factor is asked for in `core.people.signing_in`.

    `address`: the browser's network address, `device`: its cookie of `core.people.devices`, for throttling.
    Raises InvalidInput when e-mail or password is wrong (never saying which), TooManyTries (with its
    wait) after repeated failures, NotAllowed when both are right and the account is switched off, Unavailable.
    """
    try:
        cleaned = clean_email(email)
    except InvalidInput:
        cleaned = email.strip().casefold()[:254]  # no account has it, and it costs the same as any other
    account = by_email(cleaned)
    keys, known = _throttled(account, cleaned, address, device)
    throttle.count(*keys)
    good, renewed = verify_password(password, account.password_hash if account else None)
    if account is None or not good:
        raise InvalidInput("The e-mail address or the password is wrong.", "Please check both and try again.")
    throttle.forget(keys[0])
    if not known:
        throttle.take_back(*keys[1:])  # others' failures at this address still count, but this try was none of them
    check_active(account)
    if renewed:
        with transaction() as session:
            # Only in place of the very hash that was checked: a password changed meanwhile stays.
            same = (col(Account.id) == account.id, col(Account.password_hash) == account.password_hash)
            session.execute(update(Account).where(*same).values(password_hash=renewed))
        account.password_hash = renewed
    with reading() as session:
        return actor_from(session, account)


def confirm_password(actor: Actor, password: str) -> None:
    """Ask the one who is signed in for the password once more. InvalidInput when it is wrong, TooManyTries after a few.

    Counted for this sign-in alone: whoever guesses from outside cannot keep its holder from changing things.
    """
    key = ("device", f"{actor.account_id}:{actor.session_id}")
    throttle.count(key, told="There were too many tries.")
    with reading() as session:
        account = session.get(Account, actor.account_id)
    good, _ = verify_password(password, account.password_hash if account else None)
    if not good:
        raise InvalidInput("The present password is wrong.", "Please try again.")
    throttle.forget(key)


def set_password(email: str, new: str) -> None:
    """A new password without the old one, ending every sign-in: for the command line, never for a page."""
    account = find_account(email)
    replace_password(account.id, account.email, new, None)
    throttle.forget(("code", str(account.id)))


def replace_password(account_id: UUID, email: str, new: str, keep: UUID | None) -> None:
    """Check and store a new password, end the sign-ins but for `keep` and all access tokens. InvalidInput when it will not do."""
    check_new_password(new, email)
    hashed = hash_password(new)
    with transaction() as session:
        put_password(session, account_id, email, hashed, keep)


def put_password(session: Session, account_id: UUID, email: str, hashed: str, keep: UUID | None) -> None:
    """`replace_password` in a transaction that is open: a new password never leaves an old sign-in, link or access token open."""
    session.execute(update(Account).where(col(Account.id) == account_id).values(password_hash=hashed))
    session.execute(delete(MailLink).where(col(MailLink.account_id) == account_id))
    end_sign_ins(session, account_id, keep)
    end_tokens(session, account_id)
    # Guesses of the old password count no more. Those of codes do: else each link, or change, would bring new ones.
    throttle.forget_within(session, ("account", email))


def change_email(actor: Actor, password: str, email: str) -> AccountPublic:
    """Sign in with another address from now on; other sign-ins end, links sent to the old address are void, and it is told.

    Raises InvalidInput for a wrong password, for what is no address and for one that has an account
    (letter case aside), TooManyTries.
    """
    cleaned = clean_email(email)
    confirm_password(actor, password)
    throttle.count(("email", str(actor.account_id)), told="Too many addresses were tried.")
    try:
        with transaction() as session:
            account = account_of(session, actor.account_id)
            before = account.email
            if before == cleaned:
                raise InvalidInput("This is your address already.", "Nothing was changed.")
            account.email = cleaned
            session.add(account)
            session.execute(delete(MailLink).where(col(MailLink.account_id) == account.id))
            end_sign_ins(session, account.id, actor.session_id)
            session.flush()
            public = AccountPublic.model_validate(account)
    except IntegrityError:
        raise InvalidInput("There is already an account with this e-mail address.", "Please use another one.") from None
    mail.send_later(lambda: mail.Mail(before, "Your CareLens address was changed", ADDRESS_CHANGED))
    return public


def end_sign_ins(session: Session, account_id: UUID, keep: UUID | None) -> int:
    """End the account's sign-ins but for `keep`, and void its tickets. Returns how many ended."""
    session.execute(delete(Ticket).where(col(Ticket.account_id) == account_id))
    ending = delete(AccountSession).where(col(AccountSession.account_id) == account_id)
    if keep is not None:
        ending = ending.where(col(AccountSession.id) != keep)
    return changed(session, ending)


def end_tokens(session: Session, account_id: UUID) -> int:
    """End the account's access tokens. Returns how many there were."""
    return changed(session, delete(ApiToken).where(col(ApiToken.account_id) == account_id))


def own_account(actor: Actor) -> AccountPublic:
    """The actor's account as it is now; NotFound when it was removed."""
    with reading() as session:
        return AccountPublic.model_validate(account_of(session, actor.account_id))


def rename(actor: Actor, name: str) -> AccountPublic:
    """Give the account, and the person who is its holder, another name."""
    cleaned = clean_name(name)
    with transaction() as session:
        return put_name(session, account_of(session, actor.account_id), cleaned)


def put_name(session: Session, account: Account, cleaned: str) -> AccountPublic:
    """`rename` in a transaction that is open, with a name as `clean_name` leaves it."""
    account.name = cleaned
    session.add(account)
    own = select(Person).join(AccountPerson).where(AccountPerson.account_id == account.id, AccountPerson.relation == "self")
    for person in session.exec(own):
        person.display_name = cleaned
        session.add(person)
    session.flush()
    return AccountPublic.model_validate(account)


def list_accounts() -> list[AccountPublic]:
    """Every account, oldest first, without anything medical: for the command line."""
    with reading() as session:
        return [AccountPublic.model_validate(row) for row in session.exec(select(Account).order_by(col(Account.created_at)))]


def find_account(email: str) -> AccountPublic:
    """The account of an e-mail address; NotFound without one."""
    account = by_email(clean_email(email))
    if account is None:
        raise NotFound("There is no account with this e-mail address.", "Check it with list-accounts.")
    return AccountPublic.model_validate(account)
