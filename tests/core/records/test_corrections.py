"""Corrected outlines: a new version beside the network's, with numbers of its own, and only for training where somebody said so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import InvalidInput, NotFound, Unavailable
from core.examinations.eczema_rule import decision
from core.examinations.finding import Finding
from core.people.policy import Actor
from core.records import corrections
from core.records.check import Missing, check
from core.records.corrections import current_masks, drop_corrections, list_corrections, save_correction, say_for_training
from core.records.erase import erase_account_by_id, erase_spot
from core.records.findings import accept_outline, delete_record, list_records, open_record, save_finding
from core.records.photos import store
from core.records.record_tables import RecordPublic
from core.records.spots import create_spot
from tests.core.house import a_finding, a_photo, ask, blobs, dump, embedded, own, somebody
from tests.core.together import together

Mask = NDArray[np.uint8]


def a_mask(seed: int, size: tuple[int, int] = (320, 240)) -> Mask:
    return (np.random.default_rng(seed).random((size[1], size[0])) > 0.7).astype(np.uint8) * np.uint8(255)


def eczema(seed: int = 0) -> Finding:
    found = a_finding(seed, "eczema")
    return replace(found, masks={"lesion": a_mask(90 + seed), "skin": a_mask(80 + seed)}, numbers={"affected_fraction": 0.1, "lesions": 3})


def saved(actor: Actor, seed: int = 0, **more: Any) -> RecordPublic:
    return save_finding(actor, own(actor), a_photo(seed), eczema(seed), **more)


def test_the_newest_outline_and_its_numbers_count_and_the_networks_stays(house: Path) -> None:
    actor = somebody()
    record = saved(actor)
    beside = saved(actor, 1)
    assert not record.corrected and list_corrections(actor, record.id) == []
    before = open_record(actor, record.id).finding
    first = save_correction(
        actor, record.id, "lesion", a_mask(1), {"affected_fraction": np.float64(0.2), "redness": 4.0}, for_training=False
    )
    second = save_correction(actor, record.id, "lesion", a_mask(2), {"affected_fraction": 0.3}, for_training=True)
    skin = save_correction(actor, record.id, "skin", a_mask(3), {"affected_fraction": 0.25}, for_training=True)
    assert [(one.name, one.version) for one in (first, second, skin)] == [("lesion", 1), ("lesion", 2), ("skin", 1)]
    assert list_corrections(actor, record.id) == [first, second, skin]

    opened = open_record(actor, record.id)
    assert opened.record.corrected and opened.record.outline_accepted is True
    assert opened.finding.numbers == {"affected_fraction": 0.25}  # those of the newest, nothing left over from the network's
    for name, seed in (("lesion", 2), ("skin", 3)):
        np.testing.assert_array_equal(opened.finding.masks[name], a_mask(seed))
        np.testing.assert_array_equal(current_masks(actor, record.id)[name], a_mask(seed))
    expected = {**before.facts(), "numbers": {"affected_fraction": 0.25}, **said(0.25)}
    assert opened.finding.facts() == opened.record.facts == expected, "what follows from the share, and nothing else"

    found = open_record(actor, record.id, as_found=True)
    assert not found.record.corrected and found.finding.numbers == before.numbers
    for name, mask in before.masks.items():
        np.testing.assert_array_equal(found.finding.masks[name], mask)

    listed = {one.id: one for one in list_records(actor, own(actor))}
    assert listed[record.id] == opened.record and listed[record.id].facts["numbers"] == {"affected_fraction": 0.25}
    assert listed[beside.id] == beside and accept_outline(actor, record.id, None).corrected


def said(fraction: float) -> dict[str, Any]:
    """What the check says of this share."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in decision({"affected_fraction": fraction}).items()}


