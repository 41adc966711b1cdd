"""Records: what is saved comes back, all of it or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import cv2
import numpy as np
import pytest

from core.errors import InvalidInput, NotAllowed, NotFound, Unavailable
from core.people.policy import Actor
from core.records import findings
from core.records.findings import count_records, delete_record, list_records, open_record, save_finding, thumbnail
from core.records.photos import store
from core.records.pictures import grey_to_heat, heat_to_grey
from core.records.spots import create_spot, delete_spot, list_spots, rename_spot
from tests.core.house import a_finding, a_photo, blobs, own, somebody

DAY = timedelta(days=1)
FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_record_comes_back_whole(house: Path) -> None:
    actor = somebody()
    photo, finding = a_photo(3, (1000, 700)), a_finding(3, size=(1000, 700))
    spot = create_spot(actor, own(actor), "back", " mole ")
    saved = save_finding(actor, own(actor), photo, finding, spot_id=spot.id, outline_accepted=False, taken_at=FIRST)
    opened = open_record(actor, saved.id)
    assert opened.record == saved
    assert opened.photo_bytes == photo.original
    assert opened.media_type == "image/jpeg"
    assert (saved.person_id, saved.spot_id, saved.site, saved.taken_at) == (own(actor), spot.id, "back", FIRST)
    assert (saved.examination, saved.status, saved.label, saved.step, saved.refer) == ("skin", "ok", "nv", "soon", True)
    assert (saved.width, saved.height, saved.has_mask, saved.outline_accepted) == (1000, 700, True, False)
    # Everything but the pictures is the same object again, tuples and all.
    assert replace(opened.finding, masks={}, heat=None) == replace(finding, masks={}, heat=None)
    assert opened.finding.masks.keys() == {"lesion"}
    np.testing.assert_array_equal(opened.finding.masks["lesion"], finding.masks["lesion"])
    assert opened.finding.heat is not None
    assert opened.finding.heat.dtype == np.float32
    np.testing.assert_allclose(opened.finding.heat, finding.heat, atol=1 / 509)


def test_the_thumbnail_is_a_small_jpeg(house: Path) -> None:
    actor = somebody()
    saved = save_finding(actor, own(actor), a_photo(0, (1200, 800)), a_finding(size=(1200, 800)))
    data = thumbnail(actor, saved.id)
    assert data[:3] == b"\xff\xd8\xff"
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (320, 480, 3)


def test_without_masks_and_heat(house: Path) -> None:
    actor = somebody()
    bare = replace(a_finding(), masks={}, heat=None, status="abstained", reason="I cannot tell.", cannot_exclude=())
    saved = save_finding(actor, own(actor), a_photo(), bare, site="  left arm ")
    opened = open_record(actor, saved.id)
    assert opened.finding == bare
    assert (saved.has_mask, saved.site, saved.spot_id) == (False, "left arm", None)
    assert blobs() == 2


def test_the_same_token_saves_once(house: Path) -> None:
    actor, other = somebody(), somebody("Ben")
    token = uuid4()
    first = save_finding(actor, own(actor), a_photo(1), a_finding(1), token=token)
    many = blobs()
    assert save_finding(actor, own(actor), a_photo(2), a_finding(2), token=token) == first
    assert count_records(actor, own(actor)) == 1
    assert blobs() == many
    # Somebody else's same token is another record, and shows nothing of the first.
    theirs = save_finding(other, own(other), a_photo(2), a_finding(2), token=token)
    assert theirs.id != first.id
    assert open_record(other, theirs.id).photo_bytes == a_photo(2).original


def test_a_token_saved_by_somebody_else_meanwhile(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking for the token and saving, the same is saved in another tab."""
    actor, token = somebody(), uuid4()
    put_all = findings.put_all
    first: list[UUID] = []

    def slow(*args: object) -> object:
        monkeypatch.setattr(findings, "put_all", put_all)
        first.append(save_finding(actor, own(actor), a_photo(1), a_finding(1), token=token).id)
        return put_all(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(findings, "put_all", slow)
    saved = save_finding(actor, own(actor), a_photo(2), a_finding(2), token=token)
    assert [saved.id] == first
    assert count_records(actor, own(actor)) == 1
    assert blobs() == 4


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_store_that_fails_midway_leaves_nothing(house: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    put, left = store().put, [at]

    def full_at_the_nth(data: bytes, key: str | None = None) -> str:
        left[0] -= 1
        if not left[0]:
            raise Unavailable("The store is full.")
        return put(data, key)

    actor = somebody()
    monkeypatch.setattr(store(), "put", full_at_the_nth)
    with pytest.raises(Unavailable):
        save_finding(actor, own(actor), a_photo(), a_finding())
    assert count_records(actor, own(actor)) == 0
    assert blobs() == 0


def test_what_is_no_json_is_refused_and_leaves_nothing(house: Path) -> None:
    actor = somebody()
    with pytest.raises(Exception, match="JSON"):
        save_finding(actor, own(actor), a_photo(), replace(a_finding(), numbers={"area": float("nan")}))
    assert count_records(actor, own(actor)) == 0
    assert blobs() == 0
    saved = save_finding(actor, own(actor), a_photo(), replace(a_finding(), numbers={"area": np.float32(0.5)}))  # type: ignore[dict-item]
    assert open_record(actor, saved.id).finding.numbers == {"area": 0.5}


def test_lists_are_in_order_filtered_and_paged(house: Path) -> None:
    actor = somebody()
    spot = create_spot(actor, own(actor), "back", "mole")
    days = [4, 0, 3, 1, 2]
    for day in days:
        save_finding(
            actor,
            own(actor),
            a_photo(day),
            a_finding(day, "skin" if day % 2 == 0 else "eczema"),
            spot_id=spot.id if day < 2 else None,
            taken_at=FIRST + day * DAY,
        )

    def taken(**options: object) -> list[int]:
        return [(r.taken_at - FIRST).days for r in list_records(actor, own(actor), **options)]  # type: ignore[arg-type]

    assert taken() == [4, 3, 2, 1, 0]
    assert taken(newest_first=False) == [0, 1, 2, 3, 4]
    assert taken(limit=2) == [4, 3]
    assert taken(limit=2, offset=2) == [2, 1]
    assert taken(since=FIRST + 2 * DAY) == [4, 3, 2]
    assert taken(since=FIRST + 2 * DAY, examination="skin", limit=1) == [4]
    assert taken(examination="skin") == [4, 2, 0]
    assert taken(spot_id=spot.id) == [1, 0]
    assert taken(spot_id=spot.id, examination="skin") == [0]
    assert taken(examination="retina") == []
    assert count_records(actor, own(actor)) == 5
    assert count_records(actor, own(actor), examination="skin") == 3
    assert count_records(actor, own(actor), spot_id=spot.id) == 2


def test_deleting_takes_the_pictures_along(house: Path) -> None:
    actor = somebody()
    keep, go = (save_finding(actor, own(actor), a_photo(n), a_finding(n)) for n in range(2))
    assert blobs() == 8
    delete_record(actor, go.id)
    assert [r.id for r in list_records(actor, own(actor))] == [keep.id]
    assert blobs() == 4
    assert open_record(actor, keep.id).photo_bytes == a_photo(0).original
    for act in (delete_record, open_record, thumbnail):
        with pytest.raises(NotFound):
            act(actor, go.id)


def test_a_picture_that_is_gone_is_told(house: Path) -> None:
    actor = somebody()
    saved = save_finding(actor, own(actor), a_photo(), a_finding())
    for key in store().older_than(0):
        store().delete(key)
    with pytest.raises(NotFound, match="not in the store"):
        open_record(actor, saved.id)


def test_a_new_spot_and_its_first_record_are_one(house: Path) -> None:
    actor, token = somebody(), uuid4()
    saved = save_finding(actor, own(actor), a_photo(), a_finding(), site=" back ", new_spot=" mole\x00 \n one ", token=token)
    (spot,) = list_spots(actor, own(actor))
    assert (saved.spot_id, saved.site, spot.site, spot.name) == (spot.id, "back", "back", "mole one")
    again = save_finding(actor, own(actor), a_photo(), a_finding(), site="back", new_spot="mole one", token=token)
    assert again == saved
    beside = save_finding(actor, own(actor), a_photo(1), a_finding(), site="back", spot_id=spot.id, new_spot="not made")
    assert beside.spot_id == spot.id
    for site, name in (("back", " "), ("", "mole"), ("back", "x" * 81)):
        with pytest.raises(InvalidInput):
            save_finding(actor, own(actor), a_photo(), a_finding(), site=site, new_spot=name)
    with pytest.raises(Exception, match="JSON"):  # the record cannot be saved: then there is no spot either
        save_finding(actor, own(actor), a_photo(), replace(a_finding(), numbers={"x": float("nan")}), site="arm", new_spot="other")
    assert list_spots(actor, own(actor)) == [spot]
    assert blobs() == 8


def test_spots(house: Path) -> None:
    actor = somebody()
    first, second = create_spot(actor, own(actor), "back", "mole"), create_spot(actor, own(actor), "arm", "other")
    assert list_spots(actor, own(actor)) == [first, second]
    assert rename_spot(actor, first.id, " big mole ").name == "big mole"
    for site, name in (("", "x"), ("back", " "), ("b" * 61, "x"), ("back", "x" * 81)):
        with pytest.raises(InvalidInput):
            create_spot(actor, own(actor), site, name)
    saved = save_finding(actor, own(actor), a_photo(), a_finding(), spot_id=first.id, site="neck")
    assert saved.site == "neck"
    delete_spot(actor, first.id)
    assert list_spots(actor, own(actor)) == [second]
    assert open_record(actor, saved.id).record.spot_id is None
    with pytest.raises(NotFound):
        save_finding(actor, own(actor), a_photo(), a_finding(), spot_id=first.id)
    with pytest.raises(InvalidInput, match="too long"):
        save_finding(actor, own(actor), a_photo(), a_finding(), site="x" * 61)


def test_the_spots_of_two_children_are_not_mixed_up(house: Path) -> None:
    """The account acts for both, but a record of one cannot be put to a spot of the other."""
    parent = somebody("Eva", persons=2)
    one, two = sorted(parent.person_ids)
    spot = create_spot(parent, one, "back", "mole")
    with pytest.raises(NotFound):
        save_finding(parent, two, a_photo(), a_finding(), spot_id=spot.id)
    saved = save_finding(parent, two, a_photo(), a_finding())
    with pytest.raises(NotFound):
        findings.move_record(parent, saved.id, spot.id)
    mine = save_finding(parent, one, a_photo(), a_finding())
    assert findings.move_record(parent, mine.id, spot.id).spot_id == spot.id
    assert findings.move_record(parent, mine.id, None).spot_id is None
    assert findings.accept_outline(parent, mine.id, True).outline_accepted is True


@pytest.mark.parametrize("role", ["patient", "doctor", "staff", "admin"])
def test_nobody_saves_for_another(house: Path, role: str) -> None:
    ana, other = somebody(), somebody("Ben", role)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        save_finding(other, own(ana), a_photo(), a_finding())
    assert blobs() == 0


def test_hash_of_the_photo_is_kept(house: Path) -> None:
    actor: Actor = somebody()
    photo = a_photo()
    saved = save_finding(actor, own(actor), photo, a_finding())
    assert hashlib.sha256(open_record(actor, saved.id).photo_bytes).hexdigest() == photo.sha256


def test_heat_keeps_its_extremes() -> None:
    heat = np.array([[0.0, 1.0, 0.5, 1.5, -1.0]], np.float32)
    back = grey_to_heat(heat_to_grey(heat))
    np.testing.assert_allclose(back, [[0.0, 1.0, 0.5, 1.0, 0.0]], atol=1 / 509)
