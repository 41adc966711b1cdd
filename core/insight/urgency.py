"""Which patient of a doctor comes first, and why. Pure: what is known of each comes in, an order and its reasons go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from core.instruments import poem

Kind = Literal["today", "cancer", "retina", "soon", "message", "task", "poem", "appointment"]
KINDS: tuple[Kind, ...] = ("today", "cancer", "retina", "soon", "message", "task", "poem", "appointment")
"""Why a patient is looked at, the most urgent first. Messages and appointments come from outside (`Reason`s of further sources)."""
SKIN = ("skin", "condition")
"""Examinations of which an urgent finding means that cancer is not excluded."""
EYES = "retina"


@dataclass(frozen=True)
class Waiting:
    """An urgent finding that nobody signed and whose outcome is not known. `step`: `today` or `soon`."""

    examination: str
    step: str
    at: datetime


@dataclass(frozen=True)
class Patient:
    """What is known of one patient, as far as the doctor may read it.

    `poem`: totals 0-28 of the last two scored weeks, the newest first; may be left out where it did not rise. `due`: tasks that are due.
    """

    id: UUID
    name: str
    birth_year: int | None = None
    waiting: tuple[Waiting, ...] = ()
    poem: tuple[int, ...] = ()
    due: int = 0


@dataclass(frozen=True)
class Reason:
    """Why a patient comes where they do. `since`: when it began, aware; None: it has no moment. `says`: words for the list."""

    kind: Kind
    says: str
    since: datetime | None = None


@dataclass(frozen=True)
class Placed:
    """A patient with the reasons, the most urgent first; none: nothing is urgent."""

    patient: Patient
    reasons: tuple[Reason, ...]


def reasons(one: Patient, further: Iterable[Reason] = ()) -> tuple[Reason, ...]:
    """Every reason of one patient, each kind once, the most urgent first. `further`: of messages and appointments."""
    found: dict[Kind, Reason] = {}
    for finding in sorted(one.waiting, key=lambda waiting: waiting.at):
        kind = _kind(finding)
        found.setdefault(kind, Reason(kind, _SAYS[kind], finding.at))
    if len(one.poem) > 1 and (change := poem.change(one.poem[0], one.poem[1])).direction == "worse" and change.size != "noise":
        found["poem"] = Reason("poem", f"POEM rose from {one.poem[1]} to {one.poem[0]}")
    if one.due:
        found["task"] = Reason("task", f"{one.due} {'task is' if one.due == 1 else 'tasks are'} due")
    for reason in further:
        found.setdefault(reason.kind, reason)
    return tuple(found[kind] for kind in KINDS if kind in found)


_SAYS: Mapping[Kind, str] = {
    "today": "To be seen today",
    "cancer": "Cancer not excluded",
    "retina": "Retina to refer",
    "soon": "To be seen within 2 weeks",
}


def _kind(finding: Waiting) -> Kind:
    if finding.step == "today":
        return "today"
    return "cancer" if finding.examination in SKIN else "retina" if finding.examination == EYES else "soon"


def placed(patients: Iterable[Patient], further: Mapping[UUID, Sequence[Reason]] | None = None) -> list[Placed]:
    """The patients by urgency: by their most urgent reason; of one reason who has more, then who waited longest, then by name."""
    known = [Placed(one, reasons(one, (further or {}).get(one.id, ()))) for one in patients]
    return sorted(known, key=_place)


def _place(one: Placed) -> tuple[int, int, float, str, str]:
    if not one.reasons:
        return len(KINDS), 0, 0.0, one.patient.name.casefold(), str(one.patient.id)
    first = one.reasons[0]
    since = first.since.timestamp() if first.since else float("inf")
    return KINDS.index(first.kind), -len(one.reasons), since, one.patient.name.casefold(), str(one.patient.id)


def matching(known: Iterable[Placed], words: str = "", kinds: Iterable[str] = ()) -> list[Placed]:
    """Those whose name or year of birth holds every word, and who have a reason of one of `kinds` (none: all)."""
    wanted, of = words.casefold().split(), set(kinds)
    return [
        one
        for one in known
        if all(word in f"{one.patient.name} {one.patient.birth_year or ''}".casefold() for word in wanted)
        and (not of or any(reason.kind in of for reason in one.reasons))
    ]
