"""Who may do what, written out as a table."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from core.errors import NotAllowed
from core.people.accounts import create_account
from core.people.policy import (
    ACTIONS,
    DOCTOR_ACTIONS,
    PERSON_ACTIONS,
    ROLES,
    Action,
    Actor,
    PersonAction,
    Role,
    allowed,
    kinds_of,
    require,
)
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from tests.core.house import embedded, somebody

OWN, OTHER, GUEST, SKIN, DIARY_ONLY, CHART_ONLY = (uuid4() for _ in range(6))
SITUATIONS = (
    (OWN, None),
    (OTHER, "skin"),
    (GUEST, None),
    (SKIN, None),
    (SKIN, "skin"),
    (SKIN, "eczema"),
    (DIARY_ONLY, None),
    (CHART_ONLY, None),
)
"""Whom it is about, and which kind of record: somebody whom the actor acts for, a stranger, one who let the actor see everything,
three times one who let the actor see skin checks alone, one the diary alone, one the chart alone."""

# action: eight situations of a patient; then the same for doctor, staff, admin
TABLE = """
read_person       1....... ..111111 ........ ........
change_person     1....... ........ ........ ........
read_records      1....... ..1.1... ........ ........
save_record       1....... ........ ........ ........
change_record     1....... ........ ........ ........
delete_record     1....... ........ ........ ........
read_spots        1....... ..111111 ........ ........
change_spots      1....... ........ ........ ........
read_diary        1....... ..1...1. ........ ........
change_diary      1....... ........ ........ ........
rate_record       ........ ..1.1... ........ ........
share_person      1....... ........ ........ ........
read_chart        1....... ..1....1 ........ ........
write_chart       ........ ..111111 ........ ........
change_medicines  1....... ..1....1 ........ ........
sign_record       ........ ..1.1... ........ ........
talk              1....... ..111111 ........ ........
meet              1....... ..111111 ........ ........
own_account       11111111 11111111 11111111 11111111
add_person        11111111 ........ ........ ........
list_doctors      11111111 ........ ........ ........
manage_accounts   ........ ........ ........ 11111111
make_token        11111111 11111111 11111111 ........
examine_photo     11111111 11111111 11111111 ........
read_screening    ........ 11111111 11111111 ........
manage_screening  ........ ........ 11111111 ........
grade_screening   ........ 11111111 11111111 ........
make_doctor_code  ........ 11111111 ........ ........
read_outcomes     ........ 11111111 ........ ........
offer_times       ........ 11111111 ........ ........
"""
ROWS = {line.split()[0]: [word == "1" for block in line.split()[1:] for word in block] for line in TABLE.strip().splitlines()}
CASES = [
    (role, action, at, ROWS[action][len(SITUATIONS) * ROLES.index(role) + at])
    for role in ROLES
    for action in ACTIONS
    for at in range(len(SITUATIONS))
]


def actor_with(role: Role) -> Actor:
    sees = frozenset({(GUEST, "all"), (SKIN, "skin"), (DIARY_ONLY, "diary"), (CHART_ONLY, "chart")})
    return Actor(uuid4(), role, frozenset({OWN}), "X", "x@example.org", sees=sees)


def test_the_table_is_complete() -> None:
    assert set(ROWS) == set(ACTIONS)
    assert {len(row) for row in ROWS.values()} == {4 * len(SITUATIONS)}
    assert len(CASES) == 4 * len(ACTIONS) * len(SITUATIONS)
    assert ROLES == ("patient", "doctor", "staff", "admin")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_the_table(role: Role, action: Action) -> None:
    actor = actor_with(role)
    for of_role, of_action, at, expected in CASES:
        if (of_role, of_action) != (role, action):
            continue
        person, kind = SITUATIONS[at]
        assert allowed(actor, action, person, kind) is expected, SITUATIONS[at]
        if expected:
            require(actor, action, person, kind)
        else:
            with pytest.raises(NotAllowed):
                require(actor, action, person, kind)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", PERSON_ACTIONS)
def test_the_kinds_of_a_list_are_those_of_its_records(role: Role, action: PersonAction) -> None:
    """What a list leaves out is what a single record would refuse."""
    actor = actor_with(role)
    for person in (OWN, OTHER, GUEST, SKIN, DIARY_ONLY, CHART_ONLY):
        single = {kind for kind in ("skin", "eczema", "retina") if allowed(actor, action, person, kind)}
        try:
            kinds = kinds_of(actor, action, person)
        except NotAllowed:
            assert not single
            continue
        if kinds is None or DOCTOR_ACTIONS.get(action) == "of record":
            assert single == {kind for kind in ("skin", "eczema", "retina") if kinds is None or kind in kinds}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", PERSON_ACTIONS)
def test_what_is_about_a_person_needs_one(role: Role, action: Action) -> None:
    assert not allowed(actor_with(role), action, None)


@embedded
@pytest.mark.usefixtures("quick")
def test_nobody_is_let_in_unasked(house: Path) -> None:
    """Not by an account, whatever its role: a doctor who signs in sees no patient who did not say so."""
    somebody("Ana")
    for number, role in enumerate(ROLES):
        made = create_account(email=f"n{number}@example.org", password="four quiet words here", name="N", role=role)
        assert made.let_in_by == frozenset()
        signed_in = actor_of(redeem_ticket(issue_ticket(made)))
        assert signed_in and signed_in.let_in_by == frozenset()
