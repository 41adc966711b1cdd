"""Tokens and what the database keeps of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.settings import settings


def new_token() -> str:
    """32 random bytes, URL-safe (43 characters)."""
    return secrets.token_urlsafe(32)


LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are taken for each other
_LENGTH = 12  # 60 bits: nobody guesses one, however often they try


def new_code() -> str:
    """A code that people write down and type, such as `K7PM-2WXR-9QAC`."""
    code = "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))
    return "-".join(code[start : start + 4] for start in range(0, _LENGTH, 4))


def code_hash(purpose: str, code: str) -> str:
    """`keyed_hash` of a code, however it is typed: small letters, blanks and dashes do not count."""
    return keyed_hash(purpose, "".join(letter for letter in code.upper() if letter.isalnum()))


def keyed_hash(purpose: str, value: str) -> str:
    """HMAC-SHA256 under the secret key, 64 hex digits.

    The purpose keeps the hash of one thing from passing for that of another. Without the key, a
    stolen table gives back neither tokens nor addresses, of which there are few enough to try all.
    """
    key = settings().secret_key.get_secret_value().encode()
    return hmac.new(key, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _box(purpose: str) -> Fernet:
    # RFC 5869; a key of its own for each purpose, so that what is sealed for one cannot be opened as another.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"carelens {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings().secret_key.get_secret_value().encode())))


def seal(purpose: str, text: str) -> str:
    """`text` encrypted and signed (Fernet: AES-128-CBC, HMAC-SHA256) with a key made from the secret key for `purpose`."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str | None:
    """What `seal` took, or None: sealed with another key or for another purpose, or changed since."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
