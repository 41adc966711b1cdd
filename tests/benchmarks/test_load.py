"""A short load: the visitors are real ones to the server, and nobody meets an error."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import struct
import time
from pathlib import Path

import pytest
import uvicorn

from benchmarks import load
from benchmarks.load import Seen
from benchmarks.visitor import Fault, Visitor
from tests.browser.helpers import Server

pytestmark = pytest.mark.alone


def test_three_people_for_eight_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    seen, log = load.run(sessions=3, seconds=8, megapixels=1, photos=1)
    assert seen.faults == [] and "Traceback" not in log
    assert (seen.signed_in, houses[-1][0]) == (3, 3)
    assert len(seen.findings) >= 3, "everybody got at least one"
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


def test_a_visitor_sends_nothing_on_a_connection_that_the_server_may_be_ending() -> None:
    patience = 2.0
    assert patience < uvicorn.Config("").timeout_keep_alive, "the server here is less patient than the real one"
    answered: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        idle = time.monotonic()
        answered.append(0)
        while (await reader.read(1000)).endswith(b"\r\n\r\n"):
            if time.monotonic() - idle > patience:  # too late: it was about to end, and what is unread is answered with a reset
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.close()
                return
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            answered[-1] += 1
            idle = time.monotonic()

    async def pauses(*seconds: float) -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            visitor = Visitor(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            async with visitor._http as http:
                for pause in seconds:
                    await asyncio.sleep(pause)
                    assert (await http.get("/")).status_code == 200

    asyncio.run(pauses(0, 0, patience + 0.2))
    assert answered == [2, 1], "at once on the same connection, after a pause on a new one"
