"""Erasing for good: a finding, a spot, a score, a treatment, a day of the diary, a corrected outline, a person, an account.

Rows go in one transaction, and with them goes in, in the same transaction, what is still to be done: which
pictures to take out of the store, and that the database's file holds old bytes. So a crash at any moment leaves
either all or nothing for people to see, and `finish_erasures` does the rest later. It is called after every
erasing, when the server starts and then every few minutes, and by `core.admin check --repair`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from core.errors import CareLensError, InvalidInput, NotFound, Unavailable
from core.people.policy import Actor, require
from core.people.secrets import keyed_hash
from core.records.appointment_tables import Appointment
from core.records.chart_tables import Allergy, Medicine, Note, Outcome, SignOff, Task
from core.records.consent_tables import Consent, Opening
from core.records.database import changed, engine, reading, transaction
from core.records.diary_tables import DiaryDay, Exposure, Trigger
from core.records.eczema_tables import Correction, Score, SignRating, Treatment
from core.records.message_tables import Conversation, Message
from core.records.outlines import pictures_of
from core.records.photos import store
from core.records.pool_tables import PoolConsent
from core.records.record_tables import Erasure, Record, Spot
from core.records.screening_tables import ScreeningPatient
from core.records.spots import own_spot
from core.records.tables import Account, AccountPerson, MailLink, Person, Throttle
from core.records.weather_cache import forget_places
from core.records.weather_tables import LoadedDay, PersonPlace

log = logging.getLogger("carelens.erase")


@dataclass(frozen=True)
class Erased:
    """What is gone: persons, findings, and `persons_left`: those who stay because another account acts for them too."""

    persons: int = 0
    findings: int = 0
    persons_left: int = 0


def bury(session: Session, keys: Iterable[str]) -> None:
    """Note, in the transaction that deletes the rows, which pictures go and that the file is to be scrubbed."""
    session.add_all([*(Erasure(blob_key=key) for key in keys), Erasure()])


def erase_spot(actor: Actor, spot_id: UUID) -> Erased:
    """A spot with every finding of it and their photos. NotFound for a spot that is not the actor's."""
    with transaction() as session:
        spot = own_spot(session, actor, spot_id, "change_spots")
        require(actor, "delete_record", spot.person_id)
        records = session.exec(select(Record).where(Record.spot_id == spot_id)).all()
        keys = pictures_of(session, records)
        for record in records:
            session.delete(record)
        session.delete(spot)
        bury(session, keys)
    finish_quietly()
    return Erased(findings=len(records))


def erase_person(actor: Actor, person_id: UUID) -> Erased:
    """A person in the actor's care with all that is theirs. Somebody for whom another account acts too stays with that account.

    Raises NotAllowed for a person the actor does not act for, InvalidInput for the holder of the account,
    who is erased with it.
    """
    require(actor, "change_person", person_id)
    require(actor, "delete_record", person_id)
    with transaction() as session:
        own = AccountPerson.account_id == actor.account_id
        tie = session.exec(select(AccountPerson).where(own, AccountPerson.person_id == person_id)).first()
        if tie is None:
            raise NotFound("This person is not here any more.", "Nothing was changed.")
        if tie.relation == "self":
            raise InvalidInput("This is you, the holder of the account.", "To erase yourself, erase the whole account.")
        session.delete(tie)
        session.flush()
        erased = _persons(session, [person_id])
    finish_quietly()
    return erased


def erase_account(actor: Actor, password: str, typed: str) -> Erased:
    """The actor's whole account: signed out everywhere, and every person gone for whom no other account acts.

    `typed`: the account's e-mail address, typed by hand, so that nobody erases by a slip. Raises InvalidInput
    for another address or a wrong password, TooManyTries, NotFound when it is gone already, Unavailable.
    """
    from core.people.accounts import confirm_password

    if typed.strip().casefold() != actor.email:
        raise InvalidInput("This is not the e-mail address of your account, so nothing was erased.", "Type it as it stands above.")
    confirm_password(actor, password)
    return erase_account_by_id(actor.account_id)


def erase_account_by_id(account_id: UUID) -> Erased:
    """As `erase_account`, without asking: for the command line, never for a page."""
    with transaction() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise NotFound("This account does not exist any more.", "Nothing was changed.")
        persons = session.exec(select(AccountPerson.person_id).where(AccountPerson.account_id == account_id)).all()
        email = account.email
        session.execute(delete(MailLink).where(col(MailLink.email) == email))  # links that belong to no account yet name it too
        session.execute(delete(Throttle).where(col(Throttle.key_hash).in_(_counted(account_id, email))))
        session.execute(delete(Account).where(col(Account.id) == account_id))  # sign-ins and all else that hangs on it go along
        erased = _persons(session, persons)
    finish_quietly()
    log.info("an account was erased")
    return erased


