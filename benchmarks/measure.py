"""Time something often enough to say p50 and p95, and put it in a table."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Row:
    """One measured thing: milliseconds at the 50th and 95th percentile of `n` runs, and what was aimed at (0: no aim)."""

    group: str
    name: str
    n: int
    p50_ms: float
    p95_ms: float
    aim_ms: float = 0.0


def row(group: str, name: str, seconds: Iterable[float], aim_ms: float = 0.0) -> Row:
    """A row from single times in seconds, kept to the microsecond: words are found in less than a tenth of a millisecond."""
    times = np.array(list(seconds), float) * 1000
    p50, p95 = np.percentile(times, (50, 95))
    return Row(group, name, times.size, round(float(p50), 3), round(float(p95), 3), aim_ms)


def seconds_of(what: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def repeat(what: Callable[[], object], n: int, warm: int = 2) -> list[float]:
    """Seconds of `n` calls after `warm` that do not count."""
    for _ in range(warm):
        what()
    return [seconds_of(what) for _ in range(n)]


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """Where and with what it was measured. A load above the number of cores means that something else was running."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "cores": cores(),
        "load_1_min": round(os.getloadavg()[0], 2),
        "processor": _processor(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("streamlit", "torch", "numpy", "opencv-python-headless")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(rows: list[Row]) -> str:
    """The rows as text, one group after the other."""
    lines = [f"{'':44}{'n':>4}{'p50':>10}{'p95':>10}{'aim':>10}"]
    group = ""
    for one in rows:
        if one.group != group:
            group = one.group
            lines += ["", group]
        aim = f"{one.aim_ms:.0f} ms" if one.aim_ms else ""
        mark = "" if not one.aim_ms else "  ok" if one.p50_ms <= one.aim_ms else "  over"
        lines.append(f"  {one.name:42}{one.n:>4}{one.p50_ms:>7.1f} ms{one.p95_ms:>7.1f} ms{aim:>10}{mark}")
    return "\n".join(lines)


def as_json(rows: list[Row], where: dict[str, Any]) -> dict[str, Any]:
    """What is written to a file."""
    return {"machine": where, "rows": [asdict(one) for one in rows]}
