"""The tables to take along: every number is the one that was found, and nothing in them is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import date

import numpy as np
import pytest

from core.demo.diary import made_up
from core.insight import causes_csv
from core.insight.diary_series import Series
from core.insight.triggers import Trigger
from core.insight.weather import Factor, effects
from core.insight.weather_factors import FACTORS
from core.weather.daily import FACTORS as KEPT
from core.weather.daily import Table


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def house() -> tuple[Series, Table]:
    truth = made_up(date(2026, 11, 28))
    days = np.array([row.day.toordinal() for row in truth.weather])
    values = np.array([[row.values.get(id, np.nan) for id in KEPT] for row in truth.weather])
    told = {one.entry.day.toordinal(): float(one.entry.severity or 0) for one in truth.diary}
    severity = np.array([told.get(int(day), np.nan) for day in days])
    nothing = np.full(len(days), np.nan)
    series = Series(days, {"severity": severity, "itch": nothing, "sleep": nothing}, np.zeros((len(days), 0)), (), (), {"a": "=wool"})
    return series, Table(days, KEPT, values, ((),) * len(days))


def test_every_factor_and_trigger_has_its_line() -> None:
    series, table = house()
    factors = tuple(Factor(id, table.factor(id), FACTORS[id].step) for id in ("absolute_humidity", "uv"))
    found = effects(series.day, series.values["severity"], factors)
    nothing = Trigger("a", *(np.nan,) * 3, 1, 2, 3, 4, np.nan, np.nan, "not_enough", None, (), ())
    water, uv, wool = read(causes_csv.results(found, (nothing,), series.names, "severity"))
    assert float(water["Size"]) == pytest.approx(found[0].effect, rel=1e-3) and water["Days later"] == "2"
    assert water["Verdict"] == "evidence" and float(water["Lowest"]) < float(water["Size"]) < float(water["Highest"])
    assert (uv["Verdict"], uv["Size"], uv["Days later"]) == ("not_enough", "", "")
    assert (wool["Looked at"], wool["Size"], wool["Days used"]) == ("'=wool", "", "10")


def test_every_day_has_its_numbers() -> None:
    series, table = house()
    told = read(causes_csv.days(series, table))
    assert [line["Day"] for line in told] == [date.fromordinal(int(day)).isoformat() for day in series.day]
    assert [line["Severity"] for line in told] == ["" if np.isnan(value) else f"{value:g}" for value in series.values["severity"]]
    assert [float(line["Temperature (°C)"]) for line in told] == pytest.approx(list(table.factor("temperature")), rel=1e-3)
    assert "UV index" not in told[0], "nothing is known of it"
    assert set(read(causes_csv.days(series, None))[0]) == {"Day", "Severity", "Itch", "Sleep"}
