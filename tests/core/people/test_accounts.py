"""Signing up, the password, and waiting after failures."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import select

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people import accounts, passwords, persons, throttle
from core.people.accounts import TooManyTries, check_password, create_account, sign_up
from core.records import database
from core.records.tables import Account, AccountPerson, Person, Throttle
from core.records.times import now
from tests.core.house import ask, dump, somebody
from tests.core.together import together

GOOD = "seven green bottles"


def time_passes(by: timedelta) -> None:
    """Put everything the throttle knows further into the past."""
    with database.transaction() as session:
        for row in session.exec(select(Throttle)):
            row.last_failure_at -= by
            if row.blocked_until:
                row.blocked_until -= by
            session.add(row)


def fail(email: str = "ana@example.org", address: str | None = None) -> str:
    """The kind of answer to a wrong password."""
    with pytest.raises(InvalidInput) as told:
        check_password(email, "wrong password", address)
    return type(told.value).__name__


def test_sign_up_makes_a_patient_and_their_person(house: Path) -> None:
    actor = sign_up(" Ana@Example.org", GOOD, " Ana  Ruiz ")
    assert (actor.role, actor.name, actor.email, len(actor.person_ids)) == ("patient", "Ana Ruiz", "ana@example.org", 1)
    (person,) = persons.persons(actor)
    assert {person.id} == actor.person_ids
    assert (person.display_name, person.birth_date) == ("Ana Ruiz", None)
    assert check_password("ANA@example.ORG ", GOOD, "192.0.2.1") == actor
    with database.reading() as session:
        stored = session.exec(select(Account)).one()
    assert stored.password_hash.startswith("$argon2id$")
    assert GOOD not in dump()
    for file in house.glob("carelens.db*"):
        assert GOOD.encode() not in file.read_bytes()


def test_a_password_that_is_too_long_is_refused_without_quoting_it(house: Path) -> None:
    secret = "four quiet words " * 20
    with pytest.raises(InvalidInput) as told:
        sign_up("ana@example.org", secret, "Ana")
    assert "too long" in told.value.reason and secret[:40] not in repr(told.value)
    assert accounts.list_accounts() == []


def test_one_account_per_address(house: Path, quick: None) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    with pytest.raises(InvalidInput, match="already an account"):
        sign_up("ANA@EXAMPLE.ORG", "another password", "Eve")
    with database.reading() as session:
        assert len(session.exec(select(Account)).all()) == 1
        assert len(session.exec(select(Person)).all()) == 1  # and no person of nobody


@pytest.mark.parametrize(
    ("email", "password", "name"), [("ana", GOOD, "Ana"), ("ana@example.org", "short", "Ana"), ("ana@example.org", GOOD, " ")]
)
def test_what_cannot_be_accepted_makes_nothing(house: Path, email: str, password: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        sign_up(email, password, name)
    assert accounts.list_accounts() == []


def test_other_roles_act_for_nobody(house: Path, quick: None) -> None:
    for role in ("doctor", "staff", "admin"):
        actor = create_account(email=f"{role}@example.org", password=GOOD, name=role, role=role)  # type: ignore[arg-type]
        assert (actor.role, actor.person_ids) == (role, frozenset())
        assert check_password(f"{role}@example.org", GOOD) == actor
    with pytest.raises(InvalidInput, match="no role called owner"):
        create_account(email="o@example.org", password=GOOD, name="O", role="owner")  # type: ignore[arg-type]
    assert [a.role for a in accounts.list_accounts()] == ["doctor", "staff", "admin"]
    with database.reading() as session:
        assert session.exec(select(AccountPerson)).all() == []


def test_a_name_makes_nobody_a_doctor(house: Path, quick: None) -> None:
    assert sign_up("doctor@example.org", GOOD, "Doctor Doctor").role == "patient"


def test_a_wrong_password_and_no_account_look_the_same(house: Path, quick: None) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    told = []
    for email, password in (
        ("ana@example.org", "wrong password"),
        ("eve@example.org", GOOD),
        ("not an address", GOOD),
        ("ana@example.org", "x" * 10_000),
    ):
        with pytest.raises(InvalidInput) as error:
            check_password(email, password)
        told.append((type(error.value), error.value.reason, error.value.hint))
    assert len(set(told)) == 1


def test_without_an_account_a_hash_is_computed_all_the_same(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in the real hasher, and by the time of the processor."""
    sign_up("ana@example.org", GOOD, "Ana")
    passwords._nobody.cache_clear()
    fail("eve@example.org")  # the hash of nobody is made once
    real = passwords.hasher()
    seen: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            if name != "hash":
                seen.append(name)
            return getattr(real, name)

    monkeypatch.setattr(passwords, "hasher", lambda: Counting())
    times: dict[str, list[float]] = {"ana@example.org": [], "eve@example.org": []}
    for _ in range(3):
        for email, taken in times.items():
            started = time.process_time()
            fail(email)
            taken.append(time.process_time() - started)
    assert seen == ["verify_and_update"] * 6
    assert min(times["eve@example.org"]) > 0.5 * min(times["ana@example.org"])


def test_old_hashes_are_renewed_at_sign_in(house: Path) -> None:
    actor = sign_up("ana@example.org", GOOD, "Ana")
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)).hash(GOOD)
    ask(f"UPDATE account SET password_hash = '{old}'")
    assert check_password("ana@example.org", GOOD) == actor
    with database.reading() as session:
        renewed = session.exec(select(Account.password_hash)).one()
    assert renewed != old
    assert "m=65536" in renewed
    assert check_password("ana@example.org", GOOD) == actor


