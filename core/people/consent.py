"""Who may see a person's records: the doctors they let in, for which kinds and how long, taken back at once, and what was opened since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import Session, col, func, select

from core.consult import notices
from core.errors import InvalidInput, NotFound
from core.examinations.registry import examinations
from core.people.policy import CHART, DIARY, EVERYTHING, Actor, allowed, require
from core.people.secrets import code_hash, new_code
from core.records.appointment_tables import AppointmentPublic
from core.records.calling_off import call_off
from core.records.consent_tables import Consent, ConsentCreate, ConsentPublic, DoctorCode, Opening, OpeningPublic
from core.records.database import changed, reading, transaction
from core.records.news import telling
from core.records.tables import Account, AccountPublic, Person, PersonPublic
from core.records.times import now

DOCTOR = "doctor"
CODE_LIFE = timedelta(days=30)
"""How long a doctor's code works."""


def _lasting(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What is true of a consent that counts."""
    return col(Consent.taken_back_at).is_(None), or_(col(Consent.ends_at).is_(None), col(Consent.ends_at) > moment)


def seen_by(session: Session, account_id: UUID, role: str) -> frozenset[tuple[UUID, str]]:
    """The persons who let this account in, each with every kind of records it sees, as the database says now; a doctor's alone has any."""
    if role != DOCTOR:
        return frozenset()
    query = select(Consent.person_id, Consent.kinds).where(Consent.account_id == account_id, *_lasting(now()))
    return frozenset((person_id, kind) for person_id, kinds in session.exec(query) for kind in kinds.split())


def kinds() -> tuple[str, ...]:
    """What a patient can choose from: the examinations of the house, the diary, the chart."""
    return (*examinations(), DIARY, CHART)


def _chosen(wanted: Collection[str] | None) -> str:
    """The kinds as they are stored; None: EVERYTHING. InvalidInput for none at all, or one that there is not."""
    if wanted is None:
        return EVERYTHING
    if not wanted or not set(wanted) <= set(kinds()):
        raise InvalidInput("It is not said what the doctor may see.", "Choose at least one kind of records, or everything.")
    return " ".join(kind for kind in kinds() if kind in wanted)


def is_let_in(session: Session, account_id: UUID, person_id: UUID) -> bool:
    """Whether the person lets this doctor in, for whatever kind of records, as the database says now."""
    mine = (Consent.account_id == account_id, Consent.person_id == person_id)
    return session.exec(select(Consent.id).where(*mine, *_lasting(now())).limit(1)).first() is not None


def can_talk(session: Session, account_id: UUID, person_id: UUID) -> bool:
    """Whether the person lets this doctor in, and the doctor is not switched off: nobody would read what is written to them."""
    doctor = session.get(Account, account_id)
    return doctor is not None and doctor.disabled_at is None and is_let_in(session, account_id, person_id)


def is_let_in_until(session: Session, account_id: UUID, person_id: UUID, moment: datetime) -> bool:
    """Whether what the person says now lets this doctor in up to a moment to come (aware), that moment not included."""
    mine = (Consent.account_id == account_id, Consent.person_id == person_id, col(Consent.taken_back_at).is_(None))
    long = or_(col(Consent.ends_at).is_(None), col(Consent.ends_at) >= moment)
    return session.exec(select(Consent.id).where(*mine, long).limit(1)).first() is not None


def doctors(actor: Actor) -> list[AccountPublic]:
    """The doctors of the clinic by name, for a patient to choose from."""
    require(actor, "list_doctors")
    there = (Account.role == DOCTOR, col(Account.disabled_at).is_(None))
    query = select(Account).where(*there).order_by(col(Account.name), col(Account.created_at))
    with reading() as session:
        return [AccountPublic.model_validate(row) for row in session.exec(query)]


def make_code(actor: Actor) -> str:
    """A code such as `K7PM-2WXR-9QAC` that a doctor gives to patients, for CODE_LIFE; one that was made before works no more."""
    require(actor, "make_doctor_code")
    code, moment = new_code(), now()
    with transaction() as session:
        session.execute(delete(DoctorCode).where(col(DoctorCode.account_id) == actor.account_id))
        hashed = code_hash("doctor code", code)
        session.add(DoctorCode(account_id=actor.account_id, code_hash=hashed, created_at=moment, expires_at=moment + CODE_LIFE))
    return code


def doctor_of_code(actor: Actor, code: str) -> AccountPublic:
    """Whose code a patient typed; no record is open by it yet. InvalidInput for one that does not work (any more)."""
    require(actor, "list_doctors")
    query = select(Account).join(DoctorCode, col(DoctorCode.account_id) == col(Account.id))
    query = query.where(DoctorCode.code_hash == code_hash("doctor code", code), DoctorCode.expires_at > now(), Account.role == DOCTOR)
    query = query.where(col(Account.disabled_at).is_(None))
    with reading() as session:
        row = session.exec(query).first()
        if row is None:
            raise InvalidInput("This code does not work.", "Check every letter. A code works for 30 days; ask your doctor for a new one.")
        return AccountPublic.model_validate(row)


def let_in(
    actor: Actor, person_id: UUID, account_id: UUID, *, ends_at: datetime | None = None, kinds: Collection[str] | None = None
) -> ConsentPublic:
    """Let a doctor of the clinic see records of a person; one who was let in is let in anew, for what is said now.

    `ends_at`: aware; None: until it is taken back; their appointments that are not over by then are cancelled. `kinds`: of `kinds()`;
    None: everything. Raises NotAllowed, NotFound (no such doctor), InvalidInput (an end that is past, no or an unknown kind).
    """
    require(actor, "share_person", person_id)
    if ends_at is not None and ends_at <= now():
        raise InvalidInput("This day has passed already.", "Choose a later one.")
    create = ConsentCreate(ends_at=ends_at, kinds=_chosen(kinds))
    with telling() as (session, words):
        doctor = session.get(Account, account_id)
        if doctor is None or doctor.role != DOCTOR or doctor.disabled_at is not None:
            raise NotFound("This doctor is not here any more.", "Please load the page anew.")
        lasting = (Consent.person_id == person_id, Consent.account_id == account_id, *_lasting(now()))
        row = session.exec(select(Consent).where(*lasting)).first()
        if row is None:
            row = Consent.model_validate(create, update={"person_id": person_id, "account_id": account_id})
        row.ends_at, row.kinds = create.ends_at, create.kinds
        session.add(row)
        session.flush()
        made = ConsentPublic.model_validate(row, update={"doctor": doctor.name})
        off = call_off(session, words, person_id, account_id, ends_at) if ends_at is not None else []
    _write_of(off, actor)
    return made


def _write_of(off: Sequence[AppointmentPublic], actor: Actor) -> None:
    """The mail about appointments that are off."""
    for one in off:
        notices.send(one, actor.account_id)


def take_back(actor: Actor, person_id: UUID, account_id: UUID) -> bool:
    """Shut a doctor out again: from their next click on they see nothing, and appointments that were to come are cancelled.

    Returns whether they were let in.
    """
    require(actor, "share_person", person_id)
    mine = (col(Consent.person_id) == person_id, col(Consent.account_id) == account_id, col(Consent.taken_back_at).is_(None))
    with telling() as (session, words):
        were = bool(changed(session, update(Consent).where(*mine).values(taken_back_at=now())))
        off = call_off(session, words, person_id, account_id)
    _write_of(off, actor)
    return were


def consents(actor: Actor, person_id: UUID, *, past: bool = False) -> list[ConsentPublic]:
    """The doctors whom the person lets in now, by name; `past`: those whom they let in once, the latest first."""
    require(actor, "share_person", person_id)
    query = select(Consent, Account.name).join(Account).where(Consent.person_id == person_id)
    with reading() as session:
        now_in = {row.id for row in session.exec(select(Consent).where(Consent.person_id == person_id, *_lasting(now())))}
        rows = session.exec(query.order_by(col(Account.name), col(Consent.created_at))).all()
        found = [ConsentPublic.model_validate(row, update={"doctor": name}) for row, name in rows if (row.id in now_in) is not past]
    return sorted(found, key=lambda one: one.taken_back_at or one.ends_at or one.created_at, reverse=True) if past else found


def openings(actor: Actor, person_id: UUID, limit: int = 50, skip: int = 0) -> list[OpeningPublic]:
    """What doctors opened of the person, the latest first: `limit` of them after the first `skip`."""
    require(actor, "share_person", person_id)
    query = select(Opening, Account.name).join(Account, isouter=True).where(Opening.person_id == person_id)
    query = query.order_by(col(Opening.created_at).desc(), col(Opening.id)).offset(skip).limit(limit)
    with reading() as session:
        return [OpeningPublic.model_validate(row, update={"doctor": name or ""}) for row, name in session.exec(query)]


def count_openings(actor: Actor, person_id: UUID) -> int:
    """How many times doctors opened something of the person."""
    require(actor, "share_person", person_id)
    with reading() as session:
        return session.exec(select(func.count()).select_from(Opening).where(Opening.person_id == person_id)).one()


def patients(actor: Actor) -> list[PersonPublic]:
    """The persons who let this doctor in, by name; nobody for any other account."""
    may = [id for id in actor.let_in_by if allowed(actor, "read_person", id)]
    query = select(Person).where(col(Person.id).in_(may)).order_by(col(Person.display_name), col(Person.created_at))
    with reading() as session:
        return [PersonPublic.model_validate(row) for row in session.exec(query)]
