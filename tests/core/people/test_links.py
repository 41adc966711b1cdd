"""Forgotten passwords and sign-ups by mail: what the letters hold, and what they do not tell."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from core import admin
from core.errors import InvalidInput, NotFound, Unavailable
from core.people import accounts, links, mail, sessions
from core.people.accounts import check_password, sign_up
from core.people.links import ask_for_account, ask_for_password, choose_password, finish_sign_up, look
from core.people.policy import Actor
from core.people.throttle import TooManyTries
from core.records import database
from core.records.tables import Account, MailLink
from core.settings import settings
from tests.core.house import ask
from tests.core.people.test_mail import use
from tests.core.together import together
from tests.smtp import Post, link, text

GOOD, NEW = "seven green bottles", "eight brown bottles"
HERE = "192.0.2.7"


@pytest.fixture
def post(house: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with Post() as server:
        use(monkeypatch, server.url)
        yield server


def token_in(address: str) -> str:
    (token,) = parse_qs(urlsplit(address).query)["token"]
    return token


def asked(post: Post, email: str = "ana@example.org") -> str:
    """The token of the link that comes when it is asked for."""
    before = len(post.letters)
    ask_for_password(email, HERE)
    assert mail.wait_until_sent() and len(post.letters) == before + 1
    return token_in(link(post.letters[-1]))


def test_a_forgotten_password(post: Post) -> None:
    actor = sign_up("ana@example.org", GOOD, "Ana Ruiz")
    elsewhere = sessions.redeem_ticket(sessions.issue_ticket(actor))
    token = asked(post, " ANA@example.org")
    (letter,) = post.letters
    assert letter["To"] == "ana@example.org" and link(letter).startswith("https://care.example.org/Open_link?token=")
    assert "Ana" not in text(letter), "a name that a stranger could choose is never mailed"
    assert look(token) == ("reset", "ana@example.org")
    with pytest.raises(InvalidInput, match="too short"):
        choose_password(token, "short")
    done = choose_password(token, NEW)
    assert isinstance(done, Actor) and done.account_id == actor.account_id
    assert check_password("ana@example.org", NEW) and sessions.actor_of(elsewhere) is None
    with pytest.raises(InvalidInput):
        check_password("ana@example.org", GOOD)
    for again in (look, lambda t: choose_password(t, GOOD)):
        with pytest.raises(NotFound, match="used already"):
            again(token)


def test_only_a_hash_of_it_is_stored(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    token = asked(post)
    assert ask("SELECT count(*) FROM mail_link") == [(1,)]
    assert token not in str(ask("SELECT * FROM mail_link"))


def test_it_lasts_half_an_hour(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    token = asked(post)
    with database.transaction() as session:
        row = session.exec(select(MailLink)).one()
        assert timedelta(minutes=29) < row.expires_at - row.created_at <= timedelta(minutes=30, seconds=1)
        row.expires_at -= timedelta(minutes=29)
        session.add(row)
    assert look(token)
    with database.transaction() as session:
        row = session.exec(select(MailLink)).one()
        row.expires_at -= timedelta(minutes=1, seconds=1)
        session.add(row)
    with pytest.raises(NotFound):
        choose_password(token, NEW)
    assert check_password("ana@example.org", GOOD)


def test_of_many_who_open_it_at_once_one_chooses(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    token, done = asked(post), []

    def choose(number: int) -> None:
        try:
            choose_password(token, f"{NEW} {number}")
            done.append(number)
        except NotFound:
            pass

    together(8, choose)
    assert len(done) == 1 and check_password("ana@example.org", f"{NEW} {done[0]}")


def test_whoever_has_no_account_gets_nothing_and_the_answer_does_not_tell(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    monkeypatch.setattr(
        "core.people.throttle.RULES", {name: rule.__class__(10**6, rule.longest) for name, rule in links.throttle.RULES.items()}
    )
    post.delay = 0.4
    taken: dict[str, list[float]] = {"ana@example.org": [], "eve@example.org": []}
    for _ in range(3):
        for email, times in taken.items():
            started = time.perf_counter()
            assert ask_for_password(email, HERE) is None  # type: ignore[func-returns-value]
            times.append(time.perf_counter() - started)
            assert mail.wait_until_sent()
    assert {letter["To"] for letter in post.letters} == {"ana@example.org"} and len(post.letters) == 3
    slow, fast = (statistics.median(times) for times in taken.values())
    assert slow < fast + 0.3, "the letter takes 0.4 s and more"


def test_a_link_is_used_up_together_with_what_it_is_for_or_not_at_all(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away just after the link was found good."""
    sign_up("ana@example.org", GOOD, "Ana")
    reset = asked(post)
    ask_for_account("eve@example.org", "Eve", HERE)
    assert mail.wait_until_sent()
    new = token_in(link(post.letters[-1]))

    def gone(*_: object) -> None:
        raise Unavailable("The database is out of reach.")

    for step, finish, token in (("end_sign_ins", choose_password, reset), ("make_person", finish_sign_up, new)):
        with monkeypatch.context() as patch, pytest.raises(Unavailable):
            patch.setattr(accounts, step, gone)
            finish(token, NEW)
    assert check_password("ana@example.org", GOOD) and ask("SELECT count(*) FROM account") == [(1,)]
    assert choose_password(reset, NEW) and finish_sign_up(new, NEW)


