"""Random people, ids and consents, over every query of core.records: no row that should not be seen.

What each person let whom see is kept here once more, without the policy, and every answer is held against it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import core.records
from core.errors import NotAllowed, NotFound
from core.people import consent
from core.people.policy import Actor
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import (
    corrections,
    diary,
    files,
    findings,
    medicines,
    notes,
    ratings,
    scores,
    screening_grades,
    sign_offs,
    spots,
    thumbnails,
    treatments,
    triggers,
    weather,
    weather_loaded,
    weather_places,
)
from core.records.times import now
from tests.core.house import a_finding, a_photo, ask, embedded, own, somebody

KINDS = ("skin", "eczema", "retina")
FOUR = {"redness": 1.0, "thickness": 1.0, "scratching": 1.0, "lichenification": 1.0}

Query = Callable[[Actor, UUID], Any]
OF_PERSON: dict[str, Query] = {
    "list_records": findings.list_records,
    "count_records": findings.count_records,
    "list_spots": spots.list_spots,
    "ratings_of": ratings.ratings_of,
    "sign_offs_of": sign_offs.sign_offs_of,
    "outcomes_of": sign_offs.outcomes_of,
    "list_notes": notes.list_notes,
}
"""Lists of what has a kind: they show what may be seen of it, and refuse a stranger."""
OF_DIARY: dict[str, Query] = {
    "list_scores": scores.list_scores,
    "draft": lambda actor, person: scores.draft(actor, person, "poem"),
    "list_treatments": treatments.list_treatments,
    "list_days": diary.list_days,
    "list_triggers": triggers.list_triggers,
    "weather_of": lambda actor, person: weather.weather_of(actor, person, date(2026, 2, 1), date(2026, 2, 2)),
    "place_of": weather_places.place_of,
    "loaded_span": weather_loaded.loaded_span,
}
OF_CHART: dict[str, Query] = {"list_medicines": medicines.list_medicines, "list_allergies": medicines.list_allergies}
OF_RETINA: dict[str, Query] = {"screened": screening_grades.screened}
OF_RECORD: dict[str, Query] = {
    "open_record": findings.open_record,
    "thumbnail": findings.thumbnail,
    "outlined_thumbnail": thumbnails.outlined_thumbnail,
    "current_masks": corrections.current_masks,
    "list_corrections": corrections.list_corrections,
    "list_ratings": ratings.list_ratings,
    "describe": files.describe,
    "photo_file": files.photo_file,
    "mask_file": lambda actor, record: files.mask_file(actor, record, "lesion"),
    "heat_file": files.heat_file,
}
CHANGES = {
    "save_finding", "accept_outline", "move_record", "place_record", "delete_record", "create_spot", "rename_spot", "delete_spot",
    "save_score", "save_draft", "discard_draft", "delete_score", "add_treatment", "end_treatment", "delete_treatment",
    "save_day", "import_days", "delete_day", "add_trigger", "merge_triggers", "rename_trigger", "delete_trigger", "save_rating",
    "save_correction", "say_for_training", "drop_corrections", "erase_spot", "erase_person", "erase_account", "link_patient",
    "write_note", "change_note", "sign_note", "delete_draft", "add_medicine", "end_medicine", "add_allergy", "strike_allergy",
    "sign_off", "save_outcome", "add_task", "do_task", "set_place", "remove_place", "refresh", "load_weather", "remove_loaded",
}  # fmt: skip
"""What changes something: `test_access` and the tests of each of them say who may."""
DOCTORS_OWN = {"list_tasks", "my_tasks", "clinic_outcomes", "overview", "show"}
"""Asked in `test_chart` and `test_clinic`."""
MEETING = {
    "appointments", "book", "cancel", "confirm", "free_times", "move", "add_exception", "add_offer", "end_exception", "end_offer",
    "exceptions", "offers", "zone_of", "begin", "count_unread", "talk_of", "talk_with", "talks", "unread_by_person", "list_messages",
    "mark_read", "marks", "message_photo", "open_conversation", "send_message", "side_of",
}  # fmt: skip
"""Of two sides alone, whatever kinds are let in: asked in `test_messages`, `test_appointments` and `../web/test_talk`."""
INSIDE = {"seen_notes", "seen_tasks"}
POOLING = {"agree", "take_back", "agreed"}
"""Whether one's severity may be pooled, which nobody else learns: asked in `test_pooling`."""
OWN_ACCOUNT = {"write_everything", "count_findings", "archive_name", "note", "note_all"}
DESK = ("screening_batches", "screening_grades", "screening_patients", "screening_queue")


