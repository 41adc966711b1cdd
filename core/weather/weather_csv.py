"""Weather by days as a CSV file: what people load in place of the services, and what they take with them."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import numpy as np

from core import sheet
from core.errors import InvalidInput
from core.weather.csv_words import GAPS, HIGHEST, LOWEST, Unit, column
from core.weather.daily import DIGITS, FACTORS, RANGES, Table, absolute_humidity, possible
from core.words import one_line

MOST_BYTES = 2 << 20
MOST_ROWS = 5000
EARLIEST = date(1900, 1, 1)
_HEADING_WITHIN = 10
"""Rows among which the one with the names is; what a service writes above it is passed over."""
_TOLD = 20
"""Sentences of what was left out; the rest is counted."""
_LETTERS = 40


@dataclass(frozen=True)
class Row:
    """The weather of one day: ids of `daily.FACTORS` to what is known, in the units there."""

    day: date
    values: Mapping[str, float]


@dataclass(frozen=True)
class Loaded:
    """What a file holds: `rows` by day, each day once, each with something; `left_out`: what is not in them and why, in sentences."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors that are known on some day, in the order of `daily.FACTORS`."""
        return tuple(id for id in FACTORS if any(id in row.values for row in self.rows))


def read(data: bytes, today: date | None = None) -> Loaded:
    """Read a CSV: a row with the names of the columns, then a row for each day.

    As `core.sheet` reads one: comma, semicolon or tab; decimal point or comma; days as 2026-03-14, 14.03.2026 or 14/03/2026. Columns go by
    our ids or by common names, with the unit in brackets. `today`: the last day that may be (None: of UTC, and one more). A day that is
    there twice counts as it is written last. `temperature_range` follows from the highest and lowest, and `absolute_humidity` from the
    means of temperature and humidity, where the file does not have them.

    InvalidInput, whole: over MOST_BYTES or MOST_ROWS, no table, no column of days or none of weather, days that may be read in two ways,
    times of the day, and where no row is left.
    """
    head, body = _table(data)
    said: list[str] = []
    columns = _columns(head, said)
    whole = [(n, (*cells, *[""] * (len(head) - len(cells)))) for n, cells in body if not any(cells[len(head) :])]
    if len(whole) < len(body):
        wide = {n for n, _ in body} - {n for n, _ in whole}
        said.append(f"{_rows(wide)} left out: more cells than names of columns, as from decimal commas between commas.")
    dates = _days([cells[columns["date"][0]] for _, cells in whole])
    latest = today or datetime.now(UTC).date() + timedelta(days=1)
    good = [(n, cells, day) for (n, cells), day in zip(whole, dates, strict=True) if day is not None and EARLIEST <= day <= latest]
    if len(good) < len(whole):
        wrong = {n for n, _ in whole} - {n for n, _, _ in good}
        said.append(f"{_rows(wrong)} left out: no day that can be read, or none from {EARLIEST.year} to today.")
    found: dict[date, tuple[int, dict[str, float]]] = {}
    twice: list[int] = []
    of_cells: list[str] = []
    for n, cells, day in good:
        if day in found:
            twice.append(found[day][0])
        found[day] = n, _values(n, cells, columns, of_cells)
    if twice:
        said.append(f"{_rows(twice)} left out: the same day comes again further down, and the last one counts.")
    said += of_cells
    rows = tuple(Row(day, MappingProxyType(values)) for day, (_, values) in sorted(found.items()) if values)
    if not rows:
        raise InvalidInput("No day with weather is left of this file.", said[0] if said else "Fill in its cells.")
    if len(said) > _TOLD:
        said = [*said[:_TOLD], f"And {len(said) - _TOLD} more of this kind."]
    return Loaded(rows, tuple(said))


def _table(data: bytes) -> tuple[tuple[str, ...], Sequence[tuple[int, tuple[str, ...]]]]:
    """The names of the columns, and the rows below with their lines."""
    told = sheet.read(data, MOST_BYTES, MOST_ROWS)
    lines = [(1, told.head), *told.rows]
    for at, (_, cells) in enumerate(lines[:_HEADING_WITHIN]):
        if any(column(cell)[0] == "date" for cell in cells):
            return cells, lines[at + 1 :]
    raise InvalidInput("There is no column with the days in this file.", "Name it: date. The first row holds the names of the columns.")