def test_waits_grow_and_are_told_in_words(house: Path, quick: None) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    assert [fail() for _ in range(5)] == ["InvalidInput"] * 5
    waits = []
    for _ in range(8):
        with pytest.raises(TooManyTries) as told:
            check_password("ana@example.org", GOOD)  # even the right one has to wait
        assert re.search(r"wait (\d+ seconds|1 minute|\d+ minutes) before", told.value.reason)
        waits.append(told.value.wait.total_seconds())
        time_passes(told.value.wait + timedelta(seconds=1))
        assert fail() == "InvalidInput"
    assert waits == pytest.approx([30, 60, 120, 240, 480, 900, 900, 900], abs=5)  # a slow machine is into the wait already
    time_passes(timedelta(minutes=16))
    check_password("ana@example.org", GOOD)
    assert [fail() for _ in range(5)] == ["InvalidInput"] * 5  # success began the count anew


def test_waiting_is_not_a_failure(house: Path, quick: None) -> None:
    for _ in range(5):
        fail()
    for _ in range(20):
        assert fail() == "TooManyTries"
    with database.reading() as session:
        assert session.exec(select(Throttle.failures)).one() == 5


def test_other_accounts_are_not_kept_waiting(house: Path, quick: None) -> None:
    sign_up("ben@example.org", GOOD, "Ben")
    for _ in range(6):
        fail("ana@example.org", "192.0.2.1")
    assert check_password("ben@example.org", GOOD, "192.0.2.1").name == "Ben"


def test_one_address_that_tries_many_accounts_has_to_wait(house: Path, quick: None) -> None:
    sign_up("ben@example.org", GOOD, "Ben")
    assert [fail(f"a{n}@example.org", "192.0.2.1") for n in range(20)] == ["InvalidInput"] * 20
    with pytest.raises(TooManyTries):
        check_password("ben@example.org", GOOD, "192.0.2.1")
    assert check_password("ben@example.org", GOOD, "192.0.2.2").name == "Ben"
    # A right password does not wipe out what else was tried from there.
    time_passes(timedelta(minutes=1))
    check_password("ben@example.org", GOOD, "192.0.2.1")
    assert fail("c@example.org", "192.0.2.1") == "InvalidInput"
    assert fail("d@example.org", "192.0.2.1") == "TooManyTries"


def test_the_slips_of_a_clinic_do_not_add_up_over_weeks(house: Path, quick: None) -> None:
    for n in range(30):  # one an hour, from the address that all of them share
        assert fail(f"a{n}@example.org", "192.0.2.1") == "InvalidInput"
        time_passes(timedelta(hours=1))
    assert [fail(f"b{n}@example.org", "192.0.2.1") for n in range(20)] == ["InvalidInput"] * 20
    assert fail("c@example.org", "192.0.2.1") == "TooManyTries", "many at once still have to wait"


def test_many_tries_at_the_same_moment_do_not_slip_through(house: Path, quick: None) -> None:
    answers = together(15, lambda _: fail())
    assert answers.count("InvalidInput") == 5
    assert answers.count("TooManyTries") == 10


def test_old_entries_are_swept_and_addresses_cannot_be_read(house: Path, quick: None) -> None:
    fail("old@example.org", "198.51.100.77")
    rows = ask("SELECT scope, key_hash FROM throttle")
    assert {scope for scope, _ in rows} == {"account", "address"}
    assert all(re.fullmatch("[0-9a-f]{64}", key) for _, key in rows)
    time_passes(timedelta(hours=25))
    fail("new@example.org")
    with database.reading() as session:
        assert len(session.exec(select(Throttle)).all()) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (1, "1 second"), (1.1, "2 seconds"), (59.5, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (900, "15 minutes")],
)
def test_waits_in_words(seconds: float, words: str) -> None:
    assert throttle.in_words(timedelta(seconds=seconds)) == words


def test_rename_changes_the_holder_and_not_the_children(house: Path) -> None:
    actor = somebody("Eva", persons=2)
    assert accounts.rename(actor, " Eva  Neu ").name == "Eva Neu"
    assert [p.display_name for p in persons.persons(actor)] == ["Eva Neu", "Eva 1"]
    assert accounts.own_account(actor).name == "Eva Neu"
    with pytest.raises(InvalidInput):
        accounts.rename(actor, "")


def test_a_parent_adds_a_child(house: Path, quick: None) -> None:
    parent = sign_up("eva@example.org", GOOD, "Eva")
    child = persons.add_person(parent, "Tim", date(2019, 5, 1))
    again = check_password("eva@example.org", GOOD)
    assert again.person_ids == parent.person_ids | {child.id}
    assert [p.display_name for p in persons.persons(again)] == ["Eva", "Tim"]
    assert [p.display_name for p in persons.persons(parent)] == ["Eva"]  # an old actor may do what it could
    for born in (date(1899, 12, 31), now().date() + timedelta(days=1)):
        with pytest.raises(InvalidInput, match="day of birth"):
            persons.add_person(parent, "Tim", born)
    with pytest.raises(NotAllowed):
        persons.add_person(somebody("Lena", "doctor"), "Tim")


def test_an_account_that_is_gone(house: Path) -> None:
    actor = somebody()
    with database.transaction() as session:
        session.delete(session.get_one(Account, actor.account_id))
    for act in (accounts.own_account, lambda a: accounts.rename(a, "X"), lambda a: accounts.find_account(a.email)):
        with pytest.raises(NotFound):
            act(actor)
