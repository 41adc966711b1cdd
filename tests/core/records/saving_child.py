"""A process that saves findings until it is killed, again and again; run by test_killed.py.

`python saving_child.py SEED`: reads `<account id> <person id>` from standard input, then twenty times
forks a child that saves in a loop and kills it (SIGKILL) at a random moment: every fourth from its
start on, the others after their first save. A child confirms each save, after it has returned, by one
line, `<record id> <sha256 of the photo>`; the lines go to standard output. Modules are loaded once
here, so that the moments fall into saving and not into importing.
"""

from __future__ import annotations

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
sys.path.insert(0, str(Path(__file__).parents[1]))
from house import a_finding, a_photo  # noqa: E402

KILLS = 20


def save_for_ever(account_id: UUID, person_id: UUID, seed: int, confirm: int) -> None:
    """Save one finding after the other and confirm each."""
    actor = Actor(account_id, "patient", frozenset({person_id}), "Ana", "ana@example.org")
    for number in count(seed * 100_000):
        photo = a_photo(number)
        record = save_finding(actor, person_id, photo, a_finding(number))
        os.write(confirm, f"{record.id} {photo.sha256}\n".encode())  # one write: a line is there or not


def main() -> None:
    """Twenty children, twenty kills."""
    cv2.setNumThreads(1)
    configure_mappers()
    account_id, person_id = (UUID(word) for word in sys.stdin.readline().split())
    rng = random.Random(int(sys.argv[1]))
    for number in range(KILLS):
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
        time.sleep(rng.uniform(0, max(0.2, time.monotonic() - started)))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("a child ended by itself")
        with os.fdopen(confirmed) as lines:
            sys.stdout.write(lines.read())


if __name__ == "__main__":
    main()
