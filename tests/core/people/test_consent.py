"""Letting a doctor in: by whose records they are, taken back at once, no row for anybody else, and every opening told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people import consent
from core.people.policy import Actor
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import corrections, findings, notes, openings, ratings, scores, spots, thumbnails, treatments
from core.records.consent_tables import OPENED
from core.records.erase import erase_account_by_id
from core.records.times import now
from tests.core.house import a_finding, a_photo, ask, dump, embedded, own, somebody

SIGNS = {"redness": 1.0, "thickness": 1.0, "scratching": 1.0, "lichenification": 1.0}


class Doctor:
    """A doctor who is signed in: `actor` is who they are at the next click."""

    def __init__(self, name: str) -> None:
        self.id = somebody(name, "doctor", persons=0).account_id
        self.token = redeem_ticket(issue_ticket(Actor(self.id, "doctor", frozenset(), name, "x")))

    @property
    def actor(self) -> Actor:
        found = actor_of(self.token)
        assert found is not None
        return found


Clinic = tuple[dict[UUID, UUID], list[Actor], list[Doctor]]


def test_a_doctor_sees_who_let_them_in_from_the_next_click_to_the_one_after_it_was_taken_back(house: Path) -> None:
    ana, lena, omar = somebody(), Doctor("Lena"), Doctor("Omar")
    record = findings.save_finding(ana, own(ana), a_photo(), a_finding(examination="eczema"), region="arms")
    assert [one.name for one in consent.doctors(ana)] == ["Lena", "Omar"]
    before = lena.actor
    made = consent.let_in(ana, own(ana), lena.id)
    assert consent.let_in(ana, own(ana), lena.id) == made, "once"
    with pytest.raises(NotFound):
        findings.open_record(before, record.id)  # who was signed in before it was said finds out at the next click
    assert [one.display_name for one in consent.patients(lena.actor)] == ["Ana 0"] and consent.patients(omar.actor) == []
    assert findings.open_record(lena.actor, record.id).record.id == record.id
    assert ratings.save_rating(lena.actor, record.id, SIGNS, area=2).area == 2
    assert [(one.doctor, one.region, one.area) for one in ratings.ratings_of(ana, own(ana))] == [("Lena", "arms", 2)]
    for stranger in (omar.actor, somebody("Eve")):
        with pytest.raises(NotFound):
            findings.open_record(stranger, record.id)
        with pytest.raises(NotAllowed):
            ratings.ratings_of(stranger, own(ana))
    assert [(one.doctor, one.taken_back_at) for one in consent.consents(ana, own(ana))] == [("Lena", None)]

    assert consent.take_back(ana, own(ana), lena.id) and not consent.take_back(ana, own(ana), lena.id)
    assert lena.actor.let_in_by == frozenset() and consent.patients(lena.actor) == []
    with pytest.raises(NotFound):
        ratings.save_rating(lena.actor, record.id, SIGNS)
    assert consent.consents(ana, own(ana)) == [] and [one.doctor for one in consent.consents(ana, own(ana), past=True)] == ["Lena"]
    consent.let_in(ana, own(ana), lena.id)
    assert lena.actor.let_in_by == {own(ana)}


@embedded
def test_what_has_an_end_ends(house: Path) -> None:
    ana, lena = somebody(), Doctor("Lena")
    with pytest.raises(InvalidInput):
        consent.let_in(ana, own(ana), lena.id, ends_at=now() - timedelta(minutes=1))
    consent.let_in(ana, own(ana), lena.id, ends_at=now() + timedelta(days=1))
    assert lena.actor.let_in_by == {own(ana)}
    ask(f"UPDATE consent SET ends_at = '{(now() - timedelta(minutes=1)).replace(tzinfo=None).isoformat(' ')}'")
    assert lena.actor.let_in_by == frozenset() and consent.consents(ana, own(ana)) == []


def test_a_doctor_is_found_by_the_code_they_gave_while_it_works(house: Path) -> None:
    ana, lena, omar = somebody(), Doctor("Lena"), Doctor("Omar")
    first, second = consent.make_code(lena.actor), consent.make_code(omar.actor)
    assert first not in dump() and first.replace("-", "") not in dump(), "only its hash is kept"
    assert consent.doctor_of_code(ana, f" {first.lower().replace('-', ' ')}").id == lena.id
    assert consent.doctor_of_code(ana, second).name == "Omar" and lena.actor.let_in_by == frozenset(), "a code opens nothing"
    consent.make_code(lena.actor)
    for code in (first, "", "AAAA-AAAA-AAAA"):
        with pytest.raises(InvalidInput):
            consent.doctor_of_code(ana, code)
    ask(f"UPDATE doctor_code SET expires_at = '{(now() - timedelta(minutes=1)).replace(tzinfo=None).isoformat(' ')}'")
    with pytest.raises(InvalidInput):
        consent.doctor_of_code(ana, second)
    with pytest.raises(NotAllowed):
        consent.make_code(ana)
    with pytest.raises(NotAllowed):
        consent.doctor_of_code(lena.actor, second)


@embedded
def test_what_may_be_seen_is_what_was_said_last(house: Path) -> None:
    ana, lena = somebody(), Doctor("Lena")
    assert consent.let_in(ana, own(ana), lena.id, kinds=["chart", "skin"]).kinds == "skin chart", "in the order of the house, once each"
    assert lena.actor.sees == {(own(ana), "skin"), (own(ana), "chart")}
    consent.let_in(ana, own(ana), lena.id, kinds=["diary"])
    assert lena.actor.sees == {(own(ana), "diary")}
    for wrong in ([], ["all"], ["skin", "hair"], ["skin diary"]):
        with pytest.raises(InvalidInput):
            consent.let_in(ana, own(ana), lena.id, kinds=wrong)
    consent.let_in(ana, own(ana), lena.id)
    assert lena.actor.sees == {(own(ana), "all")}
    assert [one.kinds for one in consent.consents(ana, own(ana))] == ["all"]


@embedded
def test_only_a_doctor_can_be_let_in_and_only_by_whom_it_is_about(house: Path) -> None:
    ana, eve, lena = somebody(), somebody("Eve"), Doctor("Lena")
    others = [somebody(name, role, persons=0).account_id for name, role in (("Sam", "staff"), ("Ada", "admin"))]  # type: ignore[arg-type]
    for account in (uuid4(), eve.account_id, *others):
        with pytest.raises(NotFound):
            consent.let_in(ana, own(ana), account)
    for actor in (eve, lena.actor, Actor(uuid4(), "admin", ana.person_ids, "A", "a")):
        for refused in (consent.let_in, consent.take_back):
            with pytest.raises(NotAllowed):
                refused(actor, own(ana), lena.id)
        for listing in (consent.consents, consent.openings):
            with pytest.raises(NotAllowed):
                listing(actor, own(ana))
    with pytest.raises(NotAllowed):
        consent.doctors(lena.actor)
    assert ask("SELECT count(*) FROM consent") == [(0,)]


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_of_anybody_who_did_not_let_the_doctor_in(clinic: Clinic, data: st.DataObject) -> None:
    """Letting in and taking back in any order: what a doctor can read is what the last word of each person was."""
    records, people, doctors = clinic
    said: dict[tuple[int, int], bool] = {}
    ask("DELETE FROM consent")
    for who, whom, yes in data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.booleans()), max_size=8)):
        (consent.let_in if yes else consent.take_back)(people[who], own(people[who]), doctors[whom].id)
        said[who, whom] = yes
    for at, doctor in enumerate(doctors):
        actor = doctor.actor
        expected = {own(people[who]) for (who, whom), yes in said.items() if yes and whom == at}
        assert {one.id for one in consent.patients(actor)} == expected == actor.let_in_by
        for person, record in records.items():
            if person in expected:
                assert {one.person_id for one in findings.list_records(actor, person)} == {person}
                assert findings.thumbnail(actor, record) and ratings.ratings_of(actor, person) == []
                with pytest.raises(NotFound):
                    findings.delete_record(actor, record)
            else:
                for ask_for in (findings.open_record, findings.thumbnail, thumbnails.outlined_thumbnail, ratings.list_ratings):
                    with pytest.raises(NotFound):
                        ask_for(actor, record)
                lists = (findings.list_records, scores.list_scores, treatments.list_treatments, spots.list_spots, ratings.ratings_of)
                for listing in lists:
                    with pytest.raises(NotAllowed):
                        listing(actor, person)


@pytest.fixture
def clinic(house: Path) -> Clinic:
    """Three patients with a record each, and two doctors."""
    people = [somebody(name) for name in ("Ana", "Ben", "Cleo")]
    records = {own(one): findings.save_finding(one, own(one), a_photo(at), a_finding(at)).id for at, one in enumerate(people)}
    return records, people, [Doctor("Lena"), Doctor("Omar")]


def test_every_opening_is_told_to_the_patient_once(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = somebody(), Doctor("Lena")
    record = findings.save_finding(ana, own(ana), a_photo(), a_finding())
    findings.open_record(ana, record.id)
    consent.let_in(ana, own(ana), lena.id)
    for _ in range(3):
        findings.list_records(lena.actor, own(ana))
        findings.thumbnail(lena.actor, record.id)
        thumbnails.outlined_thumbnail(lena.actor, record.id)
        findings.open_record(lena.actor, record.id)
        corrections.current_masks(lena.actor, record.id)
        scores.list_scores(lena.actor, own(ana))
        treatments.list_treatments(lena.actor, own(ana))
        spots.list_spots(lena.actor, own(ana))
        notes.list_notes(lena.actor, own(ana))
    told = consent.openings(ana, own(ana))
    assert sorted((one.what, one.doctor, one.record_id) for one in told if one.what != "finding") == [
        (what, "Lena", None) for what in sorted(OPENED) if what != "finding"
    ]
    assert [one.record_id for one in told if one.what == "finding"] == [record.id]
    monkeypatch.setattr(openings, "AGAIN", timedelta(0))  # later that day
    findings.open_record(lena.actor, record.id)
    assert len(consent.openings(ana, own(ana))) == len(told) + 1 and consent.openings(ana, own(ana))[0].what == "finding"
    every = consent.openings(ana, own(ana))
    paged = [one for skip in range(0, len(every), 2) for one in consent.openings(ana, own(ana), 2, skip)]
    assert paged == every and consent.count_openings(ana, own(ana)) == len(every)
    for stranger in (lena.actor, somebody("Eve")):
        with pytest.raises(NotAllowed):
            consent.count_openings(stranger, own(ana))
    erase_account_by_id(lena.id)
    assert {one.doctor for one in consent.openings(ana, own(ana))} == {""}
    assert not [word for word in ("Lena", str(lena.id), lena.id.hex) if word in dump()]
    erase_account_by_id(ana.account_id)
    assert ask("SELECT count(*) FROM opening") == ask("SELECT count(*) FROM consent") == [(0,)]
