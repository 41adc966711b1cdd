"""CSV files as programs write them: read alike, and what can be read in two ways is asked about."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import sheet
from core.errors import InvalidInput

DAY = date(2026, 3, 14)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_way_of_writing_the_same_table_is_read_alike(encoding: str, delimiter: str, end: str) -> None:
    text = end.join([delimiter.join(("Day", " Größe ", "Note")), "", delimiter.join((" 2026-03-14", "3", '"a, b; c"')), ""])
    told = sheet.read(text.encode(encoding), 1 << 20, 10)
    assert told.head == ("Day", "Größe", "Note")
    assert told.rows == ((3, ("2026-03-14", "3", "a, b; c")),)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_line_for_excel_is_no_row_and_a_title_hides_nothing(delimiter: str) -> None:
    table = "\n".join(delimiter.join(cells) for cells in (("Day", "Note"), ("2026-03-14", "5")))
    marked = sheet.read(f"\ufeffsep={delimiter}\r\n{table}".encode(), 1 << 20, 10)
    assert marked.head == ("Day", "Note") and marked.rows == ((3, ("2026-03-14", "5")),)
    titled = sheet.read(f"Weather of a year\n{table}".encode(), 1 << 20, 10)
    assert titled.head == ("Weather of a year",) and titled.rows == ((2, ("Day", "Note")), (3, ("2026-03-14", "5")))


@given(st.lists(st.lists(st.text("ab \"',;é", max_size=5), min_size=2, max_size=2), max_size=5), st.sampled_from(",;\t"))
def test_what_the_csv_module_writes_comes_back(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["one", "two"], *rows])
    told = sheet.read(out.getvalue().encode(), 1 << 20, 10)
    assert [list(cells) for _, cells in told.rows] == [[cell.strip() for cell in row] for row in rows if any(c.strip() for c in row)]


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"a,b\n\0", b"a,b\n" + b"x" * 200_000, b"a,b\n" + b"1,2\n" * 11, b"x" * 2_000_000])
def test_what_is_no_table_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as told:
        sheet.read(data, 1 << 20, 10)
    assert told.value.reason.endswith(".") and told.value.hint.endswith(".")


def test_columns_go_by_any_of_their_names_and_the_rest_is_named() -> None:
    places, unknown = sheet.columns(("DATE", "", "Mood", "Itching", "itch"), {"day": ("day", "date"), "itch": ("itch", "itching")})
    assert places == {"day": 0, "itch": 3} and unknown == ("Mood", "itch")
    assert sheet.cells_of(("x", "y"), places) == {"day": "x", "itch": ""}


@pytest.mark.parametrize("text,value", [("", None), (" 3 ", 3), ("3,5", 3.5), ("-0.5", -0.5), (".5", 0.5), ("+2.", 2)])
def test_numbers_with_a_point_or_a_comma(text: str, value: float | None) -> None:
    assert sheet.number(text) == value


@pytest.mark.parametrize("text", ["nan", "inf", "1.234,5", "1e3", "3 4", "0x1", "1_0"])
def test_what_is_no_plain_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        sheet.number(text)


@pytest.mark.parametrize(
    "texts,found",
    [
        (["2026-03-14", "14.03.2026", "14.3.2026", "", "2026-02-30", "soon"], [DAY, DAY, DAY, None, None, None]),
        (["14/03/2026", "02/03/2026"], [DAY, date(2026, 3, 2)]),
        (["03/14/2026", "3/2/2026"], [DAY, date(2026, 3, 2)]),
        ([], []),
    ],
)
def test_days_in_each_way(texts: list[str], found: list[date | None]) -> None:
    assert sheet.days(texts) == found


@pytest.mark.parametrize("texts", [["02/03/2026"], ["14/03/2026", "03/14/2026"]])
def test_days_that_can_be_read_in_two_ways_are_asked_about(texts: list[str]) -> None:
    with pytest.raises(InvalidInput, match="two ways") as told:
        sheet.days(texts)
    assert "2026-03-14" in told.value.hint
