"""A diary as a table: written for a spreadsheet, read back as it was, and read from other programs as far as they say enough."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core import sheet
from core.errors import InvalidInput
from core.records.diary import MEASURES, Met, Written, checked
from core.records.diary_tables import DiaryDayPublic
from core.records.treatments import KINDS
from core.records.triggers import groups

MOST_BYTES, MOST_ROWS = 5 << 20, 20_000
NAMES: Mapping[str, tuple[str, ...]] = {
    "day": ("day", "date", "datum"),
    "itch": ("itch", "itching", "itch (0-10)"),
    "sleep": ("sleep", "bad sleep", "sleep loss", "sleep (0-10)"),
    "severity": ("severity", "eczema", "how bad", "severity (0-10)"),
    "treatments": ("treatments", "treatment", "used"),
    "note": ("note", "notes", "comment"),
}
"""What a column may be called, whatever its capitals; the groups of triggers go by their id or their title."""


@dataclass(frozen=True)
class Read:
    """What a table holds. `unknown`: columns that were passed over; `bad`: (line of the file, why) of rows that were left out."""

    days: tuple[Written, ...]
    unknown: tuple[str, ...] = ()
    bad: tuple[tuple[int, str], ...] = ()


def names() -> dict[str, tuple[str, ...]]:
    """Every column there may be, by what it may be called."""
    return {**NAMES, **{id: (id, group.title) for id, group in groups().items()}}


def write(days: Sequence[DiaryDayPublic]) -> str:
    """The diary as CSV: one line a day. Things met stand in the column of their group, `; ` between them, `@8` for the hour after eight."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(head())
    rows.writerows(line(day.model_dump()) for day in days)
    return out.getvalue()


def head() -> tuple[str, ...]:
    """The names of the columns."""
    return ("Day", *(name.capitalize() for name in MEASURES), "Treatments", *(group.title for group in groups().values()), "Note")


def line(day: Mapping[str, object]) -> list[str]:
    """The cells of one day, under `head`; text that a spreadsheet might run gets a ' before it."""
    met: Sequence[Mapping[str, object]] = day["met"]  # type: ignore[assignment]
    told = {id: "; ".join(_said(one) for one in met if one["kind"] == id) for id in groups()}
    used: Sequence[str] = day["treatments"]  # type: ignore[assignment]
    values = ("" if day[name] is None else str(day[name]) for name in MEASURES)
    cells = [str(day["day"]), *values, "; ".join(KINDS.get(kind, kind) for kind in used), *told.values(), str(day["note"])]
    return [sheet.guarded(cell) for cell in cells]


def _said(met: Mapping[str, object]) -> str:
    """A name, without what stands between two, and the hour."""
    name = str(met["name"]).replace(";", ",").replace("@", "at ")
    return name if met["hour"] is None else f"{name} @{met['hour']}"


def read(data: bytes, today: date | None = None) -> Read:
    """The days of a CSV file; of a day that comes twice the last one counts. `today`: see `core.records.diary.checked`.

    InvalidInput for a file that is no table, has no column with the day, or whose days can be read in two ways.
    """
    told = sheet.read(data, MOST_BYTES, MOST_ROWS)
    places, unknown = sheet.columns(told.head, names())
    if "day" not in places:
        raise InvalidInput("There is no column with the day.", "Call it day. The first line of the table names the columns.")
    if len(places) == 1:
        raise InvalidInput("There is nothing in this table but days.", f"Name the columns: {', '.join(MEASURES)}, and so on.")
    cells = [(number, sheet.cells_of(row, places)) for number, row in told.rows]
    wide = {number for number, row in told.rows if any(row[len(told.head) :])}
    days: dict[date, tuple[int, Written]] = {}
    bad: list[tuple[int, str]] = []
    for (number, row), day in zip(cells, sheet.days([row["day"] for _, row in cells]), strict=True):
        try:
            if day is None:
                raise InvalidInput("The day cannot be read. Write it as 2026-03-14.")
            if number in wide:
                raise InvalidInput("There are more cells than names of columns, as from decimal commas between commas.")
            one = _written(day, row, today, frozenset(places) - {"day"})
            if day in days:
                bad.append((days[day][0], f"This day comes again in line {number}; that one counts."))
            days[day] = number, one
        except InvalidInput as error:
            bad.append((number, error.reason))
    return Read(tuple(one for _, (_, one) in sorted(days.items())), unknown, tuple(sorted(bad)))


def _written(day: date, row: Mapping[str, str], today: date | None, columns: frozenset[str]) -> Written:
    row = {name: text.removeprefix("'") if text[1:2] in ("=", "+", "-", "@") else text for name, text in row.items()}
    try:
        values = {name: sheet.number(row.get(name, "")) for name in MEASURES}
    except ValueError:
        raise InvalidInput("Itch, sleep and severity are whole numbers from 0 to 10.") from None
    kinds = {word.casefold(): kind for kind, title in KINDS.items() for word in (kind, title)}
    used = [part.strip().casefold() for part in row.get("treatments", "").split(";") if part.strip()]
    if strange := [part for part in used if part not in kinds]:
        raise InvalidInput(f"There is no kind of treatment called {strange[0][:40]}.")
    entry = checked({"day": day, **values, "treatments": [kinds[part] for part in used], "note": row.get("note", "")}, today)
    met = tuple(_met(kind, part.strip()) for kind in groups() for part in row.get(kind, "").split(";") if part.strip())
    if not met and entry.silent:
        raise InvalidInput("Nothing is said of this day.")
    if any(len(one.name) > 60 or not one.name for one in met):
        raise InvalidInput("A trigger needs a name of up to 60 letters.")
    return Written(entry, met, columns)


def _met(kind: str, text: str) -> Met:
    found = re.fullmatch(r"(.*?)\s*@\s*(\d{1,2})", text)
    if found is None:
        return Met(kind, text)
    if int(found[2]) > 23:
        raise InvalidInput("An hour is a number from 0 to 23.")
    return Met(kind, found[1], int(found[2]))
