"""Repeated failures to sign in wait longer and longer, per account and per address.

Every try is counted as a failure before the password is looked at and taken back when it was right:
many tries at the same moment cannot slip through together.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from core.errors import InvalidInput
from core.people.secrets import keyed_hash
from core.records.database import transaction
from core.records.tables import Throttle
from core.records.times import now

FREE = {"account": 5, "address": 20}
"""Failures without any wait. More for an address, which a whole clinic may share."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET = timedelta(hours=24)
"""An entry without a new failure for so long is swept away."""


class TooManyTries(InvalidInput):
    """Too many failures; `wait` says how long until the next try."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            f"There were too many tries to sign in. Please wait {in_words(wait)} before the next one.",
            "If you forgot your password, ask whoever runs CareLens for a new one.",
        )
        self.wait = wait


def in_words(wait: timedelta) -> str:
    """A wait in words, rounded up: `20 seconds`, `1 minute`, `15 minutes`."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def wait_after(scope: str, failures: int) -> timedelta:
    """The wait after so many failures: none at first, then 30 s, doubling up to 15 min."""
    over = failures - FREE[scope]
    if over < 0:
        return timedelta(0)
    return min(FIRST_WAIT * int(2 ** min(over, 10)), LONGEST_WAIT)


def _keys(email: str, address: str | None) -> list[tuple[str, str]]:
    keys = [("account", keyed_hash("throttle-account", email))]
    return [*keys, ("address", keyed_hash("throttle-address", address))] if address else keys


def _row(session: Session, scope: str, key: str) -> Throttle | None:
    return session.exec(select(Throttle).where(Throttle.scope == scope, Throttle.key_hash == key).with_for_update()).first()


def before_try(email: str, address: str | None) -> None:
    """Count a try; TooManyTries, without counting it, while the account or the address has to wait."""
    moment = now()
    with transaction() as session:
        session.execute(delete(Throttle).where(col(Throttle.last_failure_at) < moment - FORGET))
        rows = [(scope, key, _row(session, scope, key)) for scope, key in _keys(email, address)]
        waits = [row.blocked_until - moment for _, _, row in rows if row and row.blocked_until and row.blocked_until > moment]
        if not waits:
            for scope, key, row in rows:
                session.add(_counted(row or Throttle(scope=scope, key_hash=key), moment))
    if waits:
        raise TooManyTries(max(waits))


def _counted(row: Throttle, moment: datetime) -> Throttle:
    if row.scope == "address":
        # One is forgiven for each longest wait that passed: the slips of a whole clinic must not add up over weeks.
        # Whoever goes on guessing gains nothing by it, that wait is what they get anyway.
        row.failures -= min(row.failures, max(0, int((moment - row.last_failure_at) / LONGEST_WAIT)))
    row.failures += 1
    row.last_failure_at = moment
    wait = wait_after(row.scope, row.failures)
    row.blocked_until = moment + wait if wait else None
    return row


def after_success(email: str, address: str | None) -> None:
    """Forget the account's failures, and take back the one counted for the address by `before_try`."""
    with transaction() as session:
        for scope, key in _keys(email, address):
            row = _row(session, scope, key)
            if row is None:
                continue
            if scope == "account" or row.failures <= 1:
                session.delete(row)
            else:
                # Others' failures at this address still count, but this try was none of them.
                row.failures -= 1
                row.blocked_until = None
                session.add(row)
