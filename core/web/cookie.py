"""The cookies: their names and how they are set. Shared by the routes that set them and the pages that read them."""

from __future__ import annotations

from collections.abc import Mapping

COOKIE = "carelens_session"
"""Holds the session's token; the database holds only a keyed hash of it."""
DEVICE = "carelens_device"
"""Says that an account was signed in here before (`core.people.devices`); opens nothing."""
DEVICE_AGE = 365 * 86400
"""Seconds it is kept."""


def cookie_name(name: str, secure: bool) -> str:
    """The name as the browser knows it. With https the browser itself then refuses one that another site,

    or anyone on the way without encryption, tries to plant (the prefix `__Host-`).
    """
    return f"__Host-{name}" if secure else name


def read(cookies: Mapping[str, str], name: str, secure: bool) -> str | None:
    """The cookie's value. The one with the prefix counts first, and with https (`secure`) no other."""
    return cookies.get(cookie_name(name, True)) or (None if secure else cookies.get(name)) or None


def set_cookie(value: str, *, max_age: int, secure: bool, name: str = COOKIE) -> str:
    """The Set-Cookie value. `max_age` in seconds."""
    kept = f"{cookie_name(name, secure)}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict"
    return kept + ("; Secure" if secure else "")


def clear_cookie(*, secure: bool) -> str:
    """The Set-Cookie value that ends keeping the session."""
    return set_cookie("", max_age=0, secure=secure)
