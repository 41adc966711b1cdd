"""A small CSV file as any program writes it: its encoding, what separates its cells, its columns, its days and its numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from core.errors import InvalidInput

_DELIMITERS = ";\t,"
_HEAD_WITHIN = 10
"""Lines among which the first one with several cells is: a title may stand above the names of the columns."""


@dataclass(frozen=True)
class Sheet:
    """`head`: the names of the columns. `rows`: the line of the file and the cells of each row that is not empty, without outer blanks."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(data: bytes, most_bytes: int, most_rows: int) -> Sheet:
    """A CSV file in UTF-8 (with or without its mark) or Windows-1252, with commas, semicolons or tabs between the cells.

    Which of them it is, the line `sep=;` says that is written for Excel, or else the first line with any.

    InvalidInput for a file that is too large, has too many rows, or is no table.
    """
    if len(data) > most_bytes:
        raise InvalidInput(f"The table is larger than {most_bytes >> 20} MB.", "Split it into two.")
    if b"\0" in data or data[:2] == b"PK":
        raise InvalidInput("This is not a CSV file.", "Save the table as CSV in your table program, and send that.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    marked = re.match(r"sep=([;\t,])\r?\n", text)  # the first line of files for Excel: it is no row of the table
    lines = text.splitlines()[:_HEAD_WITHIN]
    first = next((line for line in lines if any(sign in line for sign in _DELIMITERS)), "")
    delimiter = marked[1] if marked else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        if marked:
            next(reader, None)
        head = tuple(" ".join(cell.split()) for cell in next(reader, []))
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                rows.append((reader.line_num, cells))
            if len(rows) > most_rows:
                raise InvalidInput(f"The table has more than {most_rows:,} rows. Nothing was added.", "Split it into two.")
    except csv.Error:
        raise InvalidInput("The table cannot be read: something in it is no CSV.", "Save it as CSV again, and send that.") from None
    return Sheet(head, tuple(rows))


def columns(head: Sequence[str], names: Mapping[str, Sequence[str]]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each column is, whatever its capitals and whichever of its `names` it has; and the columns that nobody knows."""
    known = {alias.casefold(): column for column, aliases in names.items() for alias in aliases}
    places: dict[str, int] = {}
    unknown = []
    for number, cell in enumerate(head):
        column = known.get(cell.casefold())
        if column is None or column in places:
            unknown += [cell] if cell else []
        else:
            places[column] = number
    return places, tuple(unknown)


def cells_of(row: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """The cells of a row by the names of their columns; empty where the row is too short."""
    return {column: row[place] if place < len(row) else "" for column, place in places.items()}


def number(text: str) -> float | None:
    """A number with a point or a comma; None for an empty cell. ValueError for what is none, also nan and inf."""
    plain = text.strip().replace(",", ".") if text.count(",") == 1 and "." not in text else text.strip()
    if not plain:
        return None
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", plain):
        raise ValueError("not a number")
    return float(plain)


def guarded(text: str) -> str:
    """A cell to be written: text that a spreadsheet would run as a formula gets a ' before it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def days(texts: Sequence[str]) -> list[date | None]:
    """The days of a column, None for each that cannot be read: 2026-03-14, 14.3.2026, 14/03/2026 or 03/14/2026.

    With slashes nobody can tell the day from the month but by a number above 12, so the whole column is read one way.
    InvalidInput when both ways are possible, or both are needed.
    """
    slashed = [parts for text in texts if (parts := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text))]
    first = any(int(parts[1]) > 12 for parts in slashed)
    second = any(int(parts[2]) > 12 for parts in slashed)
    if slashed and first == second:
        raise InvalidInput("The days can be read in two ways: day or month first.", "Write them as 2026-03-14.")
    return [_day(text, "%d/%m/%Y" if first else "%m/%d/%Y") for text in texts]


def _day(text: str, slashes: str) -> date | None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", slashes):
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day on somebody's own calendar has no zone
    return None
