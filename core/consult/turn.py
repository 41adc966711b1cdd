"""Which servers help two browsers to find a way to each other, with names and passwords that work for a short time only.

Credentials as coturn's `use-auth-secret` takes them (draft-uberti-behave-turn-rest): the name is when they end, in seconds since 1970,
and a word that says nothing of who calls; the password is HMAC-SHA1 of the name under the secret both servers know.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

from core.settings import settings

LIFE = 2 * 3600
"""Seconds that credentials work: long enough for a call and a reconnection in it."""


def credentials(secret: str, now: float | None = None) -> tuple[str, str]:
    """A name and a password for the TURN server."""
    name = f"{int((time.time() if now is None else now) + LIFE)}:{secrets.token_hex(8)}"
    made = hmac.new(secret.encode(), name.encode(), hashlib.sha1)
    return name, base64.b64encode(made.digest()).decode()


def ice_servers() -> list[dict[str, Any]]:
    """`iceServers` for a browser: STUN and TURN of the settings, or none: then two browsers meet on one machine or in one network only."""
    found: list[dict[str, Any]] = []
    if settings().stun_url:
        found.append({"urls": [settings().stun_url]})
    urls = [url.strip() for url in settings().turn_url.split(",") if url.strip()]
    if urls:
        name, password = credentials(settings().turn_secret.get_secret_value())
        found.append({"urls": urls, "username": name, "credential": password})
    return found
