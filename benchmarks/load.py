"""`python -m benchmarks.load`: many people upload at once to a real server; what they wait for, what it costs, what goes wrong."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
from websockets.exceptions import WebSocketException

from benchmarks import measure
from benchmarks.measure import ROOT, Row, row
from benchmarks.stages import passing, photo_file
from benchmarks.visitor import Fault, Visitor
from core.demo.marks import mark
from core.photo import read_photo
from core.settings import settings
from core.ui.checking import QUESTIONS
from tests.browser.helpers import PASSWORD, Server

PAGE = "Skin_check"
WARM_UP = 0.35
"""Share of the time until memory has to be flat: every thread has then run every network, every page was drawn."""


@dataclass
class Seen:
    """What all visitors saw together. Seconds each; `memory`: (seconds since the start, MB) of the server."""

    findings: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    waited: int = 0
    signed_in: int = 0

    def settled(self) -> list[tuple[float, float]]:
        """The memory after warm-up."""
        return [one for one in self.memory if one[0] >= WARM_UP * self.memory[-1][0]] if self.memory else []

    def growth(self) -> float:
        """MB a minute the server grows after warm-up: the slope of a straight line; NaN when that is too short to say."""
        times, sizes = np.array(self.settled() or [(0, 0)], float).T
        return float(np.polyfit(times, sizes, 1)[0] * 60) if len(times) >= 10 else float("nan")


def drawn_photos(count: int, megapixels: float, home: Path) -> list[bytes]:
    """Drawn spots as a phone would send them, that pass the gate and are marked as drawn in the demo clinic in `home`."""
    os.environ |= {"CARELENS_DEMO": "1", "CARELENS_HOME": str(home)}
    settings.cache_clear()
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    drawn = passing(partial(photo_file, size=(width, width * 3 // 4)), 20 * count)
    photos = [data for data, _ in islice(drawn, count)]
    for data in photos:
        mark(read_photo(data).sha256)
    return photos


async def one_check(visitor: Visitor, data: bytes, think: float, seen: Seen) -> None:
    """One spot from the questions to the history."""
    groups = [e.button_group.id for e in visitor.elements if e.WhichOneof("type") == "button_group"]
    for name, _ in QUESTIONS:
        key = next((id for id in groups if f"-skin_{name}_" in id), name)
        seen.reruns.append(await visitor.choose(key.rsplit("-", 1)[1], "No"))
        await asyncio.sleep(think / 10)
    seen.reruns.append(await visitor.choose("Where on the body?", "Back"))
    # Another spot every time: the same photo of the same spot is saved once.
    visitor.enter("Your own name for it, if you like", string_value=f"Spot {uuid4().hex[:8]}")
    visitor.heard.clear()
    seen.findings.append(await visitor.upload(f"{uuid4().hex}.jpg", data, lambda element: element.button.id.endswith("_save")))
    seen.waited += any(text.startswith("Waiting:") for text in visitor.heard)
    await asyncio.sleep(think)
    seen.saves.append(await visitor.press("Save to my history"))
    seen.reruns.append(await visitor.press("Check another spot"))


async def one_person(number: int, url: str, photos: list[bytes], until: float, think: float, seen: Seen) -> None:
    """Somebody makes an account and checks one spot after the other until `until` (of time.monotonic)."""
    at = number
    try:
        async with Visitor(url, PAGE, number) as visitor:
            visitor.enter("sign_up_name", string_value=f"Visitor {number}")
            visitor.enter("sign_up_email", string_value=f"visitor.{number}.{uuid4().hex[:6]}@example.org")
            visitor.enter("sign_up_password", string_value=PASSWORD)
            visitor.enter("sign_up_agreed", bool_value=True)
            await visitor.press("Create my account")
            await visitor.take_ticket()
            seen.signed_in += 1
            while time.monotonic() < until:
                await one_check(visitor, photos[at % len(photos)], think, seen)
                at += 1
    except (Fault, OSError, httpx.HTTPError, WebSocketException) as error:
        seen.faults.append(f"visitor {number}: {type(error).__name__}: {error}")


def resident(pid: int) -> float:
    """MB of memory a process holds; 0 where the system does not say it in /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


async def watch(pid: int, seen: Seen) -> None:
    """Note the server's memory twice a second until cancelled."""
    start = time.monotonic()
    while True:
        if size := resident(pid):
            seen.memory.append((time.monotonic() - start, size))
        await asyncio.sleep(0.5)


