"""A process that saves findings until it is killed, again and again; run by test_killed.py.

`python saving_child.py SEED KILLS`: reads `<account id> <person id>` from standard input, then KILLS times
forks a child that saves in a loop and kills it (SIGKILL) at a random moment: every fourth from its
start on, the others after their first save. A child confirms each save, after it has returned, by one
line, `<record id> <sha256 of the photo>`; the lines go to standard output. Modules are loaded once
here, so that the moments fall into saving and not into importing. `--on` instead: save until somebody ends it.
"""

from __future__ import annotations

import importlib
import os
import random
import select
import signal
import sys
import time
from itertools import count
from pathlib import Path
from uuid import UUID

import cv2
from sqlalchemy.orm import configure_mappers

from core.people.policy import Actor
from core.records.findings import save_finding

# Some installed package is called `tests` too, so the neighbour is found by its folder.
sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.core.house import a_finding, a_photo  # noqa: E402


def save_for_ever(account_id: UUID, person_id: UUID, seed: int, confirm: int) -> None:
    """Save one finding after the other and confirm each."""
    actor = Actor(account_id, "patient", frozenset({person_id}), "Ana", "ana@example.org")
    for number in count(seed * 100_000):
        photo = a_photo(number)
        record = save_finding(actor, person_id, photo, a_finding(number), site="back", new_spot="mole" if number % 3 == 0 else None)
        os.write(confirm, f"{record.id} {photo.sha256}\n".encode())  # one write: a line is there or not


def kill_one(account_id: UUID, person_id: UUID, rng: random.Random, number: int) -> None:
    """One child and its end; what it confirmed goes to standard output."""
    confirmed, confirm = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            save_for_ever(account_id, person_id, number, confirm)
        finally:
            os._exit(1)  # only reached by a failure
    os.close(confirm)
    if number % 4:
        select.select([confirmed], [], [], 60)
    # As long again as the first save took, so that a busy machine gives the same spread of moments.
    time.sleep(rng.uniform(0, max(0.1, min(0.5, time.monotonic() - started))))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        sys.exit("a child ended by itself")
    with os.fdopen(confirmed) as lines:
        sys.stdout.write(lines.read())


def main() -> None:
    """As many children as kills."""
    cv2.setNumThreads(1)
    configure_mappers()
    for name in ("psycopg", "s3fs", "aiobotocore.session", "core.records.bucket"):
        importlib.import_module(name)
    account_id, person_id = (UUID(word) for word in sys.stdin.readline().split())
    if sys.argv[1] == "--on":
        save_for_ever(account_id, person_id, 0, sys.stdout.fileno())
    rng = random.Random(int(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        kill_one(account_id, person_id, rng, number)


if __name__ == "__main__":
    main()
