"""Who may do what. The one place where access is decided; `core.records` enforces it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from uuid import UUID

from core.errors import NotAllowed

Role = Literal["patient", "doctor", "staff", "admin"]
ROLES: tuple[Role, ...] = ("patient", "doctor", "staff", "admin")

PersonAction = Literal[
    "read_person", "change_person", "read_records", "save_record", "change_record", "delete_record", "read_spots", "change_spots",
    "read_diary", "change_diary", "rate_record", "share_person", "read_chart", "write_chart",
    "change_medicines", "sign_record", "talk", "meet",
]  # fmt: skip
PERSON_ACTIONS: tuple[PersonAction, ...] = (
    "read_person",
    "change_person",
    "read_records",
    "save_record",
    "change_record",
    "delete_record",
    "read_spots",
    "change_spots",
    "read_diary",
    "change_diary",
    "rate_record",
    "share_person",
    "read_chart",
    "write_chart",
    "change_medicines",
    "sign_record",
    "talk",
    "meet",
)
"""What can be done with one person and what belongs to them: all of it is medical, or leads there.

The diary is what somebody writes of themselves: scores and treatments. To rate a record is a doctor's, for nobody else.
To share a person is to let a doctor see their records, to take that back, and to read who opened what. The chart is what
doctors write of a patient: notes, plans, tasks; its allergies and medicines both keep. To sign a record is to say that a doctor saw
it, and later what came of it. To talk is to write and read messages: a person's people with a doctor who was let in, and that doctor
with them; to meet, likewise, is to make, move and cancel appointments.
"""

EVERYTHING, DIARY, CHART = "all", "diary", "chart"
"""Kinds of what a patient may let a doctor see, beside the ids of examinations: all there is, the diary, the chart."""
ANY, OF_RECORD = "any", "of record"

DOCTOR_ACTIONS: Mapping[str, str] = {
    "read_person": ANY,
    "read_records": OF_RECORD,
    "read_spots": ANY,
    "read_diary": DIARY,
    "rate_record": OF_RECORD,
    "read_chart": CHART,
    "write_chart": ANY,
    "change_medicines": CHART,
    "sign_record": OF_RECORD,
    "talk": ANY,
    "meet": ANY,
}
"""What a doctor may do with a patient who let them in, and which kind of records the patient must have let them see for it.

ANY: whichever. OF_RECORD: that of the record itself; of no record in particular: EVERYTHING. Whoever is let in may write in the
chart, and read what they wrote themselves (`core.records.notes`); what others wrote only who may read the chart.
"""

DOCTORS_ALONE = ("rate_record", "sign_record", "write_chart")
"""What nobody does to themselves."""

HouseAction = Literal[
    "own_account", "add_person", "list_doctors", "manage_accounts", "make_token", "examine_photo",
    "read_screening", "manage_screening", "grade_screening", "make_doctor_code",
    "read_outcomes", "offer_times",
]  # fmt: skip
HOUSE_ACTIONS: tuple[HouseAction, ...] = (
    "own_account",
    "add_person",
    "list_doctors",
    "manage_accounts",
    "make_token",
    "examine_photo",
    "read_screening",
    "manage_screening",
    "grade_screening",
    "make_doctor_code",
    "read_outcomes",
    "offer_times",
)
"""What is not about one person's records: the own account, one more person to act for, the clinic's doctors by name, other accounts,
an access token for a program, a photo that is examined and not kept, the screening desk, the code that a doctor gives to
patients, and how right the networks were in this clinic, in numbers that say nothing of whose they are.

