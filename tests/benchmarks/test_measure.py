"""What `make bench` says is what was measured."""

from __future__ import annotations

import json
import statistics
import time

import pytest

from benchmarks import measure


def test_a_row_holds_the_percentiles_of_single_runs() -> None:
    seconds = [i / 1000 for i in range(1, 102)]  # 1 ms to 101 ms
    row = measure.row("group", "name", seconds, 60)
    assert (row.n, row.p50_ms) == (101, statistics.median(seconds) * 1000)
    assert row.p95_ms == pytest.approx(statistics.quantiles(seconds, n=20, method="inclusive")[-1] * 1000, abs=0.05)


def test_runs_that_warm_up_do_not_count() -> None:
    calls: list[int] = []

    def slow_at_first() -> None:
        calls.append(1)
        time.sleep(0.05 if len(calls) < 3 else 0.001)

    times = measure.repeat(slow_at_first, 4, warm=2)
    assert len(calls) == 6 and len(times) == 4
    assert max(times) < 0.05


def test_the_table_says_what_missed_its_aim() -> None:
    rows = [measure.row("one", "quick", [0.01], 50), measure.row("one", "slow", [0.2], 50), measure.row("two", "free", [1.0])]
    lines = {line.split()[0]: line for line in measure.table(rows).splitlines() if line.startswith("  ") and "ms" in line}
    assert lines["quick"].endswith("ok") and lines["slow"].endswith("over") and "1000.0 ms" in lines["free"]
    assert measure.table(rows).count("\none\n") == 1


def test_the_file_says_where_it_was_measured() -> None:
    facts = json.loads(json.dumps(measure.as_json([measure.row("one", "quick", [0.01])], measure.machine())))
    assert facts["machine"]["cores"] >= 1 and facts["machine"]["torch"]
    assert facts["rows"][0] == {"group": "one", "name": "quick", "n": 1, "p50_ms": 10.0, "p95_ms": 10.0, "aim_ms": 0.0}
