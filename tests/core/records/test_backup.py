"""Backup and restore, from every kind of house to every other, and while somebody goes on saving."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlmodel import Session

from core.errors import InvalidInput, Unavailable
from core.records import archive, database
from core.records import backup as module
from core.records.appointment_tables import Appointment, DayException, Offer
from core.records.backup import backup, restore
from core.records.chart_tables import Allergy, Medicine, Note, Outcome, SignOff, Task
from core.records.check import check
from core.records.consent_tables import Consent, DoctorCode, Opening
from core.records.corrections import drop_corrections, list_corrections, save_correction
from core.records.diary_tables import DiaryDay, Exposure, Trigger
from core.records.eczema_tables import Score, SignRating, Treatment
from core.records.findings import delete_record, list_records, open_record, save_finding, thumbnail
from core.records.message_tables import Conversation, Message, ReadMark
from core.records.photos import store
from core.records.pictures import put_all
from core.records.pool_tables import PoolConsent, PoolPrior
from core.records.record_tables import Erasure, metadata
from core.records.screening_tables import ScreeningBatch, ScreeningGrade, ScreeningPatient, ScreeningPhoto
from core.records.spots import create_spot
from core.records.tables import Account, AccountSession, MailLink, Mark, RecoveryCode, SecondFactor, Throttle, Ticket
from core.records.times import now
from core.records.token_tables import ApiToken
from core.records.weather_tables import LoadedDay, PersonPlace, WeatherDay
from core.settings import ROOT, settings
from tests.core.house import PLACES, a_finding, a_photo, ask, embedded, move_in, move_out, own, servers, somebody

Somewhere = Callable[[str], Any]


def furnish() -> None:
    """Something in every table, with letters of many kinds and nothing where nothing may be."""
    actor = somebody("Zoë", persons=2)
    person = sorted(actor.person_ids)[0]
    spot = create_spot(actor, person, "back", "Muttermal „klein“ 🙂")
    saved = save_finding(actor, person, a_photo(1), a_finding(1), spot_id=spot.id, outline_accepted=True, token=uuid4(), region="arms")
    save_finding(actor, person, a_photo(2), a_finding(2), taken_at=now() - timedelta(days=4000))
    for number in range(2):
        save_correction(actor, saved.id, "lesion", a_finding(5 + number).masks["lesion"], {"area": 0.5}, for_training=bool(number))
    moment, id = now(), actor.account_id
    with database.transaction() as session:
        session.get_one(Account, id).name = "Zoë Ångström"
        session.add(AccountSession(account_id=id, token_hash="a" * 64, expires_at=moment, user_agent="Firefox", person_id=person))
        session.add(Ticket(account_id=id, token_hash="b" * 64, expires_at=moment, used_at=moment))
        session.add(ApiToken(account_id=id, name="Prüfstand „Süd“", scopes="examine read", token_hash="f" * 64, expires_at=moment))
        session.add(SecondFactor(account_id=id, sealed_secret="sealed", last_step=58_000_000))
        session.add(RecoveryCode(account_id=id, code_hash="c" * 64))
        session.add(MailLink(purpose="reset", account_id=id, email="z@example.org", name="Zoë", token_hash="d" * 64, expires_at=moment))
        session.add(Throttle(scope="account", key_hash="e" * 64, failures=3, blocked_until=None))
        session.add(Mark(name="a mark"))
        session.add(Erasure(blob_key=None))
        session.add(Score(person_id=person, instrument="poem", week="2026-W07", day=date(2026, 2, 14), answers={"itch": None}, total=0.5))
        session.add(Treatment(person_id=person, name="Cream „leicht“", kind="emollient", started_on=date(2026, 2, 14)))
        day = DiaryDay(person_id=person, day=date(2026, 2, 14), itch=3, treatments=["emollient"], note="Süß „?“")
        milk = Trigger(person_id=person, kind="food", name="Milch „frisch“", key="milch frisch")
        session.add_all([day, milk])
        session.flush()
        session.add(Trigger(person_id=person, kind="food", name="Käse", key="käse", same_as_id=milk.id))
        session.add(Exposure(day_id=day.id, trigger_id=milk.id, hour=8))
        session.add(PersonPlace(person_id=person, name="Süd „Oulu“", lat10=650, lon10=-1800, timezone="Europe/Helsinki"))
        session.add(WeatherDay(lat10=650, lon10=-1800, day=date(2026, 2, 14), factors={"uv": 0.25}, air_at=moment))
        session.add(LoadedDay(person_id=person, day=date(2026, 2, 14), factors={"pm10": 12.5}, replaces=["pm10"]))
        session.add_all([PoolConsent(person_id=person), PoolPrior(prior={"usual": 4.25}, patients=10, agreements="f" * 64)])
        session.add(SignRating(person_id=person, record_id=saved.id, account_id=id, signs={"redness": 1.5}, extent=12.5))
        session.add(Note(person_id=person, account_id=id, plan="Salbe „fett“", state="signed", signed_at=moment))
        session.add(Medicine(person_id=person, account_id=id, name="Zinc", role="patient"))
        session.add(Allergy(person_id=person, account_id=id, substance="Nickel", role="doctor", struck_at=moment))
        session.add(SignOff(person_id=person, record_id=saved.id, account_id=id, label="nv"))
        session.add(Outcome(person_id=person, record_id=saved.id, account_id=id, how="biopsy", label="mel", known_on=date(2026, 2, 14)))
        session.add(Task(person_id=person, account_id=id, what="Call back", due_on=date(2026, 2, 20)))
        session.add(DoctorCode(account_id=id, code_hash="g" * 64, expires_at=moment))
        session.add(Consent(person_id=person, account_id=id, taken_back_at=moment))
        talk = Conversation(person_id=person, account_id=id)
        session.add(talk)
        session.flush()
        told = {
            "number": 1,
            "side": "patient",
            "text": "Süß „?“",
            "record_id": saved.id,
            "photo_key": store().put(b"p"),
            "thumbnail_key": store().put(b"t"),
        }
        told |= {"photo_sha256": hashlib.sha256(b"p").hexdigest(), "media_type": "image/jpeg", "width": 4, "height": 3}
        session.add(Message(conversation_id=talk.id, person_id=person, account_id=id, **told))
        clock = {"starts": 540, "ends": 720, "length": 30, "zone": "Europe/Berlin", "from_day": date(2026, 2, 14)}
        session.add(Offer(account_id=id, weekday=2, confirm=True, **clock))
        session.add(DayException(account_id=id, day=date(2026, 2, 14)))
        session.add(Appointment(person_id=person, account_id=id, starts_at=moment, ends_at=moment, wish="Süß „?“"))
        session.add(ReadMark(conversation_id=talk.id, account_id=id, number=1))
        session.add(Opening(person_id=person, account_id=id, record_id=saved.id, what="finding"))
        screened(session, id, person)


def screened(session: Session, account_id: UUID, person_id: UUID) -> None:
    """A batch of the screening desk: one photo that was graded, one that waits."""
    patient = ScreeningPatient(code="P001", code_key="p001", name="Zoë", person_id=person_id)
    rows = ScreeningBatch(name="Camp „Ost“", examination="toy", account_id=account_id)
    session.add_all([patient, rows])
    session.flush()
    photo, finding = a_photo(3), a_finding(3)
    told = {"filename": "ä.jpg", "state": "done", "facts": finding.facts(), **put_all(store(), [], photo, finding)}
    done = ScreeningPhoto(batch_id=rows.id, patient_id=patient.id, **told)
    session.add_all([done, ScreeningPhoto(batch_id=rows.id, filename="b.jpg", raw_key=store().put(photo.original))])
    session.flush()
    session.add(ScreeningGrade(photo_id=done.id, grade="2", network="nv", reason="bleeds", role="doctor", account_id=account_id))


def everything() -> dict[str, dict[UUID, dict[str, Any]]]:
    """Every row of every table, by its id."""
    with database.reading() as session:
        connection = session.connection()
        return {t.name: {row.id: dict(row._mapping) for row in connection.execute(select(t))} for t in metadata.sorted_tables}


def pictures() -> dict[str, bytes]:
    return {key: store().get(key) for key in store().keys()}  # noqa: SIM118 - a store is no dictionary


@pytest.fixture
def somewhere(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Somewhere:
    """`with somewhere("servers")`: a new place without tables and without pictures."""

    @contextmanager
    def new(place: str) -> Iterator[Path]:
        with monkeypatch.context() as patch:
            home = tmp_path / f"new-{uuid4().hex[:6]}"
            home.mkdir()
            move_in(home, patch)
            if place == "servers":
                with servers(request, patch, template=False):
                    yield home
            else:
                yield home
                move_out()
        settings.cache_clear()

    return new


@pytest.mark.parametrize("to", PLACES)
def test_everything_comes_back_there_and_as_it_was(house: Path, tmp_path: Path, somewhere: Somewhere, to: str) -> None:
    furnish()
    rows, blobs = everything(), pictures()
    assert all(rows.values()), "every table has something in it"
    done = backup(tmp_path / "all.zip")
    assert (done.rows, done.pictures, done.damaged) == (sum(map(len, rows.values())), 17, 0)
    assert (tmp_path / "all.zip").stat().st_mode & 0o777 == 0o600
    with somewhere(to):
        assert restore(tmp_path / "all.zip").pictures == 17
        assert everything() == rows
        assert pictures() == blobs
        assert check(older_than_seconds=0).missing == ()
        backup(tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as one, zipfile.ZipFile(tmp_path / "again.zip") as two:
        first, second = (json.loads(file.read("manifest.json")) for file in (one, two))
        assert first["blobs"] == second["blobs"]
        assert {name: sorted(one.read(name).splitlines()) for name in one.namelist() if name.startswith("tables/")} == {
            name: sorted(two.read(name).splitlines()) for name in two.namelist() if name.startswith("tables/")
        }


def test_a_place_that_is_not_empty_is_left_alone(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    actor = somebody()
    save_finding(actor, own(actor), a_photo(), a_finding())
    file = tmp_path / "all.zip"
    backup(file)
    rows, blobs = everything(), pictures()
    with pytest.raises(InvalidInput, match="already"):
        restore(file)
    assert (everything(), pictures()) == (rows, blobs)
    with somewhere(place):
        key = store().put(b"somebody else's")
        with pytest.raises(InvalidInput, match="already"):
            restore(file)
        assert pictures() == {key: b"somebody else's"}
        store().delete(key)
        database.migrate()
        with database.transaction() as session:
            session.add(Mark(name="mine"))
        with pytest.raises(InvalidInput, match="already"):
            restore(file)
        assert not store().keys()
        assert ask("SELECT name FROM mark") == [("mine",)]


def test_a_restore_that_fails_leaves_nothing_and_can_be_run_again(
    house: Path, tmp_path: Path, somewhere: Somewhere, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish()
    file = tmp_path / "all.zip"
    backup(file)
    rows, blobs = everything(), pictures()
    with somewhere(place):
        left = [5]
        put = store().put

        def full(data: bytes, key: str | None = None) -> str:
            left[0] -= 1
            if left[0] == 0:
                raise Unavailable("The store is full.")
            return put(data, key)

        monkeypatch.setattr(store(), "put", full)
        with pytest.raises(Unavailable):
            restore(file)
        assert pictures() == {}
        monkeypatch.setattr(module, "run_migrations", lambda *_: 1 / 0)  # after the pictures, before the rows
        with pytest.raises(ZeroDivisionError):
            restore(file)
        assert pictures() == {}
        monkeypatch.setattr(module, "run_migrations", database.run_migrations)
        for key in list(blobs)[:3]:
            store().put(blobs[key], key)  # as a restore leaves them that was killed
        restore(file)
        assert (everything(), pictures()) == (rows, blobs)


def test_a_backup_of_an_older_version_is_brought_up(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    """Made as the first version would have made it: its tables, its columns."""
    furnish()
    backup(tmp_path / "new.zip")
    older = tmp_path / "old.zip"
    with somewhere(place):
        database.migrate("0001")
        seen = sa.inspect(database.engine())
        known = {name: {column["name"] for column in seen.get_columns(name)} for name in seen.get_table_names()}
    with zipfile.ZipFile(tmp_path / "new.zip") as new, zipfile.ZipFile(older, "w") as old:
        manifest = json.loads(new.read("manifest.json"))
        manifest["revision"] = "0001"
        manifest["tables"] = {name: entry for name, entry in manifest["tables"].items() if name in known}
        for name, entry in manifest["tables"].items():
            rows = [json.loads(line) for line in new.read(f"tables/{name}.jsonl").splitlines()]
            lines = [json.dumps({c: v for c, v in row.items() if c in known[name]}) + "\n" for row in rows]
            entry["columns"] = {c: kind for c, kind in entry["columns"].items() if c in known[name]}
            entry["sha256"] = hashlib.sha256("".join(lines).encode()).hexdigest()
            old.writestr(f"tables/{name}.jsonl", "".join(lines))
        for key in manifest["blobs"]:
            old.writestr(f"blobs/{key}", new.read(f"blobs/{key}"))
        old.writestr("manifest.json", json.dumps(manifest))

    def of_then() -> dict[UUID, dict[str, Any]]:
        return {id: {c: v for c, v in row.items() if c in known["record"]} for id, row in everything()["record"].items()}

    records = of_then()
    assert len(records) == 2
    with somewhere(place):
        restore(older)
        assert of_then() == records
        assert check().sound


def _changed(file: Path, to: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return to


def test_a_damaged_backup_is_refused_before_anything_is_done(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    actor = somebody()
    save_finding(actor, own(actor), a_photo(), a_finding())
    file = tmp_path / "all.zip"
    backup(file)
    whole = file.read_bytes()
    bad = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "text": b"not a backup",
        "flipped": whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:],
    }
    files = [tmp_path / name for name in bad]
    for path, data in zip(files, bad.values(), strict=True):
        path.write_bytes(data)
    first = next(name for name in zipfile.ZipFile(file).namelist() if name.startswith("blobs/"))
    files += [
        _changed(file, tmp_path / "another picture", lambda name, data: b"x" if name == first else data),
        _changed(file, tmp_path / "no picture", lambda name, data: None if name == first else data),
        _changed(file, tmp_path / "a row less", lambda name, data: b"" if name == "tables/record.jsonl" else data),
        _changed(file, tmp_path / "no manifest", lambda name, data: None if name == "manifest.json" else data),
        _changed(file, tmp_path / "a list", lambda name, data: b"[]" if name == "manifest.json" else data),
        _changed(file, tmp_path / "a way out", lambda name, data: data.replace(first[6:].encode(), b"../../../../tmp/x")),
        _changed(file, tmp_path / "newer", lambda name, data: data.replace(module.head().encode(), b"9999")),
        tmp_path / "missing",
    ]
    with somewhere(place) as home:
        for path in files:
            with pytest.raises(InvalidInput) as told:
                restore(path)
            assert told.value.reason.endswith(".") and told.value.hint, path.name
        assert not store().keys()
        assert not (home / "carelens.db").exists() or database.healthy() is False


def _made_by_hand(file: Path, to: Path, change: Callable[[dict[str, Any], dict[str, list[Any]]], Any]) -> Path:
    """The backup after `change(manifest, rows of each table)`, with sums that fit again."""
    with zipfile.ZipFile(file) as old:
        manifest = json.loads(old.read("manifest.json"))
        rows = {name: [json.loads(line) for line in old.read(f"tables/{name}.jsonl").splitlines()] for name in manifest["tables"]}
    change(manifest, rows)
    lines = {name: "".join(json.dumps(row) + "\n" for row in of_table).encode() for name, of_table in rows.items()}
    for name, entry in manifest["tables"].items() if isinstance(manifest["tables"], dict) else ():
        entry |= {"rows": len(rows[name]), "sha256": hashlib.sha256(lines[name]).hexdigest()}
    members = {f"tables/{name}.jsonl": data for name, data in lines.items()} | {"manifest.json": json.dumps(manifest).encode()}
    return _changed(file, to, lambda name, data: members.get(name, data))


Manifest, Rows = dict[str, Any], dict[str, list[Any]]
BY_HAND: dict[str, Callable[[Manifest, Rows], Any]] = {
    "no revision": lambda m, r: m.pop("revision"),
    "a revision that is none": lambda m, r: m.update(revision="base"),
    "a revision of another kind": lambda m, r: m.update(revision=[1]),
    "tables as a list": lambda m, r: m.update(tables=[]),
    "blobs as a list": lambda m, r: m.update(blobs=["x"]),
    "another format": lambda m, r: m.update(format=2),
    "a column that nobody knows": lambda m, r: m["tables"]["mark"]["columns"].update(colour="text"),
    "a kind that nobody knows": lambda m, r: m["tables"]["mark"]["columns"].update(name="verse"),
    "a column less": lambda m, r: m["tables"]["mark"]["columns"].pop("name"),
    "a row that is a list": lambda m, r: r["mark"].append([1]),
    "a row that is deep": lambda m, r: r["mark"].append(json.loads("[" * 400 + "]" * 400)),
    "a row with nothing in it": lambda m, r: r["mark"].append({}),
    "a row twice": lambda m, r: r["account"].append(r["account"][0]),
    "nothing where something must be": lambda m, r: r["account"][0].update(email=None),
    "a word for a number": lambda m, r: r["record"][0].update(width="wide"),
    "a list for a word": lambda m, r: r["account"][0].update(email=["a"]),
    "a number for an id": lambda m, r: r["account"][0].update(id=7),
    "a number that is too large": lambda m, r: r["record"][0].update(width=10**30),
    "half a letter": lambda m, r: r["account"][0].update(name="\ud800"),
    "a day that is none": lambda m, r: r["person"][0].update(birth_date="2026-13-01"),
    "a moment without a zone": lambda m, r: r["account"][0].update(created_at="2026-03-01T12:00:00"),
    "a person that is not there": lambda m, r: r["record"][0].update(person_id=str(uuid4())),
}


def test_a_backup_made_by_hand_is_refused_and_leaves_nothing(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    furnish()
    file = tmp_path / "all.zip"
    backup(file)
    rows, blobs = everything(), pictures()
    with somewhere(place) as home:
        for number, (name, change) in enumerate(BY_HAND.items()):
            with pytest.raises(InvalidInput) as told:
                pytest.fail(f"taken: {name}, {restore(_made_by_hand(file, tmp_path / str(number), change))}")
            assert told.value.reason.endswith(".") and told.value.hint, name
            assert not store().keys() and not database.healthy(), name
        restore(_made_by_hand(file, tmp_path / "as it was", lambda m, r: None))
        assert (everything(), pictures()) == (rows, blobs)
        assert home.exists()


@embedded
def test_changed_bytes_are_never_more_than_a_refusal(house: Path, tmp_path: Path) -> None:
    """Anywhere in the file: in what is compressed, in ZIP's own words, in the sums."""
    furnish()
    file, draw = tmp_path / "all.zip", random.Random(7)
    backup(file)
    whole = file.read_bytes()
    taken = 0
    for at in sorted(draw.sample(range(len(whole)), 400)) + list(range(len(whole) - 200, len(whole))):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ draw.randint(1, 255)]) + whole[at + 1 :])
        try:
            with archive.opened(file) as reader:
                taken += 1
                assert reader.tables.keys() == set(metadata.tables)
        except InvalidInput as error:
            assert error.reason.endswith(".") and error.hint
    assert taken < 300, "a date or an attribute of a member may change without harm"


