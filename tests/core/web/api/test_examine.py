"""One photo in, a finding out: the same as the examination itself gives, and nothing kept unless that was asked for."""

from __future__ import annotations

import base64
import io
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import numpy as np
import pytest
from PIL import Image

from core.errors import PhotoRejected, Unavailable
from core.examinations import registry
from core.examinations.finding import Answers, Context
from core.people.accounts import sign_up
from core.people.persons import add_person
from core.photo import encode_png, read_photo
from core.records.findings import count_records, open_record
from core.settings import settings
from core.web.api import line
from tests.core import toy
from tests.core.house import ask, blobs
from tests.core.web.api.conftest import EXAMINE, PASSWORD, jpeg, outlining, post
from tests.core.web.api.test_door import is_problem


def pixels(png: bytes):
    return np.asarray(Image.open(io.BytesIO(png)))


def of_link(link: str):
    kind, data = link.split(",", 1)
    assert kind == "data:image/png;base64"
    return pixels(base64.b64decode(data))


def test_the_answer_is_the_examinations_own_finding(program):
    data = jpeg(3)
    answer = post(program, data, new_or_changed="yes", unlike_the_others="no", bleeds_or_does_not_heal="not_sure")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    finding = outlining(read_photo(data), Context(answers=Answers(True, None, False)))
    told = answer.json()
    facts = json.loads(json.dumps(finding.facts()))
    assert {name: told["finding"][name] for name in facts} == facts
    assert told["record"] is None and told["finding"]["words"]["looks_like"] == toy.words(finding).looks_like
    assert np.array_equal(of_link(told["finding"]["masks"]["lesion"]), finding.masks["lesion"])
    assert np.abs(of_link(told["finding"]["heat"]) / 255 - finding.heat).max() <= 0.5 / 255 + 1e-6


def test_nothing_is_kept_unasked(program):
    before = ask("SELECT count(*) FROM record"), blobs()
    assert post(program).status_code == 200
    assert (ask("SELECT count(*) FROM record"), blobs()) == before == ([(0,)], 0)


@pytest.mark.parametrize(("name", "mode"), [("lesion", {0, 255}), ("heat", None)])
def test_a_picture_instead_of_json(program, name, mode):
    answer = post(program, path=f"{EXAMINE}?picture={name}")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    assert mode is None or set(np.unique(pixels(answer.content))) <= mode
    told = is_problem(post(program, path=f"{EXAMINE}?picture=other"), 404, "not-found")
    assert "lesion, heat" in told["hint"]


def test_saved_it_is_a_record_like_any_other(program, patient):
    data = jpeg(4)
    answer = post(program, data, save="true", site="  left   arm ", region="arms", side="left", taken_at="2026-03-01T10:00:00+01:00")
    assert answer.status_code == 201
    told = answer.json()
    path = answer.headers["location"]
    assert path == told["record"]["href"] == f"/api/v1/records/{told['record']['id']}"
    (person,) = patient.person_ids
    found = open_record(patient, UUID(told["record"]["id"]))
    assert (found.record.person_id, found.record.site, found.record.region, found.record.side) == (person, "left arm", "arms", "left")
    assert found.record.taken_at == datetime(2026, 3, 1, 9, tzinfo=UTC) and found.photo_bytes == read_photo(data).original
    assert told["finding"]["masks"] == {"lesion": f"{path}/masks/lesion"} and told["finding"]["heat"] == f"{path}/heat"
    assert np.array_equal(pixels(program.get(told["finding"]["masks"]["lesion"]).content), found.finding.masks["lesion"])


def test_sent_again_it_is_saved_once(program, patient):
    (person,) = patient.person_ids
    first = post(program, jpeg(5), save="true")
    again = post(program, jpeg(5), save="true", person=str(person))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["record"] == again.json()["record"] and count_records(patient, person) == 1
    assert post(program, jpeg(5), save="true", site="back").status_code == 201, "another place is another finding"


def test_whose_record_it_is_must_be_clear(program, patient):
    child = add_person(patient, "Lina").id
    told = is_problem(post(program, save="true"), 422, "invalid")
    assert "/api/v1/persons" in told["hint"]
    assert post(program, save="true", person=str(child)).json()["record"]["person"] == str(child)
    other = sign_up("eve@example.org", PASSWORD, "Eve")
    for stranger in (next(iter(other.person_ids)), uuid4()):
        is_problem(post(program, save="true", person=str(stranger)), 403, "not-allowed")
    assert ask("SELECT count(*) FROM record") == [(1,)]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"new_or_changed": "maybe"}, "form.new_or_changed"),
        ({"eye": "middle"}, "form.eye"),
        ({"age": "NaN"}, "form.age"),
        ({"age": "-1"}, "form.age"),
        ({"save": "perhaps"}, "form.save"),
        ({"person": "me"}, "form.person"),
        ({"taken_at": "2026-03-01T10:00:00"}, "form.taken_at"),
        ({"site": "x" * 61}, "form.site"),
        ({"sav": "true"}, "form.sav"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named(program, fields, where):
    told = is_problem(post(program, **fields), 422, "invalid")
    assert [one["where"] for one in told["errors"]] == [where] and told["errors"][0]["detail"]


@pytest.mark.parametrize(
    "fields",
    [{"region": "tail"}, {"side": "left"}, {"whole_region": "true"}, {"taken_at": "2200-01-01T00:00Z"}, {"taken_at": "1800-01-01T00:00Z"}],
)
def test_places_and_times_that_cannot_be_save_nothing(program, fields):
    is_problem(post(program, save="true", **fields), 422, "invalid")
    assert ask("SELECT count(*) FROM record") == [(0,)] and blobs() == 0


def test_a_spot_of_somebody_else_is_not_joined(program):
    is_problem(post(program, save="true", spot=str(uuid4())), 404, "not-found")
    assert blobs() == 0


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x.jpg", "file:///etc/passwd", "https://example.org/mole.jpg", "data:image/png;base64,AA=="]
)
def test_an_address_is_never_fetched(program, monkeypatch, address):
    def no(*_):
        raise AssertionError("somebody was called")

    monkeypatch.setattr(socket.socket, "connect", no)
    told = is_problem(program.post(EXAMINE, data={"photo": address}, files={"x": b""}), 422, "invalid")
    assert {"where": "form.photo", "detail": "Send the photo itself as a file in this field; an address or text is not taken."} in told[
        "errors"
    ]


