"""Known holes in the packages that CareLens depends on, at the versions it pins.

Ends with 1 when there is one, and says which version mends it. Where the advisories cannot be reached (a machine without the
network, a mirror that serves packages only) nothing is known: it says so and ends with 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = [
    *("-m", "pip_audit", "-r", "requirements.txt", "--no-deps", "--disable-pip"),
    *("--progress-spinner", "off", "--timeout", "5", "-f", "json"),
]
PATIENCE = 100
"""Seconds; a network that swallows every question must not hold the tests up."""


def verdict(found: dict[str, Any] | None) -> tuple[int, str]:
    """The exit status and what is said, of pip-audit's JSON; None where it gave none."""
    packages = (found or {}).get("dependencies", [])
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        return 0, "Audit skipped: the advisories cannot be reached from this machine, so nothing is known of the dependencies."
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in asked
        for hole in one.get("vulns", [])
    ]
    unknown = len(packages) - len(asked)
    told = f"{len(asked)} packages audited, {len(holes)} known holes" + (f"; nothing known of {unknown}" if unknown else "")
    return (1 if holes else 0), "\n".join([*holes, told])


def main() -> int:
    """Run pip-audit and say what it found."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, *COMMAND], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        found = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        found = None
    status, said = verdict(found)
    sys.stdout.write(said + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