async def visit(server: Server, photos: list[bytes], sessions: int, seconds: float, think: float) -> Seen:
    """Let `sessions` people come within two seconds, and stay for `seconds`."""
    seen = Seen()
    assert server.process is not None
    watching = asyncio.create_task(watch(server.process.pid, seen))
    until = time.monotonic() + seconds
    url = server.url.replace("localhost", "127.0.0.1")
    people = []
    for number in range(sessions):
        people.append(asyncio.create_task(one_person(number, url, photos, until, think, seen)))
        await asyncio.sleep(2 / sessions)
    await asyncio.gather(*people)
    watching.cancel()
    return seen


def run(sessions: int, seconds: float, think: float = 0.0, megapixels: float = 12.0, photos: int = 6) -> tuple[Seen, str]:
    """The whole measurement in a house of its own; what was seen, and what the server wrote."""
    kept = {name: os.environ.get(name) for name in ("CARELENS_DEMO", "CARELENS_HOME")}
    with TemporaryDirectory(prefix="carelens-load-") as folder:
        home = Path(folder) / "home"
        server = Server(home, demo=True, environment={"OMP_NUM_THREADS": str(measure.cores())})
        try:
            files = drawn_photos(photos, megapixels, home)
            server.start()
            wait_until_warm(server)
            seen = asyncio.run(visit(server, files, sessions, seconds, think))
        finally:
            server.stop()
            for name, value in kept.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
            settings.cache_clear()
        return seen, server.log.read_text()


def wait_until_warm(server: Server, seconds: float = 180) -> None:
    """Until no network is on its way any more: one that is not installed never comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        networks: dict[str, Any] = httpx.get(f"{server.url}/healthz").json()["networks"]
        if not {one["state"] for one in networks.values()} & {"waiting", "warming"}:
            return
        time.sleep(0.2)
    raise RuntimeError(f"the networks did not become ready: {networks}")


def rows(seen: Seen, sessions: int) -> list[Row]:
    """What was seen as a table."""
    group = f"{sessions} people at once"
    named = {"upload to finding": seen.findings, "rerun of the page": seen.reruns, "saving": seen.saves}
    return [row(group, name, times) for name, times in named.items() if times]


def main() -> None:
    """Measure, print, write JSON; exit 1 when anybody met an error."""
    line = argparse.ArgumentParser(prog="python -m benchmarks.load", description="Many people at once on a server of its own.")
    line.add_argument("--sessions", type=int, default=50, help="people at once (default 50)")
    line.add_argument("--seconds", type=float, default=120, help="how long they come with new photos (default 120)")
    line.add_argument("--think", type=float, default=0, help="seconds a person reads a finding (default 0: as hard as it gets)")
    line.add_argument("--megapixels", type=float, default=12, help="size of the photos (default 12)")
    asked = line.parse_args()
    logging.disable(logging.WARNING)
    where = measure.machine()
    seen, log = run(asked.sessions, asked.seconds, asked.think, asked.megapixels)
    table = rows(seen, asked.sessions)
    settled = [size for _, size in seen.settled()]
    facts: dict[str, Any] = {
        "sessions": asked.sessions, "seconds": asked.seconds, "think_s": asked.think, "megapixels": asked.megapixels,
        "signed_in": seen.signed_in, "findings": len(seen.findings), "told_to_wait": seen.waited, "errors": len(seen.faults),
        "server_tracebacks": log.count("Traceback"),
    }  # fmt: skip
    if settled:
        facts |= {
            "memory_first_mb": round(seen.memory[0][1]), "memory_warm_mb": round(settled[0]), "memory_end_mb": round(settled[-1]),
            "memory_most_mb": round(max(size for _, size in seen.memory)), "growth_mb_per_minute": round(seen.growth(), 1),
        }  # fmt: skip
    print(measure.table(table))
    print("\n" + "\n".join(f"  {name:24}{value}" for name, value in facts.items()))
    print("\n".join(f"  error: {fault}" for fault in seen.faults[:20]))
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    path = results / f"load-{where['at'].replace(':', '')}.json"
    kept = measure.as_json(table, where) | {
        "load": facts,
        "faults": seen.faults,
        "memory": [(round(t, 1), round(mb)) for t, mb in seen.memory],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path.relative_to(ROOT)}")
    sys.exit(1 if seen.faults else 0)


if __name__ == "__main__":
    main()
