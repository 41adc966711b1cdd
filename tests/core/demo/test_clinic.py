"""The months of the demo clinic: the same at every reset, nothing of them still to come that has happened, and something of every kind."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.demo import limbs, pictures, retina
from core.demo.clinic_people import PEOPLE
from core.demo.people import demo_people, demo_reset, demo_somebody, seed
from core.errors import NotAllowed
from core.people import consent
from core.people.policy import Actor
from core.records import appointments, clinic, conversations, medicines, notes, scores, sign_offs, tasks, times
from core.records.chart_tables import DRAFT
from core.records.findings import delete_record, list_records, thumbnail
from core.records.record_tables import metadata
from core.records.times import now
from core.settings import settings
from tests.core.demo.test_people import eye, limb, remembered
from tests.core.house import ask, embedded

pytestmark = embedded


@pytest.fixture(autouse=True)
def _drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "lesion", remembered)
    monkeypatch.setattr(limbs, "limb", limb)
    monkeypatch.setattr(retina, "fundus", eye)


@pytest.fixture
def demo(house: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    return house


@pytest.fixture
def filled(demo: Path) -> tuple[Actor, Actor]:
    """Both doctors of the clinic, made."""
    seed()
    return demo_somebody("lena@demo.example"), demo_somebody("tomas@demo.example")


BY_CHANCE = ("id", "token", "key", "keys", "hash", "sha256")
"""Endings of columns that name a row, a picture or a secret."""


KINDS = ("consent", "note", "sign_off", "outcome", "medicine", "allergy", "task", "message", "read_mark", "offer", "appointment", "score")


def rows() -> dict[str, list[str]]:
    """What every table holds, but for names by chance, in an order of its own."""
    found = {}
    for table in metadata.sorted_tables:
        names = [column.name for column in table.columns if column.name.rpartition("_")[2] not in BY_CHANCE]
        columns = ", ".join(f'"{name}"' for name in names)
        found[table.name] = sorted(json.dumps(row, default=str) for row in ask(f'SELECT {columns} FROM "{table.name}"')) if names else []
    return found


def test_two_resets_give_the_same_rows(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one day and at one moment, as the clock of the records says it."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 11, 28, 20, 15, tzinfo=UTC)

    monkeypatch.setattr(times, "datetime", Stopped)
    demo_reset()
    first = rows()
    delete_record(demo_somebody("jonas@demo.example"), list_records(*_own("jonas@demo.example"))[0].id)
    demo_reset()
    again = rows()
    assert {name: len(found) for name, found in again.items()} == {name: len(found) for name, found in first.items()}
    assert again == first
    assert all(first[name] for name in KINDS), {name: len(first[name]) for name in KINDS}


def _own(email: str) -> tuple[Actor, Any]:
    actor = demo_somebody(email)
    return actor, min(actor.person_ids, key=str)


def test_nothing_that_happened_is_still_to_come(filled: tuple[Actor, Actor]) -> None:
    limit = str(now() + timedelta(minutes=1))[:19].replace("T", " ")
    for table in metadata.sorted_tables:
        for name in ("created_at", "signed_at", "taken_at", "read_at", "changed_at", "taken_back_at"):
            if name in table.columns:
                late = ask(f'SELECT "{name}" FROM "{table.name}" WHERE "{name}" > \'{limit}\'')
                assert late == [], f"{table.name}.{name}"


def test_two_doctors_and_twelve_patients_with_something_of_every_kind(filled: tuple[Actor, Actor]) -> None:
    lena, tomas = filled
    assert len(PEOPLE) == 12
    assert Counter(role for _, _, role in demo_people()) == {"doctor": 2, "patient": 12, "staff": 1, "admin": 1}
    seen = {person.display_name for doctor in filled for person in consent.patients(doctor)}
    assert len(seen) == 12 and {"Ana Ruiz", "Mila Horvat", "Łukasz Żółć"} <= seen and "Petra Horvat" not in seen
    assert "Sofia Rossi" not in {one.display_name for one in consent.patients(lena)}, "she took it back"
    kinds = Counter(kind for doctor in filled for _, kind in doctor.sees)
    assert kinds["all"] > 3 and {"retina", "chart", "eczema", "diary", "skin"} <= set(kinds)
    by_reason = Counter()  # type: Counter[str]
    for doctor in filled:
        for patient in clinic.overview(doctor, now().date()):
            by_reason.update({"waiting": bool(patient.waiting), "task": bool(patient.due), "poem": bool(patient.poem)})
    assert min(by_reason["waiting"], by_reason["task"], by_reason["poem"]) >= 1
    drafts = [one for doctor in filled for id in doctor.let_in_by for one in notes.list_notes(doctor, id) if one.state == DRAFT]
    assert {one.mine for one in drafts} == {True} and len(drafts) == 2
    assert sum(len(sign_offs.clinic_outcomes(lena, kind)) for kind in ("skin", "eczema")) >= 4
    assert len(tasks.my_tasks(lena)) >= 3 and len(tasks.my_tasks(tomas)) == 1
    for doctor in filled:
        talks = conversations.talks(doctor)
        assert any(one.unread for one in talks) and not all(one.unread for one in talks)


def test_no_doctor_is_in_two_places_and_every_visit_is_at_a_time_they_offer(filled: tuple[Actor, Actor]) -> None:
    then = ask("SELECT account_id, starts_at, ends_at, status FROM appointment ORDER BY account_id, starts_at")
    given = [(who, begins, ends) for who, begins, ends, status in then if status != "cancelled"]
    for (who, _, ends), (other, begins, _) in zip(given, given[1:], strict=False):
        assert who != other or ends <= begins
    for doctor in filled:
        assert appointments.appointments(doctor) and appointments.appointments(doctor, past=True)
    lena = filled[0]
    ana = min(demo_somebody("ana@demo.example").person_ids, key=str)
    times_free = appointments.free_times(lena, ana, lena.account_id, now(), now() + timedelta(days=14))
    assert times_free and not {one.starts_at for one in times_free} & {one.starts_at for one in appointments.appointments(lena)}


def test_what_a_doctor_was_not_let_see_is_not_there_for_them(filled: tuple[Actor, Actor]) -> None:
    _, tomas = filled
    ana = min(demo_somebody("ana@demo.example").person_ids, key=str)
    assert {one.examination for one in list_records(tomas, ana, limit=100)} == {"retina"}
    assert medicines.list_medicines(tomas, ana)
    with pytest.raises(NotAllowed):
        scores.list_scores(tomas, ana)


def test_every_photo_is_somebodys_own(filled: tuple[Actor, Actor]) -> None:
    """Copies of a photo are files of their own: who deletes one takes nothing from anybody else."""
    keys = [key for (key,) in ask("SELECT photo_key FROM record")]
    assert len(set(keys)) == len(keys)
    jonas, person = _own("jonas@demo.example")
    fatima, her = _own("fatima@demo.example")
    for record in list_records(fatima, her):
        delete_record(fatima, record.id)
    ana, own = _own("ana@demo.example")
    for who, whose in ((jonas, person), (ana, own)):
        assert all(thumbnail(who, record.id) for record in list_records(who, whose, limit=100))


def test_the_urgent_one_without_a_visit_is_told(filled: tuple[Actor, Actor]) -> None:
    lena, _ = filled
    aisha = next(one for one in consent.patients(lena) if one.display_name == "Aisha Khan")
    patient = next(one for one in clinic.overview(lena, now().date()) if one.id == aisha.id)
    assert [one.examination for one in patient.waiting] == ["skin"]


def test_nobody_outside_the_demo_is_found(filled: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAllowed):
        demo_somebody("real@example.org")
    monkeypatch.setenv("CARELENS_DEMO", "0")
    settings.cache_clear()
    for act in (demo_people, lambda: demo_somebody("ana@demo.example")):
        with pytest.raises(NotAllowed):
            act()
