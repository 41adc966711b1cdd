"""A short load: the visitors are real ones to the server, and nobody meets an error."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from benchmarks import load
from benchmarks.load import Seen
from benchmarks.visitor import Fault, Visitor
from tests.browser.helpers import Server


def test_five_people_for_fifteen_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    houses: list[tuple[int, int]] = []
    visitors = "select id from account where email like 'visitor.%'"
    records = f"select id from record where person_id in (select person_id from account_person where account_id in ({visitors}))"

    class Kept(Server):
        """Counts what is in the house before it is gone."""

        def stop(self) -> None:
            super().stop()
            with sqlite3.connect(self.home / "carelens.db") as database:
                accounts, saved = (len(database.execute(asked).fetchall()) for asked in (visitors, records))
                houses.append((accounts, saved))

    monkeypatch.setattr(load, "Server", Kept)
    seen, log = load.run(sessions=5, seconds=15, megapixels=1, photos=2)
    assert seen.faults == [] and "Traceback" not in log
    assert (seen.signed_in, houses[-1][0]) == (5, 5)
    assert len(seen.findings) >= 5, "everybody got at least one"
    # What the visitors were told is what the database holds.
    assert len(seen.findings) == len(seen.saves) == houses[-1][1]


def test_growth_is_the_slope_after_the_warm_up() -> None:
    rising = [(at / 2, 1000 + 300 * min(at / 2, 30) / 30 + at / 2 / 60 * 7) for at in range(240)]  # 300 MB in 30 s, then 7 MB a minute
    assert Seen(memory=rising).growth() == pytest.approx(7, abs=0.1)


def test_a_visitor_sees_what_a_person_would_call_an_error(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", demo=True)
    server.start()

    async def wrong_password() -> None:
        async with Visitor(server.url.replace("localhost", "127.0.0.1"), "Skin_check") as visitor:
            visitor.enter("sign_in_email", string_value="nobody@example.org")
            visitor.enter("sign_in_password", string_value="not the password")
            await visitor.press("Sign in")

    try:
        with pytest.raises(Fault, match="password"):
            asyncio.run(wrong_password())
    finally:
        server.stop()
