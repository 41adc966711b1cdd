"""Links that work once, for half an hour: to choose a new password, and to finish a sign-up.

Asking for one says the same, at the same speed, whether or not there is an account: who it is for is
looked up in the background. The database holds only a keyed hash of each link.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, NamedTuple, cast
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from core.errors import NotFound
from core.people import mail, throttle
from core.people.accounts import account_of, actor_from, by_email, check_active, find_account, make_account, put_password
from core.people.passwords import check_new_password, clean_email, clean_name, hash_password
from core.people.policy import Actor
from core.people.secrets import keyed_hash, new_token
from core.people.signing_in import HalfWay, half_way_or_in
from core.people.throttle import TooManyTries
from core.records.database import changed, reading, transaction
from core.records.tables import Account, AccountCreate, MailLink
from core.records.times import now
from core.settings import settings

LIFE = timedelta(minutes=30)
PAGE = "Open_link"
"""The page that opens them."""
Purpose = Literal["reset", "sign_up"]

_FOOT = "\n\n{link}\n\nThe link works once, for 30 minutes. If you did not ask for it, you need not do anything: nothing changes."
_TEXTS: dict[str, tuple[str, str]] = {
    "reset": (
        "A new password for CareLens",
        "Somebody asked for a new password for your CareLens account. Choose it here:" + _FOOT,
    ),
    "sign_up": (
        "Finish your CareLens account",
        "Somebody asked for a CareLens account with this address. Finish it here:" + _FOOT,
    ),
}
_MADE = (
    "Your CareLens account",
    "The clinic made a CareLens account for you. Choose your password here:\n\n{link}\n\n"
    "The link works once, for 30 minutes. After that, choose “Forgot your password?” where you sign in, and we send you a new one.",
)
_HAS_ONE = (
    "You have a CareLens account already",
    "Somebody asked for a CareLens account with this address, but there is one already. Sign in here:\n\n{home}\n\n"
    "If you forgot your password, choose “Forgot your password?” there. If it was not you, you need not do anything.",
)


class Link(NamedTuple):
    """A link that can still be used, and the address of the account it is for."""

    purpose: Purpose
    email: str


def _make(purpose: Purpose, *, account_id: UUID | None = None, email: str = "", name: str = "") -> str:
    """The address of a new link."""
    with transaction() as session:
        return new_link(session, purpose, account_id=account_id, email=email, name=name)


def new_link(session: Session, purpose: Purpose, *, account_id: UUID | None = None, email: str = "", name: str = "") -> str:
    """The address of a new link, in a transaction that is open."""
    token, moment = new_token(), now()
    session.execute(delete(MailLink).where(col(MailLink.expires_at) < moment))
    session.add(
        MailLink(
            purpose=purpose,
            account_id=account_id,
            email=email,
            name=name,
            token_hash=keyed_hash("link", token),
            expires_at=moment + LIFE,
        )
    )
    return f"{settings().base_url or 'http://localhost:8501'}/{PAGE}?token={token}"


def _mail(to: str, purpose: Purpose, link: str) -> mail.Mail:
    subject, text = _TEXTS[purpose]
    return mail.Mail(to, subject, text.format(link=link))


def _may_be_mailed(email: str, purpose: Purpose) -> bool:
    """Whether this address may get one more mail of its kind now; said to nobody, and the last one still helps.

    Each kind by itself: mails that a stranger's sign-ups bring hold no link for somebody who has an account.
    """
    try:
        throttle.count(("mail", f"{purpose}:{email}"))
    except TooManyTries:
        return False
    return True


def ask_for_password(email: str, address: str | None = None) -> None:
    """Send a link to choose a new password, if there is such an account. TooManyTries for a flood from one address."""
    cleaned = clean_email(email)
    throttle.count(*throttle.from_address("reset", address), told="Too many new passwords were asked for from here.")

    def job() -> mail.Mail | None:
        account = by_email(cleaned)
        if account is None or account.disabled_at is not None or not _may_be_mailed(cleaned, "reset"):
            return None
        return _mail(account.email, "reset", _make("reset", account_id=account.id))

    mail.send_later(job)


def ask_for_account(email: str, name: str, address: str | None = None) -> None:
    """Send a link to finish a sign-up, or a note to somebody who has an account already; both look the same here.

    InvalidInput for what cannot be an address or a name, TooManyTries for a flood from one address.
    """
    cleaned, called = clean_email(email), clean_name(name)
    throttle.count(*throttle.from_address("sign_up", address), told="Too many accounts were asked for from here.")

    def job() -> mail.Mail | None:
        if not _may_be_mailed(cleaned, "sign_up"):
            return None
        if by_email(cleaned) is not None:
            subject, text = _HAS_ONE
            return mail.Mail(cleaned, subject, text.format(home=settings().base_url))
        return _mail(cleaned, "sign_up", _make("sign_up", email=cleaned, name=called))

    mail.send_later(job)


def send_to(account_id: UUID, first: bool) -> None:
    """Send the holder of an account a link, asked for by an administrator; `first`: to choose the first password.

    None goes out to an account that was erased or switched off meanwhile.
    """

    def job() -> mail.Mail | None:
        with transaction() as session:
            account = session.get(Account, account_id)
            if account is None or account.disabled_at is not None:
                return None
            link = new_link(session, "reset", account_id=account_id)
        if not first:
            return _mail(account.email, "reset", link)
        subject, text = _MADE
        return mail.Mail(account.email, subject, text.format(link=link))

    mail.send_later(job)


def reset_link(email: str) -> str:
    """A link for someone who asked in person: for the command line, never for a page. NotFound without an account, NotAllowed."""
    with transaction() as session:
        account = account_of(session, find_account(email).id)
        check_active(account)
        return new_link(session, "reset", account_id=account.id)


def look(token: str, address: str | None = None) -> Link:
    """What a link is for, without using it up. NotFound for one that is unknown, used or too old; TooManyTries for a flood of those."""
    with reading() as session:
        row = session.exec(select(MailLink).where(*_open(token))).first()
        account = session.get(Account, row.account_id) if row and row.account_id else None
    if row is None:
        throttle.count(*throttle.from_address("ticket", address), told="Too many links were tried from here.")
        raise NotFound("This link was used already, or is older than 30 minutes.", "Please ask for a new one.")
    return Link(cast("Purpose", row.purpose), account.email if account else row.email)


def _open(token: str) -> tuple[Any, ...]:
    hashed = keyed_hash("link", token[:100])
    return col(MailLink.token_hash) == hashed, col(MailLink.used_at).is_(None), col(MailLink.expires_at) > now()


def _use(session: Session, token: str, purpose: Purpose) -> MailLink:
    """Use a link up, in the transaction of what it is for; of two that come at the same moment one is left with nothing. NotFound."""
    if changed(session, update(MailLink).where(*_open(token), col(MailLink.purpose) == purpose).values(used_at=now())) != 1:
        raise NotFound("This link was used already, or is older than 30 minutes.", "Please ask for a new one.")
    return session.exec(select(MailLink).where(MailLink.token_hash == keyed_hash("link", token[:100]))).one()


def choose_password(token: str, password: str) -> Actor | HalfWay:
    """The new password of the account the link is for: every sign-in and every other link of it ends, waits are forgotten.

    Signed in afterwards, or half way where a code is asked for. InvalidInput when the password will not do
    and Unavailable (the link stays good), NotFound for a link that does not work any more, NotAllowed for an account that is
    switched off.
    """
    check_new_password(password, look(token).email)
    hashed = hash_password(password)
    with transaction() as session:
        account = account_of(session, _use(session, token, "reset").account_id)
        check_active(account)
        put_password(session, account.id, account.email, hashed, None)
        actor = actor_from(session, account)
    return half_way_or_in(actor)


def finish_sign_up(token: str, password: str) -> Actor:
    """The account that was asked for, with its password, which nobody but the holder of the mailbox can choose.

    InvalidInput when the password will not do (the link stays good), NotFound for a link that does not work any more.
    """
    check_new_password(password, look(token).email)
    hashed = hash_password(password)
    with transaction() as session:
        row = _use(session, token, "sign_up")
        create = AccountCreate(email=row.email, name=row.name, role="patient", password=password)
        session.execute(delete(MailLink).where(col(MailLink.email) == create.email))
        return make_account(session, create, hashed)
