"""One's own saved findings, and nobody else's."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest
from PIL import Image

from core.people import consent, tokens
from core.people.accounts import create_account, sign_up
from core.people.persons import add_person
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records.corrections import save_correction
from core.records.findings import list_records, open_record, save_finding
from tests.core.house import a_finding, a_photo, own
from tests.core.web.api.conftest import PASSWORD, with_token
from tests.core.web.api.test_door import is_problem

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def saved(actor, number=0, person=None, **more):
    at = WHEN + timedelta(days=number)
    return save_finding(actor, person or own(actor), a_photo(number), a_finding(number), taken_at=at, **more)


def test_page_after_page_gives_every_record_once_the_newest_first(program, patient):
    for number in range(5):
        saved(patient, number, site="back")
    path, seen = "/api/v1/records?limit=2", []
    while path:
        told = program.get(path).json()
        assert told["total"] == 5 and len(told["records"]) <= 2
        seen += told["records"]
        path = told["next"]
    assert [one["id"] for one in seen] == [str(one.id) for one in list_records(patient, own(patient))]
    first = seen[0]
    assert (first["label"], first["status"], first["refer"], first["site"]) == ("nv", "ok", True, "back")
    assert datetime.fromisoformat(first["taken_at"]) == WHEN + timedelta(days=4)
    assert program.get("/api/v1/records?examination=eczema").json() == {"records": [], "total": 0, "next": None}


def test_one_record_with_its_files(program, patient):
    record = saved(patient, 7, outline_accepted=True)
    found = open_record(patient, record.id)
    told = program.get(f"/api/v1/records/{record.id}").json()
    assert (told["id"], told["width"], told["height"], told["outline_accepted"]) == (str(record.id), 320, 240, True)
    assert told["finding"]["probabilities"] == dict(found.finding.probabilities) and told["finding"]["words"]["disclaimer"]
    photo = program.get(told["photo"])
    assert (photo.content, photo.headers["content-type"]) == (found.photo_bytes, found.media_type)
    (mask,) = told["finding"]["masks"].values()
    for path, wanted in ((mask, found.finding.masks["lesion"]), (told["finding"]["heat"], np.rint(found.finding.heat * 255))):
        answer = program.get(path)
        assert answer.headers["content-type"] == "image/png" and answer.headers["cache-control"] == "no-store"
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), wanted)


def test_a_corrected_outline_is_the_one_that_counts(program, patient):
    record = saved(patient, 8)
    drawn = a_finding(99).masks["lesion"]
    save_correction(patient, record.id, "lesion", drawn, {"area": 0.25}, for_training=False)
    told = program.get(f"/api/v1/records/{record.id}").json()
    assert told["corrected"] is True and told["finding"]["numbers"] == {"area": 0.25}
    answer = program.get(told["finding"]["masks"]["lesion"])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), drawn)


@pytest.mark.parametrize("more", ["", "/photo", "/heat", "/masks/lesion"])
def test_a_record_of_somebody_else_is_not_there(program, patient, more):
    eve = sign_up("eve@example.org", PASSWORD, "Eve")
    theirs, mine = saved(eve, 1), saved(patient, 2)
    assert program.get(f"/api/v1/records/{mine.id}{more}").status_code == 200
    told = [is_problem(program.get(f"/api/v1/records/{id}{more}"), 404, "not-found") for id in (theirs.id, uuid4())]
    assert told[0] == told[1], "it does not say whether there is one"


def test_with_a_child_the_person_must_be_named(program, patient):
    child = add_person(patient, "Lina", birth_year=2019).id
    both = actor_of(redeem_ticket(issue_ticket(patient)))
    record = saved(both, 3, child)
    is_problem(program.get("/api/v1/records"), 422, "invalid")
    assert [one["id"] for one in program.get(f"/api/v1/records?person={child}").json()["records"]] == [str(record.id)]
    told = program.get("/api/v1/persons").json()
    assert [(one["name"], one["relation"], one["birth_year"]) for one in told] == [("Mia Lind", "self", None), ("Lina", "guardian", 2019)]
    is_problem(program.get(f"/api/v1/records?person={uuid4()}"), 403, "not-allowed")


WRONG = "limit=0 limit=201 limit=x offset=-1 offset=99999999999999999999 person=x examination=%00 examination=a%27b"


@pytest.mark.parametrize("query", WRONG.split())
def test_parameters_that_cannot_be_accepted_are_named(program, query):
    told = is_problem(program.get(f"/api/v1/records?{query}"), 422, "invalid")
    assert told["errors"][0]["where"] == f"query.{query.split('=')[0]}"


def test_what_is_not_there(program, patient):
    record = saved(patient, 4)
    assert "lesion" in is_problem(program.get(f"/api/v1/records/{record.id}/masks/skin"), 404, "not-found")["hint"]
    is_problem(program.get("/api/v1/records/not-an-id"), 422, "invalid")
    assert UUID(program.get("/api/v1/records").json()["records"][0]["id"]) == record.id


def test_a_doctor_reads_whom_they_were_let_in_by_and_it_is_noted(client, patient):
    lena = create_account(email="lena@example.org", password=PASSWORD, name="Lena", role="doctor")
    record, person = saved(patient, 5), own(patient)
    with_token(client, tokens.make_token(lena, "Ward", ("read",), 7, PASSWORD).secret)
    path = f"/api/v1/records/{record.id}"
    assert (client.get(f"/api/v1/records?person={person}").status_code, client.get(path).status_code) == (403, 404)
    assert consent.openings(patient, person) == []
    consent.let_in(patient, person, lena.account_id)
    assert client.get(f"/api/v1/records?person={person}").json()["total"] == 1
    assert [client.get(path + more).status_code for more in ("", "/photo", "/heat", "/masks/lesion")] == [200] * 4
    noted = consent.openings(patient, person)
    assert {(one.what, one.record_id) for one in noted} == {("list", None), ("finding", record.id)} and {one.doctor for one in noted} == {
        "Lena"
    }
    consent.take_back(patient, person, lena.account_id)
    assert (client.get(f"/api/v1/records?person={person}").status_code, client.get(f"{path}/photo").status_code) == (403, 404)