def test_what_cannot_be_written_is_told_and_leaves_nothing(house: Path, tmp_path: Path) -> None:
    somebody()
    with pytest.raises(Unavailable, match="cannot be written"):
        backup(tmp_path / "nowhere" / "all.zip")
    database.migrate("base")
    with pytest.raises(Unavailable, match="not of this version"):
        backup(tmp_path / "all.zip")
    assert not list(tmp_path.glob("all.zip*"))


def test_missing_and_damaged_pictures_are_counted(house: Path, tmp_path: Path) -> None:
    actor = somebody()
    one, two, _ = (save_finding(actor, own(actor), a_photo(n), a_finding(n)) for n in range(3))
    keys = dict(ask("SELECT photo_sha256, photo_key FROM record"))
    store().delete(keys[a_photo(0).sha256])
    store().put(b"another", keys[a_photo(1).sha256])
    done = backup(tmp_path / "all.zip")
    assert (done.damaged, done.pictures) == (2, 11)  # and the findings themselves are in it all the same
    assert one.id != two.id
    correction = save_correction(actor, two.id, "lesion", a_finding(7).masks["lesion"], {}, for_training=False)
    ((key,),) = ask("SELECT mask_key FROM correction")
    store().delete(key)
    assert backup(tmp_path / "more.zip").damaged == 3
    assert [one.id for one in list_corrections(actor, two.id)] == [correction.id]


