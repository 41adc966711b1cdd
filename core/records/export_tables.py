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

    `left_out`: column to the reason why it is not told. `through`: a table that is told, of which `owner` names the row that
    this one belongs to; empty: `owner` names the account or the person itself.
    """

    by: Literal["account", "person"]
    owner: str
    columns: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    through: str = ""


_DOCTOR = "which account of the house the doctor has; the archive has the doctor's name"
_WRITER = "which account wrote it down; the archive says whether a patient's or a doctor's"
_HASH = "a keyed hash, of which nothing can be read back"

TOLD: dict[str, Told] = {
    "account": Told(
        "account",
        "id",
        ("id", "email", "name", "role", "created_at", "disabled_at", "signed_in_at"),
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
    "api_token": Told(
        "account",
        "account_id",
        ("id", "account_id", "name", "scopes", "created_at", "expires_at", "last_used_at"),
        {"token_hash": _HASH, "free_at": "how far the requests so far are counted, a moment near `last_used_at`"},
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
    "diary_day": Told(
        "person",
        "person_id",
        ("id", "person_id", "day", "itch", "sleep", "severity", "treatments", "note", "created_at", "changed_at"),
    ),
    "trigger": Told(
        "person",
        "person_id",
        ("id", "person_id", "kind", "name", "same_as_id", "created_at"),
        {"key": "the name once more, in small letters"},
    ),
    "exposure": Told("person", "day_id", ("id", "day_id", "trigger_id", "hour"), through="diary_day"),
    "person_place": Told("person", "person_id", ("id", "person_id", "name", "region", "country", "lat10", "lon10", "timezone", "since")),
    "loaded_day": Told("person", "person_id", ("id", "person_id", "day", "factors", "replaces", "created_at")),
    "pool_consent": Told("person", "person_id", ("id", "person_id", "agreed_at")),
    "correction": Told(
        "person",
        "person_id",
        ("id", "person_id", "record_id", "name", "version", "numbers", "for_training", "said_at", "created_at"),
        {"mask_key": "where the corrected outline is stored; the archive has the outline itself"},
    ),
    "sign_rating": Told(
        "person",
        "person_id",
        ("id", "person_id", "record_id", "signs", "area", "extent", "created_at"),
        {"account_id": "which account of the house the doctor has; the rating itself is told"},
    ),
    "note": Told(
        "person",
        "person_id",
        ("id", "person_id", "amends_id", "state", "observed", "diagnosis", "advice", "plan", "follow_up_on", "created_at", "signed_at"),
        {"account_id": _DOCTOR},
    ),
    "medicine": Told(
        "person",
        "person_id",
        ("id", "person_id", "name", "dose", "started_on", "ended_on", "role", "created_at"),
        {"account_id": _WRITER},
    ),
    "allergy": Told(
        "person",
        "person_id",
        ("id", "person_id", "substance", "reaction", "role", "created_at", "struck_at"),
        {"account_id": _WRITER},
    ),
    "sign_off": Told("person", "person_id", ("id", "person_id", "record_id", "label", "says", "created_at"), {"account_id": _DOCTOR}),
    "outcome": Told(
        "person",
        "person_id",
        ("id", "person_id", "record_id", "how", "label", "says", "known_on", "created_at"),
        {"account_id": _DOCTOR},
    ),
    "task": Told("person", "person_id", ("id", "person_id", "what", "due_on", "created_at", "done_at"), {"account_id": _DOCTOR}),
    "consent": Told(
        "person",
        "person_id",
        ("id", "person_id", "kinds", "created_at", "ends_at", "taken_back_at"),
        {"account_id": _DOCTOR},
    ),
    "doctor_code": Told("account", "account_id", ("id", "account_id", "created_at", "expires_at"), {"code_hash": _HASH}),
    "conversation": Told("person", "person_id", ("id", "person_id", "created_at"), {"account_id": _DOCTOR}),
    "message": Told(
        "person",
        "person_id",
        (
            "id", "conversation_id", "person_id", "number", "side", "text", "record_id", "width", "height", "created_at", "photo_sha256",
            "media_type",
        ),
        {
            "account_id": "which account wrote it; `side` says whether the person's or the doctor's",
            "token": "a number by chance that keeps a message from being sent twice",
            "photo_key": "where the photo is stored; the archive has the photo itself",
            "thumbnail_key": "where a small copy of the photo is stored; the archive has the photo itself",
        },
    ),
    "appointment": Told(
        "person",
        "person_id",
        (
            *("id", "person_id", "starts_at", "ends_at", "zone", "place", "wish", "status"),
            *("version", "created_at", "changed_at", "reminded_at"),
        ),
        {"account_id": _DOCTOR},
    ),
    "offer": Told(
        "account",
        "account_id",
        (
            "id", "account_id", "weekday", "starts", "ends", "length", "zone", "place", "confirm", "from_day", "until_day", "created_at",
        ),
    ),
    "day_exception": Told("account", "account_id", ("id", "account_id", "day", "starts", "ends", "created_at")),
    "read_mark": Told("account", "account_id", ("id", "conversation_id", "account_id", "number", "read_at")),
    "opening": Told("person", "person_id", ("id", "person_id", "record_id", "what", "created_at"), {"account_id": _DOCTOR}),
    "screening_patient": Told(
        "person",
        "person_id",
        ("id", "person_id", "code", "name", "birth_date", "created_at"),
        {
            "code_key": "the number once more, in small letters",
            "link_hash": _HASH,
            "link_expires_at": "until when a code works that links somebody; a new one may be asked for",
        },
    ),
    "screening_photo": Told(
        "person",
        "patient_id",
        (
            "id", "patient_id", "filename", "side", "taken_on", "state", "status", "label", "step", "refer", "facts", "reason", "hint",
            "width", "height", "photo_tags", "created_at", "finished_at", "photo_sha256", "media_type",
        ),
        {
            "batch_id": "with whose photos it came to the clinic",
            "photo_key": "where the photo is stored; the archive has the photo itself",
            "mask_keys": "where the outlines are stored; the archive has the outlines themselves",
            "heat_key": "where the heat map is stored; the archive has the heat map itself",
            "thumbnail_key": "where a small copy of the photo is stored; the archive has the photo itself",
            "raw_key": "where the file waits until it is examined",
            "raw_sha256": "a sum that keeps a file from being examined twice",
            "attempts": "how often a program began to look at it",
            "lease_token": "a number by chance that says which program looks at it now",
            "leased_by": "which program looks at it now",
            "leased_until": "until when that program has it",
        },
        through="screening_patient",
    ),
    "screening_grade": Told(
        "person",
        "photo_id",
        ("id", "photo_id", "grade", "network", "reason", "role", "created_at"),
        {"account_id": "which account of the house the doctor has; the grade itself is told"},
        through="screening_photo",
    ),
    "screening_batch": Told("account", "account_id", ("id", "account_id", "name", "examination", "pattern", "paused", "created_at")),
}  # fmt: skip
"""Tables with something of a person in them, in the order in which they are told."""

LEFT_OUT: dict[str, str] = {
    "ticket": "a sign-in on its way from the form to the cookie: lives for a minute, and holds keyed hashes and times only",
    "recovery_code": "codes that stand in for the code app, as keyed hashes only",
    "throttle": "counts of failed sign-ins under keyed hashes, forgotten after a day; no row says whose it is",
    "erasure": "what was erased and is still being taken out of the store, under keys that say nothing",
    "mark": "facts about the database itself",
    "weather_day": "the weather of places by days, for all who have that place: no row says whose it is",
    "pool_prior": "what the diaries of all who agreed taught together: the row does not say whose",
}
"""Tables that are not told, with the reason."""