def test_label_and_next_step_follow_the_corrected_share_and_the_networks_stay_beside(house: Path) -> None:
    actor = somebody()
    record = save_finding(actor, own(actor), a_photo(), replace(eczema(), **decision({"affected_fraction": 0.1})))
    assert (record.label, record.step) == ("affected", "routine")
    for share, label, step in ((0.0, "clear", "watch"), (0.4, "affected", "routine"), (0.001, "clear", "watch")):
        save_correction(actor, record.id, "lesion", a_mask(1), {"affected_fraction": share}, for_training=False)
        for one in (open_record(actor, record.id).record, list_records(actor, own(actor))[0], accept_outline(actor, record.id, True)):
            assert (one.label, one.step, one.status, one.facts["label"], one.facts["cannot_exclude"]) == (label, step, "ok", label, [label])
    save_correction(actor, record.id, "lesion", a_mask(1), {"skin_fraction": 0.01}, for_training=False)
    now = open_record(actor, record.id)
    assert (now.record.label, now.record.status, now.finding.cannot_exclude) == ("unclear", "abstained", ())
    network = open_record(actor, record.id, as_found=True)
    assert (network.record.label, network.record.step, network.finding.label) == ("affected", "routine", "affected")
    drop_corrections(actor, record.id)
    assert open_record(actor, record.id).record == record


def test_corrections_are_taken_back_for_good(house: Path) -> None:
    actor = somebody()
    record = saved(actor)
    many, facts = blobs(), open_record(actor, record.id).finding.facts()
    gone = [save_correction(actor, record.id, "lesion", a_mask(n), {"affected_fraction": n / 10}, for_training=True) for n in range(3)]
    keys = [key for (key,) in ask("SELECT mask_key FROM correction")]
    assert blobs() == many + 3
    drop_corrections(actor, record.id)
    drop_corrections(actor, record.id)
    assert (blobs(), ask("SELECT count(*) FROM correction")) == (many, [(0,)])
    back = open_record(actor, record.id)
    assert back.record == record and back.finding.facts() == facts
    words = [*keys, *(str(one.id) for one in gone), *(one.id.hex for one in gone)]
    files = [path.read_bytes() for path in house.rglob("*") if path.is_file()]
    assert not [word for word in words if word in dump() or any(word.encode() in data for data in files)]


def a_person(actor: Actor, record_id: UUID, spot_id: UUID) -> object:
    return erase_account_by_id(actor.account_id)


def a_record(actor: Actor, record_id: UUID, spot_id: UUID) -> object:
    return delete_record(actor, record_id)


def a_spot(actor: Actor, record_id: UUID, spot_id: UUID) -> object:
    return erase_spot(actor, spot_id)


@pytest.mark.parametrize("act", [a_person, a_record, a_spot])
def test_what_is_erased_takes_its_corrections_along(house: Path, act: Callable[[Actor, UUID, UUID], object]) -> None:
    actor, eve = somebody(), somebody("Eve")
    theirs = saved(eve)
    save_correction(eve, theirs.id, "lesion", a_mask(4), {}, for_training=True)
    kept = store().keys()
    spot = create_spot(actor, own(actor), "arm", "patch")
    record = saved(actor, spot_id=spot.id)
    for number in range(2):
        save_correction(actor, record.id, "lesion", a_mask(number), {}, for_training=True)
    act(actor, record.id, spot.id)
    assert store().keys() == kept and ask("SELECT count(*) FROM correction") == [(1,)] and ask("SELECT count(*) FROM erasure") == [(0,)]
    np.testing.assert_array_equal(open_record(eve, theirs.id).finding.masks["lesion"], a_mask(4))
    assert check(older_than_seconds=0).sound


def test_the_word_on_training_is_the_persons_and_can_be_taken_back(house: Path) -> None:
    actor = somebody()
    record, beside = saved(actor), saved(actor, 1)
    for one in (record, beside):
        for number in range(2):
            save_correction(actor, one.id, "lesion", a_mask(number), {}, for_training=number == 0)
    before = list_corrections(actor, record.id)
    assert [one.for_training for one in before] == [True, False]
    for yes in (True, False):
        said = say_for_training(actor, record.id, yes)
        assert said == list_corrections(actor, record.id) and {one.for_training for one in said} == {yes}
        assert all(now.said_at > then.said_at for now, then in zip(said, before, strict=True))
    assert [one.for_training for one in list_corrections(actor, beside.id)] == [True, False]
    assert say_for_training(actor, saved(actor, 2).id, True) == []


BAD: list[Mask] = [
    a_mask(1, (240, 320)),
    a_mask(1, (319, 240)),
    a_mask(1)[..., None].repeat(3, axis=2),
    a_mask(1) // np.uint8(2),
    a_mask(1).astype(np.float32),  # type: ignore[list-item]
    np.zeros((0, 0), np.uint8),
]


