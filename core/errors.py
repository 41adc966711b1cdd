"""The few errors a person may see. Each carries what happened and what to do about it."""

from __future__ import annotations


class CareLensError(Exception):
    """Something a person should be told: `reason` says what happened, `hint` what they can do.

    Both are whole sentences in plain words, free of names, paths and medical content.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class PhotoRejected(CareLensError):
    """The photo cannot be used: unreadable, too large, the wrong kind or too poor. Nothing was stored.

    `code` is a short fixed word for tables and tests (`blurred`, `dark`, `wrong_kind`, ...).
    `kind` is what the picture looks like, where that is known.
    """

    def __init__(self, reason: str, hint: str = "", *, code: str = "unreadable", kind: str = "") -> None:
        super().__init__(reason, hint)
        self.code = code
        self.kind = kind


class InvalidInput(CareLensError):
    """A form or a command holds something that cannot be accepted."""


class NotAllowed(CareLensError):
    """The acting person may not do this."""


class NotFound(CareLensError):
    """There is no such thing, or the acting person may not know of it."""


class Unavailable(CareLensError):
    """A part of the house is not working now (a network, the database, the store); the rest is."""
