"""What is erased leaves nothing behind, in any table, any file or the store; what belongs to others stays to the last bit."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people import persons, throttle
from core.people.accounts import check_password
from core.people.passwords import hash_password
from core.people.policy import Actor
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import database
from core.records.diary import save_day
from core.records.diary_tables import DiaryDayCreate, ExposureCreate
from core.records.erase import erase_account, erase_account_by_id, erase_person, erase_spot, finish_erasures
from core.records.findings import count_records, delete_record, list_records, open_record, save_finding
from core.records.photos import store
from core.records.pooling import agree
from core.records.record_tables import Record, metadata
from core.records.scores import save_score
from core.records.spots import create_spot, list_spots
from core.records.tables import Account, AccountPerson, MailLink, Person
from core.records.times import now
from core.records.token_tables import ApiToken
from core.records.treatments import add_treatment
from core.records.triggers import add_trigger
from core.records.weather_loaded import load_weather
from core.records.weather_places import set_place
from core.settings import ROOT, settings
from core.weather.towns import Place as Town
from core.weather.weather_csv import Row
from tests.core.house import a_finding, a_photo, ask, blobs, dump, embedded, own, somebody

pytestmark = pytest.mark.usefixtures("house")
SIZE = (96, 72)
PASSWORD = "four quiet words here"


def words_of(actor: Actor) -> set[str]:
    """Everything that names an account or what belongs to it: ids, names, address, keys, hashes of photos."""
    found = {actor.email, actor.name}
    with database.reading() as session:
        mine = {"account": {actor.account_id}, "person": set(actor.person_ids)}
        for name, table in metadata.tables.items():
            owned = {column: owner for owner in mine for column in (f"{owner}_id",) if column in table.c}
            for row in session.execute(table.select()).mappings():
                if (name in mine and row["id"] in mine[name]) or any(row[column] in mine[owner] for column, owner in owned.items()):
                    found |= {row["id"].hex, str(row["id"])}
                    for column in ("display_name", "token_hash", "photo_sha256", "user_agent"):
                        found |= {row[column]} if row.get(column) else set()
                    if name in ("spot", "treatment", "trigger", "person_place"):
                        found.add(row["name"])
                    if name == "record":
                        record = Record.model_validate(dict(row))
                        found |= set(record.blobs())
    return found


def blobs_of(actor: Actor) -> dict[str, bytes]:
    """Every picture of an account, by key."""
    with database.reading() as session:
        rows = [Record.model_validate(dict(row)) for row in session.execute(metadata.tables["record"].select()).mappings()]
    return {key: store().get(key) for row in rows if row.person_id in actor.person_ids for key in row.blobs()}


def traces(home: Path, words: set[str], pictures: dict[str, bytes]) -> list[str]:
    """Where any of it is still to be found: in a row, in the store, or in the bytes of any file of the house."""
    rows = dump()
    found = [f"a row has {word}" for word in words if word in rows]
    kept = store().keys()
    found += [f"the store has {key}" for key in pictures if key in kept]
    for path in (path for path in home.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found += [f"{path.name} has {word}" for word in words if word.encode() in data]
        found += [f"{path.name} has the middle of {key}" for key, picture in pictures.items() if picture[len(picture) // 2 :][:48] in data]
    return found


@cache
def scrambled() -> str:
    """The password as it is stored; slow to make, so once."""
    return hash_password(PASSWORD)


def furnished(name: str, seed: int = 0, persons: int = 2, findings: int = 3) -> Actor:
    """An account with a password, sign-ins, a link that was sent, persons, spots, findings, scores and treatments."""
    rng = random.Random(f"{name} {seed}")
    email = f"{name}.{uuid4().hex[:8]}@example.org".casefold()
    with database.transaction() as session:
        account = Account(email=email, name=f"{name} Lindqvist-{seed}", role="patient", password_hash=scrambled())
        session.add(account)
        session.flush()
        ids = []
        for number in range(persons):
            person = Person(display_name=f"{name} child {number} {uuid4().hex[:6]}")
            session.add(person)
            session.flush()
            session.add(AccountPerson(account_id=account.id, person_id=person.id, relation="guardian" if number else "self"))
            ids.append(person.id)
        for owner in (account.id, None):
            session.add(MailLink(purpose="reset", account_id=owner, email=email, name=name, token_hash=uuid4().hex, expires_at=now()))
        session.add(ApiToken(account_id=account.id, name=f"{name} at {email}", scopes="read", token_hash=uuid4().hex, expires_at=now()))
    actor = Actor(account.id, "patient", frozenset(ids), account.name, email)
    assert redeem_ticket(issue_ticket(actor), f"browser of {email}")
    throttle.count(("account", email))
    for _ in range(findings):
        person = rng.choice(ids)
        spot = create_spot(actor, person, "back", f"spot {uuid4().hex[:10]}") if rng.random() < 0.7 else None
        photo, finding = a_photo(rng.randrange(10**6), SIZE), a_finding(rng.randrange(10**6), size=SIZE)
        save_finding(actor, person, photo, finding, spot_id=spot.id if spot else None)
    for person in ids:
        save_score(actor, person, "poem", date(2026, 2, 9), {"itch": 3})
        add_treatment(actor, person, f"cream {uuid4().hex[:10]}", "emollient", date(2026, 2, 9))
        met = add_trigger(actor, person, "food", f"food {uuid4().hex[:10]}")
        save_day(actor, person, DiaryDayCreate(day=date(2026, 2, 9), itch=3), [ExposureCreate(trigger_id=met.id)])
        set_place(actor, person, Town(f"Town {uuid4().hex[:10]}", "", "", rng.uniform(-80, 80), rng.uniform(-170, 170), "UTC"))
        load_weather(actor, person, [Row(date(2026, 2, 9), {"uv": 0.5})])
        agree(actor, person)
    return actor


@pytest.mark.parametrize("seed", range(2))
def test_an_account_is_gone_and_the_others_are_untouched(house: Path, seed: int) -> None:
    rng = random.Random(seed)
    everyone = [furnished(f"Nr{n}", 10 * seed + n, rng.randint(1, 3), rng.randint(0, 3)) for n in range(3)]
    gone, others = everyone[seed], [one for one in everyone if one is not everyone[seed]]
    words, pictures = words_of(gone), blobs_of(gone)
    assert traces(house, words, pictures), "the search finds what is there"
    before = {one.email: (blobs_of(one), words_of(one)) for one in others}
    tokens = {one.email: redeem_ticket(issue_ticket(one)) for one in others}  # first: their rows say when they signed in
    rows = {line for line in dump().splitlines() if not any(word in line for word in words)}
    tokens[gone.email] = redeem_ticket(issue_ticket(gone))

    erased = erase_account(gone, PASSWORD, f" {gone.email.upper()} ")
    assert (erased.persons, erased.findings) == (len(gone.person_ids), len(pictures) // 4)
    assert traces(house, words, pictures) == []
    assert ask("SELECT count(*) FROM erasure") == [(0,)]
    assert actor_of(tokens[gone.email]) is None and all(actor_of(tokens[one.email]) for one in others)
    with pytest.raises(InvalidInput):
        check_password(gone.email, PASSWORD)
    lost = rows - set(dump().splitlines())
    assert all("'account'" in line and len(lost) == 1 for line in lost), lost  # only the count of its wrong passwords, under a hash
    for one in others:
        blobs, known = before[one.email]
        assert blobs_of(one) == blobs and known <= words_of(one)
        assert check_password(one.email, PASSWORD).account_id == one.account_id
    with pytest.raises(NotFound):
        erase_account_by_id(gone.account_id)


def test_the_password_and_the_address_are_asked_for() -> None:
    actor = furnished("Ana")
    before = dump()
    for password, typed in ((PASSWORD, "ana"), (PASSWORD, ""), ("a wrong one", actor.email), ("", actor.email)):
        with pytest.raises(InvalidInput):
            erase_account(actor, password, typed)
    assert [line for line in before.splitlines() if actor.email in line] == [line for line in dump().splitlines() if actor.email in line]
    assert count_records(actor, next(iter(actor.person_ids))) == len(list_records(actor, next(iter(actor.person_ids))))


def test_a_child_is_gone_and_the_holder_stays(house: Path) -> None:
    actor, eve = furnished("Ana", persons=2, findings=6), furnished("Eve")
    holder = UUID(
        str(ask(f"SELECT person_id FROM account_person WHERE relation = 'self' AND account_id = '{_id(actor.account_id)}'")[0][0])
    )
    (child,) = actor.person_ids - {holder}
    only = Actor(uuid4(), "patient", frozenset({child}), "no name like this", "no address like this")
    words, pictures = words_of(only), blobs_of(only)
    kept = blobs_of(Actor(actor.account_id, "patient", frozenset({holder}), "", ""))
    for who in (eve, Actor(eve.account_id, "doctor", actor.person_ids, "Eve", eve.email)):
        with pytest.raises(NotAllowed):
            erase_person(who, child)
    with pytest.raises(InvalidInput, match="holder"):
        erase_person(actor, holder)
    assert erase_person(actor, child).persons == 1
    assert traces(house, words - {only.email, only.name}, pictures) == []
    assert blobs_of(actor) == kept and count_records(actor, holder) * 4 == len(kept)
    with pytest.raises(NotFound):
        erase_person(actor, child)


def _id(id: UUID) -> str:
    return id.hex if settings().database_url.startswith("sqlite") else str(id)


def test_a_child_of_two_accounts_stays_with_the_other() -> None:
    mother, father = furnished("Ana", findings=4), furnished("Ben")
    child = next(iter(mother.person_ids))
    with database.transaction() as session:
        session.add(AccountPerson(account_id=father.account_id, person_id=child, relation="guardian"))
    father = Actor(father.account_id, "patient", father.person_ids | {child}, father.name, father.email)
    before = count_records(father, child)
    erased = erase_account(mother, PASSWORD, mother.email)
    assert (erased.persons, erased.persons_left) == (len(mother.person_ids) - 1, 1)
    assert count_records(father, child) == before
    for record in list_records(father, child):
        assert open_record(father, record.id).photo_bytes
    assert erase_person(father, child).persons == 1


def test_a_spot_goes_with_its_findings_and_a_finding_alone(house: Path) -> None:
    actor, eve = somebody(), somebody("Eve")
    spots = [create_spot(actor, own(actor), "arm", f"spot number {n}") for n in range(2)]
    saved = [save_finding(actor, own(actor), a_photo(n), a_finding(n), spot_id=spots[n % 2].id) for n in range(6)]
    with pytest.raises(NotFound):
        erase_spot(eve, spots[0].id)
    with database.reading() as session:
        gone = [session.get_one(Record, one.id) for one in saved[::2]]
    words = {word for one in gone for word in (one.id.hex, str(one.id), one.photo_sha256, *one.blobs())} | {"spot number 0"}
    pictures = {key: store().get(key) for one in gone for key in one.blobs()}
    assert erase_spot(actor, spots[0].id).findings == 3
    assert traces(house, words, pictures) == []
    assert [spot.name for spot in list_spots(actor, own(actor))] == ["spot number 1"]
    assert {one.id for one in list_records(actor, own(actor))} == {one.id for one in saved[1::2]}
    with database.reading() as session:
        last = session.get_one(Record, saved[1].id)
    words, pictures = {last.id.hex, str(last.id), last.photo_sha256, *last.blobs()}, {key: store().get(key) for key in last.blobs()}
    delete_record(actor, last.id)
    assert traces(house, words, pictures) == []


def test_what_is_saved_just_after_an_erasing_is_told_and_leaves_nothing() -> None:
    """In another tab, where nobody has noticed yet."""
    ana, kim = furnished("Ana", findings=1), somebody("Kim")
    desk = actor_of(redeem_ticket(issue_ticket(ana)))
    assert desk
    child = persons.persons(ana)[1].id
    erase_person(ana, child)
    erase_account_by_id(kim.account_id)
    before = dump(), blobs()
    for act in (
        lambda: save_finding(desk, child, a_photo(), a_finding()),
        lambda: save_finding(desk, child, a_photo(), a_finding(), site="back", new_spot="mole", token=uuid4()),
        lambda: create_spot(desk, child, "back", "mole"),
        lambda: persons.choose(desk, child),
        lambda: persons.add_person(kim, "Tim"),
    ):
        with pytest.raises(NotFound) as told:
            act()
        assert told.value.reason.endswith(".") and told.value.hint
    assert (dump(), blobs()) == before


def test_an_account_without_persons() -> None:
    doctor, ana = somebody("Lena", "doctor", persons=0), furnished("Ana")
    before = blobs_of(ana)
    assert erase_account_by_id(doctor.account_id).persons == 0
    assert doctor.email not in dump() and blobs_of(ana) == before


@embedded
def test_what_the_store_cannot_do_now_is_done_later(house: Path) -> None:
    actor = furnished("Ana", findings=2)
    words, pictures = words_of(actor), blobs_of(actor)
    key = next(iter(pictures))
    path = house / "photos" / key[:2] / key[2:4] / key
    path.unlink()
    path.mkdir()  # what cannot be removed as a file
    erase_account(actor, PASSWORD, actor.email)
    assert ask("SELECT blob_key FROM erasure") == [(key,)]
    assert store().keys() & set(pictures) == {key}
    assert finish_erasures() == 0
    path.rmdir()
    path.write_bytes(pictures[key])
    assert finish_erasures() == 1
    assert traces(house, words, pictures) == [] and ask("SELECT count(*) FROM erasure") == [(0,)]


@embedded
def test_old_bytes_wait_for_those_who_read(house: Path) -> None:
    actor = furnished("Ana")
    words, pictures = words_of(actor), blobs_of(actor)
    with closing(sqlite3.connect(house / "carelens.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()
        erase_account(actor, PASSWORD, actor.email)
        assert not [line for line in dump().splitlines() if any(word in line for word in words)]
        assert ask("SELECT blob_key FROM erasure") == [(None,)]
    assert finish_erasures() == 0
    assert traces(house, words, pictures) == []


@embedded
def test_many_rounds_leave_no_old_bytes_in_the_file(house: Path) -> None:
    """Rows move about in the file while it grows and shrinks; copies that stay behind must go, too."""
    rng = random.Random(5)
    actor, stays = somebody("Ana"), somebody("Eve")
    marks: dict[UUID, str] = {}
    dead: set[str] = set()
    photo = a_photo(1, SIZE)
    for _ in range(40):
        if marks and rng.random() < 0.4:
            id = rng.choice(list(marks))
            delete_record(actor, id)
            dead |= {marks.pop(id), id.hex}
        else:
            site = f"mark{uuid4().hex[: rng.randint(8, 30)]}"
            marks[save_finding(actor, own(actor), photo, a_finding(size=SIZE), site=site).id] = site
            save_finding(stays, own(stays), photo, a_finding(size=SIZE), site="of Eve")
    assert len(dead) > 14 and traces(house, dead, {}) == []
    assert all(site in dump() for site in marks.values())


@embedded
def test_killed_in_the_middle_it_is_all_or_nothing(house: Path) -> None:
    child = Path(__file__).with_name("erasing_child.py")
    longest, before_half, after_half, unfinished = 0.0, 0, 0, 0
    with subprocess.Popen(
        [sys.executable, str(child)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as parent:  # fmt: skip
        assert parent.stdin and parent.stdout
        for number in range(10):
            actor = furnished(f"Kill{number}", number, findings=4)
            words, pictures = words_of(actor), blobs_of(actor)
            database.engine().dispose()
            delay = 30.0 if number == 0 else random.uniform(0, longest)
            parent.stdin.write(f"{actor.account_id} {delay}\n")
            assert select.select([parent.stdout], [], [], 60)[0]
            took, killed = parent.stdout.readline().split()
            longest = longest or float(took)
            waiting = ask("SELECT count(*) FROM erasure")[0][0]
            there = ask(f"SELECT count(*) FROM account WHERE id = '{actor.account_id.hex}'")[0][0]
            if there:
                assert killed == str(signal.SIGKILL.value) and waiting == 0
                assert words_of(actor) >= words and blobs_of(actor) == pictures, "half of it is gone"
                before_half += 1
                erase_account_by_id(actor.account_id)
            else:
                assert not [line for line in dump().splitlines() if (actor.email in line or actor.name in line)]
                after_half += 1
                unfinished += waiting > 0
                finish_erasures()
            assert traces(house, words, pictures) == []
            assert ask("SELECT count(*) FROM erasure") == [(0,)]
        parent.stdin.close()
    assert before_half + after_half == 10 and after_half, (before_half, after_half, unfinished)
