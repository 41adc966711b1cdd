"""Who may do what at the desk, patients and links, grades that are never overwritten, erasing, and what a person's archive tells."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people.policy import Actor, Role
from core.records import database
from core.records.check import check
from core.records.erase import erase_account_by_id
from core.records.export import write_everything
from core.records.photos import store
from core.records.screening_batches import add_files, erase_batch, list_batches, make_batch, pause_batch, progress_of, say
from core.records.screening_grades import UNGRADABLE, give_grade, list_photos, open_photo, screened, thumbnail
from core.records.screening_patients import (
    LINK_LIFE,
    add_patient,
    change_patient,
    erase_patient,
    link_patient,
    list_patients,
    make_link_code,
    unlink_patient,
)
from core.records.screening_tables import ScreeningPatient
from core.records.times import now
from core.screening.work import work_once
from tests.core.house import ask, blobs, dump, embedded, own, somebody
from tests.core.intake.files import dicom
from tests.core.screening.desk import batch, file

pytestmark = pytest.mark.usefixtures("house", "toy")
LABELS = ("bright", "dark")


def graded(staff: Actor, count: int = 2) -> list[object]:
    batch(staff, [file(number) for number in range(count)])
    while work_once("one") != "idle":
        pass
    return [one.photo for one in list_photos(staff)]


@embedded
@pytest.mark.parametrize("role", ["patient", "doctor", "admin"])
def test_what_is_refused(role: Role) -> None:
    staff = somebody("Sam", "staff", persons=0)
    photo = graded(staff)[0]
    patient = list_patients(staff)[0]
    (made,) = list_batches(staff)
    other = somebody("Other", role)
    changes = [
        lambda: add_patient(other, "X"),
        lambda: change_patient(other, patient.id, "X", "", None),
        lambda: erase_patient(other, patient.id),
        lambda: make_link_code(other, patient.id),
        lambda: unlink_patient(other, patient.id),
        lambda: make_batch(other, "X", "toy", ""),
        lambda: add_files(other, made.id, [file(9)]),
        lambda: pause_batch(other, made.id, True),
        lambda: erase_batch(other, made.id),
        lambda: say(other, photo.id, patient_id=None, side=None, taken_on=None),  # type: ignore[attr-defined]
    ]
    looks = [
        lambda: list_patients(other),
        lambda: list_batches(other),
        lambda: list_photos(other),
        lambda: progress_of(other, made.id),
        lambda: open_photo(other, photo.id),  # type: ignore[attr-defined]
        lambda: thumbnail(other, photo.id),  # type: ignore[attr-defined]
    ]
    before = dump()
    for act in changes:
        with pytest.raises(NotAllowed):
            act()
    for look in looks:
        if role == "doctor":
            look()
        else:
            with pytest.raises(NotAllowed):
                look()
    if role != "doctor":
        with pytest.raises(NotAllowed):
            give_grade(other, photo.id, "bright", "", labels=LABELS)  # type: ignore[attr-defined]
    assert dump() == before


def test_grades_stand_beside_each_other() -> None:
    staff, doctor = somebody("Sam", "staff", persons=0), somebody("Lena", "doctor", persons=0)
    first, _ = graded(staff)
    id = first.id  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="why"):
        give_grade(doctor, id, "dark", " ", labels=LABELS)
    with pytest.raises(InvalidInput, match="no such grade"):
        give_grade(doctor, id, "7", "because", labels=LABELS)
    give_grade(staff, id, "bright", "no reason is kept for the same grade", labels=LABELS)
    give_grade(doctor, id, "dark", "a bleed", labels=LABELS)
    give_grade(doctor, id, UNGRADABLE, "on second thoughts", labels=LABELS)
    opened = open_photo(doctor, id)
    assert [(one.grade, one.network, one.reason, one.role, one.by) for one in opened.grades] == [
        ("bright", "bright", "", "staff", "Sam"),
        ("dark", "bright", "a bleed", "doctor", "Lena"),
        (UNGRADABLE, "bright", "on second thoughts", "doctor", "Lena"),
    ]
    assert opened.listed.photo.label == "bright" and list_photos(doctor)[0].grade == opened.grades[-1]
    erase_account_by_id(doctor.account_id)
    assert [one.by for one in open_photo(staff, id).grades] == ["Sam", "", ""]
    assert len(list_batches(staff)) == 1


def test_numbers_are_unique_whatever_their_capitals() -> None:
    staff = somebody("Sam", "staff", persons=0)
    one = add_patient(staff, " P  1 ", "Jan", date(1956, 3, 14))
    assert one.code == "P 1"
    for code in ("p 1", "", "x" * 61, "P 1 "):
        with pytest.raises(InvalidInput):
            add_patient(staff, code)
    with pytest.raises(InvalidInput):
        add_patient(staff, "P2", birth_date=now().date() + timedelta(days=9))
    two = add_patient(staff, "P2")
    with pytest.raises(InvalidInput):
        change_patient(staff, two.id, "p 1", "", None)
    assert change_patient(staff, two.id, "P3", "Ana", None).name == "Ana"


def test_a_code_links_once_and_not_for_ever() -> None:
    staff, ana, eve = somebody("Sam", "staff", persons=0), somebody("Ana"), somebody("Eve")
    graded(staff)
    patient = list_patients(staff)[0]
    old, code = make_link_code(staff, patient.id), make_link_code(staff, patient.id)
    assert code not in dump() and code.replace("-", "") not in dump()
    for wrong in (old, "", "K7PM-2WXR-9QAC", code[:-1]):
        with pytest.raises(InvalidInput):
            link_patient(ana, own(ana), wrong)
    with pytest.raises(NotAllowed):
        link_patient(eve, own(ana), code)
    assert screened(ana, own(ana)) == []
    link_patient(ana, own(ana), f" {code.lower().replace('-', ' ')}")
    assert len(screened(ana, own(ana))) == 2 and list_patients(staff)[0].linked
    with pytest.raises(InvalidInput):
        link_patient(eve, own(eve), code)
    with pytest.raises(NotAllowed):
        screened(eve, own(ana))
    with pytest.raises(NotAllowed):
        screened(staff, own(ana))
    unlink_patient(staff, patient.id)
    assert screened(ana, own(ana)) == []
    code = make_link_code(staff, patient.id)
    with database.transaction() as session:
        row = session.exec(select(ScreeningPatient)).one()
        row.link_expires_at = now() - timedelta(seconds=1)
        session.add(row)
    with pytest.raises(InvalidInput):
        link_patient(ana, own(ana), code)
    assert timedelta(days=7) < LINK_LIFE < timedelta(days=90)


def test_what_a_person_is_told_and_what_stays_when_they_go() -> None:
    staff, ana = somebody("Sam", "staff", persons=0), somebody("Ana Ruiz")
    graded(staff, 4)
    first = list_patients(staff)[0]
    link_patient(ana, own(ana), make_link_code(staff, first.id))
    give_grade(staff, list_photos(staff)[0].photo.id, "dark", "a bleed", labels=LABELS)
    with tempfile.TemporaryFile() as target:
        write_everything(ana, target)
        with zipfile.ZipFile(target) as archive:
            told = archive.read("everything.json").decode()
            pictures = [name for name in archive.namelist() if "screening" in name]
    assert first.code in told and "a bleed" in told and "P001" not in told and "Sam" not in told
    assert len(pictures) == 2 and all(name.endswith("_photo.jpg") for name in pictures)
    erase_account_by_id(ana.account_id)
    assert len(list_photos(staff)) == 4 and not any(one.linked for one in list_patients(staff))
    assert check(older_than_seconds=0).sound


def test_what_is_erased_is_gone(house: Path) -> None:
    staff = somebody("Sam", "staff", persons=0)
    photos = graded(staff, 4)
    patient = list_patients(staff)[0]
    give_grade(staff, photos[0].id, "dark", "a bleed", labels=LABELS)  # type: ignore[attr-defined]
    assert erase_patient(staff, patient.id) == 2
    rows = dump()
    assert "a bleed" not in rows and patient.id.hex not in rows and str(patient.id) not in rows
    assert len(list_photos(staff)) == 2 and blobs() == 4
    with pytest.raises(NotFound):
        erase_patient(staff, patient.id)
    batch(staff, [file(8)])  # one that waits goes too
    for one in list_batches(staff):
        erase_batch(staff, one.id)
    assert blobs() == 0 and ask("SELECT count(*) FROM screening_photo") == [(0,)] and ask("SELECT count(*) FROM erasure") == [(0,)]
    assert len(list_patients(staff)) == 2, "patients stay"


def test_pictures_of_the_desk_are_no_leftovers() -> None:
    """A clinic may have a desk and no patient's account at all."""
    staff = somebody("Sam", "staff", persons=0)
    graded(staff, 2)
    lost = store().put(b"lost")
    report = check(repair=True, older_than_seconds=0)
    assert report.pictures == 1 and report.sound and lost not in store().keys() and blobs() == 4  # noqa: SIM118
    (photo,) = [one.photo for one in list_photos(staff)][:1]
    with database.reading() as session:
        key = session.execute(database.text("SELECT thumbnail_key FROM screening_photo")).scalars().first()
    store().delete(str(key))
    assert [one.what for one in check(older_than_seconds=0).missing] == ["thumbnail"] and photo.has_photo


def test_a_dicom_file_says_its_side_and_a_contradiction_is_asked() -> None:
    staff = somebody("Sam", "staff", persons=0)
    left = dicom(ImageLaterality="L", AcquisitionDate="20260301")
    other = dicom(ImageLaterality="L", AcquisitionDate="20260302")
    batch(staff, [file(0, left, side=None), file(2, other, side="right"), file(3, b"", side=None)])
    while work_once("one") != "idle":
        pass
    first, second, third = (one.photo for one in list_photos(staff))
    assert (first.side, first.taken_on) == ("left", date(2026, 3, 1))
    assert second.side is None and "left" in second.hint and "right" in second.hint
    assert third.state == "failed"
    told = say(staff, second.id, patient_id=second.patient_id, side="left", taken_on=date(2026, 3, 2))
    assert told.side == "left"
    for wrong in ({"side": "both"}, {"taken_on": now().date() + timedelta(days=3)}):
        with pytest.raises(InvalidInput):
            say(staff, second.id, **{"patient_id": None, "side": None, "taken_on": None, **wrong})  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        say(staff, uuid4(), patient_id=None, side=None, taken_on=None)
