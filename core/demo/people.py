"""The people of the demo clinic. All of them, their spots and their findings are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sqlalchemy import delete, func
from sqlalchemy.engine import make_url
from sqlmodel import col, select

from core.demo.eczema import seed_eczema
from core.demo.findings import VISITS, save_visit
from core.errors import NotAllowed, NotFound
from core.people.accounts import actor_from, create_account, find_account
from core.people.policy import Actor
from core.people.secrets import new_token
from core.records.database import migrate, reading, transaction
from core.records.outlines import pictures_of
from core.records.photos import folder_of, store
from core.records.record_tables import Record, metadata
from core.records.tables import Account, Mark
from core.settings import ROOT, settings

ANA = ("ana@demo.example", "Ana Ruiz")
LENA = ("lena@demo.example", "Dr Lena Osei")

DEMO, SEEDED = "demo clinic", "demo clinic is complete"
"""Marks in the database: it may be emptied; its people are all there."""


def _check_house() -> None:
    """Raise NotAllowed unless the settings are those of a demo clinic with a home of its own."""
    here = settings()
    home = here.home.resolve()
    url = make_url(here.database_url)
    folder = folder_of(here.photo_store)
    places = [folder] if folder else []
    if url.get_backend_name() == "sqlite":
        places.append(Path(url.database or ""))
    if not here.demo or home == (ROOT / "var").resolve() or not all(place.resolve().is_relative_to(home) for place in places):
        raise _refusal()


def _refusal() -> NotAllowed:
    return NotAllowed("This is not the demo clinic, so nothing was changed.", "The demo clinic starts with: make run.")


def _has(name: str) -> bool:
    with reading() as session:
        return session.exec(select(Mark).where(Mark.name == name)).first() is not None


def _mark() -> None:
    """Mark the database as the demo clinic's; NotAllowed for one that has people but no mark."""
    with transaction() as session:
        if session.exec(select(Mark).where(Mark.name == DEMO)).first() is not None:
            return
        if session.exec(select(func.count()).select_from(Account)).one():
            raise _refusal()
        session.add(Mark(name=DEMO))


def _resident(who: tuple[str, str], role: Literal["patient", "doctor"]) -> Actor:
    email, name = who
    try:
        found = find_account(email)
    except NotFound:
        # Nobody ever knows this password: the demo signs in by one click, and only the demo can.
        return create_account(email=email, password=new_token(), name=name, role=role)
    with reading() as session:
        return actor_from(session, session.get_one(Account, found.id))


def seed() -> None:
    """Make the demo people and what they saved, where they are not there yet. Tables must be migrated.

    Raises NotAllowed outside the demo, and for a database with people that is not the demo clinic's.
    """
    _check_house()
    _mark()
    _resident(LENA, "doctor")
    ana = _resident(ANA, "patient")
    for visit in VISITS:
        save_visit(ana, visit)
    seed_eczema(ana)
    with transaction() as session:
        if session.exec(select(Mark).where(Mark.name == SEEDED)).first() is None:
            session.add(Mark(name=SEEDED))


def seed_if_empty() -> None:
    """`seed`, unless that was done before: what a visitor deleted stays deleted until the next reset."""
    _check_house()
    if not _has(SEEDED):
        seed()


def demo_reset() -> None:
    """Put the demo clinic back to its first day, also while the app is running.

    Rows and pictures of the demo database go, whoever made them, and the demo people come back.
    Nothing else is touched. Raises NotAllowed, with nothing changed, outside the demo and for a
    database without the demo's mark.
    """
    _check_house()
    migrate()
    _mark()
    with transaction() as session:
        keys = pictures_of(session, session.exec(select(Record)))
        for table in reversed(metadata.sorted_tables):
            if table.name != Mark.__tablename__:
                session.execute(delete(table))
        session.execute(delete(Mark).where(col(Mark.name) == SEEDED))
    for key in set(keys):
        store().delete(key)
    seed()


def demo_actor(role: Literal["patient", "doctor"]) -> Actor:
    """The demo patient or the demo doctor, for the one-click sign-in. NotAllowed outside the demo."""
    _check_house()
    if not _has(DEMO):
        raise _refusal()
    with reading() as session:
        email = {"patient": ANA, "doctor": LENA}[role][0]
        account = session.exec(select(Account).where(Account.email == email)).first()
        if account is None:
            raise NotFound("The demo clinic has nobody in it now.", "It may just be starting: try again, or run make demo-reset.")
        return actor_from(session, account)
