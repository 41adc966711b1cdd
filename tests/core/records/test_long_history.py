"""Ten thousand saved findings."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from core.records import database
from core.records.findings import count_records, list_records, open_record, save_finding
from core.records.photos import store
from core.records.record_tables import Record
from core.records.times import now
from tests.core.house import a_finding, a_photo, embedded, own, somebody


def quickest(act: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return min(times)


@pytest.mark.alone
def test_a_page_of_a_long_history_is_quick(house: Path) -> None:
    actor = somebody()
    saved = save_finding(actor, own(actor), a_photo(), a_finding())
    with database.transaction() as session:
        pattern = session.exec(select(Record)).one().model_dump(exclude={"id", "taken_at"})
        rows = [{**pattern, "id": uuid4(), "taken_at": now() - timedelta(hours=h)} for h in range(1, 10_001)]
        session.connection().execute(Record.__table__.insert(), rows)  # type: ignore[attr-defined]
    assert count_records(actor, own(actor)) == 10_001
    page = list_records(actor, own(actor))
    assert page[0].id == saved.id
    assert len(page) == 50
    assert all(a.taken_at >= b.taken_at for a, b in zip(page, page[1:], strict=False))
    assert quickest(lambda: list_records(actor, own(actor))) < 0.1
    assert quickest(lambda: list_records(actor, own(actor), offset=9_900)) < 0.15
    assert quickest(lambda: count_records(actor, own(actor))) < 0.05
    # The pictures come from the store, which here may be a stand-in that runs in this very process: its time is its own.
    pictures = store().keys() - {thumbnail_of(saved.id)}
    assert quickest(lambda: open_record(actor, saved.id)) - quickest(lambda: [store().get(key) for key in pictures]) < 0.1


def thumbnail_of(record_id: UUID) -> str:
    with database.reading() as session:
        return session.exec(select(Record.thumbnail_key).where(Record.id == record_id)).one()


@embedded
def test_lists_use_an_index_and_sort_nothing(house: Path) -> None:
    """What SQLite says it will do: a search by index, no temporary sorting of the whole history."""
    plans: list[str] = []
    with database.reading() as session:
        for where in ("person_id = 'x'", "person_id = 'x' AND examination = 'skin'", "spot_id = 'x'"):
            found = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN SELECT * FROM record WHERE {where} ORDER BY taken_at DESC LIMIT 50"
            )
            plans.append(" ".join(row[3] for row in found))
    assert all("USING INDEX" in plan and "TEMP B-TREE" not in plan for plan in plans), plans
