"""Access tokens: what they open, for how long, how often, and what ends them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core.errors import InvalidInput, NotAllowed, NotFound
from core.people import rate, second_factor, sessions, tokens
from core.people.accounts import change_email, rename, set_password, sign_up
from core.people.policy import ROLES, SCOPES, Actor, Role
from core.people.throttle import TooManyTries
from core.records import database
from core.records.erase import erase_account_by_id
from core.records.times import now
from core.records.token_tables import ApiToken
from core.settings import settings
from tests.core.house import ask, dump, embedded, somebody
from tests.core.together import together

GOOD = "seven green bottles"
ALL = ("examine", "read", "write")


@pytest.fixture
def ana(house: Path, quick: None) -> Actor:
    return sign_up("ana@example.org", GOOD, "Ana")


def made(actor: Actor, name: str = "Desk", scopes: tuple[str, ...] = ALL, days: int = 30) -> tokens.Made:
    return tokens.make_token(actor, name, scopes, days, GOOD)


def let_time_pass(by: timedelta) -> None:
    with database.transaction() as session:
        for row in session.exec(select(ApiToken)):
            row.expires_at -= by
            row.created_at -= by
            row.free_at = row.free_at - by if row.free_at else None
            session.add(row)


def test_a_token_acts_for_its_account_with_what_it_is_for(ana: Actor) -> None:
    one = made(ana, "  My   script ", ("read", "examine"), 7)
    assert one.secret.startswith("carelens_") and len(one.secret) > 50
    caller = tokens.admit(one.secret)
    assert caller is not None
    assert caller.actor == Actor(ana.account_id, "patient", ana.person_ids, "Ana", "ana@example.org")
    assert caller.scopes == {"examine", "read"} and caller.actor.session_id is None
    (listed,) = tokens.list_tokens(ana)
    assert (listed.id, listed.name, listed.scopes, listed.ended) == (caller.token_id, "My script", "examine read", False)
    assert abs(listed.expires_at - now() - timedelta(days=7)) < timedelta(minutes=1)
    assert listed.last_used_at is not None and now() - listed.last_used_at < timedelta(minutes=1)


def test_the_database_holds_no_token(ana: Actor) -> None:
    one = made(ana)
    tokens.admit(one.secret)
    assert one.secret not in dump() and one.secret.removeprefix("carelens_") not in dump() and "Desk" in dump()
    assert one.secret not in repr(one)


@embedded
def test_what_is_no_token_is_nobody(ana: Actor) -> None:
    secret = made(ana).secret
    cookie = sessions.redeem_ticket(sessions.issue_ticket(ana))
    for wrong in (
        "",
        "carelens_",
        secret[:-1],
        secret + "x",
        secret.upper(),
        secret.removeprefix("carelens_"),
        str(cookie),
        "carelens_" * 99,
    ):
        assert tokens.admit(wrong) is None, wrong
    (stored,) = ask("SELECT token_hash FROM api_token")[0]
    assert tokens.admit(stored) is None and sessions.actor_of(secret) is None
    assert tokens.admit(secret) is not None


def test_a_token_ends_by_itself_and_is_swept_later(ana: Actor) -> None:
    secret = made(ana, days=7).secret
    let_time_pass(timedelta(days=6, hours=23))
    assert tokens.admit(secret) is not None
    let_time_pass(timedelta(hours=1))
    assert tokens.admit(secret) is None and [one.ended for one in tokens.list_tokens(ana)] == [True]
    let_time_pass(timedelta(days=31))
    assert tokens.list_tokens(ana) == []
    made(ana, "Another")
    assert ask("SELECT name FROM api_token") == [("Another",)]


@embedded
def test_a_token_from_a_clock_that_ran_ahead_opens_nothing(ana: Actor) -> None:
    secret = made(ana, days=365).secret
    let_time_pass(-timedelta(days=30))
    assert tokens.admit(secret) is None


def test_revoking_works_at_once_and_only_for_its_own_account(ana: Actor) -> None:
    eve = sign_up("eve@example.org", GOOD, "Eve")
    one, other = made(ana), made(ana, "Other")
    with pytest.raises(NotFound):
        tokens.revoke(eve, one.public.id)
    assert tokens.list_tokens(eve) == [] and tokens.admit(one.secret)
    tokens.revoke(ana, one.public.id)
    assert tokens.admit(one.secret) is None and tokens.admit(other.secret)
    with pytest.raises(NotFound):
        tokens.revoke(ana, one.public.id)


@embedded
def test_what_ends_tokens_and_what_does_not(ana: Actor) -> None:
    def works(secret: str) -> bool:
        return tokens.admit(secret) is not None

    secret = made(ana).secret
    sessions.end_all(ana.account_id)
    rename(ana, "Anna")
    changed = change_email(ana, GOOD, "anna@example.org")
    assert works(secret)
    actor = Actor(ana.account_id, "patient", ana.person_ids, "Anna", changed.email)
    sessions.change_password(actor, GOOD, "eight brown bottles")
    assert not works(secret) and tokens.list_tokens(actor) == []
    secret = tokens.make_token(actor, "New", ALL, 7, "eight brown bottles").secret
    set_password(changed.email, "nine white bottles")
    assert not works(secret)
    secret = tokens.make_token(actor, "New", ALL, 7, "nine white bottles").secret
    proposal = second_factor.propose(actor)
    code = second_factor.pyotp.TOTP(proposal.secret).now()
    second_factor.enable(actor, proposal, "nine white bottles", code)
    assert not works(secret)
    secret = tokens.make_token(actor, "New", ALL, 7, "nine white bottles").secret
    assert works(secret)
    erase_account_by_id(actor.account_id)
    assert not works(secret) and ask("SELECT count(*) FROM api_token") == [(0,)]


@embedded
def test_with_another_secret_key_none_works(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = made(ana).secret
    monkeypatch.setenv("CARELENS_SECRET_KEY", "another secret for tests that is long enough")
    settings.cache_clear()
    assert tokens.admit(secret) is None


@embedded
def test_what_cannot_be_accepted_makes_nothing(ana: Actor) -> None:
    tries = [("", ALL, 30), ("x" * 61, ALL, 30), ("a\x00b", ALL, 30), ("Desk", (), 30), ("Desk", ("read", "everything"), 30)]
    for name, scopes, days in [*tries, ("Desk", ALL, 31), ("Desk", ALL, 0), ("Desk", ALL, -7)]:
        with pytest.raises(InvalidInput):
            tokens.make_token(ana, name, scopes, days, GOOD)
    with pytest.raises(InvalidInput, match="password"):
        tokens.make_token(ana, "Desk", ALL, 30, "a wrong one")
    assert tokens.list_tokens(ana) == []


@embedded
def test_an_account_has_only_so_many(ana: Actor) -> None:
    for number in range(tokens.MOST):
        made(ana, f"Number {number}")
    with pytest.raises(InvalidInput, match="at most"):
        made(ana)
    tokens.revoke(ana, tokens.list_tokens(ana)[0].id)
    made(ana)


@embedded
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_it_may_do_itself(house: Path, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    monkeypatch.setenv("CARELENS_DEMO", "1")  # no password is asked for there
    settings.cache_clear()
    actor = somebody("Sam", role, persons=0)
    for scope in ALL:
        if scope in SCOPES[role]:
            caller = tokens.admit(tokens.make_token(actor, scope, (scope,), 7).secret)
            assert caller and caller.scopes == {scope} and caller.actor.role == role
        else:
            with pytest.raises(NotAllowed if role == "admin" else InvalidInput):
                tokens.make_token(actor, scope, (scope,), 7)


@embedded
def test_a_scope_that_a_role_has_no_more_does_not_count(ana: Actor) -> None:
    secret = made(ana).secret
    ask("UPDATE account SET role = 'staff'")
    caller = tokens.admit(secret)
    assert caller and caller.scopes == {"examine"} and caller.actor.role == "staff"


def few(monkeypatch: pytest.MonkeyPatch, per_minute: int) -> None:
    monkeypatch.setenv("CARELENS_API_PER_MINUTE", str(per_minute))
    settings.cache_clear()


def test_many_at_the_same_moment_do_not_slip_through(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 12)
    one, other = made(ana), made(ana, "Other")

    def ask_for(number: int) -> bool:
        try:
            return tokens.admit(one.secret) is not None
        except TooManyTries as told:
            assert timedelta(0) < told.wait <= timedelta(seconds=5) and "token" in told.reason
            return False

    assert sum(together(12, ask_for)) == 3, "a quarter of a minute's, as long as no slice of 5 s went by"
    assert tokens.admit(other.secret), "each token is counted by itself"
    let_time_pass(timedelta(seconds=5))
    assert ask_for(0) and not ask_for(1)


def test_a_refusal_costs_no_turn_of_those_who_write(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 1)
    secret = made(ana).secret
    assert tokens.admit(secret)
    with database.transaction(), pytest.raises(TooManyTries):  # somebody else is writing
        tokens.admit(secret)


MOMENT = now()


@given(st.integers(1, 1000), st.lists(st.floats(0, 90), min_size=1, max_size=300))
def test_no_minute_has_more_requests_than_are_allowed_beside_those_at_once(per_minute: int, pauses: list[float]) -> None:
    """The law of the algorithm: in any stretch of time t, at most the burst and t times the rate."""
    free_at, moment, taken = None, MOMENT, []
    for pause in pauses:
        moment += timedelta(seconds=pause / per_minute)
        before = free_at
        free_at, wait = rate.spend(free_at, moment, per_minute)
        if wait:
            assert free_at == before
            later, left = rate.spend(free_at, moment + wait, per_minute)
            assert not left and later, "whoever waits as long as told is let in"
            taken_early = rate.spend(free_at, moment + wait - timedelta(microseconds=2), per_minute)[1]
            assert taken_early > timedelta(0), "and not before"
        else:
            taken.append(moment)
    for first in range(len(taken)):
        stretch = (taken[-1] - taken[first]).total_seconds()
        assert len(taken) - first <= rate.at_once(per_minute) + stretch * per_minute / 60 + 0.01


def test_the_first_ones_after_a_pause_come_at_once() -> None:
    free_at, waits = None, []
    for _ in range(35):
        free_at, wait = rate.spend(free_at, MOMENT, 120)
        waits.append(wait)
    assert waits[:30] == [timedelta(0)] * 30 and all(waits[30:])
    assert all(one == two for one, two in pairwise(waits[30:]))


def test_a_clock_that_ran_ahead_locks_nobody_out() -> None:
    assert rate.spend(MOMENT + timedelta(days=400), MOMENT, 60)[1] == timedelta(0)


def test_ids_say_nothing(ana: Actor) -> None:
    assert made(ana).public.id.version == 4 and isinstance(made(ana, "Two").public.id, UUID)