def test_what_is_no_form_is_refused_before_it_is_read(program):
    for kind, body in (("application/json", b"{}"), ("image/jpeg", jpeg()), ("application/x-www-form-urlencoded", b"photo=x"), ("", b"")):
        answer = program.post(EXAMINE, content=body, headers={"Content-Type": kind})
        is_problem(answer, 415, "unsupported-media-type")
        assert answer.headers["accept-post"] == "multipart/form-data"
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"):
        assert program.post(EXAMINE, content=b"--y\r\n\r\nz", headers={"Content-Type": kind}).status_code in (400, 422)


def a_picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, kind)
    return file.getvalue()


def test_photos_that_cannot_be_used(program):
    is_problem(post(program, b""), 422, "photo-rejected")
    assert is_problem(post(program, a_picture("GIF")), 415, "unsupported-media-type")["code"] == "wrong_format"
    assert is_problem(post(program, jpeg()[:2000]), 422, "photo-rejected")["code"] == "incomplete"
    assert is_problem(post(program, b"\x07\xff" * 500), 422, "photo-rejected")["hint"]
    two = program.post(EXAMINE, files=[("photo", jpeg()), ("photo", jpeg(1))])
    is_problem(two, 400, "bad-request")


def small(monkeypatch, megabytes: str = "1"):
    monkeypatch.setenv("CARELENS_MAX_UPLOAD_MB", megabytes)
    settings.cache_clear()


def test_too_large_by_its_own_word_is_refused_at_once(program, monkeypatch):
    small(monkeypatch)
    told = is_problem(post(program, b"x" * (2 << 20)), 413, "too-large")
    assert "1 MB" in told["detail"]


def test_too_large_without_saying_so_is_cut_off(program, monkeypatch):
    small(monkeypatch)
    sent = []

    def body():
        yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\n\r\n'
        for _ in range(64):
            sent.append(1)
            yield b"x" * (1 << 16)

    answer = program.post(EXAMINE, content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    is_problem(answer, 413, "too-large")


def test_a_photo_just_over_the_limit_beside_small_fields(program, monkeypatch):
    small(monkeypatch)
    assert is_problem(post(program, jpeg() + b"\0" * (1 << 20)), 413, "too-large")["code"] == "too_many_bytes"


def test_too_many_pixels(program, monkeypatch):
    monkeypatch.setenv("CARELENS_MAX_MEGAPIXELS", "1")
    settings.cache_clear()
    assert is_problem(post(program, encode_png(np.zeros((1100, 1000), np.uint8))), 413, "too-large")["code"] == "too_many_pixels"


def failing(error):
    def run(photo, context):
        raise error

    registry.register(replace(toy.TOY, run=run))


def test_what_the_gate_says_is_passed_on(program):
    failing(PhotoRejected("It is blurred.", "Hold still.", code="blurred", kind="clinical"))
    told = is_problem(post(program), 422, "photo-rejected")
    assert (told["detail"], told["hint"], told["code"], told["kind"]) == ("It is blurred.", "Hold still.", "blurred", "clinical")


def test_a_network_that_is_not_there(program):
    failing(Unavailable("The network is not there.", "Try later."))
    answer = post(program, save="true")
    is_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_what_nobody_expected_is_told_without_details(program, caplog):
    failing(RuntimeError("a secret of the house"))
    told = post(program)
    is_problem(told, 500, "internal-error")
    assert "secret" not in told.text and "RuntimeError" in caplog.text


def test_an_examination_that_is_not_there(program):
    is_problem(post(program, path="/api/v1/examinations/hair"), 404, "not-found")


def test_a_full_line_says_come_again(program, monkeypatch):
    monkeypatch.setattr(line, "MOST_WAITING", -10)
    answer = post(program)
    is_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"]


@pytest.mark.parametrize("id", ["skin", "condition", "eczema"])
def test_every_built_in_examination_is_to_be_had(program, id):
    known = {one["id"]: one for one in program.get("/api/v1/examinations").json()}
    assert known[id]["href"] == f"/api/v1/examinations/{id}" and known[id]["networks"] and "toy" in known


def test_the_cards_are_told_as_they_are(program):
    told = {one["id"]: one for one in program.get("/api/v1/models").json()}
    path = settings().models / "skin_lesion" / "card.json"
    assert told["skin_lesion"]["card"] == json.loads(path.read_text()) == program.get("/api/v1/models/skin_lesion").json()["card"]
    is_problem(program.get("/api/v1/models/nothing"), 404, "not-found")
