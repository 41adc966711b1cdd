"""Tokens and what the database keeps of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from core.settings import settings


def new_token() -> str:
    """32 random bytes, URL-safe (43 characters)."""
    return secrets.token_urlsafe(32)


def keyed_hash(purpose: str, value: str) -> str:
    """HMAC-SHA256 under the secret key, 64 hex digits.

    The purpose keeps the hash of one thing from passing for that of another. Without the key, a
    stolen table gives back neither tokens nor addresses, of which there are few enough to try all.
    """
    key = settings().secret_key.get_secret_value().encode()
    return hmac.new(key, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()
