"""A code from an app as the second step of a sign-in (TOTP, RFC 6238: SHA-1, six digits, 30 seconds).

The secret is stored sealed, recovery codes as keyed hashes. A code works once: the step it belongs to
is noted, and nothing at or before that step is accepted again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from core.errors import InvalidInput, Unavailable
from core.people import devices, throttle
from core.people.accounts import confirm_password, end_sign_ins, end_tokens, find_account
from core.people.policy import Actor
from core.people.secrets import keyed_hash, same, seal, unseal
from core.records.database import changed, reading, transaction
from core.records.tables import RecoveryCode, SecondFactor
from core.records.times import now

STEP = 30
"""Seconds a code is shown."""
DRIFT = 1
"""Steps that a phone's clock may be early or late."""
CODES = 10
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike
_WRONG = ("This code does not fit.", "Codes change every 30 seconds and work once. Wait for the next one, and check your phone's clock.")


@dataclass(frozen=True)
class Proposal:
    """A secret that is not in use yet: as text to type, and as the address that a QR code holds."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True)
class State:
    """Whether an account has a second factor, since when, and how many recovery codes are left."""

    since: datetime | None
    codes_left: int


def propose(actor: Actor) -> Proposal:
    """A new secret (160 bits) for the actor's app. Nothing is stored."""
    secret = pyotp.random_base32()
    return Proposal(secret, pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name="CareLens"))


def state(account_id: UUID) -> State:
    """The second factor of an account."""
    with reading() as session:
        since = session.exec(select(SecondFactor.created_at).where(SecondFactor.account_id == account_id)).first()
        left = session.exec(select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id)).one()
    return State(since, left if since else 0)


def _purpose(account_id: UUID) -> str:
    return f"second factor {account_id}"  # a sealed secret moved to another account opens nothing there


def _step_of(secret: str, code: str, after: int) -> int | None:
    """The step this code belongs to, within DRIFT of now and later than `after`."""
    here = int(now().timestamp()) // STEP
    app = pyotp.TOTP(secret, interval=STEP)
    return next((step for step in range(here - DRIFT, here + DRIFT + 1) if step > after and same(app.generate_otp(step), code)), None)


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())[:40]


def _recovery_hash(account_id: UUID, code: str) -> str:
    return keyed_hash("recovery code", f"{account_id}:{_plain(code)}")


def enable(actor: Actor, proposal: Proposal, password: str, code: str) -> list[str]:
    """Ask for a code at every sign-in from now on, and end those that were made without one, but for the actor's own, and access tokens.

    Returns the recovery codes, which are shown this once.
    InvalidInput for a wrong password, a code that does not fit, or when there is a second factor already.
    """
    confirm_password(actor, password)
    step = _step_of(proposal.secret, _plain(code), 0)
    if step is None:
        raise InvalidInput(*_WRONG)
    drawn = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(CODES)]
    with transaction() as session:
        if session.exec(select(SecondFactor.id).where(SecondFactor.account_id == actor.account_id)).first():
            raise InvalidInput("You have a second step already.", "Turn it off first to set up another one.")
        sealed = seal(_purpose(actor.account_id), proposal.secret)
        session.add(SecondFactor(account_id=actor.account_id, sealed_secret=sealed, last_step=step))
        for one in drawn:
            session.add(RecoveryCode(account_id=actor.account_id, code_hash=_recovery_hash(actor.account_id, one)))
        end_sign_ins(session, actor.account_id, actor.session_id)
        end_tokens(session, actor.account_id)  # whoever knew the password alone may have made some
    return [f"{one[:5]}-{one[5:]}" for one in drawn]


def _use(session: Session, account_id: UUID, code: str) -> bool:
    """Use a code up, of the app or of recovery: of two that come at the same moment one is accepted."""
    plain = _plain(code)
    factor = session.exec(select(SecondFactor).where(SecondFactor.account_id == account_id)).first()
    if factor is None:
        raise InvalidInput("The second step was turned off just now.", "Please sign in again with your password.")
    if len(plain) != 6 or not plain.isdecimal():
        own = (col(RecoveryCode.account_id) == account_id, col(RecoveryCode.code_hash) == _recovery_hash(account_id, plain))
        return changed(session, delete(RecoveryCode).where(*own)) == 1
    secret = unseal(_purpose(account_id), factor.sealed_secret)
    if secret is None:
        raise Unavailable("Your second step cannot be checked now.", "Use a recovery code, or ask whoever runs CareLens to turn it off.")
    step = _step_of(secret, plain, factor.last_step)
    if step is None:
        return False
    fresh = (col(SecondFactor.account_id) == account_id, col(SecondFactor.last_step) < step)
    return changed(session, update(SecondFactor).where(*fresh).values(last_step=step)) == 1


def check(account_id: UUID, code: str, address: str | None = None, device: str | None = None) -> None:
    """Accept a code of the app or a recovery code, once. InvalidInput when it does not fit, TooManyTries after a few."""
    number = devices.known(device, account_id)
    keys: list[throttle.Key] = [("code", f"{account_id}:{number}" if number else str(account_id))]
    if not number:
        keys += throttle.from_address("address", address)
    throttle.count(*keys)
    with transaction() as session:
        good = _use(session, account_id, code)
    if not good:
        raise InvalidInput(*_WRONG)
    throttle.forget(keys[0])
    throttle.take_back(*keys[1:])


def disable(actor: Actor, password: str, code: str) -> None:
    """Ask for the password alone again. Needs the password and a code; InvalidInput, TooManyTries."""
    confirm_password(actor, password)
    if state(actor.account_id).since is None:
        return
    throttle.count(key := ("code", f"{actor.account_id}:{actor.session_id}"), told="There were too many tries.")
    with transaction() as session:
        if not _use(session, actor.account_id, code):
            raise InvalidInput(*_WRONG)
        _remove(session, actor.account_id)
    throttle.forget(key)


def _remove(session: Session, account_id: UUID) -> int:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    return changed(session, delete(SecondFactor).where(col(SecondFactor.account_id) == account_id))


def disable_for(email: str) -> bool:
    """Turn it off without password and code: for the command line, never for a page. Whether there was one; NotFound."""
    account = find_account(email)
    with transaction() as session:
        return _remove(session, account.id) == 1
