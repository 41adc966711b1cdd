"""What can happen to a house: the disk is full, the store is gone, the database restarts, two tabs do the same, the clock jumps.

Each time the person gets a sentence, the photo stays on the desk, what was confirmed is there, and once the fault is
over the same click works.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.errors import CareLensError, NotFound, Unavailable
from core.people.policy import Actor
from core.records import database, times
from core.records.check import check
from core.records.findings import count_records, delete_record, list_records, open_record, save_finding
from core.records.photos import store
from core.records.spots import create_spot, delete_spot, list_spots
from core.records.tables import Mark
from core.settings import settings
from core.ui.checking import Check, Desk
from tests.conftest import missing
from tests.core.house import a_finding, a_photo, ask, blobs, embedded, own, somebody
from tests.core.together import together
from tests.servers import Bucket, Cluster

on_servers = pytest.mark.parametrize("place", ["servers"], indirect=True)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 12 MB of its own, where one can be made."""
    folder = Path(f"/tmp/carelens-disk-{uuid4().hex[:8]}")
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, check=False)
    if done.returncode:
        folder.rmdir()
        missing("disk", "No small disk can be made here")
    yield folder
    database.engine().dispose()
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def fill_up(disk: Path) -> Path:
    """Write until the last byte; removing the file makes room again."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


def a_desk(actor: Actor, *photos: int) -> Desk:
    """A desk with photos that were examined and wait to be saved."""
    checks = [Check(str(n), f"{n}.jpg", b"", photo=a_photo(n), result=a_finding(n), answers=a_finding(n).answers) for n in photos]
    return Desk(own(actor), checks=checks)


def told(desk: Desk, actor: Actor, number: int = 0) -> CareLensError | None:
    """Press save; what the person is told."""
    desk.save(desk.checks[number], actor, "back", None, "mole")
    return desk.checks[number].trouble


def in_order(actor: Actor, expected: int) -> None:
    """Every finding is there and whole, nothing is left over."""
    records = list_records(actor, own(actor), limit=1000)
    assert len(records) == count_records(actor, own(actor)) == expected
    for record in records:
        assert open_record(actor, record.id).finding.masks["lesion"].shape == (240, 320)
    assert check(older_than_seconds=0).sound
    assert blobs() == 4 * expected


def sentence(error: CareLensError | None, about: str = "") -> None:
    assert isinstance(error, Unavailable)
    assert error.reason.endswith(".") and error.hint.endswith(".")
    assert about in error.reason
    assert "nothing was changed" in error.reason


@embedded
@pytest.mark.parametrize("what", ["photos", "database"])
def test_a_full_disk(house: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    if what == "photos":
        monkeypatch.setenv("CARELENS_PHOTO_STORE", str(small_disk / "photos"))
    else:
        database.engine().dispose()
        shutil.copy(house / "carelens.db", small_disk)
        monkeypatch.setenv("CARELENS_DATABASE_URL", f"sqlite:///{small_disk / 'carelens.db'}")
    settings.cache_clear()
    actor = somebody()
    desk = a_desk(actor, 1, 2)
    assert told(desk, actor) is None
    filler = fill_up(small_disk)
    sentence(told(desk, actor, 1), "full" if what == "photos" else "no room left")
    assert desk.checks[1].state == "examined"  # the photo is still on the desk
    assert count_records(actor, own(actor)) == 1
    filler.unlink()
    assert told(desk, actor, 1) is None
    in_order(actor, 2)


@on_servers
def test_a_full_disk_of_the_server(house: Path, small_disk: Path, postgres: Cluster) -> None:
    """The tables lie on a small disk of the server's."""
    actor = somebody()
    desk = a_desk(actor, 1)
    space, name = f"small_{uuid4().hex[:8]}", settings().database_url.rpartition("/")[2]
    shutil.chown(small_disk, postgres.user)
    database.engine().dispose()
    postgres.say(f"CREATE TABLESPACE {space} LOCATION '{small_disk}'")
    try:
        postgres.say(f"ALTER DATABASE {name} SET TABLESPACE {space}")
        filler = fill_up(small_disk)
        with pytest.raises(Unavailable, match="no room left") as full, database.transaction() as session:
            session.add_all([Mark(name=uuid4().hex) for _ in range(5000)])
        sentence(full.value)
        assert ask("SELECT count(*) FROM mark") == [(0,)]
        filler.unlink()
        assert told(desk, actor) is None
        in_order(actor, 1)
    finally:
        database.engine().dispose()
        postgres.say(f"ALTER DATABASE {name} SET TABLESPACE pg_default")
        postgres.say(f"DROP TABLESPACE {space}")


