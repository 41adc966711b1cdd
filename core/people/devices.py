"""Browsers an account knows, so that others who guess its password cannot keep its owner waiting.

After a sign-in the browser keeps a cookie that says nothing but "an account was signed in here before".
It opens nothing: it only gives the browser a count of its own for wrong passwords (OWASP calls it a
device cookie). One cookie may hold the marks of a few accounts, for a family that shares a tablet.
"""

from __future__ import annotations

import re
import secrets
from uuid import UUID

from core.people.secrets import keyed_hash, same

MOST = 4
"""Accounts one browser is known to; the oldest gives way."""
_MARK = re.compile(r"[\w-]{16}\.[0-9a-f]{32}")


def _marks(cookie: str | None) -> list[str]:
    return [mark for mark in (cookie or "")[:1000].split("~") if _MARK.fullmatch(mark)][:MOST]


def _signature(account_id: UUID, number: str) -> str:
    return keyed_hash("device", f"{account_id}:{number}")[:32]


def known(cookie: str | None, account_id: UUID) -> str | None:
    """The random number under which the account knows this browser, or None."""
    for mark in _marks(cookie):
        number, _, signature = mark.partition(".")
        if same(signature, _signature(account_id, number)):
            return number
    return None


def remember(cookie: str | None, account_id: UUID) -> str:
    """The cookie with a mark of this account in it; one that is there stays, or every sign-in would bring new guesses."""
    marks = _marks(cookie)
    if known(cookie, account_id) is None:
        number = secrets.token_urlsafe(12)
        marks = [f"{number}.{_signature(account_id, number)}", *marks][:MOST]
    return "~".join(marks)
