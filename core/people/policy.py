"""Who may do what. The one place where access is decided; `core.records` enforces it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from core.errors import NotAllowed

Role = Literal["patient", "doctor", "staff", "admin"]
ROLES: tuple[Role, ...] = ("patient", "doctor", "staff", "admin")

PersonAction = Literal[
    "read_person", "change_person", "read_records", "save_record", "change_record", "delete_record", "read_spots", "change_spots",
    "read_diary", "change_diary", "rate_record",
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
)
"""What can be done with one person and what belongs to them: all of it is medical, or leads there.

The diary is what somebody writes of themselves: scores and treatments. To rate a record is a doctor's, for nobody else.
"""

DOCTOR_ACTIONS: tuple[PersonAction, ...] = ("read_person", "read_records", "read_spots", "read_diary", "rate_record")
"""What a doctor may do with a patient who let them in."""

HouseAction = Literal["own_account", "add_person", "manage_accounts"]
HOUSE_ACTIONS: tuple[HouseAction, ...] = ("own_account", "add_person", "manage_accounts")
"""What is not about one person's records: the own account, one more person to act for, other accounts."""

Action = PersonAction | HouseAction
ACTIONS: tuple[Action, ...] = (*PERSON_ACTIONS, *HOUSE_ACTIONS)


@dataclass(frozen=True)
class Actor:
    """Who acts: an account that is signed in.

    `person_ids`: the persons it acts for, as the database said when the actor was made.
    `let_in_by`: the persons who let this doctor in; nobody can yet, so it is empty.
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
    let_in_by: frozenset[UUID] = frozenset()
    password_mark: str = field(default="", repr=False, compare=False)


def allowed(actor: Actor, action: Action, person_id: UUID | None = None) -> bool:
    """Whether `actor` may do `action` to `person_id` (None where the action is about no person).

    Patients may do everything with the persons they act for, but rate them. Doctors may read and rate those
    who let them in, and nothing of anybody else; nobody can let anyone in yet. Staff and administrators see
    no medical data; administrators manage accounts.
    """
    if action == "own_account":
        return True
    if action == "manage_accounts":
        return actor.role == "admin"
    if action == "add_person":
        return actor.role == "patient"
    if person_id is None:
        return False
    if actor.role == "doctor":
        return action in DOCTOR_ACTIONS and person_id in actor.let_in_by
    return actor.role == "patient" and action != "rate_record" and person_id in actor.person_ids


def require(actor: Actor, action: Action, person_id: UUID | None = None) -> None:
    """Raise NotAllowed unless `allowed`."""
    if not allowed(actor, action, person_id):
        raise NotAllowed("This is not yours to see or change.", "Sign in with the account it belongs to.")
