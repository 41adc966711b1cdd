"""Workers are killed in the middle of a batch: at the end every photo has one result, and none has two.

`make screening-faults` kills more often, in a larger batch: PHOTOS and KILLS, in each place.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from core.records import database, screening_queue
from core.records.check import check
from core.records.screening_batches import progress_of
from core.records.screening_grades import list_photos, open_photo
from core.records.screening_tables import ScreeningPhoto
from core.screening.pool import Pool, Processes
from tests.core.house import ask, blobs, somebody
from tests.core.screening.desk import batch, file

PHOTOS, KILLS = int(os.environ.get("PHOTOS", "24")), int(os.environ.get("KILLS", "3"))
CHILD = (sys.executable, str(Path(__file__).with_name("working_child.py")), "--slow", "0.05")


@pytest.fixture(autouse=True)
def _slow_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


def test_killed_at_random_moments(house: Path, place: str, toy: str) -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(number) for number in range(PHOTOS)])
    seed = random.randrange(1_000_000)
    rng = random.Random(seed)
    processes = Processes(CHILD)
    pool = Pool(lambda: processes)
    pool.start()
    # Each moment is a share of the work, so that kills fall all over the batch, however quick the machine is.
    shares = sorted(rng.uniform(0.02, 0.9) for _ in range(KILLS))
    killed, until = 0, time.monotonic() + 120 + 20 * KILLS + 4 * PHOTOS
    most = 0
    try:
        while (progress := progress_of(staff, id)).running:
            assert time.monotonic() < until, f"seed {seed}: {progress.counts}"
            most = max(most, screening_queue.unfinished())
            alive = [process for process in list(processes.running.values()) if process.poll() is None]
            if killed < KILLS and progress.over >= shares[killed] * PHOTOS and alive:
                time.sleep(rng.uniform(0, 0.1))
                rng.choice(alive).send_signal(signal.SIGKILL)
                killed += 1
            time.sleep(0.02)
    finally:
        pool.stop()
    assert killed == KILLS

    rows = list_photos(staff, id)
    assert len(rows) == PHOTOS and {one.photo.state for one in rows} == {"done"}
    for one in rows:
        number = 2 * int(one.photo.filename[1:4]) + (one.photo.filename[5] == "L")
        assert one.photo.label == ("dark" if number % 2 else "bright"), "the result is that of this photo"
    tried = sum(one.photo.attempts for one in rows)
    assert PHOTOS <= tried <= PHOTOS + KILLS, "a photo is looked at again only where a worker died"
    opened = open_photo(staff, rows[0].photo.id)
    assert opened.finding is not None
    # What the kills left in the store is swept away, and what is left is just the results'.
    report = check(repair=True, older_than_seconds=0)
    assert not report.missing and not report.damage
    assert blobs() == 2 * PHOTOS
    with database.reading() as session:
        assert session.get_one(ScreeningPhoto, rows[0].photo.id).raw_key is None
    assert ask("SELECT count(*) FROM screening_photo") == [(PHOTOS,)]
    with Path(os.environ.get("FAULTS_SUMMARY", os.devnull)).open("a") as summary:
        again = tried - PHOTOS
        summary.write(
            f"{place}: {KILLS} workers killed in a batch of {PHOTOS}; {len(rows)} results, none twice; {again} tried again (seed {seed})\n"
        )


def test_a_batch_goes_on_after_everything_ended(house: Path, toy: str) -> None:
    """The server and its workers go at once; what was lent comes back when its time is over, or when the server stops politely."""
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(number) for number in range(6)])
    first = Pool(lambda: Processes((*CHILD[:-1], "0.3")))
    first.start()
    until = time.monotonic() + 60
    while not progress_of(staff, id).over and time.monotonic() < until:
        time.sleep(0.05)
    first.stop()
    between = progress_of(staff, id)
    assert between.running and between.over and between.counts["leased"] == 0
    second = Pool(lambda: Processes(CHILD))
    second.start()
    while progress_of(staff, id).running and time.monotonic() < until:
        time.sleep(0.05)
    second.stop()
    assert progress_of(staff, id).counts["done"] == 6
