"""Who may see a page. Called by `core.ui.page.page`, the first statement of every page.

A deep link runs a page directly, without Home.py; so the check lives in the page's own first call
and not in the menu.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from core.people.policy import Actor


class Verdict(Enum):
    """What a page does with the one who opens it."""

    WELCOME = "welcome"
    SIGN_IN = "sign in"
    REFUSED = "refused"


def judge(actor: Actor | None, allow: Collection[str]) -> Verdict:
    """Nobody signed in: sign in first. A role that is not in `allow`: refused. No role is allowed by default."""
    if actor is None:
        return Verdict.SIGN_IN
    return Verdict.WELCOME if actor.role in allow else Verdict.REFUSED


ROLES = {"patient": "patients", "doctor": "doctors", "staff": "the screening desk", "admin": "the people who run the clinic"}
"""Roles in the plural, for the sentence of a refusal."""
EVERYONE = tuple(ROLES)
"""Everyone who is signed in."""
