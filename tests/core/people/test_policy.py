"""Who may do what, written out as a table."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.errors import NotAllowed
from core.people.policy import ACTIONS, ROLES, Action, Actor, Role, allowed, require

OWN, OTHER = uuid4(), uuid4()

# action: (patient own, patient other, doctor own, doctor other, staff own, staff other, admin own, admin other)
TABLE = """
read_person      1 0  0 0  0 0  0 0
change_person    1 0  0 0  0 0  0 0
read_records     1 0  0 0  0 0  0 0
save_record      1 0  0 0  0 0  0 0
change_record    1 0  0 0  0 0  0 0
delete_record    1 0  0 0  0 0  0 0
read_spots       1 0  0 0  0 0  0 0
change_spots     1 0  0 0  0 0  0 0
own_account      1 1  1 1  1 1  1 1
add_person       1 1  0 0  0 0  0 0
manage_accounts  0 0  0 0  0 0  1 1
"""
ROWS = {line.split()[0]: [word == "1" for word in line.split()[1:]] for line in TABLE.strip().splitlines()}
CASES = [
    (role, action, person, ROWS[action][2 * ROLES.index(role) + (person == OTHER)])
    for role in ROLES
    for action in ACTIONS
    for person in (OWN, OTHER)
]


def test_the_table_is_complete() -> None:
    assert set(ROWS) == set(ACTIONS)
    assert len(CASES) == 4 * len(ACTIONS) * 2
    assert ROLES == ("patient", "doctor", "staff", "admin")


@pytest.mark.parametrize(("role", "action", "person", "expected"), CASES)
def test_the_table(role: Role, action: Action, person: object, expected: bool) -> None:
    actor = Actor(uuid4(), role, frozenset({OWN}), "X", "x@example.org")
    assert allowed(actor, action, person) is expected  # type: ignore[arg-type]
    if expected:
        require(actor, action, person)  # type: ignore[arg-type]
    else:
        with pytest.raises(NotAllowed):
            require(actor, action, person)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", [action for action in ACTIONS if ROWS[action][:2] == [True, False]])
def test_what_is_about_a_person_needs_one(action: Action) -> None:
    assert not allowed(Actor(uuid4(), "patient", frozenset({OWN}), "X", "x@example.org"), action, None)
