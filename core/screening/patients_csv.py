"""A table of patients, as any program writes it: columns that are not known are named and passed over, bad rows say why."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

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
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"The table is larger than {MOST_BYTES >> 20} MB.", "Split it into two.")
    if b"\0" in data or data[:2] == b"PK":
        raise InvalidInput("This is not a CSV file.", "Save the table as CSV in your table program, and send that.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _read(rows)
    except csv.Error:
        raise InvalidInput("The table cannot be read: something in it is no CSV.", "Save it as CSV again, and send that.") from None


def _read(rows: csv._reader) -> Sheet:  # type: ignore[name-defined]
    head = [" ".join(cell.split()) for cell in next(rows, [])]
    known = {alias: column for column, aliases in COLUMNS.items() for alias in aliases}
    places: dict[str, int] = {}
    unknown = []
    for number, cell in enumerate(head):
        column = known.get(cell.casefold())
        if column is None or column in places:
            unknown += [cell] if cell else []
        else:
            places[column] = number
    if "code" not in places:
        raise InvalidInput("There is no column with the patient's number.", "Call it code. The first line of the table names the columns.")
    patients: dict[str, ScreeningPatientCreate] = {}
    bad: list[tuple[int, str]] = []
    for row in rows:
        line = rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if len(patients) + len(bad) >= MOST_ROWS:
            raise InvalidInput(f"The table has more than {MOST_ROWS:,} rows. Nothing was added.", "Split it into two.")
        told = {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}
        try:
            made = checked_patient(told["code"], told.get("name", ""), _day(told.get("birth_date", "")))
        except InvalidInput as error:
            bad.append((line, error.reason))
            continue
        if code_key(made.code) in patients:
            bad.append((line, "This number stands further up already."))
            continue
        patients[code_key(made.code)] = made
    return Sheet(tuple(patients.values()), tuple(unknown), tuple(bad))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("The birthday cannot be read. Write it as 1956-03-14.") from None
