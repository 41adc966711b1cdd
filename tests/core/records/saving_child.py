"""A process that saves findings until it is killed, again and again; run by test_killed.py.

`python saving_child.py SEED`: reads `<account id> <person id>` from standard input, then twenty times
forks a child that saves in a loop and kills it (SIGKILL) at a random moment. Each child writes one
line per save, `<record id> <sha256 of the photo>`, after the save has returned. Modules are loaded
once here, so that the moments fall into saving and not into importing.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from itertools import count
from pathlib import Path
from uuid import UUID

import cv2

from core.people.policy import Actor
from core.records.findings import save_finding

# Some installed package is called `tests` too, so the neighbour is found by its folder.
sys.path.insert(0, str(Path(__file__).parents[1]))
from house import a_finding, a_photo  # noqa: E402

KILLS = 20


def save_for_ever(account_id: UUID, person_id: UUID, seed: int) -> None:
    """Save one finding after the other and confirm each."""
    actor = Actor(account_id, "patient", frozenset({person_id}), "Ana", "ana@example.org")
    for number in count(seed * 100_000):
        photo = a_photo(number)
        record = save_finding(actor, person_id, photo, a_finding(number))
        os.write(1, f"{record.id} {photo.sha256}\n".encode())  # one write: a line is there or not


def main() -> None:
    """Twenty children, twenty kills."""
    cv2.setNumThreads(1)
    account_id, person_id = (UUID(word) for word in sys.stdin.readline().split())
    rng = random.Random(int(sys.argv[1]))
    for number in range(KILLS):
        child = os.fork()
        if child == 0:
            try:
                save_for_ever(account_id, person_id, number)
            finally:
                os._exit(1)  # only reached by a failure
        time.sleep(rng.uniform(0.02, 0.4))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("a child ended by itself")


if __name__ == "__main__":
    main()
