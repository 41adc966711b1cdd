"""Passwords and e-mail addresses: what is accepted, and how a password is kept."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from core.errors import InvalidInput
from core.people.secrets import new_token
from core.settings import ROOT
from core.words import one_line

SHORTEST, LONGEST = 10, 200
AT_ONCE = 4
"""Passwords that are hashed at the same moment: each takes 64 MB, and a flood of sign-ins would fill the memory. Others wait."""

_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"\\]{1,64}@[^@\s.,;:<>()\[\]\"\\]+(\.[^@\s.,;:<>()\[\]\"\\]+)+")
"""One address and no more: what separates or wraps addresses in a mail's header is no part of it."""


_turn = threading.BoundedSemaphore(AT_ONCE)


@cache
def _common() -> frozenset[str]:
    """Passwords of ten characters or more near the top of lists of leaked ones."""
    return frozenset((ROOT / "data" / "common_passwords.txt").read_text("utf-8").split())


@cache
def hasher() -> PasswordHash:
    """Argon2id with the parameters recommended by pwdlib (64 MB, 3 rounds)."""
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    """The hash of a password nobody has."""
    return hasher().hash(new_token())


def _normal(password: str) -> str:
    # The same letters typed on a phone and on a laptop may be composed differently.
    return unicodedata.normalize("NFC", password)


def clean_email(email: str) -> str:
    """The address stripped and casefolded; InvalidInput when it cannot be one."""
    cleaned = unicodedata.normalize("NFC", email).strip().casefold()
    if len(cleaned) > 254 or not cleaned.isprintable() or not _EMAIL.fullmatch(cleaned):  # a terminal would obey what is not printable
        raise InvalidInput("This does not look like an e-mail address.", "Write it like this: ana@example.org.")
    return cleaned


def clean_name(name: str) -> str:
    """The name as `one_line`; InvalidInput when empty, longer than 100 characters or not to be written."""
    cleaned = one_line(name)
    if not cleaned or len(cleaned) > 100 or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in cleaned):
        raise InvalidInput("Please give a name of up to 100 letters.", "It is what CareLens calls you.")
    return cleaned


def check_new_password(password: str, email: str) -> None:
    """Raise InvalidInput for a password too short, too long, too common or made of the e-mail address."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise InvalidInput(f"The password is too short: it needs at least {SHORTEST} characters.", "Three or four words work well.")
    if len(plain) > LONGEST:
        raise InvalidInput(f"The password is too long: at most {LONGEST} characters fit.", "Please choose a shorter one.")
    if plain.casefold() in (email, email.split("@")[0]):
        raise InvalidInput("The password must not be your e-mail address.", "Please choose another one.")
    if plain.casefold() in _common() or len(set(plain)) < 3:
        raise InvalidInput("This password is one of the first that others would try.", "Three or four words in a row work well.")


def hash_password(password: str) -> str:
    """The Argon2id hash, in its own text form with salt and parameters."""
    with _turn:
        return hasher().hash(_normal(password))


def verify_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether it is the password, and a new hash when the old one has outdated parameters.

    `stored` None (there is no such account) or empty (nobody chose its password yet) costs the same time as a wrong
    password, so that nobody can tell by the clock who has an account.
    """
    if len(password) > LONGEST:
        password = ""  # never a password of anyone, and no reason to hash megabytes
    try:
        with _turn:
            good, renewed = hasher().verify_and_update(_normal(password), stored or _nobody())
    except UnknownHashError:
        return False, None
    return (good, renewed) if stored else (False, None)
