"""The demo clinic: made, put back, and never in anybody's way."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlmodel import func, select

from core.demo import eczema, limbs, people, pictures, retina
from core.demo import findings as made_up
from core.demo.clinic_people import PEOPLE
from core.demo.filling import fill
from core.demo.fundus import DrawnFundus, fundus
from core.demo.people import demo_actor, demo_reset, seed, seed_if_empty
from core.errors import InvalidInput, NotAllowed
from core.examinations.finding import STEPS
from core.examinations.retina_eye import guess
from core.people.accounts import check_password, list_accounts, sign_up
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import database
from core.records.findings import count_records, delete_record, list_records, open_record, save_finding
from core.records.photos import store
from core.records.record_tables import Record
from core.records.scores import list_scores
from core.records.screening_batches import list_batches, progress_of
from core.records.screening_grades import list_photos
from core.records.spots import list_spots
from core.records.tables import Mark
from core.records.times import now
from core.records.treatments import KINDS, list_treatments
from core.screening.grades import scale
from core.screening.worklist import by_urgency
from core.settings import ROOT, settings
from tests.core.house import a_finding, a_photo, ask, embedded, own

EYES = len(retina.VISITS)
SAVED = len(made_up.VISITS) + len(eczema.PATCHES) + EYES
"""Records of Ana's."""
ALL = SAVED + sum(len(who.moles) + len(who.copied) for who in PEOPLE)