def test_an_outline_that_does_not_fit_is_refused_and_leaves_nothing(house: Path) -> None:
    actor = somebody()
    record, bare = saved(actor), save_finding(actor, own(actor), a_photo(1), replace(eczema(), masks={}))
    before = (dump(), blobs())
    for mask in BAD:
        with pytest.raises(InvalidInput):
            save_correction(actor, record.id, "lesion", mask, {}, for_training=False)
    for id, name in ((record.id, "nothing"), (bare.id, "lesion")):
        with pytest.raises(InvalidInput, match="no outline"):
            save_correction(actor, id, name, a_mask(1), {}, for_training=False)
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="finite"):
            save_correction(actor, record.id, "lesion", a_mask(1), {"redness": value}, for_training=False)
    assert (dump(), blobs()) == before
    for mask in (np.zeros((240, 320), np.uint8), np.full((240, 320), 255, np.uint8)):  # nothing, and all of it
        save_correction(actor, record.id, "lesion", mask, {}, for_training=False)
        np.testing.assert_array_equal(current_masks(actor, record.id)["lesion"], mask)


def test_a_store_that_is_full_and_a_record_that_is_gone_leave_nothing(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = somebody()
    record = saved(actor)
    many = blobs()

    def full(data: bytes, key: str | None = None) -> str:
        raise Unavailable("The store is full.")

    with monkeypatch.context() as patch:
        patch.setattr(store(), "put", full)
        with pytest.raises(Unavailable):
            save_correction(actor, record.id, "lesion", a_mask(1), {}, for_training=False)
    assert (blobs(), ask("SELECT count(*) FROM correction")) == (many, [(0,)])
    encode = corrections.encode_mask

    def then_deleted(mask: Any) -> bytes:
        delete_record(actor, record.id)
        return encode(mask)

    monkeypatch.setattr(corrections, "encode_mask", then_deleted)
    with pytest.raises(NotFound):
        save_correction(actor, record.id, "lesion", a_mask(1), {}, for_training=False)
    assert blobs() == 0


def test_two_at_once_become_two_versions(house: Path) -> None:
    actor = somebody()
    record = saved(actor)
    made = together(4, lambda number: save_correction(actor, record.id, "lesion", a_mask(number), {}, for_training=False))
    assert sorted(one.version for one in made) == [1, 2, 3, 4]
    last = next(number for number, one in enumerate(made) if one.version == 4)
    np.testing.assert_array_equal(current_masks(actor, record.id)["lesion"], a_mask(last))


def test_a_corrected_outline_that_is_gone_from_the_store_is_told(house: Path) -> None:
    actor = somebody()
    record = saved(actor)
    save_correction(actor, record.id, "lesion", a_mask(1), {}, for_training=False)
    assert check(repair=True, older_than_seconds=0).sound  # no leftover: a correction names it
    ((key,),) = ask("SELECT mask_key FROM correction")
    store().delete(key)
    assert check(repair=True, older_than_seconds=0).missing == (Missing(record.id, "corrected outline"),)
    drop_corrections(actor, record.id)
    assert check(older_than_seconds=0).sound and open_record(actor, record.id).finding.masks["lesion"].any()


@embedded
def test_nobody_elses(house: Path) -> None:
    ana, eve = somebody(), somebody("Eve")
    mine = own(ana)
    record = saved(ana)
    made = save_correction(ana, record.id, "lesion", a_mask(1), {}, for_training=False)
    doctor = replace(somebody("Lena", "doctor", persons=0), sees=frozenset({(mine, "all")}))
    others = [Actor(uuid4(), role, frozenset({mine}), "X", "x@example.org") for role in ("doctor", "staff", "admin")]  # type: ignore[arg-type]
    before = (dump(), blobs())
    changes: list[Callable[[Actor], object]] = [
        lambda who: save_correction(who, record.id, "lesion", a_mask(2), {}, for_training=True),
        lambda who: say_for_training(who, record.id, True),
        lambda who: drop_corrections(who, record.id),
    ]
    for who in (eve, doctor, *others):
        looks: list[Callable[[Actor], object]] = [lambda w: list_corrections(w, record.id), lambda w: current_masks(w, record.id)]
        for act in changes if who is doctor else [*changes, *looks]:
            with pytest.raises(NotFound):
                act(who)
    assert (dump(), blobs()) == before
    # What a doctor opens is written down, so it comes last.
    assert list_corrections(doctor, record.id) == [made] and open_record(doctor, record.id).record.corrected
