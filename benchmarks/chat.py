"""`python -m benchmarks.chat`: fifty open conversations on a server of its own; how long until a message stands on the other side's page.

Measured from sending the line to its standing in the answer that the other side's page gets: with the run of the part of the page
that sends it, saving, the word on the websocket `/live`, and what the page's element then fetches (`core.web.talk`). A browser adds its
drawing. Fifty pages are fifty clients on the same machine, and what they cost is in the figures, too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
from websockets.asyncio.client import connect

from benchmarks import measure
from benchmarks.measure import ROOT, row
from benchmarks.visitor import KEPT, PATIENCE, Visitor
from core.people import consent, sessions
from core.people.policy import Actor
from core.records import database
from core.records.message_tables import Conversation, Message
from core.records.tables import Account, AccountPerson, Person
from core.settings import settings
from core.web.cookie import COOKIE
from tests.browser.helpers import Server

PAGE = "Messages"
OURS, SEEN, EVERY = 0.5, 1.0, 20.0
"""Seconds until the element of a page looks what its own side wrote elsewhere, who has read, and, spread out, without any word."""
LATE = 10.0
"""Seconds after which a message counts as lost; none may be."""
DICE = np.random.default_rng(7)
"""When people write and pages look, the same at every run."""


class Page:
    """An open Messages page of somebody who is signed in: it answers every word of `/live` as the element does, and notes what it shows."""

    def __init__(self, url: str, token: str, number: int) -> None:
        self.url, self.token = url, token
        self.visitor = Visitor(url, PAGE, number, {COOKIE: token})
        self.seen: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._route = self._side = ""
        self._last = 0

    async def open(self, stack: AsyncExitStack) -> None:
        """Load the page and listen."""
        await stack.enter_async_context(self.visitor)
        given = [json.loads(e.bidi_component.json or "{}") for e in self.visitor.elements if e.WhichOneof("type") == "bidi_component"]
        told = next(data for data in given if "lines" in data)
        self._route, self._side, self._last = told["route"], told["side"], told["lines"][-1]["number"]
        cookie = {"Cookie": f"{COOKIE}={self.token}"}
        http = httpx.AsyncClient(base_url=self.url, headers=cookie | {"Origin": self.url}, timeout=PATIENCE, limits=KEPT)
        self._http = await stack.enter_async_context(http)
        news = await stack.enter_async_context(
            connect(self.url.replace("http", "ws", 1) + "/live", origin=self.url, additional_headers=cookie)
        )

        ours: list[asyncio.Task[None]] = []

        async def look_if_missing(number: int) -> None:
            await asyncio.sleep(OURS)
            if number > self._last:
                await self._look(http)

        async def hear() -> None:
            due = time.perf_counter() + EVERY * DICE.random()
            while True:
                try:
                    word = str(await asyncio.wait_for(news.recv(), max(0.0, due - time.perf_counter())))
                    if word.startswith("seen"):
                        due = min(due, time.perf_counter() + SEEN)
                        continue
                    if word.endswith(self._side):
                        ours.append(asyncio.create_task(look_if_missing(int(word.split()[2]))))
                        continue
                except TimeoutError:
                    pass
                await self._look(http)
                due = time.perf_counter() + EVERY * DICE.uniform(0.75, 1.25)

        async def read() -> None:
            async for element in self.visitor.arriving():
                if element.WhichOneof("type") == "bidi_component":
                    self._note(json.loads(element.bidi_component.json or "{}").get("lines", []))

        self._tasks = [asyncio.create_task(hear()), asyncio.create_task(read())]

    async def _look(self, http: httpx.AsyncClient) -> None:
        answer = await http.post(self._route, json={"after": self._last})
        answer.raise_for_status()
        self._note(answer.json()["lines"])

    def _note(self, lines: list[dict[str, Any]]) -> None:
        """What stands on the page now, whichever way it came: fetched, or in what the server draws."""
        moment = time.perf_counter()
        for line in lines:
            self.seen.setdefault(line["text"], moment)
            self._last = max(self._last, line["number"])

    async def write(self, text: str) -> float:
        """Send a line; the moment it was sent."""
        form = {"text": text, "token": uuid4().hex, "after": str(self._last)}
        start = time.perf_counter()
        answer = await self._http.post(f"{self._route}/message", files={name: (None, value) for name, value in form.items()})
        answer.raise_for_status()
        self._note(answer.json()["lines"])
        return start

    def close(self) -> None:
        """Hear no more."""
        for task in self._tasks:
            task.cancel()


def people(pairs: int, history: int) -> list[tuple[str, str]]:
    """Tokens of as many patients, each with a doctor of their own whom they let in, and with whom they wrote `history` messages."""
    made = []
    for number in range(pairs):
        with database.transaction() as session:
            patient = Account(email=f"p{number}@example.org", name=f"Patient {number}", password_hash="none")
            doctor = Account(email=f"d{number}@example.org", name=f"Doctor {number}", role="doctor", password_hash="none")
            person = Person(display_name=f"Patient {number}")
            session.add_all([patient, doctor, person])
            session.flush()
            session.add(AccountPerson(account_id=patient.id, person_id=person.id))
        actors = [Actor(patient.id, "patient", frozenset({person.id}), "P", "p"), Actor(doctor.id, "doctor", frozenset(), "D", "d")]
        consent.let_in(actors[0], person.id, doctor.id)
        with database.transaction() as session:
            talk = Conversation(person_id=person.id, account_id=doctor.id)
            session.add(talk)
            for at in range(1, history + 1):
                who, side = (patient, "patient") if at % 2 else (doctor, "doctor")
                told = {"conversation_id": talk.id, "person_id": person.id, "account_id": who.id, "number": at, "side": side}
                session.add(Message(**told, text=f"It is a little better than last week, number {at}."))
        tokens = [sessions.redeem_ticket(sessions.issue_ticket(actor)) or "" for actor in actors]
        made.append((tokens[0], tokens[1]))
    return made


async def talk(url: str, tokens: list[tuple[str, str]], seconds: float, every: float) -> tuple[list[float], int]:
    """Let every page write once in `every` seconds on average; seconds to the other side, and how many never came."""
    sent: list[tuple[str, float, Page]] = []

    async def writing(page: Page, other: Page, until: float) -> None:
        while True:
            await asyncio.sleep(DICE.exponential(every))
            if time.monotonic() > until:
                return
            word = uuid4().hex
            sent.append((word, await page.write(word), other))

    async with AsyncExitStack() as stack:
        pages = [(Page(url, one, 2 * at), Page(url, two, 2 * at + 1)) for at, (one, two) in enumerate(tokens)]
        for pair in pages:
            for page in pair:
                await page.open(stack)
        until = time.monotonic() + seconds
        await asyncio.gather(*[writing(a, b, until) for one, two in pages for a, b in ((one, two), (two, one))])
        end = time.monotonic() + LATE
        while time.monotonic() < end and any(word not in other.seen for word, _, other in sent):
            await asyncio.sleep(0.1)
        for pair in pages:
            for page in pair:
                page.close()
    return [other.seen[word] - at for word, at, other in sent if word in other.seen], sum(word not in other.seen for word, _, other in sent)


def run(pages: int, seconds: float, every: float, history: int) -> tuple[list[float], int, str]:
    """The whole measurement in a house of its own; see `talk`, and what the server wrote."""
    names = ("CARELENS_DEMO", "CARELENS_HOME", "CARELENS_SECRET_KEY")
    kept = {name: os.environ.get(name) for name in names}
    with TemporaryDirectory(prefix="carelens-chat-") as folder:
        server = Server(Path(folder) / "home")
        os.environ |= {name: server.settings()[name] for name in names}
        settings.cache_clear()
        try:
            server.start()
            times, lost = asyncio.run(talk(server.url.replace("localhost", "127.0.0.1"), people(pages // 2, history), seconds, every))
        finally:
            server.stop()
            database.engine().dispose()
            for name, value in kept.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
            settings.cache_clear()
        return times, lost, server.log.read_text()


def main() -> None:
    """Measure, print, write JSON; exit 1 when a message was lost or the bars are missed."""
    line = argparse.ArgumentParser(prog="python -m benchmarks.chat", description="Open conversations on a server of its own.")
    line.add_argument("--pages", type=int, default=50, help="open pages, two to a conversation (default 50)")
    line.add_argument("--seconds", type=float, default=60, help="how long they write (default 60)")
    line.add_argument("--every", type=float, default=20, help="seconds between two messages of a page, on average (default 20)")
    line.add_argument("--history", type=int, default=100, help="messages in each conversation before (default 100)")
    asked = line.parse_args()
    logging.disable(logging.WARNING)
    where = measure.machine()
    load = os.getloadavg()[0]
    times, lost, log = run(asked.pages, asked.seconds, asked.every, asked.history)
    table = [row(f"{asked.pages} open pages", "message on the other side", times)]
    median, p95 = (float(np.percentile(times, q)) for q in (50, 95))
    facts: dict[str, Any] = {
        "pages": asked.pages, "seconds": asked.seconds, "every_s": asked.every, "history": asked.history,
        "messages": len(times) + lost, "lost": lost,
        "median_s": round(median, 3), "p95_s": round(p95, 3), "load_before": round(load, 1), "server_tracebacks": log.count("Traceback"),
    }  # fmt: skip
    print(measure.table(table))
    print("\n" + "\n".join(f"  {name:24}{value}" for name, value in facts.items()))
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    path = results / f"chat-{where['at'].replace(':', '')}.json"
    path.write_text(json.dumps(measure.as_json(table, where) | {"chat": facts}, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path.relative_to(ROOT)}")
    if "Traceback" in log:
        print(log[log.index("Traceback") :][:3000])
    sys.exit(1 if lost or median >= 0.3 or p95 >= 1.0 else 0)


if __name__ == "__main__":
    main()
