"""Leftovers are found and swept; what may be on its way, and every row, stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from core.records.check import Missing, check
from core.records.findings import delete_record, open_record, save_finding
from core.records.photos import store
from core.records.record_tables import Record
from core.settings import settings
from tests.core.house import a_finding, a_photo, ask, blobs, embedded, own, somebody


def test_a_house_in_order(house: Path) -> None:
    actor = somebody()
    save_finding(actor, own(actor), a_photo(), a_finding())
    for repair in (False, True):
        report = check(repair, older_than_seconds=0)
        assert (report.pictures, report.half_written, report.unfinished, report.missing, report.damage) == (0, 0, 0, (), ())
        assert report.sound
    assert blobs() == 4


def test_what_no_finding_names_goes_when_it_is_old_enough(house: Path) -> None:
    actor = somebody()
    saved = save_finding(actor, own(actor), a_photo(), a_finding())
    for _ in range(3):
        store().put(b"lost")
    assert check(repair=True).pictures == 0  # too young: their finding may be on its way
    found = check(older_than_seconds=0)
    assert (found.pictures, found.sound, blobs()) == (3, False, 7)  # looking changes nothing
    swept = check(repair=True, older_than_seconds=0)
    assert (swept.pictures, swept.sound, blobs()) == (3, True, 4)
    assert open_record(actor, saved.id).finding.masks
    assert check(older_than_seconds=0).sound


def test_an_empty_database_takes_no_pictures_for_leftovers(house: Path) -> None:
    """A new database beside the pictures of one that was lost, or a settings name that was forgotten."""
    kept = store().put(b"a photo of somebody")
    for repair in (False, True):
        report = check(repair, older_than_seconds=0)
        assert (report.pictures, report.sound, report.swept) == (1, False, False) and "nobody" in report.damage[0]
    assert store().get(kept) == b"a photo of somebody"
    somebody()
    assert check(repair=True, older_than_seconds=0).swept and blobs() == 0


@embedded
def test_half_written_files(house: Path) -> None:
    (house / "photos" / "new").mkdir(parents=True)
    (house / "photos" / "new" / "half").write_bytes(b"ha")
    assert check().half_written == 0
    assert not check(older_than_seconds=0).sound
    assert check(repair=True, older_than_seconds=0).half_written == 1
    assert not list((house / "photos" / "new").iterdir())


@pytest.mark.parametrize(
    ("what", "which"),
    [
        ("photo", lambda row: row.photo_key),
        ("thumbnail", lambda row: row.thumbnail_key),
        ("outline", lambda row: row.mask_keys["lesion"]),
        ("heat map", lambda row: row.heat_key),
    ],
)
def test_a_finding_without_one_of_its_pictures_is_told_and_stays(house: Path, what: str, which: Callable[[Record], str]) -> None:
    from core.records import database

    actor = somebody()
    save_finding(actor, own(actor), a_photo(1), a_finding(1))
    saved = save_finding(actor, own(actor), a_photo(), a_finding())
    with database.reading() as session:
        store().delete(which(session.get_one(Record, saved.id)))
    for repair in (False, True):
        report = check(repair, older_than_seconds=0)
        assert report.missing == (Missing(saved.id, what),)
        assert not report.sound
    assert ask("SELECT count(*) FROM record") == [(2,)]
    assert blobs() == 7
    delete_record(actor, saved.id)
    assert check(older_than_seconds=0).sound


def test_pictures_of_erased_findings_that_wait_to_go(house: Path) -> None:
    """Written by a process that was killed between erasing the rows and the pictures."""
    key = store().put(b"erased")
    ask(f"INSERT INTO erasure (id, blob_key, created_at) VALUES ('{uuid4().hex}', '{key}', '2026-01-01 00:00:00')")
    assert (check(older_than_seconds=0).unfinished, blobs()) == (1, 1)
    report = check(repair=True)
    assert (report.unfinished, report.sound, blobs()) == (1, True, 0)
    assert check().sound


def test_tables_of_another_version_are_told(house: Path) -> None:
    ask("UPDATE alembic_version SET version_num = '0001'")
    (sentence,) = check().damage
    assert "migrate" in sentence
    assert not check(repair=True).sound


@embedded
def test_a_row_that_belongs_to_nothing_is_told(house: Path) -> None:
    ask(f"INSERT INTO spot (id, person_id, site, name, created_at) VALUES ('{uuid4().hex}', '{uuid4().hex}', 'a', 'b', '2026-01-01')")
    assert "belong to nothing" in check().damage[0]
    assert settings().database_url.startswith("sqlite")
