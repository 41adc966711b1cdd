"""A house for one test: a home folder of its own with migrated tables, and people to put into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from core.examinations.finding import Answers, Finding
from core.people.policy import Actor, Role
from core.photo import Photo, encode_jpeg, read_photo
from core.records import database
from core.records.tables import Account, AccountPerson, Person
from core.settings import settings

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


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _tables: Path) -> Iterator[Path]:
    """The home folder, with empty tables."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(_tables, home / "carelens.db")
    move_in(home, monkeypatch)
    yield home
    move_out()


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