The desk's patients are the clinic's own and no persons of accounts: who works there sees them, and nothing of anybody's account.
"""

Scope = Literal["examine", "read", "write"]
SCOPES: dict[Role, tuple[Scope, ...]] = {
    "patient": ("examine", "read", "write"),
    "doctor": ("examine", "read"),
    "staff": ("examine",),
    "admin": (),
}
"""What an access token of each role can be made for. It never opens more than the account itself does: of a record,
`allowed` decides as for a page. An administrator's account sees nothing medical, so it has no tokens.
"""

SCREENING: Mapping[str, frozenset[Role]] = {
    "read_screening": frozenset({"staff", "doctor"}),
    "manage_screening": frozenset({"staff"}),
    "grade_screening": frozenset({"staff", "doctor"}),
}
"""Who may do what at the screening desk: look; add patients and photos; give a grade of their own, which says who gave it."""

Action = PersonAction | HouseAction
ACTIONS: tuple[Action, ...] = (*PERSON_ACTIONS, *HOUSE_ACTIONS)


@dataclass(frozen=True)
class Actor:
    """Who acts: an account that is signed in.

    `person_ids`: the persons it acts for, as the database said when the actor was made.
    `sees`: of which persons who let this doctor in (`core.people.consent`) which kinds of records, as the database said when the
    actor was made; a person with three kinds is there three times.
    `session_id`: the sign-in it comes from; None for an actor that did not come with a cookie.
    `chosen_person_id`: the person this sign-in was last used for, where one was chosen.
    `password_mark`: of the password that was known when the actor was made to be signed in; another one voids it.
    """

    account_id: UUID
    role: Role
    person_ids: frozenset[UUID]
    name: str
    email: str
    session_id: UUID | None = None
    chosen_person_id: UUID | None = None
    sees: frozenset[tuple[UUID, str]] = frozenset()
    password_mark: str = field(default="", repr=False, compare=False)

    @cached_property
    def let_in_by(self) -> frozenset[UUID]:
        """The persons who let this doctor in, for whatever kind of records."""
        return frozenset(person_id for person_id, _ in self.sees)


def allowed(actor: Actor, action: Action, person_id: UUID | None = None, kind: str | None = None) -> bool:
    """Whether `actor` may do `action` to `person_id` (None where the action is about no person).

    `kind`: of the record that it is about, the id of its examination; None: of no record in particular.
    Patients may do everything with the persons they act for, but what DOCTORS_ALONE says. Doctors may do what DOCTOR_ACTIONS says
    with those who let them in, as far as they did, and nothing with anybody else. Staff and administrators see no medical data of
    accounts; administrators manage accounts. Everybody else may make access tokens (see SCOPES) and have a photo examined. The
    screening desk has a table of its own, SCREENING.
    """
    if action == "own_account":
        return True
    if action == "manage_accounts":
        return actor.role == "admin"
    if action in ("add_person", "list_doctors"):
        return actor.role == "patient"
    if action in ("make_doctor_code", "read_outcomes", "offer_times"):
        return actor.role == "doctor"
    if action == "make_token":
        return bool(SCOPES[actor.role])
    if action == "examine_photo":
        return "examine" in SCOPES[actor.role]
    if action in SCREENING:
        return actor.role in SCREENING[action]
    if person_id is None:
        return False
    if actor.role == "doctor":
        return action in DOCTOR_ACTIONS and _lets_see(actor, person_id, DOCTOR_ACTIONS[action], kind)
    return actor.role == "patient" and action not in DOCTORS_ALONE and person_id in actor.person_ids


def _lets_see(actor: Actor, person_id: UUID, need: str, kind: str | None) -> bool:
    """Whether a person lets the doctor see what an action needs."""
    if need == ANY:
        return person_id in actor.let_in_by
    return (person_id, EVERYTHING) in actor.sees or (person_id, str(kind) if need == OF_RECORD else need) in actor.sees


def kinds_of(actor: Actor, action: PersonAction, person_id: UUID) -> frozenset[str] | None:
    """Of records of which kinds `actor` may do `action` to a person, for a list of them; None: of every kind.

    NotAllowed for whoever may not do it to any, as `require` says.
    """
    if actor.role == "doctor" and person_id in actor.let_in_by and DOCTOR_ACTIONS.get(action) in (ANY, OF_RECORD):
        kinds = frozenset(kind for person, kind in actor.sees if person == person_id)
        return None if EVERYTHING in kinds else kinds
    require(actor, action, person_id)
    return None


def require(actor: Actor, action: Action, person_id: UUID | None = None, kind: str | None = None) -> None:
    """Raise NotAllowed unless `allowed`."""
    if not allowed(actor, action, person_id, kind):
        raise _refusal()


def _refusal() -> NotAllowed:
    return NotAllowed("This is not yours to see or change.", "Sign in with the account it belongs to.")
