"""The session cookie: its name and how it is set. Shared by the routes that set it and the guard that reads it."""

from __future__ import annotations

COOKIE = "carelens_session"
"""Holds the session's token; the database holds only a keyed hash of it."""


def set_cookie(token: str, *, max_age: int, secure: bool) -> str:
    """The Set-Cookie value that keeps a person signed in. `max_age` in seconds."""
    return f"{COOKIE}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")


def clear_cookie(*, secure: bool) -> str:
    """The Set-Cookie value that removes it."""
    return set_cookie("", max_age=0, secure=secure)