def _days(cells: Sequence[str]) -> list[date | None]:
    """The days, also where every one has midnight beside it; any other time is of a file by the hour, of which no row is a day."""
    parts = [re.fullmatch(r"(.*\d{1,4})[T ]\s*(\d{1,2}:\d\d.*)", cell) for cell in cells]
    if any(found and not re.fullmatch(r"0?0:00(:00)?(\.0+)?Z?", found[2]) for found in parts):
        raise InvalidInput("This file has times of the day.", "Load one with one row for each day.")
    return sheet.days([found[1] if found else cell for found, cell in zip(parts, cells, strict=True)])


def _columns(heading: Sequence[str], said: list[str]) -> dict[str, tuple[int, Unit]]:
    """Id of a column to its place and unit; of two alike the first. What we do not know goes into `said`."""
    found: dict[str, tuple[int, Unit]] = {}
    unknown = []
    for at, cell in enumerate(heading):
        id, unit = column(cell)
        if id is None or unit is None or id in found:
            unknown.append(one_line(cell)[:_LETTERS] or f"number {at + 1}")
        else:
            found[id] = at, unit
    if unknown:
        said.append(f"Columns left out, as their name or unit is not known or comes twice: {', '.join(unknown[:_TOLD])}.")
    if not found.keys() - {"date"}:
        raise InvalidInput("There is no column of weather in this file.", f"Name its columns: {', '.join(FACTORS)}.")
    return found


def _values(n: int, cells: Sequence[str], columns: Mapping[str, tuple[int, Unit]], said: list[str]) -> dict[str, float]:
    """The values of one row; cells that hold no number or one that cannot be go into `said`."""
    values: dict[str, float] = {}
    for id, (at, unit) in columns.items():
        cell = cells[at]
        if id == "date" or cell.casefold() in GAPS:
            continue
        given = _number(cell)
        value = math.nan if given is None else given * unit.scale + unit.offset
        low, high = RANGES["temperature" if id in (LOWEST, HIGHEST) else id]
        if low <= value <= high:
            values[id] = value
        else:
            why = "no number" if given is None else f"not from {low:,g} to {high:,g}"
            said.append(f"Row {n}, {id.replace('_', ' ')} left out: “{one_line(cell)[:_LETTERS]}” is {why}.")
    lowest, highest = values.pop(LOWEST, None), values.pop(HIGHEST, None)
    if lowest is not None and highest is not None and "temperature_range" not in values:
        if highest >= lowest:
            values["temperature_range"] = highest - lowest
        else:
            said.append(f"Row {n}, temperature range left out: the highest is below the lowest.")
    if "temperature" in values and "humidity" in values and "absolute_humidity" not in values:
        values["absolute_humidity"] = float(absolute_humidity(np.array(values["temperature"]), np.array(values["humidity"])))
    return {id: round(values[id], DIGITS) for id in FACTORS if id in values and np.isfinite(possible(id, np.array(values[id])))}


def _number(cell: str) -> float | None:
    try:
        return sheet.number(cell.replace("−", "-"))
    except ValueError:
        return None


def _rows(numbers: Iterable[int]) -> str:
    """`Row 7`, `Rows 7 and 9`, `Rows 7, 8, 9, 10, 11 and 30 more`."""
    first, *others = sorted(numbers)
    if not others:
        return f"Row {first}"
    shown = [str(n) for n in (first, *others)][:5]
    left = len(others) + 1 - len(shown)
    last = f"{left} more" if left else shown.pop()
    return f"Rows {', '.join(shown)} and {last}"


def write(table: Table) -> str:
    """The table as CSV: `date`, then our ids; points for decimals, nothing where nothing is known. `read` reads it back."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["date", *table.factors])
    for day, values in zip(table.days.tolist(), table.values.tolist(), strict=True):
        sheet.writerow([date.fromordinal(day).isoformat(), *("" if math.isnan(value) else repr(value) for value in values)])
    return out.getvalue()
