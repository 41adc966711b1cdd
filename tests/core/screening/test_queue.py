"""The queue: photos are lent with a time limit and answered once, whatever becomes of who had them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from core.errors import InvalidInput, NotFound, Unavailable
from core.examinations import registry
from core.examinations.finding import Finding
from core.records import database, screening_queue
from core.records.photos import store
from core.records.screening_batches import MOST_PHOTOS, add_files, make_batch, pause_batch, progress_of
from core.records.screening_grades import list_photos, open_photo, thumbnail
from core.records.screening_tables import ScreeningPhoto
from core.records.times import now
from core.screening.grading import grade
from core.screening.work import save, work_once
from tests.core.house import ask, blobs, dump, somebody
from tests.core.screening.desk import batch, file, jpeg
from tests.core.toy import TOY

pytestmark = pytest.mark.usefixtures("house", "toy")


def late(seconds: float = 1000) -> None:
    """All that is lent now was lent so long ago that its time is over."""
    with database.transaction() as session:
        for row in session.exec(select(ScreeningPhoto).where(ScreeningPhoto.state == "leased")):
            row.leased_until = now() - timedelta(seconds=seconds)
            session.add(row)


def test_a_batch_is_graded_and_the_files_as_sent_are_gone() -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(0), file(1), file(2, b"not a photo at all"), file(3, side=None)])
    assert progress_of(staff, id).counts == {"waiting": 4, "leased": 0, "done": 0, "failed": 0}
    assert [work_once("one") for _ in range(5)] == ["graded"] * 4 + ["idle"]
    progress = progress_of(staff, id)
    assert progress.counts == {"waiting": 0, "leased": 0, "done": 3, "failed": 1} and not progress.running and len(progress.finished) == 4
    first, second, third, fourth = (one.photo for one in list_photos(staff, id))
    assert [one.label for one in (first, second, fourth)] == ["bright", "dark", "dark"]
    assert third.state == "failed" and third.reason.endswith(".") and third.hint and not third.has_photo
    assert fourth.side is None and fourth.patient_id is not None
    opened = open_photo(staff, first.id)
    assert opened.finding is not None and opened.finding.numbers["brightness"] > 0.5
    assert thumbnail(staff, first.id)[:3] == b"\xff\xd8\xff"
    with pytest.raises(NotFound):
        open_photo(staff, third.id)
    assert blobs() == 3 * 2, "photo and thumbnail each; nothing of the file that is none"
    assert ask("SELECT count(*) FROM screening_photo WHERE raw_key IS NOT NULL OR lease_token IS NOT NULL") == [(0,)]


def test_two_never_get_the_same_photo() -> None:
    staff = somebody("Sam", "staff")
    batch(staff, [file(number) for number in range(24)])
    got: list[object] = []

    def work(name: str) -> None:
        while (leased := screening_queue.lease(name)) is not None:
            got.append(leased.id)

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 24


def test_who_comes_too_late_changes_nothing() -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(0)])
    slow = screening_queue.lease("slow")
    assert slow is not None and screening_queue.lease("quick") is None, "it is lent"
    late()
    quick = screening_queue.lease("quick")
    assert quick is not None and quick.id == slow.id and quick.token != slow.token
    assert save(slow, grade(jpeg(1), "toy"), store()) == "late", "before the other has finished"
    assert save(quick, grade(jpeg(0), "toy"), store()) == "graded"
    before = dump()
    assert save(slow, grade(jpeg(1), "toy"), store()) == "late", "and after"
    assert save(quick, grade(jpeg(1), "toy"), store()) == "late", "twice by the same, too"
    assert dump() == before
    assert [one.photo.label for one in list_photos(staff, id)] == ["bright"]
    assert blobs() == 2


def test_what_a_dead_worker_had_is_put_back_and_not_for_ever() -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(0), file(1)])
    for _ in range(screening_queue.MOST_ATTEMPTS):
        for _ in range(2):
            assert screening_queue.lease("doomed")
        assert screening_queue.release("somebody else") == 0
        assert screening_queue.release("doomed") == 2
    assert work_once("last") == "idle"
    assert progress_of(staff, id).counts["failed"] == 2
    assert all("each time" in one.photo.reason for one in list_photos(staff, id))


def test_those_tried_least_come_first() -> None:
    staff = somebody("Sam", "staff")
    batch(staff, [file(0), file(1)])
    first = screening_queue.lease("doomed")
    screening_queue.release("doomed")
    second = screening_queue.lease("doomed")
    assert first is not None and second is not None and first.id != second.id


def test_a_pause_holds_what_waits() -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(0), file(1)])
    in_hand = screening_queue.lease("one")
    pause_batch(staff, id, True)
    assert screening_queue.lease("one") is None and screening_queue.unfinished() == 0
    assert in_hand is not None and save(in_hand, grade(jpeg(0), "toy"), store()) == "graded"
    pause_batch(staff, id, False)
    assert work_once("one") == "graded"


def test_a_missing_network_puts_the_photo_back() -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(0)])

    def away(*_: object) -> Finding:
        raise Unavailable("The network is not installed.")

    registry.register(replace(TOY, run=away))
    for _ in range(2 * screening_queue.MOST_ATTEMPTS):
        assert work_once("one") == "later"
    registry.register(TOY)
    assert progress_of(staff, id).counts["waiting"] == 1
    assert work_once("one") == "graded"


def test_the_same_file_twice_and_too_many() -> None:
    staff = somebody("Sam", "staff")
    id = batch(staff, [file(0), file(4, jpeg(0)), file(1)])
    again = list_photos(staff, id)[1].photo
    assert again.state == "failed" and "P000_R.jpg" in again.reason
    rows = dump()
    with pytest.raises(InvalidInput, match="2,000"):
        add_files(staff, id, [file(number) for number in range(MOST_PHOTOS - 2)])
    assert dump() == rows
    with pytest.raises(InvalidInput):
        make_batch(staff, " ", "toy", "")
