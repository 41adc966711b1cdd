"""The worklist as a CSV table, in which no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from core.examinations.registry import examination
from core.records.export_words import STEPS, cell
from core.records.screening_grades import Listed, network_grade
from core.screening.grades import Scale
from core.screening.worklist import by_urgency, grade_of, step_of

FIRST = ("Patient", "Name", "Birthday", "Eye", "Day of the photo", "File", "State", "Grade that counts", "Next step", "Refer?")
NETWORK = ("Network's grade", "Status", "Cannot be excluded")
PERSON = ("Grade of a person", "Whose", "Role", "Graded at (UTC)", "Why another grade")
LAST = ("Why there is no grade", "Photo")
STATES = {"waiting": "waiting", "leased": "being graded", "done": "graded", "failed": "not read"}


def write_table(rows: Sequence[Listed], scale: Scale, examination_id: str) -> bytes:
    """CSV (UTF-8 with its mark, so that table programs take it for that), a line for each photo, the most urgent first.

    Text that a table program would run as a formula gets a ' before it.
    """
    known = examination(examination_id)
    file = io.StringIO(newline="")
    sheet = csv.writer(file)
    sheet.writerow([*FIRST, *NETWORK, *(f"Chance of {name}" for name in known.classes), *known.numbers, *PERSON, *LAST])
    for one in by_urgency(rows, scale):
        sheet.writerow([cell(value) for value in _row(one, scale, known.classes, known.numbers)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _row(one: Listed, scale: Scale, classes: Sequence[str], numbers: Sequence[str]) -> list[object]:
    photo, patient, grade = one.photo, one.patient, one.grade
    facts = photo.facts or {}
    counts = grade_of(one)
    network = network_grade(photo)
    return [
        patient.code if patient else None,
        patient.name if patient else None,
        patient.birth_date.isoformat() if patient and patient.birth_date else None,
        photo.side,
        photo.taken_on.isoformat() if photo.taken_on else None,
        photo.filename,
        STATES[photo.state],
        scale.name(counts) if counts else None,
        STEPS[step_of(one, scale)] if counts else None,
        photo.refer if network else None,
        scale.name(network) if network else None,
        photo.status,
        ", ".join(facts.get("cannot_exclude", ())),
        *(facts.get("probabilities", {}).get(name) for name in classes),
        *(facts.get("numbers", {}).get(name) for name in numbers),
        scale.name(grade.grade) if grade else None,
        (grade.by or "an account that is gone") if grade else None,
        grade.role if grade else None,
        grade.created_at if grade else None,
        grade.reason if grade else None,
        " ".join(filter(None, (photo.reason, photo.hint))),
        str(photo.id),
    ]
