"""The list of a doctor is measured on as many patients as are asked for."""

from __future__ import annotations

import pytest

from benchmarks import clinic
from core.settings import settings

pytestmark = pytest.mark.alone


def test_the_list_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DEMO", "DATABASE_URL", "PHOTO_STORE"):
        monkeypatch.setenv(f"CARELENS_{name}", "")  # the house sets these for good; they are put back
    with clinic.house() as (doctor, patient):
        rows = clinic.measure(doctor, patient, 1, patients=20, records=60)
    monkeypatch.undo()
    settings.cache_clear()
    assert [row.name for row in rows][-2:] == ["pages/Clinic.py", "pages/Patient.py"] and len(rows) == 5
    assert all(row.p50_ms > 0 and "20 patients and 60 findings" in row.group for row in rows)