def test_a_new_address_voids_links_to_the_old_one_which_is_told_and_ends_other_sign_ins(post: Post) -> None:
    ana = sign_up("ana@example.org", GOOD, "Ana")
    other, own = (sessions.redeem_ticket(sessions.issue_ticket(ana)) for _ in range(2))
    actor = sessions.actor_of(own)
    assert actor
    token = asked(post)
    accounts.change_email(actor, GOOD, "New@Example.org")
    assert sessions.actor_of(own) and sessions.actor_of(other) is None
    assert mail.wait_until_sent() and post.letters[-1]["To"] == "ana@example.org" and "changed" in post.letters[-1]["Subject"]
    with pytest.raises(NotFound):
        look(token)
    assert check_password("new@example.org", GOOD).account_id == actor.account_id


def test_it_ends_the_waits_that_others_caused(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    for _ in range(5):
        with pytest.raises(InvalidInput):
            check_password("ana@example.org", "a guess")
    with pytest.raises(TooManyTries):
        check_password("ana@example.org", GOOD)
    choose_password(asked(post), NEW)
    assert check_password("ana@example.org", NEW)


def test_a_mailbox_is_not_flooded_and_its_owner_not_locked_out(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    for number in range(9):
        ask_for_password("ana@example.org", f"198.51.100.{number}")
    assert mail.wait_until_sent() and len(post.letters) == 3
    assert look(token_in(link(post.letters[0]))), "each of them still works, so whoever floods sends the owner what they need"


def test_strangers_sign_ups_with_an_address_do_not_keep_its_owner_from_a_new_password(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    for number in range(9):
        ask_for_account("ana@example.org", "Eve", f"198.51.100.{number}")
    assert mail.wait_until_sent() and len(post.letters) == 3 and not any("token" in text(letter) for letter in post.letters)
    choose_password(asked(post), NEW)


def test_many_requests_from_one_address_have_to_wait(post: Post) -> None:
    for number in range(10):
        ask_for_password(f"a{number}@example.org", HERE)
    with pytest.raises(TooManyTries, match="new passwords"):
        ask_for_password("b@example.org", HERE)
    ask_for_password("b@example.org", "192.0.2.8")


def test_a_sign_up_by_mail(post: Post) -> None:
    ask_for_account(" Ana@Example.org", "Ana  Ruiz", HERE)
    assert mail.wait_until_sent() and ask("SELECT count(*) FROM account") == [(0,)]
    token = token_in(link(post.letters[0]))
    assert look(token) == ("sign_up", "ana@example.org") and "Ana Ruiz" not in text(post.letters[0])
    actor = finish_sign_up(token, GOOD)
    assert (actor.name, actor.email, actor.role) == ("Ana Ruiz", "ana@example.org", "patient")
    assert check_password("ana@example.org", GOOD) and ask("SELECT count(*) FROM mail_link") == [(0,)]
    with pytest.raises(NotFound):
        finish_sign_up(token, NEW)


def test_a_sign_up_with_an_address_that_has_an_account_looks_the_same(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    assert ask_for_account("ana@example.org", "Eve", HERE) is ask_for_account("eve@example.org", "Eve", HERE)  # type: ignore[func-returns-value]
    assert mail.wait_until_sent()
    there, new = sorted(post.letters, key=lambda letter: str(letter["To"]))
    assert "already" in there["Subject"] and "token" not in text(there)
    assert "Finish" in new["Subject"] and "token" in text(new)


def test_one_kind_of_link_is_not_another(post: Post) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    with pytest.raises(NotFound):
        finish_sign_up(asked(post), NEW)
    ask_for_account("eve@example.org", "Eve", HERE)
    assert mail.wait_until_sent()
    with pytest.raises(NotFound):
        choose_password(token_in(link(post.letters[-1])), NEW)


def test_links_that_do_not_exist(post: Post) -> None:
    for number in range(50):
        with pytest.raises(NotFound):
            look(f"guess-{number}", HERE)
    with pytest.raises(TooManyTries, match="links"):
        look("guess", HERE)
    sign_up("ana@example.org", GOOD, "Ana")
    assert look(asked(post), HERE), "a good one is not kept waiting by what a neighbour does"


def test_from_the_command_line(house: Path, quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["reset-link", "--email", "ana@example.org"]) == 1
    assert "no account" in capsys.readouterr().err
    sign_up("ana@example.org", GOOD, "Ana")
    assert admin.main(["reset-link", "--email", "ANA@example.org"]) == 0
    said, address = capsys.readouterr().out.splitlines()
    assert "30 minutes" in said and address.startswith("http://localhost:8501/Open_link?token=")
    choose_password(token_in(address), NEW)
    assert check_password("ana@example.org", NEW)
    with database.reading() as session:
        assert len(session.exec(select(Account)).all()) == 1


def test_no_link_is_made_that_the_app_would_refuse(
    house: Path, quick: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    monkeypatch.delenv("CARELENS_SECRET_KEY")
    settings.cache_clear()
    assert admin.main(["reset-link", "--email", "ana@example.org"]) == 1
    said = capsys.readouterr()
    assert "CARELENS_SECRET_KEY" in said.err and "token" not in said.out and ask("SELECT count(*) FROM mail_link") == [(0,)]


def test_without_a_mail_server_nothing_is_sent(house: Path, quick: None) -> None:
    sign_up("ana@example.org", GOOD, "Ana")
    ask_for_password("ana@example.org", HERE)
    assert not mail.configured() and ask("SELECT count(*) FROM mail_link") == [(0,)]
