"""The screening desk is measured: every photo is graded, and the pace is that of the clock."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import screening
from core.photo import read_photo
from core.records import database
from core.records.database import migrate
from core.screening.pool import Processes
from core.settings import settings
from tests.conftest import ROOT
from tests.core.screening.desk import jpeg

pytestmark = pytest.mark.alone

CHILD = ROOT / "tests" / "core" / "screening" / "working_child.py"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name, value in (("HOME", str(tmp_path)), ("DEMO", "0"), ("DATABASE_URL", ""), ("PHOTO_STORE", ""), ("WORKERS", "2")):
        monkeypatch.setenv(f"CARELENS_{name}", value)  # demo_house and the benchmark set these for good
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    settings.cache_clear()
    yield
    database.engine().dispose()
    monkeypatch.undo()
    settings.cache_clear()


def test_a_copy_is_another_file_and_the_same_photo() -> None:
    file = jpeg(1)
    copies = {screening.numbered(file, number) for number in range(3)}
    assert len(copies) == 3 and {read_photo(one).sha256 for one in copies} == {read_photo(file).sha256}


def test_one_and_two_workers() -> None:
    command = (sys.executable, str(CHILD), "--slow", "0.2")
    started = time.perf_counter()
    migrate()
    paces = screening.measure_all(jpeg(2), 6, "toy", {"processes": lambda: Processes(command)})
    whole = time.perf_counter() - started
    assert [(one.workers, one.photos) for one in paces] == [(1, 6), (2, 6)]
    one, two = paces
    assert 0 < one.per_second <= 5, "each photo takes at least 0.2 s"
    # Two side by side end in pairs: of six the first and the last are 0.4 s apart at least, with five between them.
    assert 0 < two.per_second <= 5 / 0.4 and 0 < one.whole + two.whole < whole
    assert screening.table(paces).count("processes") == 2
    assert os.environ["CARELENS_WORKERS"] == "2"
