"""Every migration, up and down, with rows in every table: nothing that both versions know is lost or changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.records import database
from core.records.record_tables import metadata
from core.settings import settings
from tests.core.house import ask, move_in, move_out, servers, tables

REVISIONS = [one.revision for one in reversed(list(ScriptDirectory.from_config(database.alembic_config()).walk_revisions()))]
MADE_ANEW = {"throttle"}
"""Tables that only know the last day and that a migration may make anew, empty."""
DOMAINS = {
    "role": "patient",
    "relation": "self",
    "scope": "account",
    "purpose": "reset",
    "state": "waiting",
    "side": "patient",
    "place": "clinic",
    "status": "booked",
    "how": "biopsy",
}
OF_TABLE = {("opening", "what"): "list", ("note", "state"): "draft"}
"""What a column with a rule takes."""

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture
def bare(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> Iterator[None]:
    """A database without any table."""
    (tmp_path / "home").mkdir()
    move_in(tmp_path / "home", monkeypatch)
    if place == "servers":
        with servers(request, monkeypatch, template=False):
            yield
    else:
        yield
        move_out()
    settings.cache_clear()


def down(revision: str) -> None:
    config = database.alembic_config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def reflected() -> sa.MetaData:
    found = sa.MetaData()
    found.reflect(database.engine(), only=lambda name, _: name != "alembic_version")
    return found


def fill_all(rows_each: int = 2) -> None:
    """Rows in every table there is, made from the columns the database itself names: so for any revision, also of later days."""
    found = reflected()
    ids: dict[str, list[UUID]] = {}
    with database.transaction() as session:
        for table in found.sorted_tables:
            ids[table.name] = [uuid4() for _ in range(rows_each)]
            for number, id in enumerate(ids[table.name]):
                row = {column.name: value(table, column, number, ids) for column in table.columns} | {"id": plain(table.c.id, id)}
                session.connection().execute(table.insert(), row)


def plain(column: sa.Column[Any], id: UUID) -> Any:
    return id if isinstance(column.type, sa.Uuid) else id.hex  # SQLite has no type for it


def value(table: sa.Table, column: sa.Column[Any], number: int, ids: dict[str, list[UUID]]) -> Any:
    """Something for one column; what may be empty is empty in every second row."""
    if column.nullable and number % 2:
        return None
    for key in column.foreign_keys:
        return plain(column, ids[key.column.table.name][number])
    kind = column.type
    if (table.name, column.name) in OF_TABLE:
        return OF_TABLE[table.name, column.name]
    if column.name in DOMAINS:
        return DOMAINS[column.name]
    if isinstance(kind, sa.JSON):
        return {"number": number, "words": ["ä", None, 0.5]}
    if isinstance(kind, sa.DateTime):
        zone = UTC if getattr(kind, "timezone", False) else None
        return datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=zone)
    if isinstance(kind, sa.Date):
        return date(1980, 2, 29)
    if isinstance(kind, sa.Uuid) or (isinstance(kind, sa.CHAR) and kind.length == 32):
        return plain(column, uuid4())
    if isinstance(kind, sa.Boolean):
        return bool(number % 2)
    if isinstance(kind, sa.Float):
        return 0.5 + number
    if isinstance(kind, sa.Integer):
        return 1000 + number
    assert isinstance(kind, sa.String), f"{table.name}.{column.name}: {kind}"
    return f"{column.name} ü {number}"[: kind.length]


def everything() -> Tables:
    found = reflected()
    with database.reading() as session:
        rows = {t.name: [dict(row) for row in session.connection().execute(t.select()).mappings()] for t in found.sorted_tables}
    return {name: sorted(of_table, key=lambda row: str(row["id"])) for name, of_table in rows.items()}


def shared(left: Tables, right: Tables) -> tuple[str, str]:
    """What both have: the tables and columns that are in each, as text to compare."""
    both: list[dict[str, Any]] = [{}, {}]
    for name in left.keys() & right.keys() - MADE_ANEW:
        columns = left[name][0].keys() & right[name][0].keys() if left[name] and right[name] else set()
        for side, tables_of in zip(both, (left, right), strict=True):
            side[name] = [{column: row[column] for column in sorted(columns)} for row in tables_of[name]]
    return tuple(json.dumps(side, default=str, sort_keys=True, indent=1) for side in both)  # type: ignore[return-value]


@pytest.mark.parametrize("old", REVISIONS)
def test_from_every_version_to_this_one_and_back(bare: None, old: str) -> None:
    database.migrate(old)
    fill_all()
    before = everything()
    assert all(len(rows) == 2 for rows in before.values())
    database.migrate()
    with database.engine().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    after = everything()
    assert tables() == {*metadata.tables, "alembic_version"}
    one, two = shared(before, after)
    assert one == two
    assert len(one) > 2000, "rows were compared"
    down(old)
    back = everything()
    assert {name: [*rows[0]] if rows else [] for name, rows in back.items() if name not in MADE_ANEW} == {
        name: [*rows[0]] for name, rows in before.items() if name not in MADE_ANEW
    }
    one, two = shared(before, back)
    assert one == two


def test_one_step_after_the_other_and_all_the_way_down(bare: None) -> None:
    for revision in REVISIONS:
        database.migrate(revision)
        assert ask("SELECT version_num FROM alembic_version") == [(revision,)]
    fill_all()
    for revision in reversed(REVISIONS[:-1]):
        down(revision)
        assert ask("SELECT version_num FROM alembic_version") == [(revision,)]
    database.migrate("base")
    assert tables() == {"alembic_version"}
    assert not database.healthy()


def test_the_comparison_sees_a_difference(bare: None) -> None:
    database.migrate()
    fill_all()
    before = everything()
    ask("UPDATE record SET width = width + 1")
    one, two = shared(before, everything())
    assert one != two
