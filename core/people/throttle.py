"""What is tried too often waits longer and longer: per account, per browser, per network address.

Every try is counted before its secret is looked at and taken back when it was right: many tries at the
same moment cannot slip through together.

An attacker who knows an e-mail address can keep others from guessing its password as well, its owner
among them, but not for good: a browser that signed in to the account before is counted by itself
(`core.people.devices`) and never waits for what others do, and a link by mail, or from whoever runs
CareLens, opens the account and clears the waits of its password. Waits for a code stay: the second step
is there for when somebody else has the password, or the mailbox.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import InvalidInput
from core.people.secrets import keyed_hash
from core.records.database import transaction
from core.records.tables import Throttle
from core.records.times import now

FIRST_WAIT = timedelta(seconds=30)
FORGET = timedelta(hours=24)
"""An entry without a new failure for so long is swept away."""


@dataclass(frozen=True)
class Rule:
    """`free` tries without any wait, then 30 s, doubling up to `longest`.

    `fades`: one is forgiven for each longest wait that passed, so that the slips of a whole clinic do not
    add up over weeks. Whoever goes on guessing gains nothing by it, that wait is what they get anyway.
    """

    free: int
    longest: timedelta
    fades: bool = False


_QUARTER = timedelta(minutes=15)
RULES = {
    "account": Rule(5, _QUARTER),  # wrong passwords for an account, from browsers it does not know
    "device": Rule(5, _QUARTER),  # wrong passwords for an account, from one browser that it knows
    "address": Rule(20, _QUARTER, fades=True),  # wrong passwords and codes from an address, which a whole clinic may share
    "code": Rule(5, timedelta(hours=1)),  # wrong codes for an account; there are only a million of them
    "sign_up": Rule(10, _QUARTER, fades=True),  # new accounts asked for from an address
    "reset": Rule(10, _QUARTER, fades=True),  # new passwords asked for from an address
    "mail": Rule(3, timedelta(minutes=25), fades=True),  # mails of one kind to one address; shorter than a link lives
    "email": Rule(5, _QUARTER, fades=True),  # other e-mail addresses tried by one account
    "token": Rule(50, timedelta(minutes=1), fades=True),  # access tokens that do not exist, from an address
    "ticket": Rule(50, timedelta(minutes=1), fades=True),  # tickets and links that do not exist, from an address
}

Key = tuple[str, str]
"""What is tried (a name of RULES) and by or on whom."""


class TooManyTries(InvalidInput):
    """Too many failures; `wait` says how long until the next try."""

    def __init__(
        self,
        wait: timedelta,
        told: str = "There were too many tries to sign in.",
        hint: str = "If you forgot your password, you can ask for a new one.",
    ) -> None:
        super().__init__(f"{told} Please wait {in_words(wait)} before the next one.", hint)
        self.wait = wait


def in_words(wait: timedelta) -> str:
    """A wait in words, rounded up: `20 seconds`, `1 minute`, `15 minutes`."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def wait_after(scope: str, failures: int) -> timedelta:
    """The wait after so many failures."""
    rule = RULES[scope]
    over = failures - rule.free
    if over < 0:
        return timedelta(0)
    return min(FIRST_WAIT * int(2 ** min(over, 10)), rule.longest)


def from_address(scope: str, address: str | None) -> list[Key]:
    """The key of a network address; none where it is not known. All of an IPv6 network (/64) counts as one."""
    if not address:
        return []
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return [(scope, address)]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return [(scope, str(parsed.ipv4_mapped))]
        return [(scope, str(ipaddress.ip_network((int(parsed), 64), strict=False)))]  # whoever has one address of it has them all
    return [(scope, str(parsed))]


def _hash(key: Key) -> str:
    return keyed_hash(f"throttle-{key[0]}", key[1])


def _row(session: Session, key: Key) -> Throttle | None:
    return session.exec(select(Throttle).where(Throttle.scope == key[0], Throttle.key_hash == _hash(key)).with_for_update()).first()


def _left(row: Throttle, moment: datetime) -> timedelta:
    """How long it still has to wait. A wait longer than any we give was noted by a clock that ran ahead, and counts as over."""
    left = row.blocked_until - moment if row.blocked_until else timedelta(0)
    return left if timedelta(0) < left <= RULES[row.scope].longest else timedelta(0)


def count(*keys: Key, told: str = "There were too many tries to sign in.") -> None:
    """Count a try; TooManyTries, without counting it, while one of the keys has to wait."""
    if not keys:
        return
    for _ in range(9):
        try:
            waits = _count(keys, now())
            break
        except IntegrityError:  # somebody counted the first try at the same moment; this one comes after it
            continue
    else:
        waits = [FIRST_WAIT]
    if waits:
        raise TooManyTries(max(waits), told)


def _count(keys: Sequence[Key], moment: datetime) -> list[timedelta]:
    """Count a try unless one of the keys has to wait; the waits, none when it was counted."""
    with transaction() as session:
        session.execute(delete(Throttle).where(col(Throttle.last_failure_at) < moment - FORGET))
        rows = [(key, _row(session, key)) for key in keys]
        waits = [left for _, row in rows if row and (left := _left(row, moment))]
        if not waits:
            for key, row in rows:
                session.add(_counted(row or Throttle(scope=key[0], key_hash=_hash(key)), moment))
    return waits


def _counted(row: Throttle, moment: datetime) -> Throttle:
    rule = RULES[row.scope]
    if rule.fades:
        row.failures -= min(row.failures, max(0, int((moment - row.last_failure_at) / rule.longest)))
    row.failures += 1
    row.last_failure_at = moment
    wait = wait_after(row.scope, row.failures)
    row.blocked_until = moment + wait if wait else None
    return row


def forget(*keys: Key) -> None:
    """Forget everything about these."""
    with transaction() as session:
        forget_within(session, *keys)


def forget_within(session: Session, *keys: Key) -> None:
    """`forget` in a transaction that is open."""
    session.execute(delete(Throttle).where(col(Throttle.key_hash).in_([_hash(key) for key in keys])))


def take_back(*keys: Key) -> None:
    """This try was none that counts; what others tried with the same keys still does."""
    if not keys:
        return
    with transaction() as session:
        for key in keys:
            row = _row(session, key)
            if row is None:
                continue
            if row.failures <= 1:
                session.delete(row)
            else:
                row.failures -= 1
                row.blocked_until = None
                session.add(row)
