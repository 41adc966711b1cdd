"""What a rerun of a page costs a person with a very long history."""

from __future__ import annotations

from unittest.mock import PropertyMock, patch

from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from benchmarks.measure import ROOT, Row, repeat, row
from core.demo.filling import fill
from core.demo.people import demo_actor
from core.people import sessions
from core.web.cookie import COOKIE

RECORDS = 10_000
PAGES = ("Home.py", "pages/History.py", "pages/Skin_check.py", "pages/Progress.py", "pages/Account.py", "pages/Evidence.py")


def measure(n: int) -> list[Row]:
    """Time `n` reruns of every page for the demo patient with 10,000 saved findings."""

    fill(RECORDS)
    token = sessions.redeem_ticket(sessions.issue_ticket(demo_actor("patient")), "benchmark")
    rows = []
    with patch.object(ContextProxy, "cookies", new_callable=PropertyMock, return_value={COOKIE: token}):
        for path in PAGES:
            app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
            if path != "Home.py":
                app.switch_page(path)
            app.run()
            if app.exception:
                raise RuntimeError(f"{path} fails: {app.exception[0].message}")
            rows.append(row(f"Rerun of a page, {RECORDS:,} saved findings", path, repeat(app.run, n), 0))
    return rows
