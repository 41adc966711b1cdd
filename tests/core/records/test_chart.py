"""The chart: a draft is its writer's, a signed note stays, medicines are kept by both, sign-offs and outcomes lie beside the finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people.policy import Actor
from core.records import medicines, notes, sign_offs, tasks
from core.records.erase import erase_account_by_id
from core.records.findings import delete_record, save_finding
from core.records.times import now
from tests.core.house import a_finding, a_photo, ask, dump, embedded, own, somebody

DAY = date(2026, 2, 14)


def doctor(name: str, patient: Actor, *kinds: str) -> Actor:
    return replace(somebody(name, "doctor", persons=0), sees=frozenset((own(patient), kind) for kind in kinds or ("all",)))


def test_a_draft_is_its_writers_and_a_signed_note_is_only_amended(house: Path) -> None:
    ana = somebody()
    lena, omar = doctor("Lena", ana), doctor("Omar", ana)
    made = notes.write_note(lena, own(ana), "red patches\r\non both arms ", "eczema", advice="twice a day\0", follow_up_on=DAY)
    assert (made.observed, made.advice, made.state, made.mine) == ("red patches\non both arms", "twice a day", "draft", True)
    assert notes.list_notes(ana, own(ana)) == notes.list_notes(omar, own(ana)) == []
    with pytest.raises(NotFound):
        notes.change_note(omar, made.id, "mine now")
    with pytest.raises(NotFound):
        notes.sign_note(ana, made.id)
    with pytest.raises(NotFound):
        notes.write_note(lena, own(ana), plan="x", amends=made.id)  # a draft is changed, not amended
    notes.change_note(lena, made.id, diagnosis="eczema", plan="ointment")
    signed = notes.sign_note(lena, made.id)
    assert signed.signed_at is not None and signed.plan == "ointment" and signed.observed == ""
    before = dump()
    for change in (
        lambda: notes.change_note(lena, made.id, "other"),
        lambda: notes.sign_note(lena, made.id),
        lambda: notes.delete_draft(lena, made.id),
    ):
        with pytest.raises(InvalidInput):
            change()
    assert dump() == before
    amended = notes.write_note(omar, own(ana), diagnosis="psoriasis", amends=made.id)
    notes.sign_note(omar, amended.id)
    dropped = notes.write_note(omar, own(ana), plan="never mind")
    notes.delete_draft(omar, dropped.id)
    told = [(one.doctor, one.diagnosis, one.amends_id, one.mine) for one in notes.list_notes(ana, own(ana))]
    assert told == [("Lena", "eczema", None, False), ("Omar", "psoriasis", made.id, False)]
    for empty in ({}, {"plan": " \n "}, {"plan": "x" * 4001}):
        with pytest.raises(InvalidInput):
            notes.write_note(lena, own(ana), **empty)
    for other in (ana, somebody("Eve"), replace(lena, sees=frozenset()), replace(lena, role="admin")):
        with pytest.raises(NotAllowed):
            notes.write_note(other, own(ana), plan="x")
    erase_account_by_id(lena.account_id)
    assert [one.doctor for one in notes.list_notes(ana, own(ana))] == ["", "Omar"], "the note stays with the patient"


@embedded
def test_who_does_not_see_the_chart_reads_their_own_and_nothing_once_shut_out(house: Path) -> None:
    ana = somebody()
    lena, skin = doctor("Lena", ana), doctor("Skin", ana, "skin")
    notes.sign_note(lena, notes.write_note(lena, own(ana), plan="of lena").id)
    mine = notes.write_note(skin, own(ana), plan="of skin")
    task, hers = tasks.add_task(skin, own(ana), "call"), tasks.add_task(lena, own(ana), "letter")
    assert [one.plan for one in notes.list_notes(skin, own(ana))] == ["of skin"]
    assert [one.what for one in tasks.list_tasks(skin, own(ana))] == ["call"]
    with pytest.raises(NotFound):
        tasks.do_task(skin, hers.id)
    out = replace(skin, sees=frozenset())
    assert tasks.my_tasks(out) == [] and [one.id for one in tasks.my_tasks(skin)] == [task.id]
    for refused in (
        lambda: notes.list_notes(out, own(ana)),
        lambda: tasks.list_tasks(out, own(ana)),
        lambda: tasks.list_tasks(ana, own(ana)),
    ):
        with pytest.raises(NotAllowed):
            refused()
    for gone in (lambda: notes.sign_note(out, mine.id), lambda: tasks.do_task(out, task.id)):
        with pytest.raises(NotFound):
            gone()


def test_tasks_come_in_the_order_in_which_they_are_due(house: Path) -> None:
    ana = somebody()
    lena, omar = doctor("Lena", ana), doctor("Omar", ana)
    some = [
        tasks.add_task(lena, own(ana), what, due) for what, due in (("any day", None), ("later", DAY + timedelta(days=9)), ("first", DAY))
    ]
    assert [one.what for one in tasks.list_tasks(omar, own(ana))] == ["first", "later", "any day"]
    tasks.do_task(omar, some[2].id)
    assert [one.what for one in tasks.list_tasks(lena, own(ana), done=True)] == ["later", "any day", "first"]
    assert [one.what for one in tasks.my_tasks(lena)] == ["later", "any day"] and tasks.my_tasks(omar) == []
    tasks.do_task(lena, some[2].id, done=False)
    assert len(tasks.my_tasks(lena)) == 3
    with pytest.raises(InvalidInput):
        tasks.add_task(lena, own(ana), "  ")


def test_patient_and_doctor_keep_allergies_and_medicines_together(house: Path) -> None:
    ana = somebody()
    lena = doctor("Lena", ana)
    cream = medicines.add_medicine(ana, own(ana), " Zinc  cream ", "twice a day", DAY)
    medicines.add_medicine(lena, own(ana), "Prednisolone")
    nickel = medicines.add_allergy(lena, own(ana), "Nickel", "rash")
    assert [(one.name, one.role) for one in medicines.list_medicines(lena, own(ana))] == [
        ("Zinc cream", "patient"),
        ("Prednisolone", "doctor"),
    ]
    with pytest.raises(InvalidInput):
        medicines.end_medicine(lena, cream.id, DAY - timedelta(days=1))
    medicines.end_medicine(lena, cream.id, DAY)
    assert [(one.name, one.ended_on) for one in medicines.list_medicines(ana, own(ana))] == [("Prednisolone", None), ("Zinc cream", DAY)]
    assert [one.substance for one in medicines.list_allergies(ana, own(ana))] == ["Nickel"]
    for stranger in (somebody("Eve"), doctor("Skin", ana, "skin")):
        with pytest.raises(NotFound):
            medicines.strike_allergy(stranger, nickel.id)
        with pytest.raises(NotFound):
            medicines.end_medicine(stranger, cream.id, DAY)
        with pytest.raises(NotAllowed):
            medicines.add_allergy(stranger, own(ana), "x")
    medicines.strike_allergy(ana, nickel.id)
    assert medicines.list_allergies(lena, own(ana)) == []
    for wrong in ("", "x" * 101):
        with pytest.raises(InvalidInput):
            medicines.add_medicine(ana, own(ana), wrong)


def test_a_sign_off_and_an_outcome_lie_beside_the_finding(house: Path) -> None:
    ana = somebody()
    lena, eyes = doctor("Lena", ana), doctor("Eyes", ana, "retina")
    record = save_finding(ana, own(ana), a_photo(), a_finding())
    sign_offs.sign_off(lena, record.id, "mel", "I would like to look at it.")
    sign_offs.save_outcome(lena, record.id, "biopsy", DAY, "mel")
    sign_offs.save_outcome(lena, record.id, "biopsy", DAY, "nv", "The second look at it.")
    assert [(one.label, one.doctor) for one in sign_offs.sign_offs_of(ana, own(ana))] == [("mel", "Lena")]
    assert [one.label for one in sign_offs.outcomes_of(ana, own(ana))] == ["mel", "nv"]
    assert sign_offs.clinic_outcomes(eyes, "skin") == [("nv", "nv", ("mel", "nv"))] and sign_offs.clinic_outcomes(lena, "retina") == []
    for who in (ana, eyes, somebody("Eve"), replace(lena, role="admin")):
        with pytest.raises(NotFound):
            sign_offs.sign_off(who, record.id)
        with pytest.raises(NotFound):
            sign_offs.save_outcome(who, record.id, "biopsy", DAY, "nv")
    for wrong in (("guess", DAY, "nv"), ("biopsy", now().date() + timedelta(days=3), "nv"), ("biopsy", DAY, "hair"), ("course", DAY)):
        with pytest.raises(InvalidInput):
            sign_offs.save_outcome(lena, record.id, *wrong)
    with pytest.raises(InvalidInput):
        sign_offs.sign_off(lena, record.id, "hair")
    for role in ("patient", "staff", "admin"):
        with pytest.raises(NotAllowed):
            sign_offs.clinic_outcomes(Actor(uuid4(), role, frozenset(), "X", "x"), "skin")  # type: ignore[arg-type]
    delete_record(ana, record.id)
    assert ask("SELECT count(*) FROM sign_off") == ask("SELECT count(*) FROM outcome") == [(0,)]


@embedded
def test_all_of_it_goes_with_the_person(house: Path) -> None:
    ana = somebody()
    lena = doctor("Lena", ana)
    record = save_finding(ana, own(ana), a_photo(), a_finding())
    first = notes.sign_note(lena, notes.write_note(lena, own(ana), plan="plan 9931").id)
    notes.write_note(lena, own(ana), plan="draft 9931", amends=first.id)
    medicines.add_medicine(ana, own(ana), "pill 9931")
    medicines.add_allergy(ana, own(ana), "cats 9931")
    tasks.add_task(lena, own(ana), "call 9931")
    sign_offs.sign_off(lena, record.id, says="seen 9931")
    sign_offs.save_outcome(lena, record.id, "course", DAY, says="gone 9931")
    assert dump().count("9931") == 7
    erase_account_by_id(ana.account_id)
    assert "9931" not in dump() and b"9931" not in b"".join(path.read_bytes() for path in house.rglob("*") if path.is_file())
