"""What of every table goes into a person's own copy of their data, and what stays out and why.

Columns are named one by one: a column that is added later stays out until somebody decides, and a test
fails until somebody did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Told:
    """A table whose rows are told. `by`: rows belong to the account or to a person; `owner`: the column that says whose.

    `left_out`: column to the reason why it is not told.
    """

    by: Literal["account", "person"]
    owner: str
    columns: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)


_HASH = "a keyed hash, of which nothing can be read back"

TOLD: dict[str, Told] = {
    "account": Told(
        "account",
        "id",
        ("id", "email", "name", "role", "created_at"),
        {"password_hash": "the password in a form that cannot be turned back"},
    ),
    "person": Told("person", "id", ("id", "display_name", "birth_date", "birth_year", "created_at")),
    "account_person": Told("account", "account_id", ("id", "account_id", "person_id", "relation", "created_at")),
    "session": Told(
        "account",
        "account_id",
        ("id", "account_id", "person_id", "user_agent", "created_at", "last_seen_at", "expires_at"),
        {"token_hash": _HASH},
    ),
    "second_factor": Told(
        "account",
        "account_id",
        ("id", "account_id", "created_at"),
        {"sealed_secret": "the secret of the code app, sealed", "last_step": "when a code was used last, as a number for the next check"},
    ),
    "mail_link": Told(
        "account",
        "account_id",
        ("id", "account_id", "purpose", "email", "name", "created_at", "expires_at", "used_at"),
        {"token_hash": _HASH},
    ),
    "spot": Told("person", "person_id", ("id", "person_id", "site", "name", "created_at")),
    "record": Told(
        "person",
        "person_id",
        (
            "id", "person_id", "spot_id", "site", "taken_at", "created_at", "examination", "status", "label", "step", "refer", "facts",
            "outline_accepted", "region", "side", "whole_region", "width", "height", "photo_tags", "photo_sha256", "media_type",
        ),
        {
            "token": "a number by chance that keeps a finding from being saved twice",
            "photo_key": "where the photo is stored; the archive has the photo itself",
            "mask_keys": "where the outlines are stored; the archive has the outlines themselves",
            "heat_key": "where the heat map is stored; the archive has the heat map itself",
            "thumbnail_key": "where a small copy of the photo is stored; the archive has the photo itself",
        },
    ),
    "score": Told(
        "person",
        "person_id",
        ("id", "person_id", "instrument", "day", "week", "answers", "total", "missing", "created_at", "changed_at"),
    ),
    "treatment": Told("person", "person_id", ("id", "person_id", "name", "kind", "started_on", "ended_on", "created_at")),
    "correction": Told(
        "person",
        "person_id",
        ("id", "person_id", "record_id", "name", "version", "numbers", "for_training", "said_at", "created_at"),
        {"mask_key": "where the corrected outline is stored; the archive has the outline itself"},
    ),
    "sign_rating": Told(
        "person",
        "person_id",
        ("id", "person_id", "record_id", "signs", "area", "created_at"),
        {"account_id": "which account of the house the doctor has; the rating itself is told"},
    ),
}  # fmt: skip
"""Tables with something of a person in them, in the order in which they are told."""

LEFT_OUT: dict[str, str] = {
    "ticket": "a sign-in on its way from the form to the cookie: lives for a minute, and holds keyed hashes and times only",
    "recovery_code": "codes that stand in for the code app, as keyed hashes only",
    "throttle": "counts of failed sign-ins under keyed hashes, forgotten after a day; no row says whose it is",
    "erasure": "what was erased and is still being taken out of the store, under keys that say nothing",
    "mark": "facts about the database itself",
}
"""Tables that are not told, with the reason."""
