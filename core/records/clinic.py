"""What a doctor's list of patients needs of everybody who let them in, in a few queries, however many there are.

The queries look at all who let the doctor in; row by row the policy says whether it is shown.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from core.insight.urgency import Patient, Waiting
from core.people.policy import Actor, allowed
from core.records.chart_tables import Outcome, SignOff, Task
from core.records.consent_tables import Consent
from core.records.database import reading
from core.records.eczema_tables import DRAFT, Score
from core.records.openings import note_all
from core.records.record_tables import Record
from core.records.tables import Person
from core.records.times import now

URGENT = ("soon", "today")
POEM, POEM_BACK = "poem", timedelta(weeks=8)
"""How far back a change of the POEM is looked for."""


def overview(actor: Actor, today: date) -> list[Patient]:
    """Everyone who let this doctor in, by name, with what makes them urgent, as far as each let them see it; nobody for others.

    Nothing is noted as opened by it: `show` does that for those who are shown. Raises Unavailable.
    """
    if not actor.let_in_by:
        return []
    moment = now()
    let_in = (Consent.account_id == actor.account_id, col(Consent.taken_back_at).is_(None))
    mine = select(Consent.person_id).where(*let_in, or_(col(Consent.ends_at).is_(None), col(Consent.ends_at) > moment))
    with reading() as session:
        people = session.exec(select(Person.id, Person.display_name, Person.birth_year).where(col(Person.id).in_(mine))).all()
        waiting = _waiting(session, actor, mine)
        poems = _poems(session, actor, mine, today)
        due = _due(session, actor, today)
    found = [
        Patient(id, name, born, tuple(waiting.get(id, ())), poems.get(id, ()), due.get(id, 0))
        for id, name, born in people
        if allowed(actor, "read_person", id)
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), str(one.id)))


def show(actor: Actor, shown: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """Write down that these patients were shown in the list; returns how many findings each has and when the newest was made.

    Who has none that this doctor may see is not in it. Raises Unavailable when it cannot be written: then nothing may be shown.
    """
    may = [id for id in shown if allowed(actor, "read_person", id)]
    note_all(actor, may, "list")
    query = select(Record.person_id, Record.examination, func.count(), func.max(Record.taken_at)).where(col(Record.person_id).in_(may))
    found: dict[UUID, tuple[int, datetime]] = {}
    with reading() as session:
        for person_id, examination, count, last in session.exec(query.group_by(col(Record.person_id), col(Record.examination))):
            if allowed(actor, "read_records", person_id, examination):
                before, newest = found.get(person_id, (0, last))
                found[person_id] = before + count, max(last, newest)
    return found


def _waiting(session: Session, actor: Actor, mine: Any) -> dict[UUID, list[Waiting]]:
    """The urgent findings of each that nobody signed and whose outcome is not known: of one kind and step the one that waits longest."""
    query = select(Record.person_id, Record.examination, Record.step, func.min(Record.taken_at))
    query = query.where(col(Record.step).in_(URGENT), col(Record.person_id).in_(mine), _unsettled())
    query = query.group_by(col(Record.person_id), col(Record.examination), col(Record.step))
    found: dict[UUID, list[Waiting]] = {}
    for person_id, examination, step, at in session.exec(query):
        if allowed(actor, "read_records", person_id, examination):
            found.setdefault(person_id, []).append(Waiting(examination, step, at))
    return found


def _unsettled() -> ColumnElement[bool]:
    signed = select(SignOff.id).where(col(SignOff.record_id) == col(Record.id)).exists()
    known = select(Outcome.id).where(col(Outcome.record_id) == col(Record.id)).exists()
    return ~signed & ~known


def _poems(session: Session, actor: Actor, mine: Any, today: date) -> dict[UUID, tuple[int, int]]:
    """The last two scored POEMs of each, the newest first, of those whose POEM rose at all."""
    own, newest_first = col(Score.person_id), col(Score.day).desc()
    place = func.row_number().over(partition_by=own, order_by=newest_first).label("place")
    before = func.lead(col(Score.total)).over(partition_by=own, order_by=newest_first).label("before")
    recent = (Score.instrument == POEM, col(Score.total).is_not(None), Score.day >= today - POEM_BACK, Score.week != DRAFT)
    ranked = select(Score.person_id, Score.total, place, before).where(*recent, col(Score.person_id).in_(mine)).subquery()
    rose = select(ranked.c.person_id, ranked.c.total, ranked.c.before).where(ranked.c.place == 1, ranked.c.total > ranked.c.before)
    rows = session.connection().execute(rose)
    return {person_id: (int(now), int(then)) for person_id, now, then in rows if allowed(actor, "read_diary", person_id)}


def _due(session: Session, actor: Actor, today: date) -> dict[UUID, int]:
    """How many tasks of this doctor are due, by patient."""
    query = select(Task.person_id, func.count()).where(
        Task.account_id == actor.account_id, col(Task.done_at).is_(None), col(Task.due_on) <= today
    )
    rows = session.exec(query.group_by(col(Task.person_id)))
    return {person_id: count for person_id, count in rows if allowed(actor, "write_chart", person_id)}
