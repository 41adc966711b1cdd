"""Weather from CSV files as stations, services and people write them: read alike, and what is left out is told with its row."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.weather.csv_words import NAMES, UNITS, column
from core.weather.daily import FACTORS, RANGES, Table, absolute_humidity
from core.weather.weather_csv import MOST_BYTES, MOST_ROWS, read, write

TODAY = date(2026, 11, 29)
DAY = timedelta(days=1)


def a_file(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(rows).encode(encoding)


def days(data: bytes) -> dict[date, dict[str, float]]:
    return {row.day: dict(row.values) for row in read(data, TODAY).rows}


JANUARY = {date(2026, 1, 13): {"temperature": -3.5, "pm10": 12.25}, date(2026, 1, 14): {"temperature": 0.5}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    "rows",
    [
        ("date,temperature,pm10", "2026-01-13,-3.5,12.25", "2026-01-14,.5,"),
        ("Datum;Temperatur (°C);PM10 (µg/m³)", "13.01.2026;-3,5;12,25", "14.1.2026;0,5;"),
        ("DAY\tTavg [°F]\tpm10 (mg/m3)", "13/01/2026\t25.7\t0.01225", "14/01/2026\t32.9\tNA"),
        ("date,temp (K),PM10", '2026-01-14,"273,65",--', "", '2026-01-13,"269,65","12,25"'),
        ("time;temperature_2m_mean (°C);pm10", "2026-01-13T00:00;−3.5;12.25", "2026-01-14T00:00;0.5"),
    ],
)
def test_one_weather_in_many_ways(rows: tuple[str, ...], encoding: str) -> None:
    assert days(a_file(*rows, encoding=encoding if "−" not in "".join(rows) else "utf-8")) == JANUARY


def test_a_file_as_open_meteo_gives_it() -> None:
    told = read(
        a_file(
            "latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation",
            "52.54833,13.407822,38.0,0,GMT,GMT",
            "",
            "time,temperature_2m_mean (°C),relative_humidity_2m_mean (%),pressure_msl_mean (hPa),uv_index_max (),wind (km/h)",
            "2026-01-13,2.0,80,1013.2,0.35,9",
        ),
        TODAY,
    )
    (row,) = told.rows
    wet = round(float(absolute_humidity(np.array(2.0), np.array(80.0))), 3)
    assert dict(row.values) == {"temperature": 2.0, "humidity": 80, "absolute_humidity": wet, "pressure": 1013.2, "uv": 0.35}
    assert told.left_out == ("Columns left out, as their name or unit is not known or comes twice: wind (km/h).",)
    assert told.factors == ("temperature", "humidity", "absolute_humidity", "pressure", "uv")


def test_what_follows_from_other_columns() -> None:
    data = a_file("date,tmin,tmax,rh,temp,ah", "2026-01-13,-4,3.5,50,10,7", "2026-01-14,5,4,50,10,", "2026-01-15,5,,50,,")
    told = read(data, TODAY)
    first, second, third = (dict(row.values) for row in told.rows)
    assert first == {"temperature": 10, "temperature_range": 7.5, "humidity": 50, "absolute_humidity": 7}
    assert second["absolute_humidity"] == pytest.approx(9.4 / 2, abs=0.01) and "temperature_range" not in second
    assert third == {"humidity": 50} and told.left_out == ("Row 3, temperature range left out: the highest is below the lowest.",)


def test_what_is_left_out_is_told_with_its_row() -> None:
    told = read(
        a_file(
            "date;temperature;humidity;mood",
            "2026-01-13;warm;50;good",
            "2026-01-14;99;50;",
            "2026-01-15;nan;101;",
            "2026-02-30;5;50;",
            "30.11.2026;5;50;",
            "2026-01-16;5;50;;7",
            "2026-01-13;5;;",
            "1650-01-01;5;50;",
        ),
        TODAY,
    )
    assert {row.day.day: dict(row.values) for row in told.rows} == {13: {"temperature": 5}, 14: {"humidity": 50}}
    assert told.left_out == (
        "Columns left out, as their name or unit is not known or comes twice: mood.",
        "Row 7 left out: more cells than names of columns, as from decimal commas between commas.",
        "Rows 5, 6 and 9 left out: no day that can be read, or none from 1900 to today.",
        "Row 2 left out: the same day comes again further down, and the last one counts.",
        "Row 2, temperature left out: “warm” is no number.",
        "Row 3, temperature left out: “99” is not from -95 to 60.",
        "Row 4, humidity left out: “101” is not from 0 to 100.",
    )


def test_of_much_that_is_left_out_not_all_is_said() -> None:
    rows = [f"{date(2026, 1, 1) + n * DAY},{n},warm" for n in range(50)]
    told = read(a_file("date,humidity,temperature", *rows, *rows[:9]), TODAY)
    assert len(told.rows) == 50 and len(told.left_out) == 21 and told.left_out[-1] == "And 40 more of this kind."
    assert told.left_out[0] == "Rows 2, 3, 4, 5, 6 and 4 more left out: the same day comes again further down, and the last one counts."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "column with the days"),
        (b"\x89PNG\r\n\0\0", "not a CSV file"),
        (a_file("temperature,humidity", "5,50"), "column with the days"),
        (a_file("date,mood", "2026-01-13,good"), "no column of weather"),
        (a_file("date,temperature (furlongs)", "2026-01-13,5"), "no column of weather"),
        (a_file("date,temperature"), "No day with weather"),
        (a_file("date,temperature", "2026-01-13,warm"), "No day with weather"),
        (a_file("date,temperature", "02/03/2026,5", "04/03/2026,5"), "in two ways"),
        (a_file("date,temperature", "13/03/2026,5", "03/14/2026,5"), "in two ways"),
        (a_file("time,temperature", "2026-01-13T00:00,5", "2026-01-13T01:00,5"), "times of the day"),
        (a_file("date,temperature", *(f"{date(2000, 1, 1) + n * DAY},5" for n in range(MOST_ROWS + 1))), "5,000 rows"),
        (b"date,temperature\n" + b"x" * MOST_BYTES, "larger than 2 MB"),
    ],
)
def test_a_file_that_will_not_do_is_refused_whole(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as told:
        read(data, TODAY)
    assert told.value.reason.endswith(".") and told.value.hint.endswith(".")


def test_every_factor_goes_by_its_id_and_every_unit_keeps_to_its_kind() -> None:
    for factor in FACTORS:
        assert column(factor)[0] == factor and column(factor.upper().replace("_", " "))[0] == factor
    assert set(UNITS) == set(NAMES.values())
    for unit, at in (("c", 50), ("f", 122), ("k", 323.15)):
        assert UNITS["temperature"][unit].scale * at + UNITS["temperature"][unit].offset == pytest.approx(50), unit
        assert UNITS["temperature_range"][unit].scale * 9 == (pytest.approx(5) if unit == "f" else 9)
    normal = {"hpa": 1013.25, "pa": 101325, "kpa": 101.325, "mmhg": 760, "inhg": 29.92126}
    for unit, at in normal.items():
        assert UNITS["pressure"][unit].scale * at == pytest.approx(1013.25, abs=0.01), unit
    assert column("Birkenpollen (grains/m³)")[0] is None and column("Birke (Grains/m³)")[0] == "pollen_birch"


CELLS = {factor: st.none() | st.integers(int(low * 10), int(high * 10)).map(lambda n: n / 10) for factor, (low, high) in RANGES.items()}


@given(st.dates(date(1950, 1, 1), date(2020, 1, 1)), st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=6))
def test_what_is_written_is_read_back(first: date, rows: list[dict[str, float | None]]) -> None:
    values = np.array([[np.nan if row[id] is None else row[id] for id in FACTORS] for row in rows], float)
    table = Table(np.arange(first.toordinal(), first.toordinal() + len(rows)), FACTORS, values, ((),) * len(rows))
    text = write(table)
    assert next(csv.reader(io.StringIO(text))) == ["date", *FACTORS]
    if np.isnan(values).all():
        return
    told = read(text.encode())
    assert told.left_out == ()
    back = {row.day: dict(row.values) for row in told.rows}
    for at, row in enumerate(rows):
        known = {id: value for id, value in row.items() if value is not None}
        found = back.get(first + at * DAY, {})
        if "absolute_humidity" not in known:
            found.pop("absolute_humidity", None)  # it follows from the others
        assert found == known


@given(st.binary(max_size=300) | st.text("date,;\t\n\"0123456789-/.temp°", max_size=200).map(str.encode))
def test_whatever_is_in_a_file_it_is_read_or_refused(data: bytes) -> None:
    try:
        told = read(data, TODAY)
    except InvalidInput:
        return
    for row in told.rows:
        assert row.day <= TODAY and row.values
        assert all(RANGES[id][0] <= value <= RANGES[id][1] for id, value in row.values.items())
