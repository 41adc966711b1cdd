"""The people of the demo clinic. All of them, their spots and their findings are made up."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, func
from sqlalchemy.engine import make_url
from sqlmodel import col, select

from core.demo.clinic import seed_clinic
from core.demo.diary import seed_diary
from core.demo.eczema import seed_eczema, seed_ratings
from core.demo.findings import VISITS, save_visit
from core.demo.retina import seed_retina
from core.demo.screening import seed_screening
from core.errors import NotAllowed, NotFound
from core.people.accounts import actor_from, find_account, make_account
from core.people.passwords import hash_password
from core.people.policy import Actor
from core.people.secrets import new_token
from core.records.database import migrate, reading, transaction
from core.records.message_tables import Message
from core.records.outlines import pictures_of
from core.records.photos import folder_of, store
from core.records.record_tables import Record, metadata
from core.records.screening_tables import ScreeningPhoto
from core.records.tables import Account, AccountCreate, Mark
from core.settings import ROOT, settings

ANA = ("ana@demo.example", "Ana Ruiz")
LENA = ("lena@demo.example", "Dr Lena Osei")
TOMAS = ("tomas@demo.example", "Dr Tomas Brandt")
SAM = ("sam@demo.example", "Sam Vos")
NOOR = ("noor@demo.example", "Noor Haddad")
Resident = Literal["patient", "doctor", "staff", "admin"]
DOMAIN = "@demo.example"
"""Of every address of the demo clinic; nobody can have one outside it (RFC 2606)."""

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


@cache
def _hash_of_nobodys() -> str:
    """One hash for all of them: it is slow on purpose, and of a password that was thrown away."""
    return hash_password(new_token())


def _resident(who: tuple[str, str], role: Resident) -> Actor:
    email, name = who
    try:
        found = find_account(email)
    except NotFound:
        # Nobody ever knows this password: the demo signs in by one click, and only the demo can.
        create = AccountCreate(email=email, name=name, role=role, password=new_token())
        with transaction() as session:
            return make_account(session, create, _hash_of_nobodys())
    with reading() as session:
        return actor_from(session, session.get_one(Account, found.id))


def seed() -> None:
    """Make the demo people and what they saved, where they are not there yet. Tables must be migrated.

    Raises NotAllowed outside the demo, and for a database with people that is not the demo clinic's.
    """
    _check_house()
    _mark()
    lena = _resident(LENA, "doctor")
    ana = _resident(ANA, "patient")
    for visit in VISITS:
        save_visit(ana, visit)
    seed_eczema(ana)
    seed_diary(ana)
    seed_retina(ana)
    seed_clinic({"lena": lena, "tomas": _resident(TOMAS, "doctor")}, _hash_of_nobodys())
    (person_id,) = ana.person_ids
    with reading() as session:
        seed_ratings(actor_from(session, session.get_one(Account, lena.account_id)), person_id)
    seed_screening(_resident(SAM, "staff"), lena)
    _resident(NOOR, "admin")
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
        keys += [key for photo in session.exec(select(ScreeningPhoto)) for key in photo.blobs()]
        keys += [key for message in session.exec(select(Message)) for key in message.blobs()]
        for table in reversed(metadata.sorted_tables):
            if table.name != Mark.__tablename__:
                session.execute(delete(table))
        session.execute(delete(Mark).where(col(Mark.name) == SEEDED))
    for key in set(keys):
        store().delete(key)
    seed()


def demo_actor(role: Resident) -> Actor:
    """The demo patient, doctor, screening desk or administrator, for the one-click sign-in. NotAllowed outside the demo."""
    return demo_somebody({"patient": ANA, "doctor": LENA, "staff": SAM, "admin": NOOR}[role][0])


def demo_people() -> list[tuple[str, str, str]]:
    """Everybody who lives in the demo clinic, as (e-mail, name, role): doctors first, then by name. NotAllowed outside the demo."""
    _check_house()
    query = select(Account.email, Account.name, Account.role).where(col(Account.email).like(f"%{DOMAIN}"))
    with reading() as session:
        found = [(email, name, role) for email, name, role in session.exec(query)]
    return sorted(found, key=lambda one: (one[2] != "doctor", one[2] in ("staff", "admin"), one[1].casefold()))


def demo_somebody(email: str) -> Actor:
    """Whoever of the demo clinic has this address. NotAllowed outside the demo and for anybody who is not of it, NotFound."""
    _check_house()
    if not _has(DEMO) or not email.endswith(DOMAIN):
        raise _refusal()
    with reading() as session:
        account = session.exec(select(Account).where(Account.email == email)).first()
        if account is None:
            raise NotFound("The demo clinic has nobody in it now.", "It may just be starting: try again, or run make demo-reset.")
        return actor_from(session, account)
