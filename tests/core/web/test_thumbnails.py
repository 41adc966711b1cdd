"""Small photos by their address: to their own people, to nobody else, and with the outline that counts now."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.examinations.finding import Finding
from core.people import accounts, sessions
from core.photo import encode_jpeg, encode_png, read_photo
from core.records import thumbnails as made
from core.records.database import transaction
from core.records.eczema_tables import Correction
from core.records.findings import accept_outline, delete_record, save_finding
from core.records.photos import store
from core.web.cookie import COOKIE
from core.web.thumbnails import address
from tests.core.house import own

SIZE = (400, 300)


def disc(x: int, radius: int = 50) -> NDArray[np.uint8]:
    across, down = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    return ((across - x) ** 2 + (down - 150) ** 2 < radius**2).astype(np.uint8) * np.uint8(255)


def saved(actor):
    photo = read_photo(encode_jpeg(np.full((SIZE[1], SIZE[0], 3), (220, 180, 160), np.uint8)))
    finding = Finding("eczema", "clinical", "ok", "affected", {}, ("affected",), False, "watch", masks={"lesion": disc(120)})
    return save_finding(actor, own(actor), photo, finding)


def signed_in(client, actor):
    client.cookies.clear()
    client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(actor)))
    return client


def teal(answer) -> NDArray[np.bool_]:
    """Where a picture shows the colour of an outline."""
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/jpeg"
    pixels = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    return np.asarray(np.abs(pixels - made.TEAL).sum(2) < 120)


@pytest.fixture(autouse=True)
def nothing_kept():
    made.forget()
    yield
    made.forget()


def test_its_person_sees_it_with_and_without_the_outline(client, patient):
    record = saved(patient)
    browser = signed_in(client, patient)
    assert not teal(browser.get(address(record.id))).any()
    answer = browser.get(address(record.id, outline=True))
    y, x = np.nonzero(teal(answer))
    assert abs(float(np.median(np.hypot(x - 120, y - 150))) - 50) < 3
    assert answer.headers["cache-control"] == "no-store"


def test_nobody_else_does(client, patient):
    record = saved(patient)
    ways = [address(record.id), address(record.id, outline=True)]
    assert {client.get(way).status_code for way in ways} == {401}
    for way in ways:
        signed_in(client, patient).get(way)  # now it is kept
    for role in ("patient", "doctor", "staff", "admin"):
        stranger = accounts.create_account(email=f"{role}@example.org", password="four other words here", name=role, role=role)
        assert {signed_in(client, stranger).get(way).status_code for way in ways} == {404}


@pytest.mark.parametrize("id", ["no-id", "6c2b8377-e295-4351-bd9f-5cb39f0946fe", "%2e%2e%2fetc"])
def test_an_address_of_nothing_is_not_there(client, patient, id):
    assert signed_in(client, patient).get(f"/thumbnail/{id}").status_code == 404


def test_what_was_deleted_is_gone_at_once_though_it_was_kept(client, patient):
    record = saved(patient)
    browser = signed_in(client, patient)
    assert browser.get(address(record.id, outline=True)).status_code == 200
    delete_record(patient, record.id)
    assert browser.get(address(record.id, outline=True)).status_code == 404


def test_an_outline_called_wrong_is_left_out(client, patient):
    record = saved(patient)
    accept_outline(patient, record.id, False)
    assert not teal(signed_in(client, patient).get(address(record.id, outline=True))).any()


def test_the_outline_a_person_drew_takes_the_networks_place(client, patient):
    record = saved(patient)
    browser = signed_in(client, patient)
    assert teal(browser.get(address(record.id, outline=True)))[:, :200].any()
    for version, x in ((1, 200), (2, 300)):
        key = store().put(encode_png(disc(x)))
        with transaction() as session:
            session.add(Correction(person_id=own(patient), record_id=record.id, name="lesion", version=version, mask_key=key))
    drawn = teal(browser.get(address(record.id, outline=True)))
    assert drawn[:, 240:].any() and not drawn[:, :240].any(), "the newest of them"


def test_it_is_made_once(client, patient, monkeypatch):
    record = saved(patient)
    browser = signed_in(client, patient)
    first = browser.get(address(record.id, outline=True)).content
    monkeypatch.setattr(made, "outlined", lambda *_: pytest.fail("drawn again"))
    assert browser.get(address(record.id, outline=True)).content == first


def test_no_more_are_kept_than_fit(patient, monkeypatch):
    monkeypatch.setattr(made, "MOST", 2)
    for record in [saved(patient) for _ in range(4)]:
        made.outlined_thumbnail(patient, record.id)
    assert len(made._kept) == 2