def _counted(account_id: UUID, email: str) -> list[str]:
    """Under which hashes tries of this account are counted; others (one for each browser) are forgotten after a day."""
    keys = [("account", email), ("email", str(account_id)), ("code", str(account_id))]
    keys += [("mail", f"{purpose}:{email}") for purpose in ("reset", "sign_up", "admin")]
    return [keyed_hash(f"throttle-{scope}", value) for scope, value in keys]


def _persons(session: Session, ids: Iterable[UUID]) -> Erased:
    """Delete those persons for whom no account acts any more, with all that hangs on them."""
    ids = list(ids)
    kept = set(session.exec(select(AccountPerson.person_id).where(col(AccountPerson.person_id).in_(ids))).all())
    gone = [id for id in ids if id not in kept]
    records = session.exec(select(Record).where(col(Record.person_id).in_(gone))).all()
    keys = pictures_of(session, records)
    for message in session.exec(select(Message).where(col(Message.person_id).in_(gone), col(Message.photo_key).is_not(None))):
        keys += message.blobs()
    session.expunge_all()
    # Children first, by hand: a database without its foreign keys (made by another tool) must not keep them.
    days = select(DiaryDay.id).where(col(DiaryDay.person_id).in_(gone))
    session.execute(delete(Exposure).where(col(Exposure.day_id).in_(days)))
    for table in (
        Appointment,
        Message,
        Conversation,
        Opening,
        Consent,
        Task,
        Outcome,
        SignOff,
        Allergy,
        Medicine,
        Note,
        Correction,
        SignRating,
        Score,
        Treatment,
        DiaryDay,
        Trigger,
        LoadedDay,
        PersonPlace,
        PoolConsent,
        Record,
        Spot,
    ):
        session.execute(delete(table).where(col(table.person_id).in_(gone)))
    forget_places(session)
    # What the clinic found at its desk is the clinic's own; it only forgets whose account could see it.
    session.execute(update(ScreeningPatient).where(col(ScreeningPatient.person_id).in_(gone)).values(person_id=None))
    deleted = changed(session, delete(Person).where(col(Person.id).in_(gone)))
    bury(session, keys)
    return Erased(deleted, len(records), len(kept))


def finish_quietly() -> None:
    """`finish_erasures`, for when the rows are gone and what is left may as well be done later."""
    with suppress(CareLensError):
        finish_erasures()


def finish_erasures() -> int:
    """Take the pictures of what was erased out of the store, and scrub the database's file; returns how many pictures.

    What cannot be done now (the store is away, somebody is reading) stays in the list for the next time.
    Many may call it at once. Raises Unavailable when the database is.
    """
    with reading() as session:
        waiting = session.exec(select(Erasure)).all()
    if not waiting:
        return 0
    done: list[UUID] = []
    blobs = store()
    for one in waiting:
        if one.blob_key is not None:
            try:
                blobs.delete(one.blob_key)
            except Unavailable:
                continue
            done.append(one.id)
    _strike(done)
    scrub = [one.id for one in waiting if one.blob_key is None]
    if scrub and _scrubbed():
        _strike(scrub)
    _scrubbed(whole=False)  # what was just struck out, too
    return len(done)


def _strike(ids: list[UUID]) -> None:
    for start in range(0, len(ids), 500):  # a statement holds only so many values
        with transaction() as session:
            session.execute(delete(Erasure).where(col(Erasure.id).in_(ids[start : start + 500])))


def _scrubbed(whole: bool = True) -> bool:
    """Write the file of the database anew without old bytes; False when somebody is in the way just now.

    SQLite overwrites what is deleted with zeros (`secure_delete`), but copies stay where rows were moved within the
    file, and in the log beside it. On PostgreSQL dead rows are given back to be written over; its own log
    runs on as its keeper has set it up.
    """
    from_pool = engine().raw_connection()
    connection: Any = from_pool.driver_connection
    from_pool.detach()
    try:
        if engine().dialect.name != "sqlite":
            connection.rollback()
            connection.autocommit = True
            connection.execute("VACUUM")
            return True
        if whole:
            connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except engine().dialect.loaded_dbapi.Error as error:
        log.info("the database could not be scrubbed now: %s", type(error).__name__)
        return False
    finally:
        from_pool.close()