def test_the_store_is_gone(house: Path, place: str, s3: Bucket) -> None:
    actor = somebody()
    desk = a_desk(actor, 1, 2)
    assert told(desk, actor) is None
    (record,) = list_records(actor, own(actor))
    if place == "servers":
        s3.stop()
    else:
        (house / "photos").rename(house / "away")
    try:
        sentence(told(desk, actor, 1), "photo store")
        assert desk.checks[1].state == "examined"
        assert [r.id for r in list_records(actor, own(actor))] == [record.id]  # the list goes on working
        with pytest.raises(Unavailable, match="photo store"):
            open_record(actor, record.id)
        assert not store().healthy()
        with pytest.raises(Unavailable):
            check()  # and does not say that all pictures are missing
    finally:
        if place == "servers":
            s3.start()
        else:
            (house / "away").rename(house / "photos")
    assert told(desk, actor, 1) is None
    in_order(actor, 2)


@on_servers
def test_the_database_is_stopped_and_started(house: Path, postgres: Cluster) -> None:
    actor = somebody()
    desk = a_desk(actor, 1, 2, 3)
    assert told(desk, actor) is None
    postgres.stop()
    try:
        sentence(told(desk, actor, 1), "database")
        assert desk.checks[1].state == "examined"
        assert not database.healthy()
    finally:
        postgres.start()
    assert told(desk, actor, 1) is None  # connections of before are not used again
    with pytest.raises(Unavailable) as cut, database.transaction() as session:
        session.add(Mark(name="half"))
        session.flush()
        postgres.stop()
        postgres.start()
        session.add(Mark(name="other half"))
    sentence(cut.value, "database")
    assert ask("SELECT count(*) FROM mark") == [(0,)]
    assert told(desk, actor, 2) is None
    in_order(actor, 3)


@on_servers
def test_the_database_restarts_while_somebody_goes_on_saving(house: Path, postgres: Cluster) -> None:
    """Every save either is confirmed and there, or is told and not there; pressing again in the end saves all."""
    actor = somebody()
    confirmed: list[UUID] = []
    wrong: list[Exception] = []
    over = threading.Event()

    def go_on() -> None:
        number = 0
        while not over.is_set():
            number += 1
            token = uuid4()
            while True:
                try:
                    confirmed.append(save_finding(actor, own(actor), a_photo(number), a_finding(number), token=token).id)
                    break
                except Unavailable:
                    time.sleep(0.05)
                except Exception as error:  # noqa: BLE001 - whatever else it is, it is what the test looks for
                    wrong.append(error)
                    return

    thread = threading.Thread(target=go_on)
    thread.start()
    for _ in range(2):
        time.sleep(0.6)
        postgres.stop()
        time.sleep(0.1)
        postgres.start()
    time.sleep(0.5)
    over.set()
    thread.join()
    assert wrong == []
    assert {record.id for record in list_records(actor, own(actor), limit=1000)} == set(confirmed)
    assert len(set(confirmed)) == len(confirmed) > 2
    check(repair=True, older_than_seconds=0)
    in_order(actor, len(confirmed))


def test_two_tabs_save_the_same_at_once(house: Path) -> None:
    actor = somebody()
    tabs = [a_desk(actor, 1) for _ in range(4)]
    together(len(tabs), lambda number: told(tabs[number], actor))
    assert [(desk.checks[0].state, desk.checks[0].trouble) for desk in tabs] == [("saved", None)] * 4
    assert len({desk.checks[0].record_id for desk in tabs}) == len(list_spots(actor, own(actor))) == 1
    in_order(actor, 1)
    later = a_desk(actor, 1)
    assert told(later, actor) is None
    assert later.checks[0].known  # the card says that it was there already
    other = a_desk(actor, 1)
    other.save(other.checks[0], actor, "arm", None, "mole")  # at another place it is something else
    assert not other.checks[0].known
    in_order(actor, 2)


