"""Several persons of one account."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotAllowed
from core.people import persons, sessions
from core.people.persons import add_person, change_person, choose
from core.people.policy import Actor
from core.records.findings import list_records, save_finding
from tests.core.house import a_finding, a_photo, ask, somebody


def signed_in(actor: Actor) -> Actor:
    found = sessions.actor_of(sessions.redeem_ticket(sessions.issue_ticket(actor)))
    assert found
    return found


def test_a_child_with_a_year_a_day_or_neither(house: Path) -> None:
    eva = somebody("Eva")
    tim, lea, max_ = add_person(eva, "Tim", birth_year=2019), add_person(eva, "Lea", date(2021, 5, 3)), add_person(eva, " Max  Neu ")
    assert [(p.birth_date, p.birth_year) for p in (tim, lea, max_)] == [(None, 2019), (date(2021, 5, 3), 2021), (None, None)]
    known = persons.persons(signed_in(eva))
    assert [(p.display_name, p.relation) for p in known] == [
        ("Eva 0", "self"),
        ("Tim", "guardian"),
        ("Lea", "guardian"),
        ("Max Neu", "guardian"),
    ]


@pytest.mark.parametrize(
    ("name", "day", "year", "why"),
    [
        ("Tim", date(2019, 1, 1), 2018, "do not fit"),
        ("Tim", None, 1899, "year of birth"),
        ("Tim", None, 2999, "year of birth"),
        ("Tim", date(2999, 1, 1), None, "day of birth"),
        ("", None, None, "name"),
    ],
)
def test_what_cannot_be_accepted(house: Path, name: str, day: date | None, year: int | None, why: str) -> None:
    eva = somebody("Eva")
    with pytest.raises(InvalidInput, match=why):
        add_person(eva, name, day, year)
    with pytest.raises(InvalidInput, match=why):
        change_person(eva, min(eva.person_ids), name, day, year)
    assert ask("SELECT count(*) FROM person") == [(1,)]


def test_the_holder_is_there_once(house: Path) -> None:
    eva, nobody = somebody("Eva"), somebody("Uta", persons=0)
    with pytest.raises(InvalidInput, match="already"):
        add_person(eva, "Eva", relation="self")
    with pytest.raises(InvalidInput, match="who it is"):
        add_person(eva, "Eva", relation="owner")
    assert add_person(nobody, "Uta", relation="self").relation == "self"


def test_there_is_an_end(house: Path) -> None:
    eva = somebody("Eva", persons=persons.MOST - 1)
    add_person(eva, "Tim")
    with pytest.raises(InvalidInput, match="at most 20"):
        add_person(eva, "Lea")


def test_a_name_and_a_birth_can_be_changed_by_those_who_act_for_them(house: Path) -> None:
    eva, other = somebody("Eva", persons=2), somebody("Ben")
    child = next(p for p in persons.persons(eva) if p.relation == "guardian")
    changed = change_person(eva, child.id, "Timm", birth_year=2020)
    assert (changed.display_name, changed.birth_year, changed.relation) == ("Timm", 2020, "guardian")
    assert change_person(eva, child.id, "Timm").birth_year is None
    for act in (lambda: change_person(other, child.id, "Mine"), lambda: choose(signed_in(other), child.id)):
        with pytest.raises(NotAllowed):
            act()
    assert persons.persons(eva)[1].display_name == "Timm"


def test_each_sign_in_remembers_who_it_is_for(house: Path) -> None:
    eva = somebody("Eva", persons=3)
    first, second = persons.persons(eva)[1:]
    tokens = [sessions.redeem_ticket(sessions.issue_ticket(eva)) for _ in range(2)]
    phone, tablet = (sessions.actor_of(token) for token in tokens)
    assert phone and tablet and phone.chosen_person_id is None
    choose(phone, first.id)
    choose(tablet, second.id)
    again = [sessions.actor_of(token) for token in tokens]
    assert [one.chosen_person_id for one in again if one] == [first.id, second.id]


def test_records_belong_to_one_of_them(house: Path) -> None:
    eva, stranger = somebody("Eva", persons=2), somebody("Ben")
    own, child = (person.id for person in persons.persons(eva))
    saved = save_finding(eva, child, a_photo(), a_finding(), site="back")
    assert [record.id for record in list_records(eva, child)] == [saved.id] and list_records(eva, own) == []
    with pytest.raises(NotAllowed):
        list_records(stranger, child)
