"""The persons an account acts for: its holder, and the children and others in their care."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from core.errors import InvalidInput, NotFound
from core.people.passwords import clean_name
from core.people.policy import Actor, require
from core.records.database import reading, transaction
from core.records.tables import AccountPerson, AccountSession, Person, PersonCreate, PersonPublic
from core.records.times import now

MOST = 20
"""Persons of one account."""
FIRST_YEAR = 1900


def make_person(session: Session, account_id: UUID, create: PersonCreate, relation: str) -> PersonPublic:
    """A person and the account's tie to them, in a transaction that is open."""
    person = Person.model_validate(create)
    session.add(person)
    session.flush()
    session.add(AccountPerson(account_id=account_id, person_id=person.id, relation=relation))
    session.flush()
    return PersonPublic.model_validate(person, update={"relation": relation})


def _born(birth_date: date | None, birth_year: int | None) -> tuple[date | None, int | None]:
    """Day and year of birth, the year taken from the day; InvalidInput when they cannot be right."""
    if birth_date is not None:
        if not date(FIRST_YEAR, 1, 1) <= birth_date <= now().date():
            raise InvalidInput("This day of birth cannot be right.", "Please check the year.")
        if birth_year not in (None, birth_date.year):
            raise InvalidInput("The day and the year of birth do not fit together.", "Please give one of them, or make them agree.")
        return birth_date, birth_date.year
    if birth_year is not None and not FIRST_YEAR <= birth_year <= now().year:
        raise InvalidInput("This year of birth cannot be right.", "Please write it with four digits.")
    return None, birth_year


def _acted_for(actor: Actor) -> Select[Person, str]:
    """The actor's persons, each with what they are to the account."""
    own = (AccountPerson.account_id == actor.account_id, col(Person.id).in_(actor.person_ids))
    return select(Person, AccountPerson.relation).join(AccountPerson).where(*own)


def persons(actor: Actor) -> list[PersonPublic]:
    """The persons the actor acts for, the holder first."""
    query = _acted_for(actor).order_by(col(AccountPerson.relation).desc(), col(Person.created_at))
    with reading() as session:
        return [PersonPublic.model_validate(row, update={"relation": relation}) for row, relation in session.exec(query)]


def add_person(
    actor: Actor, name: str, birth_date: date | None = None, birth_year: int | None = None, relation: str = "guardian"
) -> PersonPublic:
    """One more person the account acts for; the next `actor_of` knows of them.

    `relation`: `guardian` for a child or someone in their care, `self` for the holder, of whom there is one.
    InvalidInput says what cannot be accepted; NotFound: the account was erased meanwhile.
    """
    require(actor, "add_person")
    if relation not in ("self", "guardian"):
        raise InvalidInput("Please say who it is.", "It is you, or someone in your care.")
    day, year = _born(birth_date, birth_year)
    create = PersonCreate(display_name=clean_name(name), birth_date=day, birth_year=year)
    with transaction() as session:
        known = session.exec(select(AccountPerson.relation).where(AccountPerson.account_id == actor.account_id)).all()
        if relation == "self" and "self" in known:
            raise InvalidInput("You are already one of the people of this account.", "Add someone in your care instead.")
        if len(known) >= MOST:
            raise InvalidInput(f"An account can act for at most {MOST} people.", "Make another account for the others.")
        return make_person(session, actor.account_id, create, relation)


def change_person(actor: Actor, person_id: UUID, name: str, birth_date: date | None = None, birth_year: int | None = None) -> PersonPublic:
    """Another name or birth for a person the actor acts for; None forgets a birth. InvalidInput, NotAllowed, NotFound."""
    require(actor, "change_person", person_id)
    day, year = _born(birth_date, birth_year)
    cleaned = clean_name(name)
    with transaction() as session:
        found = session.exec(_acted_for(actor).where(Person.id == person_id)).first()
        if found is None:
            raise NotFound("This person is not here any more.", "Please load the page anew.")
        person, relation = found
        person.display_name, person.birth_date, person.birth_year = cleaned, day, year
        session.add(person)
        session.flush()
        return PersonPublic.model_validate(person, update={"relation": relation})


def choose(actor: Actor, person_id: UUID) -> None:
    """Remember for this sign-in who it is used for. NotAllowed for anyone the actor does not act for."""
    require(actor, "read_person", person_id)
    if actor.session_id is not None:
        with transaction() as session:
            session.execute(update(AccountSession).where(col(AccountSession.id) == actor.session_id).values(person_id=person_id))