def test_two_tabs_one_of_which_deletes(house: Path) -> None:
    actor = somebody()
    desk = a_desk(actor, 1, 2)
    assert told(desk, actor) is None
    (spot,) = list_spots(actor, own(actor))
    delete_spot(actor, spot.id)  # in the other tab
    gone = told(desk, actor, 1)
    assert isinstance(gone, NotFound) and gone.hint.endswith(".")
    assert desk.checks[1].state == "examined"
    assert told(desk, actor, 1) is None  # pressed again, it makes a spot anew
    assert len(list_spots(actor, own(actor))) == 1
    record = list_records(actor, own(actor))[0]
    delete_record(actor, record.id)
    with pytest.raises(NotFound, match="does not exist any more"):
        delete_record(actor, record.id)
    in_order(actor, 1)


class Clock(datetime):
    """The clock of the machine, put forward or back by `ahead`."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[timedelta], None]]:
    """`clock(timedelta(days=1))`: it is this much later than it really is. Only the reading of the clock is replaced."""

    def put(ahead: timedelta) -> None:
        Clock.ahead = ahead

    monkeypatch.setattr(times, "datetime", Clock)
    yield put
    Clock.ahead = timedelta(0)


YEAR = timedelta(days=365)


def test_the_clock_jumps_and_no_finding_is_lost(house: Path, clock: Callable[[timedelta], None]) -> None:
    """Findings are listed by the time the clock showed; each of them once, in the same order whenever one looks."""
    actor = somebody()
    spot = create_spot(actor, own(actor), "back", "mole")
    jumps = [timedelta(0), YEAR, -YEAR, timedelta(seconds=-30), timedelta(0)]
    saved = []
    for number, ahead in enumerate(jumps):
        clock(ahead)
        saved.append(save_finding(actor, own(actor), a_photo(number), a_finding(number), spot_id=spot.id))
    for ahead in jumps:
        clock(ahead)
        listed = list_records(actor, own(actor))
        assert listed == sorted(saved, key=lambda record: record.taken_at, reverse=True)
        assert [r.id for r in list_records(actor, own(actor), limit=2, offset=2)] == [r.id for r in listed[2:4]]
    in_order(actor, 5)


def test_the_clock_jumps_and_sign_ins_end_early_rather_than_late(house: Path, clock: Callable[[timedelta], None]) -> None:
    from core.people.sessions import actor_of, issue_ticket, list_sessions, redeem_ticket

    actor = somebody()
    token = redeem_ticket(issue_ticket(actor))
    for minutes in (60, -60, 0):  # what a correction does
        clock(timedelta(minutes=minutes))
        assert actor_of(token)
    clock(YEAR)
    assert actor_of(token) is None
    ahead = redeem_ticket(issue_ticket(actor))
    ticket = issue_ticket(actor)
    assert actor_of(ahead)
    clock(timedelta(0))  # set right again
    assert actor_of(ahead) is None, "it would have lasted for a year and a month"
    assert redeem_ticket(ticket) is None
    assert list_sessions(actor) == []
    assert actor_of(redeem_ticket(issue_ticket(actor)))


def test_the_clock_jumps_and_nobody_waits_for_a_year(house: Path, clock: Callable[[timedelta], None]) -> None:
    from core.people import throttle

    key = ("account", "ana@example.org")

    def tries() -> int:
        for number in range(50):
            try:
                throttle.count(key)
            except throttle.TooManyTries as told:
                assert told.wait <= timedelta(minutes=15)
                return number
        return 50

    assert tries() == 5
    clock(-YEAR)  # the wait that was noted lies a year ahead now
    assert tries() == 1  # one more, and the next wait is told at once: going back forgives nothing
    clock(timedelta(0))
    assert tries() >= 1
