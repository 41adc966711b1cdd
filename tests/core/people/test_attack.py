"""Scripted attacks: how many guesses get through, and whether the owner still gets in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import CareLensError, InvalidInput
from core.people import accounts, devices, throttle
from core.people.accounts import check_password, sign_up
from core.people.throttle import TooManyTries

GOOD = "seven green bottles"
EMAIL = "ana@example.org"


@pytest.fixture
def clock(house: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The throttle's time; change its one element to let time pass."""
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    monkeypatch.setattr(throttle, "now", lambda: now[0])
    return now


def tries(act: Callable[[int], object], count: int, at_once: int = 1) -> int:
    """How many of `count` tries were looked at (right or wrong), and not sent away to wait."""
    seen: list[int] = []

    def work(mine: range) -> None:
        for number in mine:
            try:
                act(number)
            except TooManyTries:
                continue
            except InvalidInput:
                pass
            seen.append(number)

    threads = [threading.Thread(target=work, args=(range(start, count, at_once),)) for start in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(seen)


def address(number: int) -> str:
    return f"198.51.{number // 250}.{number % 250}"


def test_many_addresses_on_one_account(clock: list[datetime]) -> None:
    actor = sign_up(EMAIL, GOOD, "Ana")
    assert tries(lambda n: check_password(EMAIL, f"guess {n}", address(n)), 60, at_once=6) == 5
    # All day long, a guess every three minutes from a new address each time.
    through = 0
    for _ in range(24 * 20):
        clock[0] += timedelta(minutes=3)
        through += throttle_only(("account", EMAIL))
    assert 80 < through < 110
    # Its owner is not kept out: not on a browser that signed in before ...
    mine = devices.remember(None, actor.account_id)
    assert check_password(EMAIL, GOOD, "192.0.2.1", mine) == actor
    assert tries(lambda n: check_password(EMAIL, "slip", "192.0.2.1", mine), 9) == 5, "which has a count of its own"
    # ... and nobody else's mark helps the attacker.
    eve = sign_up("eve@example.org", GOOD, "Eve")
    forged = devices.remember(None, eve.account_id)
    for cookie in (forged, mine[:-1] + ("0" if mine[-1] != "0" else "1"), "x" * 3000, mine.split(".")[0] + "." + forged.split(".")[1]):
        with pytest.raises(TooManyTries):
            check_password(EMAIL, GOOD, "198.51.100.1", cookie)
    # On a new browser a new password, chosen through a link, ends the wait.
    accounts.set_password(EMAIL, "eight brown bottles")
    assert check_password(EMAIL, "eight brown bottles", "203.0.113.9")


def throttle_only(*keys: throttle.Key) -> bool:
    """Whether a try is let through: what every guess meets first."""
    try:
        throttle.count(*keys)
    except TooManyTries:
        return False
    return True


def test_one_address_on_many_accounts(clock: list[datetime]) -> None:
    assert tries(lambda n: check_password(f"a{n}@example.org", "spring2026!", "198.51.100.1"), 50, at_once=5) == 20
    through = 0
    for number in range(24 * 20):
        clock[0] += timedelta(minutes=3)
        through += throttle_only(("account", f"b{number}@example.org"), *throttle.from_address("address", "198.51.100.1"))
    assert 80 < through < 110


def test_addresses_of_one_network_are_one(clock: list[datetime]) -> None:
    assert tries(lambda n: check_password(f"a{n}@example.org", "spring2026!", f"2001:db8:1:2::{n:x}"), 40) == 20
    with pytest.raises(InvalidInput) as told:
        check_password("b@example.org", "spring2026!", "2001:db8:1:3::1")
    assert not isinstance(told.value, TooManyTries)
    assert throttle.from_address("address", "::ffff:192.0.2.1") == throttle.from_address("address", "192.0.2.1")
    assert throttle.from_address("address", None) == [] and throttle.from_address("address", "local") == [("address", "local")]


def test_a_flood_of_sign_ups(clock: list[datetime]) -> None:
    assert tries(lambda n: sign_up(f"a{n}@example.org", GOOD, "A", "198.51.100.1"), 40, at_once=4) == 10
    assert len(accounts.list_accounts()) == 10
    with pytest.raises(TooManyTries, match="accounts"):
        sign_up(EMAIL, GOOD, "Ana", "198.51.100.1")
    assert sign_up(EMAIL, GOOD, "Ana", "192.0.2.1")
    assert check_password(accounts.list_accounts()[0].email, GOOD, "198.51.100.1"), "whoever has an account there still signs in"


def test_asking_which_addresses_have_accounts(clock: list[datetime]) -> None:
    """Without mail a sign-up cannot hide it; then it is slow at least. The same for a change of address."""
    sign_up(EMAIL, GOOD, "Ana")
    assert tries(lambda n: sign_up(EMAIL, GOOD, "Eve", "198.51.100.1"), 30) == 10
    eve = sign_up("eve@example.org", GOOD, "Eve")
    assert tries(lambda n: accounts.change_email(eve, GOOD, EMAIL), 20) == 5


def test_what_guesses_outside_does_not_keep_the_one_inside_waiting(clock: list[datetime]) -> None:
    actor = sign_up(EMAIL, GOOD, "Ana")
    tries(lambda n: check_password(EMAIL, "guess", address(n)), 20)
    accounts.confirm_password(actor, GOOD)
    assert tries(lambda n: accounts.confirm_password(actor, "guess"), 20) == 5
    with pytest.raises(CareLensError, match="wait"):
        accounts.confirm_password(actor, GOOD)


def test_a_browser_shared_by_a_family(house: Path) -> None:
    from uuid import uuid4

    ids = [uuid4() for _ in range(6)]
    cookie = None
    for id in ids:
        cookie = devices.remember(cookie, id)
    assert [devices.known(cookie, id) is not None for id in ids] == [False, False, True, True, True, True]
    assert devices.remember(cookie, ids[3]) == cookie, "signing in again brings no new guesses"
    assert devices.known(None, ids[0]) is None and devices.known("nonsense~.~", ids[0]) is None
