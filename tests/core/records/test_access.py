"""Whoever asks whatever way: no row that is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import NotAllowed, NotFound
from core.people import consent
from core.people.policy import ROLES, Actor, Role
from core.records import (
    appointments,
    conversations,
    corrections,
    diary,
    findings,
    medicines,
    messages,
    notes,
    offers,
    pooling,
    ratings,
    scores,
    sign_offs,
    spots,
    tasks,
    treatments,
    triggers,
    weather,
    weather_loaded,
    weather_places,
)
from core.records.record_tables import RecordPublic, SpotPublic
from tests.core.house import a_finding, a_photo, own, somebody

House = tuple[list[UUID], dict[UUID, UUID], dict[UUID, UUID]]


@pytest.fixture
def full(house: Path) -> House:
    """Five persons with a spot and a record each: their ids, the record of each and the spot of each."""
    records: dict[UUID, UUID] = {}
    at: dict[UUID, UUID] = {}
    for number, name in enumerate(("Ana", "Ben", "Cleo", "Dan", "Eva")):
        actor = somebody(name)
        at[own(actor)] = spots.create_spot(actor, own(actor), "back", name).id
        saved = findings.save_finding(actor, own(actor), a_photo(number), a_finding(number), spot_id=at[own(actor)])
        records[own(actor)] = saved.id
    return list(records), records, at


def _persons(rows: list[RecordPublic] | list[SpotPublic]) -> set[UUID]:
    return {row.person_id for row in rows}


@given(data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_that_should_not_be_seen(full: House, data: st.DataObject) -> None:
    everyone, records, at = full
    role: Role = data.draw(st.sampled_from(ROLES))
    mine = frozenset(data.draw(st.sets(st.sampled_from(everyone))))
    actor = Actor(uuid4(), role, mine, "X", "x@example.org")
    person = data.draw(st.sampled_from([*everyone, uuid4()]))
    may = role == "patient" and person in mine  # said here once more, on purpose without the policy

    lists: list[Callable[[], list[RecordPublic] | list[SpotPublic]]] = [
        lambda: findings.list_records(actor, person),
        lambda: findings.list_records(actor, person, spot_id=at.get(data.draw(st.sampled_from(everyone)))),
        lambda: findings.list_records(actor, person, examination="skin", newest_first=False),
        lambda: spots.list_spots(actor, person),
    ]
    for ask in lists:
        if may:
            assert _persons(ask()) <= {person}
        else:
            with pytest.raises(NotAllowed):
                ask()
    if may:
        assert findings.count_records(actor, person) == len(findings.list_records(actor, person)) == 1
        assert findings.open_record(actor, records[person]).record.person_id == person
        assert findings.thumbnail(actor, records[person])
    else:
        with pytest.raises(NotAllowed):
            findings.count_records(actor, person)
        record, spot = records.get(person, person), at.get(person, person)
        refused: list[Callable[[], object]] = [
            lambda: findings.open_record(actor, record),
            lambda: findings.thumbnail(actor, record),
            lambda: findings.delete_record(actor, record),
            lambda: findings.accept_outline(actor, record, True),
            lambda: findings.move_record(actor, record, None),
            lambda: spots.rename_spot(actor, spot, "stolen"),
            lambda: spots.delete_spot(actor, spot),
        ]
        for ask in refused:
            with pytest.raises(NotFound):  # and not NotAllowed: whether it is there is nobody else's business
                ask()
        with pytest.raises(NotAllowed):
            spots.create_spot(actor, person, "back", "mole")
    # Whatever was refused changed nothing.
    for owner_id, record_id in records.items():
        owner = Actor(uuid4(), "patient", frozenset({owner_id}), "O", "o@example.org")
        (row,) = findings.list_records(owner, owner_id)
        assert (row.id, row.outline_accepted, row.spot_id) == (record_id, None, at[owner_id])
    assert "stolen" not in {spot.name for owner_id in records for spot in _spots_of(owner_id)}


def _spots_of(person_id: UUID) -> list[SpotPublic]:
    return spots.list_spots(Actor(uuid4(), "patient", frozenset({person_id}), "O", "o@example.org"), person_id)


def test_every_query_of_records_takes_the_acting_person() -> None:
    """A new public function without an actor would pass all of the above unseen."""
    import inspect

    without = {
        "checked_spot",
        "clean",
        "own_record",
        "own_spot",
        "week_of",
        "let_in_by",
        "is_let_in",
        "is_let_in_until",
        "can_talk",
        "own_conversation",
        "own_appointment",
        "checked_zone",
        "seen_by",
        "kinds",
        "labels",
        "checked",
        "groups",
        "key_of",
        "known",
        "told_apart",
    }
    skies = (weather, weather_loaded, weather_places)
    charts, meetings = (notes, medicines, sign_offs, tasks), (messages, conversations, appointments, offers)
    diaries = (diary, triggers, pooling)
    for module in (findings, spots, scores, treatments, *diaries, corrections, ratings, consent, *charts, *meetings, *skies):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_") and name not in without:
                first = next(iter(inspect.signature(function).parameters.values()))
                assert (first.name, first.annotation) == ("actor", "Actor"), name
