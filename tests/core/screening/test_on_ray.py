"""The same batch on a local Ray of two workers: the same results, and a killed worker loses nothing."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Unavailable
from core.people.policy import Actor
from core.records.screening_batches import progress_of
from core.records.screening_grades import list_photos
from core.screening.pool import Pool
from core.screening.work import work_once
from tests.conftest import missing
from tests.core.house import embedded, somebody
from tests.core.screening.desk import batch, file

pytestmark = [pytest.mark.usefixtures("house", "toy"), embedded]
THERE = importlib.util.find_spec("ray") is not None
FIRST = "tests.core.screening.ray_toy"
PHOTOS = 12


@pytest.fixture
def ray(house: Path) -> Iterator[Any]:
    if not THERE:
        missing("ray", "Ray is not installed")
    import ray

    yield ray
    ray.shutdown()


def facts(staff: Actor, id: object) -> dict[str, Any]:
    return {one.photo.filename: (one.photo.state, one.photo.label, one.photo.facts) for one in list_photos(staff, id)}  # type: ignore[arg-type]


def test_the_same_results_and_a_killed_worker_loses_nothing(ray: Any) -> None:
    from core.screening.on_ray import RayWorkers

    staff = somebody("Sam", "staff")
    files = [file(number) for number in range(PHOTOS)] + [file(98, b"no photo")]
    here = batch(staff, files)
    while work_once("here") != "idle":
        pass
    there = batch(staff, files)
    kept: list[RayWorkers] = []

    def make() -> RayWorkers:
        kept.append(RayWorkers(FIRST, idle=5))
        return kept[0]

    pool = Pool(make)
    pool.start()
    until, killed = time.monotonic() + 240, False
    try:
        while (progress := progress_of(staff, there)).running:
            assert time.monotonic() < until, progress.counts
            if not killed and progress.over >= 3:
                os.kill(_process_of(ray), signal.SIGKILL)
                killed = True
            time.sleep(0.05)
    finally:
        pool.stop()
    assert killed and len(kept) == 1
    assert facts(staff, there) == facts(staff, here) and len(facts(staff, here)) == PHOTOS + 1
    tried = sum(one.photo.attempts for one in list_photos(staff, there))
    assert PHOTOS + 1 <= tried <= PHOTOS + 2


def _process_of(ray: Any) -> int:
    """The process of one of Ray's graders, found as the operating system calls it."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"ray::Grader" in (folder / "cmdline").read_bytes():
                return int(folder.name)
        except OSError:
            continue
    raise AssertionError("no grader runs")


@pytest.mark.skipif(THERE, reason="Ray is installed")
def test_without_ray_it_says_so() -> None:
    from core.screening.on_ray import RayWorkers

    with pytest.raises(Unavailable, match="Ray") as told:
        RayWorkers()
    assert "requirements-ray.txt" in told.value.hint
