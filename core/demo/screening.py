"""The screening desk of the demo clinic: made-up people, drawn eyes, results written by hand; no network asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.demo.fundus import fundus, fundus_jpeg
from core.demo.retina import EyeVisit, finding_of
from core.examinations.finding import Eye
from core.people.policy import Actor
from core.photo import read_photo
from core.records.photos import store
from core.records.screening_batches import NewFile, add_files, list_batches, make_batch
from core.records.screening_grades import give_grade, list_photos
from core.records.screening_patients import add_patients, checked_patient
from core.records.screening_queue import LEASE, lease
from core.records.times import now
from core.screening.grades import scale
from core.screening.grading import Graded
from core.screening.work import save

NAME = "Camp Oost"
PATTERN = "{patient}_{side}"
SIZE = (240, 210)
"""Width and height of the photos: drawn in a quarter of a second each."""
PEOPLE = {
    "P101": "Jan Bakker",
    "P102": "Petra Novak",
    "P103": "Dayo Okafor",
}
"""Numbers and names, all made up."""


@dataclass(frozen=True)
class Taken:
    """One photo: whose, which eye, the grade, its five chances in percent, and what a doctor said of it (grade and reason)."""

    code: str
    eye: Eye
    grade: int
    percent: tuple[int, int, int, int, int]
    seed: int
    doctor: tuple[str, str] | None = None


PHOTOS = (
    Taken("P101", "right", 4, (0, 0, 2, 6, 92), 31, ("4", "")),
    Taken("P101", "left", 2, (1, 8, 82, 7, 2), 12, ("2", "")),
    Taken("P102", "right", 0, (94, 5, 1, 0, 0), 31, ("0", "")),
    Taken("P103", "right", 1, (18, 72, 9, 1, 0), 31, ("2", "A few bleeds below the disc")),
)


def seed_screening(staff: Actor, doctor: Actor) -> None:
    """A small finished batch, unless there is one: made by `staff`, some of it graded by `doctor`."""
    if list_batches(staff):
        return
    add_patients(staff, [checked_patient(code, name) for code, name in PEOPLE.items()])
    day = now().date() - timedelta(days=2)
    batch = make_batch(staff, NAME, "retina", PATTERN)
    drawn = [fundus(one.seed, one.eye, one.grade, size=SIZE) for one in PHOTOS]
    files = {f"{one.code}_{one.eye}.jpg": fundus_jpeg(picture) for one, picture in zip(PHOTOS, drawn, strict=True)}
    new = [
        NewFile(name, lambda data=data: data, one.code, one.eye, day)  # type: ignore[misc]
        for (name, data), one in zip(files.items(), PHOTOS, strict=True)
    ]
    made = {
        data: finding_of(EyeVisit(0, one.eye, one.grade, one.percent), picture)
        for data, one, picture in zip(files.values(), PHOTOS, drawn, strict=True)
    }
    add_files(staff, batch.id, new)
    while (leased := lease("demo clinic", LEASE)) is not None:
        data = store().get(leased.raw_key)
        save(leased, Graded(read_photo(data), made[data]), store())
    said = {f"{one.code}_{one.eye}.jpg": one.doctor for one in PHOTOS}
    for listed in list_photos(staff, batch.id):
        if (grade := said[listed.photo.filename]) is not None:
            give_grade(doctor, listed.photo.id, *grade, labels=scale("retina").labels)
