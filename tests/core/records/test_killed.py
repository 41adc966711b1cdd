"""Killed in the middle of saving: what was confirmed is there, and nothing half-written is shown.

`make faults` kills at more moments, KILLS in each place, and says how it went.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

from core.records import database
from core.records.check import check
from core.records.findings import count_records, list_records, open_record, thumbnail
from core.settings import ROOT
from tests.core.house import ask, blobs, own, somebody

KILLS = int(os.environ.get("KILLS", "15"))


def test_killed_at_random_moments(house: Path, place: str) -> None:
    actor = somebody()
    database.engine().dispose()  # the child is to be alone with the file
    seed = random.randrange(1_000_000)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("saving_child.py")), str(seed), str(KILLS)],
        input=f"{actor.account_id} {own(actor)}\n",
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=60 + 6 * KILLS,
    )
    assert done.returncode == 0, done.stderr
    confirmed = dict(line.split() for line in done.stdout.splitlines())
    assert len(confirmed) >= KILLS // 2, "too few saves to say anything"

    listed = list_records(actor, own(actor), limit=100_000)
    assert len(listed) == count_records(actor, own(actor))
    shas = {}
    for record in listed:
        opened = open_record(actor, record.id)
        shas[str(record.id)] = hashlib.sha256(opened.photo_bytes).hexdigest()
        assert opened.finding.masks["lesion"].shape == (240, 320)
        assert opened.finding.heat is not None
        assert opened.finding.heat.shape == (24, 32)
        assert opened.finding.label == "nv"
        assert thumbnail(actor, record.id)[-2:] == b"\xff\xd9"  # the end of a JPEG
    missing = {id for id in confirmed if id not in shas}
    assert not missing, f"seed {seed}"
    assert {id: shas[id] for id in confirmed} == confirmed
    # At most the one save that each child had in hand is there without having been confirmed.
    assert len(listed) - len(confirmed) <= KILLS
    # And no spot is there without the finding that it was made with.
    assert ask("SELECT count(*) FROM spot WHERE id NOT IN (SELECT spot_id FROM record WHERE spot_id IS NOT NULL)") == [(0,)]

    # What the kills left in the store is swept away, and what is left is just the records'.
    report = check(repair=True, older_than_seconds=0)
    assert not report.missing
    assert not report.damage
    assert blobs() == 4 * len(listed)
    assert open_record(actor, listed[0].id).photo_bytes
    with Path(os.environ.get("FAULTS_SUMMARY", os.devnull)).open("a") as summary:
        more, swept = len(listed) - len(confirmed), report.pictures + report.half_written
        summary.write(
            f"{place}: killed at {KILLS} moments; {len(confirmed)} findings confirmed, none of them lost; "
            f"{more} more, whole; {swept} leftovers swept; no half record (seed {seed})\n"
        )
