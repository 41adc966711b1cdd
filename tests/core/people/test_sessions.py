"""Tickets and sign-ins."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import select

from core.errors import InvalidInput, NotFound
from core.people import accounts, sessions
from core.people.policy import Actor
from core.people.sessions import actor_of, end_all, end_session, issue_ticket, list_sessions, redeem_ticket
from core.records import database
from core.records.erase import erase_account_by_id
from core.records.tables import Account, AccountPerson, AccountSession, Ticket
from core.records.times import now
from core.settings import settings
from tests.core.house import dump, locked, somebody
from tests.core.together import together

GOOD, NEW = "seven green bottles", "eight brown bottles"


def sign_in(actor: Actor, user_agent: str = "Firefox") -> str:
    token = redeem_ticket(issue_ticket(actor), user_agent)
    assert token
    return token


def later(table: type[Ticket] | type[AccountSession], by: timedelta) -> None:
    """Let time pass for the rows of a table."""
    with database.transaction() as session:
        for row in session.exec(select(table)):
            row.expires_at -= by
            row.created_at -= by
            if isinstance(row, AccountSession):
                row.last_seen_at -= by
            session.add(row)


def test_from_ticket_to_actor(house: Path) -> None:
    actor = somebody(persons=2)
    token = sign_in(actor)
    found = actor_of(token)
    assert found is not None
    assert found.session_id is not None
    assert found == Actor(actor.account_id, "patient", actor.person_ids, "Ana", "ana@example.org", found.session_id)
    doctor = somebody("Lena", "doctor", persons=0)
    seen = actor_of(sign_in(doctor))
    assert seen is not None
    assert (seen.role, seen.person_ids) == ("doctor", frozenset())


@pytest.mark.parametrize("token", [None, "", "x", "a" * 43, "x" * 5000, "' OR 1=1 --"])
def test_what_is_no_token_is_nobody(house: Path, token: str | None) -> None:
    sign_in(somebody())
    assert actor_of(token) is None
    assert redeem_ticket(token or "") is None


def test_the_database_holds_no_token(house: Path) -> None:
    actor = somebody()
    ticket = issue_ticket(actor)
    token = redeem_ticket(ticket, "Firefox")
    assert token
    assert re.fullmatch(r"[\w-]{43}", token)
    everything = dump()
    assert "Firefox" in everything  # it does hold the row
    assert token not in everything
    assert ticket not in everything
    # The hash is keyed: with another secret key the same token opens nothing.
    settings().secret_key = type(settings().secret_key)("another secret that is long enough too")
    assert actor_of(token) is None


def test_a_ticket_works_once(house: Path) -> None:
    ticket = issue_ticket(somebody())
    assert redeem_ticket(ticket)
    assert redeem_ticket(ticket) is None


def test_a_ticket_and_a_token_are_not_the_same_thing(house: Path) -> None:
    actor = somebody()
    ticket = issue_ticket(actor)
    assert actor_of(ticket) is None
    assert redeem_ticket(sign_in(actor)) is None


def test_a_ticket_lasts_a_minute(house: Path) -> None:
    young, old = issue_ticket(somebody()), issue_ticket(somebody("Ben"))
    with database.reading() as session:
        lives = [ticket.expires_at - ticket.created_at for ticket in session.exec(select(Ticket))]
    assert all(timedelta(seconds=59) < life < timedelta(seconds=61) for life in lives)
    later(Ticket, timedelta(seconds=58))
    assert redeem_ticket(young)
    later(Ticket, timedelta(seconds=3))
    assert redeem_ticket(old) is None


def test_of_many_who_redeem_one_ticket_at_once_one_gets_in(house: Path) -> None:
    ticket = issue_ticket(somebody())
    tokens = together(12, lambda _: redeem_ticket(ticket))
    assert len(tokens) == 12
    assert sum(token is not None for token in tokens) == 1
    with database.reading() as session:
        assert len(session.exec(select(AccountSession)).all()) == 1


def test_old_tickets_and_sign_ins_are_swept(house: Path) -> None:
    actor = somebody()
    sign_in(actor)
    later(Ticket, timedelta(minutes=5))
    later(AccountSession, timedelta(days=31))
    sign_in(actor)
    with database.reading() as session:
        assert len(session.exec(select(Ticket)).all()) == 1
        assert len(session.exec(select(AccountSession)).all()) == 1


def test_a_sign_in_lasts_as_long_as_the_settings_say(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_SESSION_DAYS", "2")
    settings.cache_clear()
    token = sign_in(somebody())
    later(AccountSession, timedelta(days=1, hours=23))
    assert actor_of(token)
    later(AccountSession, timedelta(hours=2))
    assert actor_of(token) is None


def test_it_survives_a_restart(house: Path) -> None:
    token = sign_in(somebody())
    database.engine().dispose()
    database._engine.cache_clear()
    settings.cache_clear()
    assert actor_of(token)


def test_signing_out_works_at_once_and_only_here(house: Path) -> None:
    actor = somebody()
    here, there = sign_in(actor), sign_in(actor)
    end_session(here)
    end_session("unknown")
    assert actor_of(here) is None
    assert actor_of(there)


def test_signing_out_everywhere(house: Path) -> None:
    actor, other = somebody(), somebody("Ben")
    tokens = [sign_in(actor) for _ in range(3)]
    theirs = sign_in(other)
    pending = issue_ticket(actor)
    now_here = actor_of(tokens[0])
    assert now_here
    assert end_all(actor.account_id, keep=now_here.session_id) == 2
    assert [actor_of(token) is not None for token in tokens] == [True, False, False]
    assert redeem_ticket(pending) is None
    assert end_all(actor.account_id) == 1
    assert actor_of(tokens[0]) is None
    assert actor_of(theirs)


def test_the_list_of_sign_ins(house: Path) -> None:
    actor, other = somebody(), somebody("Ben")
    first, second = sign_in(actor, "Firefox"), sign_in(actor, "X" * 500)
    sign_in(other, "Safari")
    me = actor_of(second)
    assert me
    listed = list_sessions(me)
    assert {(s.user_agent, s.current) for s in listed} == {("Firefox", False), ("X" * 200, True)}
    (theirs,) = list_sessions(other)
    with pytest.raises(NotFound):
        sessions.end_session_by_id(me, theirs.id)
    assert len(list_sessions(other)) == 1
    sessions.end_session_by_id(me, next(s.id for s in listed if not s.current))
    assert actor_of(first) is None
    assert actor_of(second)
    with pytest.raises(NotFound):
        sessions.end_session_by_id(me, uuid4())


def test_a_change_of_password_ends_the_other_sign_ins(house: Path, quick: None) -> None:
    actor = accounts.sign_up("ana@example.org", GOOD, "Ana")
    here, there = sign_in(actor), sign_in(actor)
    me = actor_of(here)
    assert me
    with pytest.raises(InvalidInput, match="present password"):
        sessions.change_password(me, "wrong password", NEW)
    with pytest.raises(InvalidInput, match="too short"):
        sessions.change_password(me, GOOD, "short")
    assert actor_of(there)
    sessions.change_password(me, GOOD, NEW)
    assert actor_of(here)
    assert actor_of(there) is None
    assert accounts.check_password("ana@example.org", NEW).account_id == actor.account_id
    with pytest.raises(InvalidInput):
        accounts.check_password("ana@example.org", GOOD)
    accounts.set_password("ana@example.org", GOOD)
    assert actor_of(here) is None
    assert accounts.check_password("ana@example.org", GOOD)


def test_an_old_password_does_not_slip_in_while_a_new_one_is_stored(house: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is changed after the old one was found right, and before its sign-in is made."""
    accounts.sign_up("ana@example.org", GOOD, "Ana")
    right = accounts.verify_password

    def then_changed(password: str, stored: str | None) -> tuple[bool, str | None]:
        found = right(password, stored)
        accounts.set_password("ana@example.org", NEW)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "verify_password", then_changed)
        late = accounts.check_password("ana@example.org", GOOD)
    with pytest.raises(InvalidInput, match="changed just now"):
        issue_ticket(late)
    known = accounts.check_password("ana@example.org", NEW)
    assert actor_of(sign_in(known))
    accounts.set_password("ana@example.org", GOOD)
    with pytest.raises(InvalidInput, match="changed just now"):
        issue_ticket(known)
    erase_account_by_id(known.account_id)
    with pytest.raises(InvalidInput, match="changed just now"):
        issue_ticket(known)


