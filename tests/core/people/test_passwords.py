"""E-mail addresses, names and passwords."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.errors import InvalidInput
from core.people.passwords import AT_ONCE, check_new_password, clean_email, clean_name, hash_password, verify_password
from core.settings import ROOT

GOOD = "seven green bottles"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ana@Example.ORG ", "ana@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("a+b.c@sub.example.org", "a+b.c@sub.example.org"),
    ],
)
def test_addresses_are_stripped_and_casefolded(given: str, kept: str) -> None:
    assert clean_email(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ana",
        "ana@",
        "an\x1b[2Ja@example.org",
        "ana@exam\x00ple.org",
        "@example.org",
        "ana@example",
        "a b@example.org",
        "ana@ex ample.org",
        "a@b@c.org",
        "ana@.org",
        "ana@a..b",
        f"{'a' * 65}@example.org",
        f"ana@{'a' * 250}.org",
    ],
)
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(InvalidInput) as told:
        clean_email(given)
    assert told.value.reason.endswith(".")
    assert told.value.hint.endswith(".")


def test_names() -> None:
    assert clean_name("  Ana   Ruiz ") == "Ana Ruiz"
    for bad in ("", "   ", "x" * 101, "a\x00b", "a\ud800b", "\u202e"):
        with pytest.raises(InvalidInput):
            clean_name(bad)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "too short"),
        ("ninechars", "too short"),
        ("x y" * 67, "too long"),
        ("Ana.Maria@example.org", "e-mail"),
        ("Password123", "first that others"),
        ("1234567890", "first that others"),
        ("aaaaaaaaaaaa", "first that others"),
        ("abababababab", "first that others"),
    ],
)
def test_passwords_that_will_not_do(password: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        check_new_password(password, "ana.maria@example.org")


def test_the_part_before_the_at_will_not_do_either() -> None:
    with pytest.raises(InvalidInput, match="e-mail"):
        check_new_password("ana.maria.ruiz", "ana.maria.ruiz@example.org")


@pytest.mark.parametrize("password", [GOOD, "x" * 5 + "y" * 5 + "z", "päss wörd mit ümläut", "0123 4567 89", "p" + "ab1" * 66])
def test_passwords_that_will_do(password: str) -> None:
    check_new_password(password, "ana@example.org")


def test_hashes_are_argon2id_and_prove_the_password() -> None:
    stored = hash_password(GOOD)
    assert stored.startswith("$argon2id$")
    assert GOOD not in stored
    assert len(stored) <= 255
    assert verify_password(GOOD, stored) == (True, None)
    assert verify_password(GOOD + " ", stored)[0] is False
    assert verify_password("x" * 201, stored)[0] is False
    assert verify_password(GOOD, "not a hash")[0] is False
    assert verify_password(GOOD, None)[0] is False


@pytest.mark.usefixtures("quick")
def test_every_hash_has_a_salt_of_its_own() -> None:
    assert len({hash_password(GOOD) for _ in range(5)}) == 5


@pytest.mark.usefixtures("quick")
def test_the_same_letters_composed_differently() -> None:
    assert verify_password("a\u0308pfel und birnen", hash_password("\u00e4pfel und birnen"))[0]


FLOOD = """
import re, threading
from pathlib import Path
from core.people.passwords import hash_password, verify_password

known = hash_password("seven green bottles")
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
before = peak()
threads = [threading.Thread(target=verify_password, args=(f"guess {number}", known)) for number in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(peak() - before)
"""


def test_a_flood_of_sign_ins_does_not_fill_the_memory() -> None:
    """Two dozen tries at one moment would take 1.5 GB; the peak is measured in a process of its own, in MB."""
    done = subprocess.run([sys.executable, "-c", FLOOD], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < AT_ONCE * 64 + 64