def test_every_query_of_records_is_asked_below() -> None:
    asked = {*OF_PERSON, *OF_DIARY, *OF_RETINA, *OF_CHART, *OF_RECORD, *CHANGES, *OWN_ACCOUNT, *DOCTORS_OWN, *MEETING, *INSIDE, *POOLING}
    unknown = []
    for found in pkgutil.iter_modules(core.records.__path__):
        module = importlib.import_module(f"core.records.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(function).parameters.values())
            takes_actor = function.__module__ == module.__name__ and any(one.annotation == "Actor" for one in parameters)
            inside = name.startswith("_") or parameters[:1] and parameters[0].name == "session"
            if takes_actor and not inside and found.name not in DESK and name not in asked:
                unknown.append(f"{found.name}.{name}")
    assert not unknown, "a new query: say in this test what it shows, and to whom"


class Person(NamedTuple):
    """Somebody with a record, a spot and a rating of each kind, and a diary."""

    actor: Actor
    id: UUID
    records: dict[str, UUID]
    spots: dict[str, UUID]


@pytest.fixture
def clinic(house: Path) -> tuple[list[Person], list[str], list[UUID]]:
    """Three people, and two doctors who are signed in: their tokens and accounts."""
    known = []
    for at, name in enumerate(("Ana", "Ben", "Cleo")):
        actor = somebody(name)
        places = {kind: spots.create_spot(actor, own(actor), "back", f"{name} {kind}").id for kind in KINDS}
        records = {}
        for number, kind in enumerate(KINDS):
            finding = a_finding(10 * at + number, kind, (80, 64))
            records[kind] = findings.save_finding(actor, own(actor), a_photo(number, (80, 64)), finding, spot_id=places[kind]).id
        scores.save_score(actor, own(actor), "poem", date(2026, 2, 14), {"itch": 3})
        treatments.add_treatment(actor, own(actor), f"cream of {name}", "emollient", date(2026, 2, 1))
        rater = Actor(
            somebody(f"Rater{at}", "doctor", persons=0).account_id, "doctor", frozenset(), "R", "r", sees=frozenset({(own(actor), "all")})
        )
        ratings.save_rating(rater, records["eczema"], FOUR)
        sign_offs.sign_off(rater, records["skin"], says=f"seen {name}")
        sign_offs.save_outcome(rater, records["retina"], "course", date(2026, 2, 1), says=f"of {name}")
        notes.sign_note(rater, notes.write_note(rater, own(actor), plan=f"plan of {name}").id)
        notes.write_note(rater, own(actor), plan=f"draft about {name}")
        medicines.add_medicine(rater, own(actor), f"pill of {name}")
        medicines.add_allergy(actor, own(actor), f"cats of {name}")
        known.append(Person(actor, own(actor), records, places))
    accounts = [somebody(name, "doctor", persons=0).account_id for name in ("Lena", "Omar")]
    tokens = [redeem_ticket(issue_ticket(Actor(id, "doctor", frozenset(), "D", "d"))) for id in accounts]
    return known, [str(token) for token in tokens], accounts


WORDS = st.sampled_from([*KINDS, "condition", "diary", "chart"])
STEPS = st.tuples(
    st.integers(0, 2), st.integers(0, 1), st.sampled_from(("let in", "take back", "past")), st.none() | st.sets(WORDS, min_size=1)
)


@embedded
@given(said=st.lists(STEPS, max_size=7))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_that_should_not_be_seen(clinic: tuple[list[Person], list[str], list[UUID]], said: list[tuple[int, int, str, Any]]) -> None:
    people, tokens, accounts = clinic
    ask("DELETE FROM consent")
    sees: dict[tuple[int, int], set[str] | None] = {}
    for who, whom, word, kinds in said:
        one, account = people[who], accounts[whom]
        if word == "take back":
            consent.take_back(one.actor, one.id, account)
            sees.pop((who, whom), None)
            continue
        consent.let_in(one.actor, one.id, account, kinds=kinds, ends_at=now() + timedelta(days=1))
        sees[who, whom] = kinds
        if word == "past":
            over = (now() - timedelta(minutes=1)).replace(tzinfo=None).isoformat(" ")
            ask(f"UPDATE consent SET ends_at = '{over}' WHERE account_id = '{account.hex}' AND person_id = '{one.id.hex}'")
            del sees[who, whom]
    for whom, token in enumerate(tokens):
        doctor = actor_of(token)
        assert doctor is not None
        assert {one.id for one in consent.patients(doctor)} == {people[who].id for who, of in sees if of == whom}
        for who, one in enumerate(people):
            let_in = (who, whom) in sees
            kinds = sees.get((who, whom), set())
            may = {kind for kind in KINDS if let_in and (kinds is None or kind in kinds)}
            beside = {word for word in ("diary", "chart") if let_in and (kinds is None or word in kinds)}
            _hold(doctor, one, let_in, may, beside)
        _hold(doctor, Person(people[0].actor, uuid4(), {"skin": uuid4()}, {}), False, set(), set())
    for one in people:  # each sees their own, and nothing of the others
        for other in people:
            _hold(one.actor, other, one is other, set(KINDS) if one is other else set(), {"diary", "chart"} if one is other else set())


def _hold(actor: Actor, person: Person, let_in: bool, may: set[str], beside: set[str]) -> None:
    """Every query about one person, against what may be seen."""
    if let_in:
        assert {row.id for row in findings.list_records(actor, person.id)} == {person.records[kind] for kind in may}
        assert findings.count_records(actor, person.id) == len(may)
        assert {row.id for row in spots.list_spots(actor, person.id)} == {person.spots[kind] for kind in may}
        assert {row.record_id for row in ratings.ratings_of(actor, person.id)} == {person.records[kind] for kind in may & {"eczema"}}
        assert {row.record_id for row in sign_offs.sign_offs_of(actor, person.id)} == {person.records[kind] for kind in may & {"skin"}}
        assert {row.record_id for row in sign_offs.outcomes_of(actor, person.id)} == {person.records[kind] for kind in may & {"retina"}}
        assert [row.state for row in notes.list_notes(actor, person.id)] == (["signed"] if "chart" in beside else [])
        for kind in KINDS:
            assert len(findings.list_records(actor, person.id, examination=kind)) == (kind in may)
            assert len(findings.list_records(actor, person.id, spot_id=person.spots[kind])) == (kind in may)
    else:
        for query in OF_PERSON.values():
            with pytest.raises(NotAllowed):
                query(actor, person.id)
    for queries, seen in ((OF_DIARY, "diary" in beside), (OF_CHART, "chart" in beside), (OF_RETINA, "retina" in may)):
        for query in queries.values():
            if seen:
                query(actor, person.id)
            else:
                with pytest.raises(NotAllowed):
                    query(actor, person.id)
    for kind, record in person.records.items():
        for query in OF_RECORD.values():
            if kind in may:
                query(actor, record)
            else:
                with pytest.raises(NotFound):  # whether it is there is nobody else's business
                    query(actor, record)
