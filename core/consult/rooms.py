"""Who may be in a call, and what its two sides may say to each other on the way to it. Nothing of a call is kept or recorded."""

from __future__ import annotations

import json
import re
from uuid import UUID

from core.errors import NotFound
from core.people.consent import can_talk
from core.people.policy import Actor
from core.records.database import reading
from core.records.messages import own_conversation, side_of

KINDS = ("hello", "offer", "answer", "ice", "bye")
"""What is said: I am here; what I can send; what I take; one way to reach me; I go."""
LONGEST = 64_000
"""Letters of what is said; an offer with picture, sound and screen has under 10 000."""
CLIENT = re.compile(r"[0-9a-zA-Z-]{8,40}")
"""A page's own number by chance, which tells a reload from a second tab."""


def topic_of(conversation_id: UUID) -> str:
    """Where the two sides of a call meet."""
    return f"room:{conversation_id}"


def admit(actor: Actor, conversation_id: UUID) -> str:
    """The side on which an account takes part, `doctor` or `patient`; NotFound for anyone else, and when the doctor is not let in now."""
    with reading() as session:
        row = own_conversation(session, actor, conversation_id)
        if row.account_id is None or not can_talk(session, row.account_id, row.person_id):
            raise NotFound("This call is not here any more.", "Go back to your messages.")
    return side_of(actor)


def passed_on(text: str, client: str, side: str) -> str | None:
    """What a page said, as the other side gets it: with who said it, as we know it and not as it says; None for what is not passed on."""
    if len(text) > LONGEST:
        return None
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("kind") not in KINDS:
        return None
    to = said.get("to")
    if to is not None and not (isinstance(to, str) and CLIENT.fullmatch(to)):
        return None
    return json.dumps({"kind": said["kind"], "to": to, "what": said.get("what"), "from": client, "side": side})


def is_for(text: str, client: str) -> bool:
    """Whether what was passed on is for this page: not its own, and to everybody or to it."""
    if not text:  # the hub says that something may have been missed; a call finds out by itself
        return False
    said = json.loads(text)
    return said["from"] != client and said["to"] in (None, client)