@pytest.fixture
def demo(house: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house whose settings are those of the demo."""
    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    return house


remembered, limb = cache(pictures.lesion), cache(limbs.limb)
drawn_eyes: dict[str, DrawnFundus] = {}


def eye(seed: int, side: str, **how: Any) -> DrawnFundus:
    name = f"{seed} {side} {how}"
    if name not in drawn_eyes:
        drawn_eyes[name] = fundus(seed, side, **how)
    return drawn_eyes[name]


@pytest.fixture(autouse=True)
def _drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same drawings for every test, drawn once; the test of the time is of another process."""
    monkeypatch.setattr(pictures, "lesion", remembered)
    monkeypatch.setattr(limbs, "limb", limb)
    monkeypatch.setattr(retina, "fundus", eye)


def files() -> set[str]:
    assert store().half_written(0) == 0
    return store().keys()


def test_seeding_is_done_once(demo: Path) -> None:
    seed()
    ana, lena = demo_actor("patient"), demo_actor("doctor")
    assert (ana.name, ana.email, ana.role, len(ana.person_ids)) == ("Ana Ruiz", "ana@demo.example", "patient", 1)
    assert (lena.name, lena.email, lena.role, lena.person_ids) == ("Dr Lena Osei", "lena@demo.example", "doctor", frozenset())
    before = (list_records(ana, own(ana)), list_spots(ana, own(ana)), files())
    assert len(before[0]) == SAVED == 26
    assert len(before[1]) == 2
    seed()
    seed_if_empty()
    assert (list_records(ana, own(ana)), list_spots(ana, own(ana)), files()) == before
    assert len(list_accounts()) == len(PEOPLE) + 4


@embedded
def test_nobody_knows_the_passwords(demo: Path) -> None:
    seed()
    for password in ("", "demo", "carelens", "ana@demo.example"):
        with pytest.raises(InvalidInput):
            check_password("ana@demo.example", password)


@embedded
def test_the_findings_are_of_one_piece(demo: Path) -> None:
    seed()
    ana = demo_actor("patient")
    steps = {name: facts["step"] for name, facts in json.loads((ROOT / "data" / "skin_classes.json").read_text())["classes"].items()}
    records = list_records(ana, own(ana), examination="skin")
    assert records == sorted(records, key=lambda r: r.taken_at, reverse=True)
    assert timedelta(days=150) < records[0].taken_at - records[-1].taken_at < timedelta(days=200)
    assert records[0].taken_at < now()
    for record in records:
        opened = open_record(ana, record.id)
        finding = opened.finding
        assert finding.probabilities.keys() == steps.keys()
        assert sum(finding.probabilities.values()) == pytest.approx(1, abs=1e-3)
        assert min(finding.probabilities.values()) >= 0
        assert finding.label in finding.cannot_exclude
        worst = max((steps[name] for name in finding.cannot_exclude), key=STEPS.index)
        assert steps[finding.cannot_exclude[0]] == worst
        assert finding.step == ("soon" if finding.answers.any_yes else worst)
        assert finding.refer == bool({"mel", "bcc", "akiec"} & set(finding.cannot_exclude))
        assert finding.versions["skin_lesion"] == "made up"
        # The outline and the heat lie on the drawn spot.
        mask = finding.masks["lesion"]
        assert mask.shape == (record.height, record.width)
        assert set(np.unique(mask)) == {0, 255}
        assert 0.005 < (mask > 0).mean() < 0.7
        assert finding.heat is not None
        y, x = np.unravel_index(np.argmax(finding.heat), finding.heat.shape)
        h, w = finding.heat.shape
        assert mask[int((y + 0.5) * mask.shape[0] / h), int((x + 0.5) * mask.shape[1] / w)] == 255


@embedded
def test_twelve_weeks_of_eczema_get_better_by_what_was_drawn(demo: Path) -> None:
    seed()
    ana = demo_actor("patient")
    scores = list_scores(ana, own(ana), "poem")
    assert [score.total for score in scores] == list(eczema.TOTALS) and not any(score.missing for score in scores)
    assert timedelta(weeks=11) == scores[-1].day - scores[0].day
    assert {one.kind for one in list_treatments(ana, own(ana))} <= set(KINDS)
    records = list_records(ana, own(ana), examination="eczema")
    assert sorted(record.facts["numbers"]["affected_fraction"] for record in records) == pytest.approx(
        sorted(patch.share for patch in eczema.PATCHES), abs=0.01
    )
    for record in records:
        finding = open_record(ana, record.id).finding
        assert set(finding.masks) == {"lesion", "skin"} and finding.numbers["redness"] > 3
        assert finding.numbers["affected_low"] <= finding.numbers["affected_fraction"] <= finding.numbers["affected_high"]
        assert record.side == ("left" if record.region == "arms" else None), "one arm is drawn, and one is said"


@embedded
def test_three_years_of_two_eyes_have_grades_that_fit_what_was_drawn(demo: Path) -> None:
    seed()
    ana = demo_actor("patient")
    records = list_records(ana, own(ana), examination="retina")
    assert [record.side for record in records].count("left") == len(records) / 2 == 4
    for record in records:
        finding = open_record(ana, record.id).finding
        assert record.region == "eye" and finding.eye == record.side and record.site == f"{record.side.capitalize()} eye"
        assert sum(finding.probabilities.values()) == pytest.approx(1)
        assert int(finding.label) == finding.numbers["least_grade"], "the signs that were drawn are those of the grade"
        seen = guess(finding)
        assert seen is not None and seen.eye == record.side and seen.sure > 0.9
        assert finding.label in finding.cannot_exclude and finding.refer == (finding.numbers["referable"] >= 0.4)
    newest = {record.side: record.label for record in reversed(records)}
    assert newest == {"left": "1", "right": "2"}


@embedded
def test_the_spots_are_followed_with_photos_that_differ(demo: Path) -> None:
    seed()
    ana = demo_actor("patient")
    for spot in list_spots(ana, own(ana)):
        followed = list_records(ana, own(ana), spot_id=spot.id)
        assert len(followed) >= 3
        assert len({open_record(ana, record.id).photo_bytes for record in followed}) == len(followed)


def test_reset_puts_everything_back_while_the_app_is_running(demo: Path) -> None:
    seed()
    filled = len(files())
    ana = demo_actor("patient")
    running = redeem_ticket(issue_ticket(ana))
    first = [(r.label, r.site, r.step) for r in list_records(ana, own(ana))]
    delete_record(ana, list_records(ana, own(ana))[0].id)
    save_finding(ana, own(ana), a_photo(), a_finding(), token=uuid4())
    visitor = sign_up("visitor@example.org", "seven green bottles", "Visitor")
    save_finding(visitor, own(visitor), a_photo(1), a_finding(1))
    (demo / "notes.txt").write_text("mine")
    other = demo.parent / "another"
    other.mkdir()
    (other / "carelens.db").write_bytes(b"somebody else's")
    # Somebody looks at a page all the while, on a connection that stays open.
    count = select(func.count()).select_from(Record)
    watching = database.engine().connect()
    assert watching.execute(count).scalar() == ALL + 1
    watching.rollback()
    inodes = [file.stat().st_ino for file in demo.glob("carelens.db")]

    demo_reset()

    assert [file.stat().st_ino for file in demo.glob("carelens.db")] == inodes
    assert watching.execute(count).scalar() == ALL
    watching.close()
    again = demo_actor("patient")
    assert [(r.label, r.site, r.step) for r in list_records(again, own(again))] == first
    clinic = {"Dr Lena Osei", "Dr Tomas Brandt", "Sam Vos", "Noor Haddad"}
    assert {account.name for account in list_accounts()} == {*clinic, *(who.name for who in PEOPLE)}
    assert actor_of(running) is None
    # No picture of before: four of a finding, eight of an eye, and those of the desk.
    assert len(files()) == filled > (SAVED - EYES) * 4 + EYES * 8
    assert (demo / "notes.txt").read_text() == "mine"
    assert (other / "carelens.db").read_bytes() == b"somebody else's"


def test_what_a_visitor_deleted_stays_deleted_until_the_reset(demo: Path) -> None:
    seed_if_empty()
    ana = demo_actor("patient")
    delete_record(ana, list_records(ana, own(ana))[0].id)
    seed_if_empty()
    assert count_records(ana, own(ana)) == SAVED - 1


def test_a_seeding_that_was_cut_short_is_completed(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = made_up.save_visit
    left = [3]

    def failing(*args: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        save(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(people, "save_visit", failing)
    with pytest.raises(KeyboardInterrupt):
        seed_if_empty()
    monkeypatch.setattr(people, "save_visit", save)
    seed_if_empty()
    ana = demo_actor("patient")
    assert count_records(ana, own(ana)) == SAVED


def _refused(house: Path) -> None:
    """Every door of the demo is shut, and everything is where it was."""
    before = files()
    for act in (seed, seed_if_empty, demo_reset, lambda: demo_actor("patient"), lambda: fill(1)):
        with pytest.raises(NotAllowed):
            act()
    (account,) = list_accounts()
    assert account.name == "Real Person"
    real = check_password("real@example.org", "seven green bottles")
    (record,) = list_records(real, own(real))
    assert open_record(real, record.id).photo_bytes == a_photo().original
    assert files() == before


@pytest.fixture
def real(house: Path) -> Path:
    """A house with somebody real in it."""
    actor = sign_up("real@example.org", "seven green bottles", "Real Person")
    save_finding(actor, own(actor), a_photo(), a_finding())
    return house


def test_outside_the_demo_nothing_happens(real: Path) -> None:
    _refused(real)


def test_a_real_database_is_refused_even_with_the_demo_on(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    _refused(real)
    with database.reading() as session:
        assert session.exec(select(Mark)).all() == []


@embedded
@pytest.mark.parametrize("what", ["CARELENS_DATABASE_URL", "CARELENS_PHOTO_STORE"])
def test_a_database_or_store_outside_the_demo_home_is_refused(real: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Even one that bears the demo's mark."""
    with database.transaction() as session:
        session.add(Mark(name=people.DEMO))
    monkeypatch.setenv("CARELENS_DEMO", "1")
    monkeypatch.setenv("CARELENS_HOME", str(real.parent / "demo-var"))
    monkeypatch.setenv("CARELENS_DATABASE_URL", f"sqlite:///{real / 'carelens.db'}")
    monkeypatch.setenv("CARELENS_PHOTO_STORE", str(real / "photos"))
    if what == "CARELENS_PHOTO_STORE":
        monkeypatch.setenv("CARELENS_HOME", str(real))
        for elsewhere in (str(real.parent / "elsewhere"), (real.parent / "elsewhere").as_uri()):
            monkeypatch.setenv("CARELENS_PHOTO_STORE", elsewhere)
            settings.cache_clear()
            with pytest.raises(NotAllowed):
                demo_reset()
        monkeypatch.setenv("CARELENS_PHOTO_STORE", str(real / "photos"))
        monkeypatch.setenv("CARELENS_DEMO", "0")
    settings.cache_clear()
    _refused(real)


def test_the_home_of_the_real_app_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_DEMO", "1")
    monkeypatch.setenv("CARELENS_HOME", str(ROOT / "var"))
    settings.cache_clear()
    there = (ROOT / "var" / "carelens.db").exists()
    with pytest.raises(NotAllowed):
        demo_reset()
    assert (ROOT / "var" / "carelens.db").exists() == there
    monkeypatch.undo()
    settings.cache_clear()


NO_NETWORK = "import sys; from core.admin import main; code = main(['demo-reset']); sys.exit(code or int('torch' in sys.modules))"


@pytest.mark.alone
def test_from_nothing_by_the_command_line_within_ten_seconds(tmp_path: Path) -> None:
    """Ten seconds of the processor: what else the machine does is not the seeding's, and counting its lines for the coverage is not."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    env |= {"CARELENS_DEMO": "1", "CARELENS_HOME": str(tmp_path / "demo-var")}
    env |= {"CARELENS_DATABASE_URL": "", "CARELENS_PHOTO_STORE": ""}
    for program in (["-m", "core.admin", "demo-reset"], ["-c", NO_NETWORK]):
        started = os.times()
        done = subprocess.run([sys.executable, *program], cwd=ROOT, env=env, capture_output=True, text=True)
        ended = os.times()
        assert (done.returncode, done.stderr) == (0, "")
        spent = ended.children_user + ended.children_system - started.children_user - started.children_system
        assert spent < 10
    assert sqlite3.connect(tmp_path / "demo-var" / "carelens.db").execute("SELECT count(*) FROM record").fetchone() == (ALL,)


@pytest.mark.alone
@embedded
def test_fill(demo: Path) -> None:
    seed()
    ana = demo_actor("patient")
    started = time.process_time()
    assert fill(10_000) == SAVED
    assert time.process_time() - started < 5
    assert count_records(ana, own(ana)) == 10_000 + SAVED
    assert open_record(ana, list_records(ana, own(ana), offset=5_000, limit=1)[0].id).photo_bytes


@embedded
def test_the_screening_desk_of_the_demo(demo: Path) -> None:
    """A finished batch: all graded, the most urgent first, some seen by the doctor, who changed one."""
    seed()
    staff, doctor = demo_actor("staff"), demo_actor("doctor")
    (batch,) = list_batches(staff)
    assert not progress_of(staff, batch.id).running
    rows = by_urgency(list_photos(doctor, batch.id), scale(batch.examination))
    assert len(rows) == 4 and {one.photo.state for one in rows} == {"done"}
    assert rows[0].photo.label == "4" and all(one.patient and one.photo.side for one in rows)
    seen = [one.grade for one in rows if one.grade]
    assert len(seen) == 4 and [one.grade for one in seen if one.grade != one.network] == ["2"]
    assert ask("SELECT count(*) FROM screening_photo WHERE raw_key IS NOT NULL") == [(0,)]
