"""A house for one test: a home folder of its own with migrated tables, and people to put into it.

`place` says what the house stands on: `embedded`, SQLite and a folder; or `servers`, PostgreSQL and S3.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import psycopg
import pytest

from core.examinations.finding import Answers, Finding
from core.people.policy import Actor, Role
from core.photo import Photo, encode_jpeg, read_photo
from core.records import database
from core.records.photos import store
from core.records.tables import Account, AccountPerson, Person
from core.settings import settings
from tests.servers import Bucket, Cluster

SECRET = "a secret for tests that is long enough for anybody"


def move_in(home: Path, monkeypatch: pytest.MonkeyPatch, demo: bool = False) -> None:
    """Point the settings at `home`."""
    for name in ("CARELENS_DATABASE_URL", "CARELENS_PHOTO_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARELENS_HOME", str(home))
    monkeypatch.setenv("CARELENS_DEMO", "1" if demo else "0")
    monkeypatch.setenv("CARELENS_SECRET_KEY", SECRET)
    settings.cache_clear()


def move_out() -> None:
    """Close the database of the house."""
    database.engine().dispose()
    database._engine.cache_clear()
    settings.cache_clear()


@pytest.fixture(scope="session")
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables in it, to copy: quicker than migrating for every test."""
    folder = tmp_path_factory.mktemp("tables")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, patch)
        database.migrate()
        move_out()
    return folder / "carelens.db"


@pytest.fixture(scope="session")
def _template(postgres: Cluster) -> str:
    """The name of a PostgreSQL database with the tables in it, to copy."""
    name = postgres.create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARELENS_DATABASE_URL", postgres.url(name))
        settings.cache_clear()
        database.migrate()
        move_out()
    return name


PLACES = ("embedded", "servers")
embedded = pytest.mark.parametrize("place", ["embedded"], indirect=True)
"""For a test about what only SQLite or only a folder has."""


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    """Every test of storage runs in both places."""
    return str(request.param)


@contextmanager
def servers(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch, template: bool = True) -> Iterator[str]:
    """Point the settings at a new PostgreSQL database and an empty prefix on the S3 server; yields the database's name."""
    cluster: Cluster = request.getfixturevalue("postgres")
    bucket: Bucket = request.getfixturevalue("s3")
    name = cluster.create(request.getfixturevalue("_template")) if template else cluster.create()
    patch.setenv("CARELENS_DATABASE_URL", cluster.url(name))
    patch.setenv("CARELENS_PHOTO_STORE", f"s3://photos/{uuid4().hex}")
    for variable, value in bucket.environment.items():
        patch.setenv(variable, value)
    settings.cache_clear()
    yield name
    move_out()
    cluster.drop(name)


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, _tables: Path) -> Iterator[Path]:
    """The home folder, with empty tables."""
    home = tmp_path / "home"
    home.mkdir()
    if place == "embedded":
        shutil.copy(_tables, home / "carelens.db")
    move_in(home, monkeypatch)
    with servers(request, monkeypatch) if place == "servers" else nullcontext():
        yield home
        if place == "embedded":
            move_out()


def blobs() -> int:
    """How many things are in the photo store, half-written ones too."""
    return len(store().keys()) + store().half_written(0)


def ask(statement: str) -> list[tuple[Any, ...]]:
    """The rows of one statement, by a driver of its own; a change is saved."""
    url = settings().database_url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            return file.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as server:
        found = server.execute(statement)  # type: ignore[call-overload]
        return found.fetchall() if found.description else []


def tables() -> set[str]:
    """The names of the tables there are."""
    names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return {row[0] for row in ask("SELECT name FROM sqlite_master WHERE type = 'table'" if _sqlite() else names)}


def dump() -> str:
    """Everything the database holds, as text."""
    return "\n".join(str(row) for name in sorted(tables()) for row in ask(f'SELECT * FROM "{name}"'))


def _sqlite() -> bool:
    return settings().database_url.startswith("sqlite")


@contextmanager
def locked() -> Iterator[Callable[[], None]]:
    """Somebody else holds the database for themselves; calling what is given lets go early."""
    url = settings().database_url
    if _sqlite():
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        let_go = threading.Lock()

        def release() -> None:
            with let_go:
                if other.in_transaction:
                    other.execute("ROLLBACK")

        yield release
        release()
        other.close()
    else:
        with psycopg.connect(url) as holder:
            for name in tables():  # what a long migration does
                holder.execute(f'LOCK TABLE "{name}" IN EXCLUSIVE MODE')  # type: ignore[call-overload]
            yield holder.rollback


def somebody(name: str = "Ana", role: Role = "patient", persons: int = 1) -> Actor:
    """An account put straight into the tables (with no password anyone has) and the persons it acts for."""
    with database.transaction() as session:
        account = Account(email=f"{name.casefold()}@example.org", name=name, role=role, password_hash="none")
        session.add(account)
        session.flush()
        ids: list[UUID] = []
        for number in range(persons):
            person = Person(display_name=f"{name} {number}")
            session.add(person)
            session.flush()
            session.add(AccountPerson(account_id=account.id, person_id=person.id, relation="guardian" if number else "self"))
            ids.append(person.id)
    return Actor(account.id, role, frozenset(ids), name, account.email)


def own(actor: Actor) -> UUID:
    """The one person the actor acts for."""
    (person_id,) = actor.person_ids
    return person_id


def a_photo(seed: int = 0, size: tuple[int, int] = (320, 240)) -> Photo:
    """Noise as a JPEG, read like any photo."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return read_photo(encode_jpeg(pixels))


def a_finding(seed: int = 0, examination: str = "skin", size: tuple[int, int] = (320, 240)) -> Finding:
    """Values by chance, with a mask and a heat map."""
    rng = np.random.default_rng(seed)
    share = float(rng.uniform(0.5, 1))
    return Finding(
        examination=examination,
        kind="dermatoscopic",
        status="ok",
        label="nv",
        probabilities={"nv": share, "mel": 1 - share},
        cannot_exclude=("mel", "nv"),
        refer=True,
        step="soon",
        step_reasons=("set:mel", "answers"),
        answers=Answers(True, None, False),
        masks={"lesion": (rng.random((size[1], size[0])) > 0.5).astype(np.uint8) * np.uint8(255)},
        heat=rng.random((24, 32), dtype=np.float32),
        numbers={"area": float(rng.random())},
        versions={"skin_lesion": "1.0"},
    )
