"""Locks, failures and processes that start at the same moment."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from core.errors import Unavailable
from core.records import database
from core.records.backup import head
from core.records.findings import count_records, list_records, save_finding
from core.records.photos import store
from core.records.record_tables import metadata
from core.records.tables import Mark
from core.settings import ROOT, settings
from tests.core.house import a_finding, a_photo, ask, embedded, locked, move_in, own, servers, somebody, tables


def marks() -> set[str]:
    with database.reading() as session:
        return set(session.exec(select(Mark.name)))


def test_a_block_that_fails_changes_nothing(house: Path) -> None:
    with pytest.raises(KeyError), database.transaction() as session:
        session.add(Mark(name="half"))
        session.flush()
        raise KeyError
    assert marks() == set()
    with database.transaction() as session:
        session.add(Mark(name="whole"))
    assert marks() == {"whole"}


def test_a_short_lock_is_waited_for(house: Path) -> None:
    actor = somebody()
    with locked() as let_go:
        timer = threading.Timer(1.0, let_go)
        timer.start()
        started = time.monotonic()
        record = save_finding(actor, own(actor), a_photo(), a_finding())
        assert time.monotonic() - started > 0.8
        timer.join()
    assert [r.id for r in list_records(actor, own(actor))] == [record.id]


@pytest.mark.alone
def test_a_long_lock_is_told_and_nothing_is_lost(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.6)
    actor = somebody()
    before = save_finding(actor, own(actor), a_photo(), a_finding())
    blobs = set(store().older_than(0))
    photo, finding = a_photo(1), a_finding(1)
    with locked():
        started = time.monotonic()
        with pytest.raises(Unavailable) as told:
            save_finding(actor, own(actor), photo, finding)
        assert 0.5 < time.monotonic() - started < 10
        # Those who only look are not kept waiting by those who write.
        started = time.monotonic()
        assert count_records(actor, own(actor)) == 1
        assert time.monotonic() - started < 0.5
    assert told.value.reason.endswith(".")
    assert told.value.hint.endswith(".")
    assert "locked" not in told.value.reason
    assert set(store().older_than(0)) == blobs  # the pictures of what could not be saved are gone again
    after = save_finding(actor, own(actor), photo, finding)  # the same things in hand, and it works
    assert {r.id for r in list_records(actor, own(actor))} == {before.id, after.id}


def test_writers_in_many_threads_all_get_their_turn(house: Path) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            for turn in range(10):
                with database.transaction() as session:
                    known = len(session.exec(select(Mark)).all())
                    session.add(Mark(name=f"{number} {turn} {known}"))
        except (Unavailable, SQLAlchemyError) as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    # Each saw everything before it: no two read the same number of rows and wrote on it.
    assert sorted(int(name.split()[2]) for name in marks()) == list(range(60))


def test_not_set_up_is_told_as_such(house: Path) -> None:
    database.migrate("base")
    with pytest.raises(Unavailable, match="not set up"):
        marks()


def test_a_newer_database_is_told_as_such_and_left_alone(house: Path) -> None:
    ask("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="newer"):
        database.migrate()
    assert ask("SELECT version_num FROM alembic_version") == [("9999",)]


@embedded
def test_healthy_says_when_the_database_is_gone(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.healthy()
    in_the_way = house / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("CARELENS_DATABASE_URL", f"sqlite:///{in_the_way / 'carelens.db'}")
    settings.cache_clear()
    assert not database.healthy()
    for act in (marks, database.migrate):
        with pytest.raises(Unavailable):
            act()
    monkeypatch.setenv("CARELENS_DATABASE_URL", "sqlite://")
    settings.cache_clear()
    with pytest.raises(ValueError, match="lose everything"):
        database.engine()
    monkeypatch.delenv("CARELENS_DATABASE_URL")
    settings.cache_clear()


def test_deleted_rows_are_written_over_with_any_build_of_sqlite(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("PRAGMA secure_delete=OFF")  # as most builds have it; Debian's is ON
        database._prepare_sqlite(connection, None)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)


@embedded
def test_health_reports_a_broken_file(house: Path) -> None:
    database.engine().dispose()
    (house / "carelens.db").write_bytes(b"not a database" * 1000)
    assert not database.healthy()


def test_two_processes_migrate_at_once_from_another_folder(
    tmp_path: Path, place: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "fresh"
    move_in(home, monkeypatch)
    with servers(request, monkeypatch, template=False) if place == "servers" else nullcontext():
        _migrate_twice(tmp_path)
        assert tables() == {*metadata.tables, "alembic_version"}
        if place == "embedded":
            assert ask("PRAGMA journal_mode") == [("wal",)]
    settings.cache_clear()


def _migrate_twice(tmp_path: Path) -> None:
    code = "from core.records import database; database.migrate(); assert database.healthy()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=env, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()


REBUILD = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    with op.batch_alter_table("person", recreate="always" if op.get_bind().dialect.name == "sqlite" else "auto") as table:
        table.add_column(sa.Column("nickname", sa.String(10)))
    {more}
"""


def test_the_developers_command_takes_the_same_way(house: Path, tmp_path: Path) -> None:
    database.migrate("base")
    command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini")]
    for action in (["upgrade", "head"], ["check"]):
        done = subprocess.run([*command, *action], cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    assert database.healthy()


@pytest.mark.parametrize("more", ["", "raise KeyError('broken')"])
def test_a_migration_that_rebuilds_a_table_keeps_what_hangs_on_it(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    actor = somebody()
    save_finding(actor, own(actor), a_photo(), a_finding())
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / "9999_rebuild.py").write_text(REBUILD.format(head=head(), more=more))
    plain = database.alembic_config()
    plain.set_main_option("script_location", str(tmp_path / "migrations"))
    monkeypatch.setattr(database, "alembic_config", lambda: plain)
    with nullcontext() if not more else pytest.raises(KeyError):
        database.migrate()
    assert count_records(actor, own(actor)) == 1
    with database.reading() as session:
        columns = [column["name"] for column in inspect(session.connection()).get_columns("person")]
        assert ("nickname" in columns) == (not more)  # one that fails leaves everything as it was
        if settings().database_url.startswith("sqlite"):
            assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
