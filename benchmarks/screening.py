"""`python -m benchmarks.screening`: a folder of photos through the screening desk, with one worker and two, in processes and on Ray."""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import measure
from benchmarks.stages import demo_house
from core.demo.marks import mark
from core.people.accounts import create_account
from core.people.policy import Actor
from core.people.secrets import new_token
from core.photo import read_photo
from core.records.screening_batches import NewFile, add_files, make_batch, progress_of
from core.screening.pool import Pool, Processes, Workers
from core.settings import settings

PHOTOS, WORKERS, AIM = 500, (1, 2), 12.0
"""Photos of the folder; workers side by side; photos per second aimed at with two cores."""
SIZE = (4000, 3000)
Make = Callable[[], Workers]


@dataclass(frozen=True)
class Pace:
    """`per_second`: between the first and the last result, when networks are loaded. `whole`: seconds with the start of the workers."""

    engine: str
    workers: int
    photos: int
    per_second: float
    whole: float


def numbered(file: bytes, number: int) -> bytes:
    """The same JPEG with a number in a comment: another file, the same photo."""
    comment = f"{number:06d}".encode()
    return file[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + file[2:]


def pace(engine: str, make: Make, workers: int, staff: Actor, file: bytes, photos: int, examination: str) -> Pace:
    """Grade `photos` copies of a file with so many workers. AssertionError when one of them got no answer."""
    os.environ["CARELENS_WORKERS"] = str(workers)
    settings.cache_clear()
    batch = make_batch(staff, f"{engine}, {workers}", examination, "{patient}_{side}")
    files = [
        NewFile(f"{number:05d}.jpg", lambda number=number: numbered(file, number), side=("right", "left")[number % 2])  # type: ignore[misc]
        for number in range(photos)
    ]
    add_files(staff, batch.id, files)
    pool, started = Pool(make), time.perf_counter()
    pool.start()
    try:
        while (progress := progress_of(staff, batch.id, latest=photos)).running:
            time.sleep(0.1)
        whole = time.perf_counter() - started
    finally:
        pool.stop()
    assert progress.counts["done"] == photos, progress.counts
    span = (progress.finished[-1] - progress.finished[0]).total_seconds()
    return Pace(engine, workers, photos, round((photos - 1) / max(span, 1e-6), 2), round(whole, 1))


def engines() -> dict[str, Make]:
    """The engines that are here."""
    found: dict[str, Make] = {"processes": Processes}
    try:
        import ray  # noqa: F401 - optional

        from core.screening.on_ray import RayWorkers
    except ImportError:
        return found
    return {**found, "Ray": RayWorkers}


def measure_all(file: bytes, photos: int, examination: str, ways: dict[str, Make], workers: Sequence[int] = WORKERS) -> list[Pace]:
    """Every engine with every number of workers, one after the other, each in the same house."""
    mark(read_photo(file).sha256)
    staff = create_account(email="bench@example.org", password=new_token(), name="Bench", role="staff")
    return [pace(engine, make, count, staff, file, photos, examination) for count in workers for engine, make in ways.items()]


def table(paces: Sequence[Pace]) -> str:
    """The paces as text."""
    lines = [f"{'':14}{'workers':>8}{'photos':>8}{'photos/s':>10}{'whole':>10}"]
    return "\n".join(
        [*lines, *(f"{one.engine:14}{one.workers:>8}{one.photos:>8}{one.per_second:>10.2f}{one.whole:>8.1f} s" for one in paces)]
    )


def main() -> None:
    """Measure a drawn eye, enlarged to 12 megapixels, so many times: what gate, quality and grade cost. From grade 1 on, with signs."""
    import cv2

    from core.demo.fundus import fundus
    from core.photo import encode_jpeg

    line = argparse.ArgumentParser(prog="python -m benchmarks.screening", description=main.__doc__)
    line.add_argument("--photos", type=int, default=PHOTOS)
    line.add_argument("--examination", default="retina")
    line.add_argument("--grade", type=int, default=0, choices=range(5), help="of the drawn eye (default 0: a second stage looks for signs)")
    asked = line.parse_args()
    logging.disable(logging.WARNING)
    large = cv2.resize(fundus(7, grade=asked.grade).pixels, SIZE, interpolation=cv2.INTER_CUBIC)
    with demo_house():
        paces = measure_all(encode_jpeg(large, quality=92), asked.photos, asked.examination, engines())
    print(table(paces))
    print(f"\naim with two cores: {AIM:.0f} photos/s; " + ", ".join(f"{name} {value}" for name, value in measure.machine().items()))


if __name__ == "__main__":
    main()