def test_an_outline_that_is_taken_back_meanwhile_is_left_out(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    actor = somebody()
    saved = save_finding(actor, own(actor), a_photo(), a_finding())
    save_correction(actor, saved.id, "lesion", a_finding(7).masks["lesion"], {"area": 0.25}, for_training=True)
    snapshot = module._snapshot

    def then_take_back() -> Any:
        taken = snapshot()
        drop_corrections(actor, saved.id)
        return taken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_snapshot", then_take_back)
        done = backup(tmp_path / "all.zip")
    assert (done.pictures, done.damaged) == (4, 0)
    with somewhere(place):
        restore(tmp_path / "all.zip")
        assert not list_records(actor, own(actor))[0].corrected and ask("SELECT count(*) FROM correction") == [(0,)]
        assert check(older_than_seconds=0).missing == ()


def test_what_is_deleted_meanwhile_is_left_out_whole(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    """Somebody deletes a finding after the rows were read and before its pictures were."""
    actor = somebody()
    kept, gone = (save_finding(actor, own(actor), a_photo(n), a_finding(n)) for n in range(2))
    snapshot = module._snapshot

    def then_delete() -> Any:
        taken = snapshot()
        delete_record(actor, gone.id)
        return taken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_snapshot", then_delete)
        done = backup(tmp_path / "all.zip")
    assert (done.pictures, done.damaged) == (4, 0)
    with somewhere(place):
        restore(tmp_path / "all.zip")
        assert [record.id for record in list_records(actor, own(actor))] == [kept.id]
        assert check(older_than_seconds=0).missing == ()


def test_while_somebody_goes_on_saving(house: Path, tmp_path: Path, somewhere: Somewhere, place: str) -> None:
    """What was confirmed before the backup began is in it, and whatever is in it is whole."""
    actor = somebody()
    database.engine().dispose()
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("saving_child.py")), "--on"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert child.stdin and child.stdout
    child.stdin.write(f"{actor.account_id} {own(actor)}\n")
    child.stdin.flush()
    try:
        confirmed: list[str] = []
        for turn in range(3):
            confirmed += [child.stdout.readline().split()[0] for _ in range(4)]
            backup(tmp_path / f"{turn}.zip")
            with zipfile.ZipFile(tmp_path / f"{turn}.zip") as file:
                ids = {UUID(json.loads(line)["id"]) for line in file.read("tables/record.jsonl").splitlines()}
            assert ids >= {UUID(id) for id in confirmed}
        assert child.stdout.readline(), "it goes on saving"
    finally:
        child.kill()
        child.communicate()
    with somewhere(place):
        restore(tmp_path / "2.zip")
        listed = list_records(actor, own(actor), limit=10_000)
        assert {record.id for record in listed} >= {UUID(id) for id in confirmed}
        for record in listed:
            opened = open_record(actor, record.id)
            assert opened.finding.masks["lesion"].shape == (240, 320) and thumbnail(actor, record.id)
        assert check(older_than_seconds=0).sound