def test_guessing_the_present_password_has_to_wait_too(house: Path, quick: None) -> None:
    actor = accounts.sign_up("ana@example.org", GOOD, "Ana")
    for _ in range(5):
        with pytest.raises(InvalidInput, match="present password"):
            sessions.change_password(actor, "wrong password", NEW)
    with pytest.raises(accounts.TooManyTries):
        sessions.change_password(actor, GOOD, NEW)


def test_what_changed_meanwhile_counts_at_once(house: Path) -> None:
    actor = somebody()
    token = sign_in(actor)
    with database.transaction() as session:
        account = session.get_one(Account, actor.account_id)
        account.role = "doctor"
        session.add(account)
        for link in session.exec(select(AccountPerson)):
            session.delete(link)
    found = actor_of(token)
    assert found
    assert (found.role, found.person_ids) == ("doctor", frozenset())
    with database.transaction() as session:
        session.delete(session.get_one(Account, actor.account_id))
    assert actor_of(token) is None


def queries(act: Callable[[], object]) -> list[str]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    return [s for s in seen if s.split()[0] in ("SELECT", "UPDATE", "INSERT", "DELETE") and "pg_advisory" not in s]


def test_who_it_is_takes_one_query_and_seldom_a_write(house: Path) -> None:
    token = sign_in(somebody(persons=3))
    assert [s.split()[0] for s in queries(lambda: actor_of(token))] == ["SELECT"]
    later(AccountSession, timedelta(minutes=6))
    before = now()
    assert [s.split()[0] for s in queries(lambda: actor_of(token))] == ["SELECT", "UPDATE"]
    assert [s.split()[0] for s in queries(lambda: actor_of(token))] == ["SELECT"]
    with database.reading() as session:
        assert session.exec(select(AccountSession.last_seen_at)).one() >= before


def test_a_locked_database_signs_nobody_out_and_keeps_nobody_waiting(house: Path) -> None:
    token = sign_in(somebody())
    later(AccountSession, timedelta(minutes=6))
    with locked():
        started = time.monotonic()
        assert actor_of(token)
        assert time.monotonic() - started < 3  # and not LOCK_WAIT
