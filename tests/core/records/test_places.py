"""Where on the body a photo is from."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from core.errors import InvalidInput, NotFound
from core.instruments.easi import REGIONS
from core.records import database
from core.records.findings import count_records, list_records, open_record, place_record, save_finding
from core.records.record_tables import SIDES
from tests.core.house import a_finding, a_photo, ask, own, somebody
from tests.core.records.test_migrations import bare as bare
from tests.core.records.test_migrations import down, fill_all

Place = tuple[str | None, str | None, bool]
GOOD: list[Place] = [
    (None, None, False),
    *((region, None, whole) for region in REGIONS for whole in (False, True)),
    *((region, side, True) for region in ("arms", "legs") for side in SIDES),
    ("eye", "left", False),
    ("eye", "right", False),
]
BAD: list[Place] = [
    ("face", None, False),
    ("", None, False),
    (None, "left", False),
    (None, None, True),
    ("trunk", "left", False),
    ("head_neck", "both", False),
    ("arms", "up", False),
    ("eye", None, False),
    ("eye", "both", False),
    ("eye", "left", True),
]


def test_what_was_said_comes_back_and_can_be_said_later(house: Path) -> None:
    actor, eve = somebody(), somebody("Eve")
    plain = save_finding(actor, own(actor), a_photo(), a_finding())
    assert (plain.region, plain.side, plain.whole_region) == (None, None, False)
    for number, (region, side, whole) in enumerate(GOOD):
        saved = save_finding(actor, own(actor), a_photo(number), a_finding(), region=region, side=side, whole_region=whole)
        assert (saved.region, saved.side, saved.whole_region) == (region, side, whole)
        assert open_record(actor, saved.id).record == saved
        changed = place_record(actor, plain.id, region, side, whole)
        assert (changed.region, changed.side, changed.whole_region) == (region, side, whole)
    with pytest.raises(NotFound):
        place_record(eve, plain.id, "arms")
    for region, side, whole in BAD:
        with pytest.raises(InvalidInput):
            place_record(actor, plain.id, region, side, whole)
        with pytest.raises(InvalidInput):
            save_finding(actor, own(actor), a_photo(), a_finding(), region=region, side=side, whole_region=whole)
    assert count_records(actor, own(actor)) == len(GOOD) + 1
    arms = list_records(actor, own(actor), region="arms")
    assert len(arms) == count_records(actor, own(actor), region="arms") == 5 and {one.region for one in arms} == {"arms"}


def test_photos_of_before_have_no_region_and_none_is_taken_for_a_whole_one(bare: None) -> None:
    database.migrate("0004")
    fill_all()
    database.migrate()
    assert ask("SELECT region, side, whole_region FROM record") == [(None, None, False)] * 2
    assert "region" in {column["name"] for column in inspect(database.engine()).get_columns("record")}
    down("0004")
    columns = {column["name"] for column in inspect(database.engine()).get_columns("record")}
    assert not columns & {"region", "side", "whole_region"} and "photo_tags" in columns
    assert ask("SELECT count(*) FROM record") == [(2,)]
