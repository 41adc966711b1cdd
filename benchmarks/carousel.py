"""The row of photos on the Progress page: opening it with 200 of them, a rerun, and the small pictures it fetches."""

from __future__ import annotations

from unittest.mock import PropertyMock, patch

from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from benchmarks.measure import ROOT, Row, repeat, row, seconds_of
from core.demo.filling import fill_photos
from core.demo.people import demo_actor
from core.people import sessions
from core.records import thumbnails
from core.records.findings import list_records, thumbnail
from core.web.cookie import COOKIE

PHOTOS = 200
IN_SIGHT = 8
"""Photos that a wide screen shows at once, each with its outlined twin."""
PAGE = "pages/Progress.py"


def opened() -> AppTest:
    """The page as it opens for somebody who looks at everything."""
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    app.switch_page(PAGE)
    app.session_state["period"] = "All"
    app.run()
    if app.exception:
        raise RuntimeError(f"{PAGE} fails: {app.exception[0].message}")
    return app


def measure(n: int) -> list[Row]:
    """Time opening and `n` reruns with 200 photos of one arm, then the pictures in sight, first and again."""
    actor = demo_actor("patient")
    (person,) = actor.person_ids
    fill_photos(PHOTOS, person)
    newest = [one.id for one in list_records(actor, person, examination="eczema", limit=IN_SIGHT)]
    token = sessions.redeem_ticket(sessions.issue_ticket(actor), "benchmark")

    def fetched() -> None:
        for id in newest:
            thumbnail(actor, id)
            thumbnails.outlined_thumbnail(actor, id)

    def first() -> float:
        thumbnails.forget()
        return seconds_of(fetched)

    with patch.object(ContextProxy, "cookies", new_callable=PropertyMock, return_value={COOKIE: token}):
        opened()  # the first page of a process imports what all pages need
        openings = [seconds_of(opened) for _ in range(max(3, n // 3))]
        app = opened()
        reruns = repeat(app.run, n)
    firsts = [first() for _ in range(max(3, n // 3))]
    whole = [page + pictures for page, pictures in zip(openings, firsts, strict=True)]
    group = f"Progress with {PHOTOS} photos"
    return [
        row(group, "the page opens", openings, 0),
        row(group, f"{IN_SIGHT} photos and their outlines, made", firsts, 0),
        row(group, "both: opened, with the pictures in sight", whole, 500),
        row(group, "a rerun", reruns, 150),
        row(group, f"{IN_SIGHT} photos and their outlines, again", repeat(fetched, n), 0),
    ]
