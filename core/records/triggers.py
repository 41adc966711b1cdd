"""Triggers: what a person suspects to make it worse, in six groups and in their own words; two words for one thing become one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, delete, select

from core.errors import InvalidInput, NotFound
from core.people.policy import Actor, allowed, require
from core.records.database import reading, transaction
from core.records.diary_tables import DiaryDay, Exposure, Trigger, TriggerCreate, TriggerPublic
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.spots import clean
from core.settings import ROOT

MOST = 200
"""So many of one person: more is no diary but a dictionary."""


@dataclass(frozen=True)
class Group:
    """One of the six groups. `common`: what many people suspect; `same`: another word as it is compared, to the one in `common`."""

    title: str
    common: tuple[str, ...]
    same: Mapping[str, str]


@cache
def groups() -> Mapping[str, Group]:
    """The six groups in the order in which they are shown, by id: food, allergy, contact, activity, health, product."""
    told = json.loads((ROOT / "data" / "triggers.json").read_text(encoding="utf-8"))
    return {
        id: Group(
            group["title"],
            tuple(name for name, _ in group["common"]),
            {key_of(word): name for name, also in group["common"] for word in (name, *also)},
        )
        for id, group in told.items()
    }


def key_of(name: str) -> str:
    """A name as it is compared: capitals, blanks and what stands between words make no difference."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in clean(name).casefold()).split())


def told_apart(known: Mapping[UUID, tuple[str, str]]) -> dict[UUID, str]:
    """What each is called, of (group, name): with its group where two groups have the same name."""
    often = Counter(name.casefold() for _, name in known.values())
    return {
        key: name if often[name.casefold()] == 1 else f"{name} ({groups()[kind].title.lower()})" for key, (kind, name) in known.items()
    }


def _checked(kind: str, name: str) -> tuple[TriggerCreate, str]:
    if kind not in groups():
        raise InvalidInput("There is no such group of triggers.", "Choose one from the list.")
    known = groups()[kind].same.get(key_of(name))
    try:
        create = TriggerCreate.model_validate({"kind": kind, "name": known or clean(name)})
    except ValidationError:
        raise InvalidInput("A trigger needs a name of up to 60 letters.", "Write one thing, such as: wool jumper.") from None
    key = key_of(create.name)[:60]
    if not key:
        raise InvalidInput("A trigger needs a name with letters or digits.", "Write one thing, such as: wool jumper.")
    return create, key


def known(session: Session, person_id: UUID, kind: str, name: str) -> Trigger:
    """The person's trigger of that name, made where there is none; of two words for one thing the one that is used."""
    create, key = _checked(kind, name)
    mine = select(Trigger).where(Trigger.person_id == person_id)
    row = session.exec(mine.where(Trigger.kind == kind, Trigger.key == key)).first()
    if row is not None:
        return row if row.same_as_id is None else session.get_one(Trigger, row.same_as_id)
    if len(session.exec(mine).all()) >= MOST:
        raise InvalidInput(f"You have {MOST} triggers already.", "Merge or delete some first.")
    row = Trigger.model_validate(create, update={"person_id": person_id, "key": key})
    session.add(row)
    session.flush()
    return row


def add_trigger(actor: Actor, person_id: UUID, kind: str, name: str) -> TriggerPublic:
    """A trigger of the person's own; the one there is, when it has been named before, be it by a well-known other word.

    InvalidInput for no or too long a name, an unknown group, or more than MOST; NotAllowed, NotFound, Unavailable.
    """
    require(actor, "change_diary", person_id)
    with transaction() as session:
        return _public(session, known(session, person_id, kind, name))


