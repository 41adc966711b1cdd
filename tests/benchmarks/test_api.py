"""The measurement of the API, as small as it gets: real requests to a real server, each counted once."""

from __future__ import annotations

import pytest

from benchmarks import api
from benchmarks.stages import demo_house
from core.settings import settings

pytestmark = pytest.mark.alone


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch):
    for name in ("CARELENS_HOME", "CARELENS_DEMO", "CARELENS_DATABASE_URL", "CARELENS_PHOTO_STORE"):
        monkeypatch.setenv(name, "")  # put back at the end, whatever the house sets
    with demo_house() as folder:
        yield folder
    settings.cache_clear()


def test_two_levels_of_few_requests(home) -> None:
    rows = api.measure(2, home, levels=(1, 8), sizes=((640, 480),))
    assert [one.group for one in rows] == [rows[0].group] * 2 + [rows[2].group] * 2 and "records" in rows[0].group
    assert [one.n for one in rows] == [2, 16, 2, 16]
    assert all(0 < one.p50_ms <= one.p95_ms for one in rows)
    assert [one.aim_ms for one in rows] == [0, 0, 0, 400]
    for one in rows:  # a closed line: as many a second as there are at once, by the mean time of one
        programs, per_second = int(one.name.split()[0]), float(one.name.split()[-3])
        assert per_second <= 1.5 * programs * 1000 / one.p50_ms + 0.1
