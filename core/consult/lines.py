"""What an open page shows of a conversation: the same for the first look and for every one after it, as plain JSON.

Text stays the text that was written: nothing in it is Markdown or HTML, and whoever draws it draws it as text.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.errors import CareLensError, Unavailable
from core.people.policy import Actor
from core.records import files, messages
from core.records.conversations import Talk
from core.records.in_words import plainly, words_of
from core.records.message_tables import MessagePublic

SHOWN = 50
"""Messages of one look; older ones at a press."""


def look(actor: Actor, talk: Talk, *, after: int = 0, before: int | None = None) -> tuple[dict[str, Any], int]:
    """The newest SHOWN messages numbered above `after` and below `before`, and how far the conversation is read.

    Returns what a page is told and the number up to which the account has seen the conversation by it, 0: nothing that is new to it
    (see `messages.mark_read`). Told are `lines` (see `line`), `older`: there are messages before the first line that the page
    cannot have, `seen`: the number up to which the other side has read, `seen_at`: when (ISO 8601), and `open`: whether either can write.
    NotFound for anyone but the two sides; Unavailable.
    """
    if talk.id is None:
        return {"lines": [], "older": False, "seen": 0, "seen_at": None, "open": talk.open}, 0
    found, marks = messages.open_conversation(actor, talk.id, after=after, before=before, limit=SHOWN + 1)
    older, found = len(found) > SHOWN, found[-SHOWN:]
    ours = messages.side_of(actor)
    new = any(one.number > marks.mine and one.side != ours for one in found)
    told = {
        "lines": [line(actor, talk, one) for one in found],
        "older": older,
        "seen": marks.theirs,
        "seen_at": marks.seen_at.isoformat() if marks.seen_at else None,
        "open": talk.open,
    }
    return told, found[-1].number if new else 0


def line(actor: Actor, talk: Talk, one: MessagePublic) -> dict[str, Any]:
    """One message: `number`, `id`, `who` wrote it, `ours`: this side of the conversation did, `at` (ISO 8601), `text`, `photo`: it has one,

    and `quote`: the finding it points to, as `id`, `site`, `at` and what it `says`; or its `trouble`; None where there is none. What a
    quote says comes from the finding itself, not from the message, and a doctor's look at it is written down.
    """
    ours = one.side == messages.side_of(actor)
    if ours and one.account_id == actor.account_id:
        who = "You"
    else:
        who = (talk.doctor or "Doctor") if one.side == "doctor" else talk.person
    told = {"number": one.number, "id": str(one.id), "who": who, "ours": ours, "at": one.created_at.isoformat()}
    quote = _quote(actor, one.record_id) if one.record_id else None
    return told | {"text": one.text, "photo": one.has_photo, "quote": quote}


def _quote(actor: Actor, record_id: UUID) -> dict[str, Any]:
    try:
        record = files.describe(actor, record_id).record
    except Unavailable:
        raise
    except CareLensError as error:  # one side may read what is written and not, or not any more, what it points to
        return {"trouble": error.reason}
    site = (record.site or "skin").capitalize()
    return {"id": str(record_id), "site": site, "at": record.taken_at.isoformat(), "says": plainly(words_of(record))}
