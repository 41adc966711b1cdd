"""The tables, against what the database itself says of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from core.errors import NotFound
from core.records import database
from core.records.findings import list_records, save_finding
from core.records.record_tables import Record, Spot, metadata
from core.records.spots import create_spot
from core.records.tables import Account, AccountPerson, AccountSession, Person, Ticket
from core.records.times import now
from tests.core.house import a_finding, a_photo, ask, own, somebody, tables

TABLES = {
    "screening_patient",
    "screening_batch",
    "screening_photo",
    "screening_grade",
    "account",
    "person",
    "account_person",
    "session",
    "ticket",
    "api_token",
    "second_factor",
    "recovery_code",
    "mail_link",
    "throttle",
    "mark",
    "spot",
    "record",
    "erasure",
    "score",
    "treatment",
    "diary_day",
    "person_place",
    "weather_day",
    "loaded_day",
    "pool_consent",
    "pool_prior",
    "trigger",
    "exposure",
    "correction",
    "sign_rating",
    "consent",
    "opening",
    "doctor_code",
    "note",
    "medicine",
    "allergy",
    "sign_off",
    "outcome",
    "task",
    "conversation",
    "message",
    "read_mark",
    "offer",
    "day_exception",
    "appointment",
}
CHART = ("note", "medicine", "allergy", "sign_off", "outcome", "task")
CASCADES = {
    ("account_person", "account_id"): "CASCADE",
    ("account_person", "person_id"): "CASCADE",
    ("session", "account_id"): "CASCADE",
    ("session", "person_id"): "SET NULL",
    ("second_factor", "account_id"): "CASCADE",
    ("recovery_code", "account_id"): "CASCADE",
    ("mail_link", "account_id"): "CASCADE",
    ("ticket", "account_id"): "CASCADE",
    ("api_token", "account_id"): "CASCADE",
    ("spot", "person_id"): "CASCADE",
    ("record", "person_id"): "CASCADE",
    ("record", "spot_id"): "SET NULL",
    ("score", "person_id"): "CASCADE",
    ("treatment", "person_id"): "CASCADE",
    ("diary_day", "person_id"): "CASCADE",
    ("person_place", "person_id"): "CASCADE",
    ("loaded_day", "person_id"): "CASCADE",
    ("pool_consent", "person_id"): "CASCADE",
    ("trigger", "person_id"): "CASCADE",
    ("trigger", "same_as_id"): "CASCADE",
    ("exposure", "day_id"): "CASCADE",
    ("exposure", "trigger_id"): "CASCADE",
    ("correction", "person_id"): "CASCADE",
    ("correction", "record_id"): "CASCADE",
    ("sign_rating", "person_id"): "CASCADE",
    ("sign_rating", "record_id"): "CASCADE",
    ("sign_rating", "account_id"): "SET NULL",
    ("consent", "person_id"): "CASCADE",
    ("consent", "account_id"): "CASCADE",
    ("doctor_code", "account_id"): "CASCADE",
    ("note", "amends_id"): "CASCADE",
    **{(table, "person_id"): "CASCADE" for table in CHART},
    **{(table, "account_id"): "SET NULL" for table in CHART},
    ("sign_off", "record_id"): "CASCADE",
    ("outcome", "record_id"): "CASCADE",
    ("opening", "person_id"): "CASCADE",
    ("opening", "account_id"): "SET NULL",
    ("opening", "record_id"): "SET NULL",
    ("conversation", "person_id"): "CASCADE",
    ("conversation", "account_id"): "SET NULL",
    ("message", "conversation_id"): "CASCADE",
    ("message", "person_id"): "CASCADE",
    ("message", "account_id"): "SET NULL",
    ("message", "record_id"): "SET NULL",
    ("read_mark", "conversation_id"): "CASCADE",
    ("read_mark", "account_id"): "CASCADE",
    ("offer", "account_id"): "CASCADE",
    ("day_exception", "account_id"): "CASCADE",
    ("appointment", "person_id"): "CASCADE",
    ("appointment", "account_id"): "SET NULL",
    ("screening_patient", "person_id"): "SET NULL",
    ("screening_batch", "account_id"): "SET NULL",
    ("screening_photo", "batch_id"): "CASCADE",
    ("screening_photo", "patient_id"): "CASCADE",
    ("screening_grade", "photo_id"): "CASCADE",
    ("screening_grade", "account_id"): "SET NULL",
}


def differences() -> list[object]:
    with database.engine().connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def test_the_migrations_make_exactly_the_tables_of_the_code(house: Path) -> None:
    assert differences() == []
    assert tables() == TABLES | {"alembic_version"}
    with database.transaction() as session:
        session.connection().execute(text("DROP INDEX ix_record_person_id_taken_at"))
        session.connection().execute(text("ALTER TABLE spot ADD COLUMN colour VARCHAR(3)"))
    assert len(differences()) == 2  # so a difference would be seen


def test_downgrade_takes_all_away_and_upgrade_brings_it_back(house: Path) -> None:
    somebody()
    database.migrate("base")
    assert tables() == {"alembic_version"}
    assert not database.healthy()
    database.migrate()
    assert differences() == []
    assert database.healthy()


def test_the_database_itself_knows_the_cascades(house: Path) -> None:
    seen = inspect(database.engine())
    keys = [(table, key) for table in TABLES for key in seen.get_foreign_keys(table)]
    assert {(table, *key["constrained_columns"]): key["options"]["ondelete"] for table, key in keys} == CASCADES


def test_every_text_has_a_longest_length(house: Path) -> None:
    seen = inspect(database.engine())
    rows = [(table, column["name"], str(column["type"])) for table in TABLES for column in seen.get_columns(table)]
    texts = [row for row in rows if ("CHAR" in row[2] or "TEXT" in row[2]) and row[2] != "CHAR(32)"]
    assert len(texts) > 15
    assert [text for text in texts if not re.fullmatch(r"VARCHAR\(\d+\)", text[2])] == []


def test_every_table_has_a_uuid_key() -> None:
    for table in metadata.sorted_tables:
        assert [column.type.python_type.__name__ for column in table.primary_key] == ["UUID"], table.name


def _full_house() -> tuple[Account, Person]:
    actor = somebody()
    spot = create_spot(actor, own(actor), "back", "mole")
    save_finding(actor, own(actor), a_photo(), a_finding(), spot_id=spot.id)
    with database.transaction() as session:
        session.add(AccountSession(account_id=actor.account_id, token_hash="a" * 64, expires_at=now()))
        session.add(Ticket(account_id=actor.account_id, token_hash="b" * 64, expires_at=now()))
        return session.get_one(Account, actor.account_id), session.get_one(Person, own(actor))


@pytest.mark.parametrize("way", ["orm", "sql"])
def test_what_belongs_to_an_account_or_a_person_goes_with_it(house: Path, way: str) -> None:
    account, person = _full_house()

    def left() -> list[int]:
        tables = (AccountSession, Ticket, AccountPerson, Spot, Record)
        with database.reading() as session:
            return [len(session.exec(select(table)).all()) for table in tables]

    def remove(row: Account | Person) -> None:
        with database.transaction() as session:
            if way == "orm":
                session.delete(session.get_one(type(row), row.id))
            else:
                session.connection().execute(text(f"DELETE FROM {row.__tablename__}"))

    assert left() == [1, 1, 1, 1, 1]
    remove(account)
    assert left() == [0, 0, 0, 1, 1]
    remove(person)
    assert left() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("way", ["orm", "sql"])
def test_a_spot_goes_and_its_records_stay(house: Path, way: str) -> None:
    _full_house()
    with database.transaction() as session:
        spot = session.exec(select(Spot)).one()
        if way == "orm":
            session.delete(spot)
        else:
            session.connection().execute(text("DELETE FROM spot"))
    with database.reading() as session:
        record = session.exec(select(Record)).one()
    assert record.spot_id is None


def test_a_row_of_nobody_is_refused_and_the_error_does_not_tell_what_was_in_it(house: Path) -> None:
    with pytest.raises(NotFound) as refused, database.transaction() as session:
        session.add(Spot(person_id=uuid4(), site="back", name="a secret name"))
    assert "FOREIGN KEY" in str(refused.value.__cause__).upper()
    assert "secret" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize("role", ["owner", ""])
def test_the_database_refuses_a_role_there_is_not(house: Path, role: str) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(Account(email="a@example.org", name="A", role=role, password_hash="none"))


def test_times_come_back_in_utc_whatever_zone_they_had(house: Path) -> None:
    actor = somebody()
    east = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    save_finding(actor, own(actor), a_photo(), a_finding(), taken_at=east)
    (record,) = list_records(actor, own(actor))
    assert record.taken_at == east
    assert record.taken_at.tzinfo is UTC
    assert record.created_at.tzinfo is UTC
    ((stored,),) = ask("SELECT taken_at FROM record")
    assert stored in ("2026-02-28 20:30:00.000000", east)  # as text without a zone in SQLite, as a moment in PostgreSQL


def test_a_time_without_a_zone_is_refused(house: Path) -> None:
    actor = somebody()
    with pytest.raises(ValueError, match="time zone"):
        save_finding(actor, own(actor), a_photo(), a_finding(), taken_at=datetime(2026, 3, 1))
    with pytest.raises(StatementError, match="without a zone"), database.transaction() as session:
        session.add(Ticket(account_id=actor.account_id, token_hash="c" * 64, expires_at=datetime(2026, 3, 1)))
