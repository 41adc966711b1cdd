"""Which outline of a record counts: the newest that a person drew of each mask, else the network's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from core.examinations.finding import Finding
from core.examinations.registry import measured_anew
from core.records.eczema_tables import Correction
from core.records.record_tables import Record, RecordPublic

Newest = Mapping[str, Correction]
"""Name of a mask to its newest correction; a mask that nobody corrected is not in it."""


def newest(session: Session, record_id: UUID) -> Newest:
    """What counts of one record."""
    return _by_record(session, Correction.record_id == record_id).get(record_id, {})


def newest_of_person(session: Session, person_id: UUID) -> Mapping[UUID, Newest]:
    """What counts of every record of a person that has a correction at all, by the record's id."""
    return _by_record(session, Correction.person_id == person_id)


def _by_record(session: Session, where: Any) -> dict[UUID, dict[str, Correction]]:
    found: dict[UUID, dict[str, Correction]] = {}
    for one in session.exec(select(Correction).where(where).order_by(col(Correction.version))):
        found.setdefault(one.record_id, {})[one.name] = one
    return found


def shown(row: Record, corrected: Newest) -> RecordPublic:
    """The record as people see it: with the numbers of the newest correction, and all that follows from them."""
    if not corrected:
        return RecordPublic.model_validate(row)
    numbers = max(corrected.values(), key=lambda one: one.created_at).numbers
    return RecordPublic.model_validate(row, update={"corrected": True, **renewed(row.facts, numbers)})


def renewed(facts: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, Any]:
    """The columns of a record that a correction with these `numbers` changes: `facts`, and those that repeat parts of it."""
    finding = measured_anew(Finding.from_facts(facts), numbers)
    return {
        "facts": {**facts, **finding.facts()},
        "status": finding.status,
        "label": finding.label,
        "step": finding.step,
        "refer": finding.refer,
    }


def pictures_of(session: Session, records: Iterable[Record]) -> list[str]:
    """The keys of every picture of these records, with those of every correction, newest or not."""
    records = list(records)
    keys = [key for record in records for key in record.blobs()]
    ids = [record.id for record in records]
    for start in range(0, len(ids), 500):  # a statement holds only so many values
        keys += session.exec(select(Correction.mask_key).where(col(Correction.record_id).in_(ids[start : start + 500])))
    return keys
