"""What a doctor says of a finding: a sign-off that the patient sees, and later what it turned out to be."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from core.errors import InvalidInput
from core.examinations.registry import examinations
from core.people.policy import Actor, kinds_of, require
from core.records.chart import checked, texts
from core.records.chart_tables import OUTCOMES, Outcome, OutcomeCreate, OutcomePublic, SignOff, SignOffCreate, SignOffPublic
from core.records.database import reading, transaction
from core.records.findings import own_record
from core.records.openings import note
from core.records.record_tables import Record
from core.records.tables import Account
from core.records.times import not_to_come

_LONG = ("That is more than fits here.", "Use at most 1,000 letters.")

_Said = TypeVar("_Said", SignOff, Outcome)


def labels(examination: str) -> tuple[str, ...]:
    """What a finding of an examination can be called, by its classes (a retina check: the grades); empty where it has none."""
    known = examinations().get(examination)
    return known.classes if known is not None else ()


def _checked_label(record: Record, label: str) -> str:
    known = {*labels(record.examination), *record.facts.get("probabilities", {})}
    if label and label not in known:
        raise InvalidInput("This check knows no such kind.", "Choose one of the list, or say it in words.")
    return label


def sign_off(actor: Actor, record_id: UUID, label: str = "", says: str = "") -> SignOffPublic:
    """Say that one saw a finding: the patient reads it. `label`: the doctor's own assessment, of the classes of the check.

    Raises NotFound for everybody but a doctor who was let in for this kind, InvalidInput.
    """
    with transaction() as session:
        record = own_record(session, actor, record_id, "sign_record")
        create = checked(SignOffCreate, {"label": _checked_label(record, label), "says": texts(says)}, *_LONG)
        row = SignOff.model_validate(create, update=_ids(record, actor))
        session.add(row)
        session.flush()
        return SignOffPublic.model_validate(row, update={"doctor": actor.name})


def save_outcome(
    actor: Actor, record_id: UUID, how: str, known_on: date, label: str = "", says: str = "", *, today: date | None = None
) -> OutcomePublic:
    """Say what a finding turned out to be; those said before stay. `how`: one of OUTCOMES. `label`: empty for none of the classes.

    Raises NotFound for everybody but a doctor who was let in for this kind, InvalidInput (a day to come, neither label nor words).
    """
    with transaction() as session:
        record = own_record(session, actor, record_id, "sign_record")
        not_to_come(known_on, today)
        if how not in OUTCOMES:
            raise InvalidInput("It is not said how this is known.", "Choose biopsy, answer to treatment, or how it went on.")
        values = {"how": how, "known_on": known_on, "label": _checked_label(record, label), "says": texts(says)}
        if not values["label"] and not values["says"]:
            raise InvalidInput("It is not said what it turned out to be.", "Choose a kind, or say it in words.")
        row = Outcome.model_validate(checked(OutcomeCreate, values, *_LONG), update=_ids(record, actor))
        session.add(row)
        session.flush()
        return OutcomePublic.model_validate(row, update={"doctor": actor.name})


def _ids(record: Record, actor: Actor) -> dict[str, UUID]:
    return {"person_id": record.person_id, "record_id": record.id, "account_id": actor.account_id}


def sign_offs_of(actor: Actor, person_id: UUID) -> list[SignOffPublic]:
    """Every sign-off of every finding of a person that the actor may read, oldest first."""
    return [SignOffPublic.model_validate(row, update={"doctor": name}) for row, name in _of_person(actor, person_id, SignOff)]


def outcomes_of(actor: Actor, person_id: UUID) -> list[OutcomePublic]:
    """Every outcome of every finding of a person that the actor may read, oldest first."""
    return [OutcomePublic.model_validate(row, update={"doctor": name}) for row, name in _of_person(actor, person_id, Outcome)]


def _of_person(actor: Actor, person_id: UUID, table: type[_Said]) -> list[tuple[_Said, str]]:
    """The rows of one of the two tables that are about records the actor may read, each with the name of its doctor."""
    kinds = kinds_of(actor, "read_records", person_id)
    query = select(table, Account.name).join(Record, col(table.record_id) == col(Record.id))
    query = query.join(Account, col(table.account_id) == col(Account.id), isouter=True).where(table.person_id == person_id)
    if kinds is not None:
        query = query.where(col(Record.examination).in_(kinds))
    note(actor, person_id, "list")
    with reading() as session:
        return [(row, name or "") for row, name in session.exec(query.order_by(col(table.created_at), col(table.id)))]


def clinic_outcomes(actor: Actor, examination: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Of every finding of the clinic with a known outcome: what it was, what the network said, and what it could not exclude.

    The newest outcome with a label counts; findings of which the check could not tell are left out. No word of whose they are.
    """
    require(actor, "read_outcomes")
    with reading() as session:
        return _pairs(session, examination)


def _pairs(session: Session, examination: str) -> list[tuple[str, str, tuple[str, ...]]]:
    query = select(Outcome.record_id, Outcome.label, Record.label, Record.facts).join(Record, col(Outcome.record_id) == col(Record.id))
    query = query.where(Record.examination == examination, Record.status == "ok", Outcome.label != "")
    newest: dict[UUID, tuple[str, str, tuple[str, ...]]] = {}
    for record_id, was, said, facts in session.exec(query.order_by(col(Outcome.created_at), col(Outcome.id))):
        newest[record_id] = (was, said, tuple(facts.get("cannot_exclude", ())))
    return list(newest.values())
