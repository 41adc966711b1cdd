"""Who sees which rows of a chart, in one place: all of it, or what one wrote oneself."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ColumnElement, or_, true
from sqlmodel import SQLModel, col

from core.errors import InvalidInput
from core.people.policy import Actor, allowed, require
from core.records.chart_tables import SIGNED, Note, Task

_Create = TypeVar("_Create", bound=SQLModel)


def texts(words: str) -> str:
    """Words of several lines without what cannot be shown; a zero byte, say, which not every database would take."""
    kept = "".join(sign for sign in words.replace("\r\n", "\n") if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()


def checked(kind: type[_Create], values: Mapping[str, Any], reason: str, hint: str) -> _Create:
    """The values as a Create, or InvalidInput with these words where they do not fit."""
    try:
        return kind.model_validate(dict(values))
    except ValidationError:
        raise InvalidInput(reason, hint) from None


def seen_notes(actor: Actor, person_id: UUID) -> ColumnElement[bool]:
    """Which notes of a person the actor reads: what is signed, and their own drafts. NotAllowed for a stranger."""
    own = col(Note.account_id) == actor.account_id
    if allowed(actor, "read_chart", person_id):
        return or_(col(Note.state) == SIGNED, own)
    require(actor, "write_chart", person_id)
    return own


def seen_tasks(actor: Actor, person_id: UUID) -> ColumnElement[bool]:
    """Which tasks a doctor reads: everybody's with the chart, else their own. NotAllowed for all others: tasks are for doctors."""
    require(actor, "write_chart", person_id)
    return true() if allowed(actor, "read_chart", person_id) else col(Task.account_id) == actor.account_id
