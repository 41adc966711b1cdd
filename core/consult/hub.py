"""Who waits for news and hears it at once: within this process, and on PostgreSQL from every other process of the house.

A topic is a word such as `account:<id>`; what is given to it carries nothing medical, only that there is something new, or what
two browsers say to each other to find a way between them. With SQLite a second process hears nothing: pages look again by
themselves every few seconds, which is the repair for whatever gets lost on the way, too.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import count
from uuid import uuid4

from sqlalchemy.engine import make_url

from core.settings import settings

log = logging.getLogger("carelens.hub")

CHANNEL = "carelens"
PIECE = 7000
"""Letters of a body in one NOTIFY; PostgreSQL takes at most 8000 bytes in all, these are Base64."""
AGAIN = 2.0
"""Seconds until a listener that lost its server asks for it again."""
LOOK = 5.0
"""Seconds between two looks at whether to go on listening."""
MOST_PARTS = 20
"""Pieces of one body; more are not put together."""
_PROCESS = uuid4().hex

Heard = Callable[[str], None]
"""Gets what was given to a topic; empty: something may have been missed, so look again. Called from any thread; quick, and never raises."""


class Hub:
    """Topics and who waits at each, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[int, Heard]] = {}
        self._numbers = count()

    def join(self, topic: str, heard: Heard) -> Callable[[], None]:
        """Hear what is given to `topic` from now on; calling what is returned ends that."""
        number = next(self._numbers)
        with self._lock:
            self._waiting.setdefault(topic, {})[number] = heard
        return partial(self._leave, topic, number)

    def _leave(self, topic: str, number: int) -> None:
        with self._lock:
            there = self._waiting.get(topic, {})
            there.pop(number, None)
            if not there:
                self._waiting.pop(topic, None)

    def give(self, topic: str, body: str = "") -> None:
        """Give to those who wait in this process."""
        with self._lock:
            waiting = list(self._waiting.get(topic, {}).values())
        for heard in waiting:
            heard(body)

    def look_again(self) -> None:
        """Tell everybody who waits that something may have been missed."""
        with self._lock:
            topics = list(self._waiting)
        for topic in topics:
            self.give(topic)

    def waiting(self, topic: str) -> int:
        """How many wait at a topic in this process."""
        with self._lock:
            return len(self._waiting.get(topic, {}))


HUB = Hub()
"""That of this process."""


def payloads(topic: str, body: str = "") -> Iterator[str]:
    """What NOTIFY carries: one text, or several for a long body."""
    packed = base64.b64encode(body.encode()).decode()  # nothing in it grows when it is quoted
    pieces = [packed[at : at + PIECE] for at in range(0, len(packed), PIECE)] or [""]
    id = uuid4().hex[:12]
    for number, piece in enumerate(pieces):
        yield json.dumps({"from": _PROCESS, "topic": topic, "id": id, "at": number, "of": len(pieces), "body": piece})


class Listener:
    """Hears what other processes notify, in a thread of its own, and gives it to the hub of this one. `address`: of PostgreSQL."""

    def __init__(self, address: str, hub: Hub) -> None:
        self._address, self._hub = address, hub
        self._parts: dict[str, dict[int, str]] = {}
        self._over = threading.Event()
        self.ready = threading.Event()
        """Set while the server is listened to."""
        self._thread = threading.Thread(target=self._work, name="carelens-hub", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; takes up to LOOK seconds in the background."""
        self._over.set()

    def _work(self) -> None:
        import psycopg  # most houses have no server to listen to

        missed = False
        while not self._over.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True, connect_timeout=5, application_name="carelens-hub") as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self.ready.set()
                    if missed:
                        self._hub.look_again()
                    while not self._over.is_set():
                        for note in connection.notifies(timeout=LOOK):
                            self._take(note.payload)
            except psycopg.Error as error:
                log.warning("news of other processes are not heard now: %s", type(error).__name__)
            self.ready.clear()
            missed = True
            self._parts.clear()
            self._over.wait(AGAIN)

    def _take(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            if told["from"] == _PROCESS:  # given here already
                return
            topic, id, at, of, body = str(told["topic"]), str(told["id"]), int(told["at"]), int(told["of"]), str(told["body"])
        except (ValueError, KeyError, TypeError):
            log.warning("a notification was not understood")
            return
        if of > MOST_PARTS:
            return
        parts = self._parts.setdefault(id, {})
        parts[at] = body
        if len(parts) == of:
            del self._parts[id]
            self._hub.give(topic, base64.b64decode("".join(parts[number] for number in range(of))).decode())
        while len(self._parts) > 100:  # whoever sent the rest is gone
            self._parts.pop(next(iter(self._parts)))


@cache
def _listener(address: str) -> Listener:
    return Listener(address, HUB)


def listen(seconds: float = 0.0) -> None:
    """Hear other processes, too, where the database can carry that; once for a process. Waits at most `seconds` until it does."""
    url = make_url(settings().database_url)
    if url.get_backend_name() in ("postgresql", "postgres"):
        _listener(url.set(drivername="postgresql").render_as_string(hide_password=False)).ready.wait(seconds)
