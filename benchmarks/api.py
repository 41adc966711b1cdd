"""The REST API over real HTTP on this machine: requests a second, and what a program waits, with 1, 8 and 32 programs at once.

Each program sends its next request as soon as it has its answer, so the line is always full. Programs and server share the
cores. A photo goes the whole way: token, form, decoding, gate, networks, words, outline and heat map packed into the answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import httpx

from benchmarks.measure import Row, cores, row
from benchmarks.stages import SIZE, passing, photo_file
from core.demo.marks import mark
from core.demo.people import demo_actor
from core.people import tokens
from core.photo import read_photo
from core.settings import settings
from tests.browser.helpers import ApiServer

LEVELS = (1, 8, 32)
"""Programs at once."""
AIMED_AT, AIM_MS = 8, 400
"""The aim, for the 95th percentile, is for so many programs and for photos."""
WORKING = (1600, 1200)
"""Width and height of a photo that is not made smaller before it is examined."""
PATIENCE = 120.0

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


async def at_once(url: str, secret: str, programs: int, requests: int, ask: Ask) -> tuple[list[float], float]:
    """Seconds of each of `requests` requests by so many programs at once, and of all together. RuntimeError for a refusal."""
    times: list[float] = []
    left = iter(range(requests))

    async def program() -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE) as client:
            for _ in left:
                start = time.perf_counter()
                answer = await ask(client)
                if answer.status_code != 200:
                    raise RuntimeError(f"{answer.request.url.path} was answered with {answer.status_code}: {answer.text[:200]}")
                times.append(time.perf_counter() - start)

    start = time.perf_counter()
    await asyncio.gather(*(program() for _ in range(programs)))
    return times, time.perf_counter() - start


def photo_of(size: tuple[int, int]) -> bytes:
    """A drawn spot of this size that passes the gate, marked as drawn in the demo clinic."""
    data, _ = next(passing(partial(photo_file, size=size), 20))
    mark(read_photo(data).sha256)
    return data


def measure(requests: int, home: Path, levels: Sequence[int] = LEVELS, sizes: Sequence[tuple[int, int]] = (WORKING, SIZE)) -> list[Row]:
    """`requests` of each kind at each level, at least one for each program, to a server of its own on the demo clinic in `home`."""
    own = settings().secret_key.get_secret_value()  # tokens are made here and looked up there
    environment = {"CARELENS_API_PER_MINUTE": "100000", "CARELENS_SECRET_KEY": own, "OMP_NUM_THREADS": str(cores())}
    server = ApiServer(home, demo=True, environment=environment)
    actor = demo_actor("patient")
    person = min(actor.person_ids, key=str)
    rows: list[Row] = []
    server.start(120)
    try:
        secret = tokens.make_token(actor, "Benchmark", ("examine", "read"), 7).secret
        asked: dict[str, Ask] = {"a list of records": partial(_list, {"person": str(person), "limit": "20"})}
        for size in sizes:
            data = photo_of(size)
            name = f"a photo of {size[0] * size[1] / 1e6:.0f} megapixels ({len(data) / 1e6:.1f} MB)"
            asked[name] = partial(_send, form_of(data))
        for name, ask in asked.items():
            asyncio.run(at_once(server.url, secret, 2, 4, ask))  # the first ones load the networks
            for programs in levels:
                times, took = asyncio.run(at_once(server.url, secret, programs, max(requests, 2 * programs), ask))
                aim = AIM_MS if programs == AIMED_AT and name.startswith("a photo") else 0
                rows.append(row(f"API: {name}", f"{programs} at once, {len(times) / took:.1f} a second", times, aim))
    finally:
        server.stop()
    return rows


async def _list(query: dict[str, str], client: httpx.AsyncClient) -> httpx.Response:
    return await client.get("/api/v1/records", params=query)


def form_of(data: bytes) -> httpx.Request:
    """The form with a photo in it, packed once: what a program does with its own processor is not what is measured here."""
    packed = httpx.Request("POST", "http://form", files={"photo": ("spot.jpg", data, "image/jpeg")})
    packed.read()
    return packed


async def _send(form: httpx.Request, client: httpx.AsyncClient) -> httpx.Response:
    told = {"Content-Type": form.headers["Content-Type"]}
    return await client.post("/api/v1/examinations/skin", content=form.content, headers=told)
