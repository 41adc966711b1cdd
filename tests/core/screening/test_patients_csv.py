"""Tables of patients: columns that nobody knows, rows that cannot be, and every way a table program writes them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.screening.patients_csv import MOST_BYTES, TEMPLATE, read_sheet


def test_unknown_columns_are_named_and_bad_rows_say_why() -> None:
    text = (
        "Patient ID;Name;Insurance;DOB;Phone\n"
        "P001;Jan Bakker;x;1956-03-14;1\n"
        ";Nobody;x;1956-03-14;1\n"
        "P002;Ana Ruiz;x;14.03.1956;1\n"
        "p001;Jan again;x;;1\n"
        "P003;;;;\n"
        "\n"
        f"P004;{'x' * 200};;;\n"
        "P005;Born tomorrow;;2999-01-01;\n"
        "P006\n"
    )
    sheet = read_sheet(text.encode())
    assert [(one.code, one.name, one.birth_date) for one in sheet.patients] == [
        ("P001", "Jan Bakker", date(1956, 3, 14)),
        ("P003", "", None),
        ("P006", "", None),
    ]
    assert sheet.unknown == ("Insurance", "Phone")
    assert [line for line, _ in sheet.bad] == [3, 4, 5, 8, 9]
    assert all(why.endswith(".") or "1956" in why for _, why in sheet.bad)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_as_table_programs_write_it(encoding: str, delimiter: str) -> None:
    text = f'code{delimiter}name\r\nP1{delimiter}"Müller{delimiter} Zoë"\r\n'
    (one,) = read_sheet(text.encode(encoding)).patients
    assert one.name == f"Müller{delimiter} Zoë".replace("\t ", " ")


@pytest.mark.parametrize("data", [b"", b"name,born\nJan,1956\n", b"PK\x03\x04", b"\x00\x01", b"code\n" + b"x\n" * MOST_BYTES])
def test_what_is_no_table_of_patients(data: bytes) -> None:
    with pytest.raises(InvalidInput) as told:
        read_sheet(data)
    assert told.value.hint


def test_the_template_is_one() -> None:
    sheet = read_sheet(TEMPLATE.encode())
    assert len(sheet.patients) == 1 and not sheet.unknown and not sheet.bad


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    try:
        read_sheet(b"code,name\n" + data)
    except InvalidInput as told:
        assert told.reason
