"""Who may do what, written out as a table."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from core.errors import NotAllowed
from core.people.accounts import create_account
from core.people.policy import ACTIONS, PERSON_ACTIONS, ROLES, Action, Actor, Role, allowed, require
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from tests.core.house import embedded, somebody

OWN, OTHER, GUEST = uuid4(), uuid4(), uuid4()
PERSONS = (OWN, OTHER, GUEST)
"""One whom the actor acts for, a stranger, and one who let the actor in."""

# action: (patient own, stranger, who let them in; then the same for doctor, staff, admin)
TABLE = """
read_person      1 0 0  0 0 1  0 0 0  0 0 0
change_person    1 0 0  0 0 0  0 0 0  0 0 0
read_records     1 0 0  0 0 1  0 0 0  0 0 0
save_record      1 0 0  0 0 0  0 0 0  0 0 0
change_record    1 0 0  0 0 0  0 0 0  0 0 0
delete_record    1 0 0  0 0 0  0 0 0  0 0 0
read_spots       1 0 0  0 0 1  0 0 0  0 0 0
change_spots     1 0 0  0 0 0  0 0 0  0 0 0
read_diary       1 0 0  0 0 1  0 0 0  0 0 0
change_diary     1 0 0  0 0 0  0 0 0  0 0 0
rate_record      0 0 0  0 0 1  0 0 0  0 0 0
own_account      1 1 1  1 1 1  1 1 1  1 1 1
add_person       1 1 1  0 0 0  0 0 0  0 0 0
manage_accounts  0 0 0  0 0 0  0 0 0  1 1 1
"""
ROWS = {line.split()[0]: [word == "1" for word in line.split()[1:]] for line in TABLE.strip().splitlines()}
CASES = [
    (role, action, person, ROWS[action][len(PERSONS) * ROLES.index(role) + PERSONS.index(person)])
    for role in ROLES
    for action in ACTIONS
    for person in PERSONS
]


def actor_with(role: Role) -> Actor:
    return Actor(uuid4(), role, frozenset({OWN}), "X", "x@example.org", let_in_by=frozenset({GUEST}))


def test_the_table_is_complete() -> None:
    assert set(ROWS) == set(ACTIONS)
    assert len(CASES) == 4 * len(ACTIONS) * 3
    assert ROLES == ("patient", "doctor", "staff", "admin")


@pytest.mark.parametrize(("role", "action", "person", "expected"), CASES)
def test_the_table(role: Role, action: Action, person: object, expected: bool) -> None:
    actor = actor_with(role)
    assert allowed(actor, action, person) is expected  # type: ignore[arg-type]
    if expected:
        require(actor, action, person)  # type: ignore[arg-type]
    else:
        with pytest.raises(NotAllowed):
            require(actor, action, person)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", PERSON_ACTIONS)
def test_what_is_about_a_person_needs_one(role: Role, action: Action) -> None:
    assert not allowed(actor_with(role), action, None)


@embedded
@pytest.mark.usefixtures("quick")
def test_nobody_is_let_in_yet(house: Path) -> None:
    """Not by an account, whatever its role: a doctor who signs in sees no patient."""
    somebody("Ana")
    for number, role in enumerate(ROLES):
        made = create_account(email=f"n{number}@example.org", password="four quiet words here", name="N", role=role)
        assert made.let_in_by == frozenset()
        signed_in = actor_of(redeem_ticket(issue_ticket(made)))
        assert signed_in and signed_in.let_in_by == frozenset()
