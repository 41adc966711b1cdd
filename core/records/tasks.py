"""What doctors are still to do for their patients."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from core.errors import NotFound
from core.people.policy import Actor, allowed, require
from core.records.chart import checked, seen_tasks
from core.records.chart_tables import Task, TaskCreate, TaskPublic
from core.records.database import reading, transaction
from core.records.openings import note
from core.records.spots import clean
from core.records.tables import Account
from core.records.times import now


def add_task(actor: Actor, person_id: UUID, what: str, due_on: date | None = None) -> TaskPublic:
    """Something to do for a patient. NotAllowed for everybody but a doctor who was let in, InvalidInput (nothing or too much said)."""
    require(actor, "write_chart", person_id)
    create = checked(
        TaskCreate, {"what": clean(what), "due_on": due_on}, "A task needs a few words, up to 200 letters.", "Say what is to be done."
    )
    with transaction() as session:
        row = Task.model_validate(create, update={"person_id": person_id, "account_id": actor.account_id})
        session.add(row)
        session.flush()
        return TaskPublic.model_validate(row, update={"doctor": actor.name})


def do_task(actor: Actor, task_id: UUID, done: bool = True) -> None:
    """Say that a task is done, or that it is not after all. NotFound for one that the actor does not see."""
    with transaction() as session:
        row = session.get(Task, task_id)
        seen = row is not None and allowed(actor, "write_chart", row.person_id)
        if row is None or not seen or (row.account_id != actor.account_id and not allowed(actor, "read_chart", row.person_id)):
            raise NotFound("This task is not here any more.", "Load the page anew.")
        row.done_at = now() if done else None
        session.add(row)


def list_tasks(actor: Actor, person_id: UUID, *, done: bool = False) -> list[TaskPublic]:
    """The open tasks of a patient, what is due first comes first; `done`: also those that are. NotAllowed for all but their doctors."""
    seen = seen_tasks(actor, person_id)
    note(actor, person_id, "chart")
    query = select(Task, Account.name).join(Account, isouter=True).where(Task.person_id == person_id, seen)
    if not done:
        query = query.where(col(Task.done_at).is_(None))
    with reading() as session:
        rows = session.exec(query.order_by(col(Task.created_at), col(Task.id)))
        found = [TaskPublic.model_validate(row, update={"doctor": name or ""}) for row, name in rows]
    return sorted(found, key=lambda one: (one.done_at is not None, one.due_on or date.max))


def my_tasks(actor: Actor) -> list[TaskPublic]:
    """The open tasks that this doctor wrote for those who still let them in, what is due first comes first."""
    may = [id for id in actor.let_in_by if allowed(actor, "write_chart", id)]
    query = select(Task).where(Task.account_id == actor.account_id, col(Task.done_at).is_(None), col(Task.person_id).in_(may))
    with reading() as session:
        found = [TaskPublic.model_validate(row, update={"doctor": actor.name}) for row in session.exec(query)]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.created_at))
