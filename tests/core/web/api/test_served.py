"""The API as it runs: beside the pages and alone, two processes on one house, called by a real HTTP client."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from benchmarks.stages import photo_file
from core.demo.marks import mark
from core.demo.people import demo_actor
from core.people import tokens
from core.photo import read_photo
from core.records.findings import count_records
from tests.browser.helpers import ApiServer, Server
from tests.core.house import SECRET, move_in, move_out

AT_ONCE, SLICE = 10, 1.5
"""With 40 requests a minute: how many may come at once, and the seconds one is worth."""


@pytest.fixture(scope="module")
def house_and_servers(tmp_path_factory):
    """The demo clinic with two servers on it, and this process beside them."""
    home: Path = tmp_path_factory.mktemp("served") / "home"
    environment = {"CARELENS_SECRET_KEY": SECRET, "CARELENS_API_PER_MINUTE": "40"}
    beside, alone = Server(home, demo=True, environment=environment), ApiServer(home, demo=True, environment=environment)
    alone.log = home.parent / "alone.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARELENS_API_PER_MINUTE", "40")
        try:
            beside.start(270)  # one after the other: the first makes the tables and the people
            alone.start(270)
            move_in(home, patch, demo=True)
            yield beside, alone
            move_out()
        finally:
            beside.stop()
            alone.stop()


def program(server: Server, secret: str = "") -> httpx.Client:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return httpx.Client(base_url=server.url, headers=headers, timeout=120)


def a_token(name: str) -> str:
    return tokens.make_token(demo_actor("patient"), name, ("examine", "read", "write"), 7).secret


@pytest.fixture(scope="module")
def photo(house_and_servers) -> bytes:
    """A drawn spot that the demo takes for a photograph, and that passes the gate."""
    with program(house_and_servers[0], a_token("Chooser")) as client:
        for seed in range(1, 9):
            data = photo_file(seed, (1200, 900))
            mark(read_photo(data).sha256)
            answer = client.post("/api/v1/examinations/skin", files={"photo": data})
            if answer.status_code == 200:
                return data
            assert answer.json()["code"], answer.text
    raise AssertionError("no drawn spot passes the gate")


def test_the_same_beside_the_pages_and_alone(house_and_servers, photo):
    actor = demo_actor("patient")
    person = min(actor.person_ids, key=str)
    before, secret, answers = count_records(actor, person), a_token("Saver"), []
    for server in house_and_servers:
        with program(server, secret) as client:
            assert client.get("/api/v1/token").json()["role"] == "patient"
            fields = {"save": "true", "person": str(person), "site": "back", "new_or_changed": "no"}
            answers.append(client.post("/api/v1/examinations/skin", files={"photo": ("p.jpg", photo, "image/jpeg")}, data=fields))
    first, again = answers
    assert (first.status_code, again.status_code) == (201, 200), "sent again, to another process even, it is saved once"
    assert first.json()["record"] == again.json()["record"] and count_records(actor, person) == before + 1
    finding, path = first.json()["finding"], first.json()["record"]["href"]
    assert set(finding["probabilities"]) == {"akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"}
    assert sum(finding["probabilities"].values()) == pytest.approx(1, abs=1e-3) and finding["words"]["disclaimer"]
    with program(house_and_servers[1], secret) as client:
        assert client.get(finding["masks"]["lesion"]).content.startswith(b"\x89PNG\r\n")
        assert client.get(f"{path}/photo").content == read_photo(photo).original
        assert path.rpartition("/")[2] in client.get(f"/api/v1/records?person={person}").text
        assert client.get("/History").status_code == 404 and client.get("/nothing").headers["content-type"] == "application/problem+json"
    log = house_and_servers[1].log.read_text()
    assert secret not in log and path.rpartition("/")[2] not in log and "Traceback" not in log


def test_two_processes_count_a_token_together(house_and_servers):
    secret = a_token("Hasty")
    with program(house_and_servers[0], secret) as one, program(house_and_servers[1], secret) as other:
        began, answers = time.monotonic(), []
        for number in range(2 * AT_ONCE):
            answers.append((one, other)[number % 2].get("/api/v1/token"))
        took = time.monotonic() - began
    good = [answer.status_code for answer in answers].count(200)
    assert AT_ONCE <= good <= AT_ONCE + took / SLICE + 1
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) + good == len(answers) and all(1 <= int(answer.headers["retry-after"]) <= 2 for answer in refused)


def test_the_server_answers_others_while_photos_are_examined(house_and_servers, photo):
    done: list[float] = []

    def send(_: int) -> int:
        with program(house_and_servers[0], secret) as client:
            answer = client.post("/api/v1/examinations/skin", files={"photo": photo})
            done.append(time.monotonic())
            return answer.status_code

    secret = a_token("Busy")
    with ThreadPoolExecutor(6) as pool, program(house_and_servers[0]) as visitor:
        photos = [pool.submit(send, number) for number in range(6)]
        time.sleep(0.05)
        assert visitor.get("/api/docs").status_code == 200
        answered = time.monotonic()
        assert [one.result() for one in photos] == [200] * 6
    assert answered < max(done), "the docs did not wait for every photo"


@pytest.mark.parametrize("says_so", [True, False])
def test_a_body_over_the_limit_is_refused_and_the_server_goes_on(house_and_servers, says_so):
    piece, most = b"x" * (1 << 20), 40
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"} | (
        {"Content-Length": str(len(head) + most * len(piece))} if says_so else {}
    )

    def body():
        yield head
        yield from [piece] * most

    for server in house_and_servers:
        with program(server, a_token("Large")) as client:
            answer = client.post("/api/v1/examinations/skin", content=body(), headers=headers)
            assert answer.status_code == 413 and answer.json()["type"] == "/api/docs#too-large"
        with program(server) as client:
            assert client.get("/healthz").status_code == 200
            assert client.post("/api/v1/examinations/skin", content=body(), headers=headers).status_code == 401
