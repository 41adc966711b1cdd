"""A table of patients, as any program writes it: columns that are not known are named and passed over, bad rows say why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core import sheet
from core.errors import InvalidInput
from core.records.screening_patients import checked_patient, code_key
from core.records.screening_tables import ScreeningPatientCreate

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "patient", "patient id", "patient_id", "id", "number", "patient number"),
    "name": ("name", "patient name", "full name"),
    "birth_date": ("birth_date", "birth date", "birthdate", "date of birth", "dob", "born"),
}
"""What a column may be called, whatever its capitals."""
MOST_BYTES = 5 << 20
MOST_ROWS = 20_000
TEMPLATE = "code,name,birth_date\nP012,Jan Bakker,1956-03-14\n"
"""A table to start from."""


@dataclass(frozen=True)
class Sheet:
    """What a table holds. `unknown`: columns that were passed over; `bad`: (line of the file, why) of rows that were left out."""

    patients: tuple[ScreeningPatientCreate, ...]
    unknown: tuple[str, ...] = ()
    bad: tuple[tuple[int, str], ...] = ()


def read_sheet(data: bytes) -> Sheet:
    """The patients in a CSV file (UTF-8 or Windows-1252; comma, semicolon or tab). Days are written 1956-03-14.

    InvalidInput for a file that is too large, is no table, or has no column with the patient's number.
    """
    told = sheet.read(data, MOST_BYTES, MOST_ROWS)
    places, unknown = sheet.columns(told.head, COLUMNS)
    if "code" not in places:
        raise InvalidInput("There is no column with the patient's number.", "Call it code. The first line of the table names the columns.")
    patients: dict[str, ScreeningPatientCreate] = {}
    bad: list[tuple[int, str]] = []
    for line, row in told.rows:
        cells = sheet.cells_of(row, places)
        try:
            made = checked_patient(cells["code"], cells.get("name", ""), _day(cells.get("birth_date", "")))
        except InvalidInput as error:
            bad.append((line, error.reason))
            continue
        if code_key(made.code) in patients:
            bad.append((line, "This number stands further up already."))
            continue
        patients[code_key(made.code)] = made
    return Sheet(tuple(patients.values()), unknown, tuple(bad))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("The birthday cannot be read. Write it as 1956-03-14.") from None