def list_triggers(actor: Actor, person_id: UUID) -> list[TriggerPublic]:
    """The person's triggers by group and name."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    query = select(Trigger).where(Trigger.person_id == person_id).order_by(col(Trigger.key), col(Trigger.id))
    order = list(groups())
    with reading() as session:
        rows = session.exec(query).all()
    also: dict[UUID, list[str]] = {}
    for row in rows:
        if row.same_as_id is not None:
            also.setdefault(row.same_as_id, []).append(row.name)
    shown = [_shown(row, also.get(row.id, ())) for row in rows if row.same_as_id is None]
    return sorted(shown, key=lambda one: order.index(one.kind) if one.kind in order else len(order))


def merge_triggers(actor: Actor, trigger_id: UUID, into_id: UUID) -> TriggerPublic:
    """Both are one: what was noted under the first is now noted under `into_id`, and its name stays another word for it.

    InvalidInput for a trigger with itself or with somebody else's; NotFound.
    """
    with transaction() as session:
        one, into = _own(session, actor, trigger_id), _own(session, actor, into_id)
        if one.id == into.id or one.person_id != into.person_id:
            raise InvalidInput("A trigger can only become one with another of yours.", "Choose two different ones.")
        there = set(session.exec(select(Exposure.day_id).where(Exposure.trigger_id == into.id)))
        for met in session.exec(select(Exposure).where(Exposure.trigger_id == one.id)).all():
            if met.day_id in there:
                session.delete(met)
            else:
                met.trigger_id = into.id
                session.add(met)
        for other in [one, *session.exec(select(Trigger).where(Trigger.same_as_id == one.id))]:
            other.same_as_id = into.id
            session.add(other)
        session.flush()
        return _public(session, into)


def rename_trigger(actor: Actor, trigger_id: UUID, name: str) -> TriggerPublic:
    """Another name for it, in the same group. InvalidInput when another trigger has that name already: those are to be merged."""
    with transaction() as session:
        row = _own(session, actor, trigger_id)
        create, key = _checked(row.kind, name)
        mine = select(Trigger).where(Trigger.person_id == row.person_id, Trigger.kind == row.kind)
        there = session.exec(mine.where(Trigger.key == key, Trigger.id != row.id)).first()
        if there is not None and there.same_as_id != row.id:
            raise InvalidInput("You have a trigger of this name already.", "If both are the same, merge them.")
        if there is None:
            row.name, row.key = create.name, key
        else:  # another word for it: the two change places, and no two rows have one key even for a moment
            before, there.key = (row.name, row.key), str(there.id)
            session.flush()
            row.name, row.key = create.name, key
            session.flush()
            there.name, there.key = before
        session.add(row)
        session.flush()
        return _public(session, row)


def delete_trigger(actor: Actor, trigger_id: UUID) -> None:
    """Erase a trigger for good, with the notes of when it was met; the days stay. NotFound when it is not there for the actor."""
    with transaction() as session:
        row = _own(session, actor, trigger_id)
        for other in session.exec(select(Trigger).where(Trigger.same_as_id == row.id)).all():
            session.delete(other)
        met = session.exec(select(DiaryDay).join(Exposure).where(Exposure.trigger_id == row.id)).all()
        session.execute(delete(Exposure).where(col(Exposure.trigger_id) == row.id))
        for day in met:  # a day that said nothing but this says nothing now
            if day.silent and session.exec(select(Exposure.id).where(Exposure.day_id == day.id)).first() is None:
                session.delete(day)
        session.flush()
        session.delete(row)
        bury(session, ())
    finish_quietly()


def _own(session: Session, actor: Actor, trigger_id: UUID) -> Trigger:
    row = session.get(Trigger, trigger_id)
    if row is None or not allowed(actor, "change_diary", row.person_id) or row.same_as_id is not None:
        raise NotFound("This trigger does not exist any more.", "Go back to your diary.")
    return row


def _public(session: Session, row: Trigger) -> TriggerPublic:
    return _shown(row, session.exec(select(Trigger.name).where(Trigger.same_as_id == row.id).order_by(col(Trigger.key))).all())


def _shown(row: Trigger, also: Sequence[str]) -> TriggerPublic:
    return TriggerPublic(id=row.id, person_id=row.person_id, kind=row.kind, name=row.name, also=tuple(also))
