"""What administrators do with accounts: who may, what is found, and what ends at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from core import admin
from core.consult.hub import HUB
from core.errors import CareLensError, InvalidInput, NotAllowed, NotFound
from core.people import accounts, consent, links, mail, managing, passwords, second_factor, sessions, signing_in, tokens
from core.people.accounts import check_password, create_account
from core.people.managing import PER_PAGE, Listed, list_accounts, make_account
from core.people.policy import ROLES, Actor, Role
from core.people.throttle import TooManyTries
from core.records import database
from core.records.news import topic_of
from core.records.tables import Account
from core.records.times import now
from core.settings import settings
from tests.core.house import ask, embedded, own, somebody
from tests.core.people.test_mail import use
from tests.core.people.test_sessions import sign_in
from tests.core.together import together
from tests.smtp import Post, link, text

GOOD, NEW = "seven green bottles", "eight brown bottles"


@pytest.fixture
def nina(house: Path, quick: None) -> Actor:
    """An administrator."""
    return create_account(email="nina@example.org", password=GOOD, name="Nina Roth", role="admin")


@pytest.fixture
def post(nina: Actor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with Post() as server:
        use(monkeypatch, server.url)
        yield server
        mail.wait_until_sent()  # or the next test would get it
    settings.cache_clear()


def listed(nina: Actor, id: UUID) -> Listed:
    number, pages = 1, 1
    while number <= pages:
        found = list_accounts(nina, number=number)
        number, pages = number + 1, found.pages
        for one in found.rows:
            if one.id == id:
                return one
    raise AssertionError("not in the list")


def token_in(address: str) -> str:
    (token,) = parse_qs(urlsplit(address).query)["token"]
    return token


def everything() -> str:
    """All accounts, links, sign-ins and access tokens there are."""
    return str([sorted(map(str, ask(f"SELECT * FROM {name}"))) for name in ("account", "mail_link", "session", "api_token", "person")])


ACTS: dict[str, Callable[[Actor, UUID], object]] = {
    "list": lambda actor, _: list_accounts(actor),
    "make": lambda actor, _: make_account(actor, "new@example.org", "New", "staff"),
    "link": managing.give_link,
    "rename": lambda actor, id: managing.rename(actor, id, "Another"),
    "off": managing.switch_off,
    "on": managing.switch_on,
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_administrators_alone_may(house: Path, quick: None, act: str, role: Role) -> None:
    actor, other = somebody("Actor", role), make_account(somebody("Nina", "admin"), "other@example.org", "Other", "staff").account_id
    before = everything()
    if role == "admin":
        ACTS[act](actor, other)
        return
    with pytest.raises(NotAllowed):
        ACTS[act](actor, other)
    assert everything() == before


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"list", "make"}))
def test_an_account_that_is_gone(nina: Actor, act: str) -> None:
    with pytest.raises(NotFound):
        ACTS[act](nina, uuid4())


def test_what_the_list_says_and_nothing_more(nina: Actor) -> None:
    ana = create_account(email="ana@example.org", password=GOOD, name="Ana Ruiz", role="patient")
    one = listed(nina, ana.account_id)
    assert (one.name, one.email, one.role, one.signed_in_at, one.off_since, one.waiting) == (
        *("Ana Ruiz", "ana@example.org", "patient", None, None, False),
    )
    assert abs((now() - one.made_at).total_seconds()) < 60
    assert set(Listed.__dataclass_fields__) == {"id", "name", "email", "role", "made_at", "signed_in_at", "off_since", "waiting"}
    sign_in(ana)
    seen = listed(nina, ana.account_id).signed_in_at
    assert seen is not None and abs((now() - seen).total_seconds()) < 60
    sessions.end_all(ana.account_id)
    assert listed(nina, ana.account_id).signed_in_at == seen, "it is known also when no sign-in lasts"


def test_search_and_pages_with_five_thousand(house: Path) -> None:
    nina = somebody("Nina", "admin")
    names = ["Łukasz Żółć", "ÖZGE Şahin", "Ana Ruiz", "ana Zorn"]
    with database.transaction() as session:
        for number in range(5_000):
            name = names[number] if number < len(names) else f"Person {number:04}"
            role = ROLES[number % 3]
            session.add(Account(email=f"p{number:04}@example.org", name=name, role=role, password_hash="" if number == 7 else "x"))
    began = time.process_time()
    found = list_accounts(nina)
    assert time.process_time() - began < 1
    assert (found.count, found.pages, len(found.rows)) == (5_001, -(-5_001 // PER_PAGE), PER_PAGE)
    assert [one.name for one in found.rows[:3]] == ["Ana Ruiz", "ana Zorn", "Nina"], "letter case does not matter"
    assert [one.name for one in list_accounts(nina, "żółć ŁUK").rows] == ["Łukasz Żółć"]
    assert [one.name for one in list_accounts(nina, "özge").rows] == ["ÖZGE Şahin"]
    assert [one.email for one in list_accounts(nina, "P0123@Example").rows] == ["p0123@example.org"]
    assert list_accounts(nina, "%").count == list_accounts(nina, "p0_23").count == 0
    assert list_accounts(nina, "nobody").rows == [] and list_accounts(nina, "nobody").pages == 1
    assert [one.name for one in list_accounts(nina, only="admin").rows] == ["Nina"]
    assert [one.email for one in list_accounts(nina, only="waiting").rows] == ["p0007@example.org"]
    some = list_accounts(nina, "person 00")
    seen = [one.email for number in range(1, some.pages + 1) for one in list_accounts(nina, "person 00", number=number).rows]
    held = [f"p{number:04}@example.org" for number in range(len(names), 5_000) if "00" in f"{number:04}"]
    assert some.pages > 5 and seen == held, "none twice, none left out"
    assert list_accounts(nina, number=9_999).rows == list_accounts(nina, number=found.pages).rows


@pytest.mark.parametrize("role", ROLES)
def test_a_new_account_without_mail(nina: Actor, role: Role) -> None:
    made = make_account(nina, " New@Example.org", "  New   Person ", role)
    one = listed(nina, made.account_id)
    assert (one.email, one.name, one.role, one.waiting) == ("new@example.org", "New Person", role, True)
    assert made.link not in repr(made) and token_in(made.link) not in everything()
    for password in ("", GOOD):
        with pytest.raises(InvalidInput, match="is wrong"):
            check_password("new@example.org", password)
    actor = links.choose_password(token_in(made.link), NEW)
    assert isinstance(actor, Actor) and (actor.account_id, actor.role) == (made.account_id, role)
    assert len(actor.person_ids) == (1 if role == "patient" else 0)
    assert check_password("new@example.org", NEW) and not listed(nina, made.account_id).waiting
    with pytest.raises(NotFound):
        links.look(token_in(made.link))


@pytest.mark.parametrize(
    ("email", "name", "role", "says"),
    [
        ("new.example.org", "New", "doctor", "e-mail address"),
        ("", "New", "doctor", "e-mail address"),
        ("new@example.org", " ", "doctor", "name"),
        ("new@example.org", "x" * 101, "doctor", "name"),
        ("new@example.org", "New", "owner", "role"),
        (" NINA@example.org", "New", "doctor", "already an account"),
    ],
)
def test_what_cannot_be_an_account(nina: Actor, email: str, name: str, role: str, says: str) -> None:
    before = everything()
    with pytest.raises(InvalidInput, match=says):
        make_account(nina, email, name, role)
    assert everything() == before


def test_of_two_that_make_the_same_account_one_does(nina: Actor) -> None:
    def make(_: int) -> str:
        try:
            return make_account(nina, "new@example.org", "New", "doctor").link
        except InvalidInput as error:
            return error.reason

    assert sum(made.startswith("http") for made in together(4, make)) == 1
    assert ask("SELECT count(*) FROM account") == [(2,)] and ask("SELECT count(*) FROM mail_link") == [(1,)]


def test_a_new_account_by_mail(post: Post, nina: Actor) -> None:
    made = make_account(nina, "new@example.org", "New Person", "doctor")
    assert made.link == "" and mail.wait_until_sent()
    (letter,) = post.letters
    assert letter["To"] == "new@example.org" and "New Person" not in text(letter) and "Nina" not in text(letter)
    assert managing.give_link(nina, made.account_id) == "" and mail.wait_until_sent() and len(post.letters) == 2
    assert isinstance(links.choose_password(token_in(link(letter)), NEW), Actor)
    with pytest.raises(NotFound):
        links.look(token_in(link(post.letters[1])))
    # One that is in use gets the mail that anybody gets who asks for a new password.
    assert managing.give_link(nina, made.account_id) == "" and mail.wait_until_sent()
    assert post.letters[2]["Subject"] == "A new password for CareLens" and links.look(token_in(link(post.letters[2])))
    managing.give_link(nina, made.account_id)
    with pytest.raises(TooManyTries, match="mails"):
        for _ in range(3):
            managing.give_link(nina, made.account_id)


def test_without_mail_no_link_leads_into_an_account_in_use(nina: Actor) -> None:
    made = make_account(nina, "new@example.org", "New", "patient")
    again = managing.give_link(nina, made.account_id)
    assert links.look(token_in(again)).email == "new@example.org" and token_in(again) != token_in(made.link)
    links.choose_password(token_in(again), NEW)
    for role in ROLES:
        used = create_account(email=f"{role}.used@example.org", password=GOOD, name="Used", role=role)
        with pytest.raises(NotAllowed, match="open the account to you"):
            managing.give_link(nina, used.account_id)
    with pytest.raises(NotAllowed):
        managing.give_link(nina, made.account_id)
    assert ask("SELECT count(*) FROM mail_link") == [(0,)]


def test_nobody_changes_a_patients_name_but_they(nina: Actor) -> None:
    lena = create_account(email="lena@example.org", password=GOOD, name="Lena", role="doctor")
    managing.rename(nina, lena.account_id, " Dr  Lena Osei ")
    assert listed(nina, lena.account_id).name == "Dr Lena Osei"
    with pytest.raises(InvalidInput):
        managing.rename(nina, lena.account_id, " ")
    ana = create_account(email="ana@example.org", password=GOOD, name="Ana", role="patient")
    with pytest.raises(NotAllowed):
        managing.rename(nina, ana.account_id, "Eva")
    assert listed(nina, ana.account_id).name == "Ana" and ask("SELECT display_name FROM person") == [("Ana",)]


def test_nothing_here_changes_a_role_or_a_password(nina: Actor) -> None:
    """Whatever is done with it, an account keeps both; what could be done is all in ACTS."""
    public = {name for name, one in vars(managing).items() if callable(one) and one.__module__ == managing.__name__ and name.islower()}
    acts = {"list_accounts", "make_account", "give_link", "rename", "switch_off", "switch_on"}
    assert {name for name in public if not name.startswith("_")} == acts and len(acts) == len(ACTS)
    ana = create_account(email="ana@example.org", password=GOOD, name="Ana", role="patient")
    kept = ask("SELECT role, password_hash, email FROM account WHERE role = 'patient'")
    for name in ("link", "rename", "off", "link", "rename", "on"):
        try:
            ACTS[name](nina, ana.account_id)
        except CareLensError:
            continue
    assert ask("SELECT role, password_hash, email FROM account WHERE role = 'patient'") == kept
    assert check_password("ana@example.org", GOOD)


def test_switched_off_everything_ends_at_once_and_nothing_is_lost(nina: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    ana = create_account(email="ana@example.org", password=GOOD, name="Ana", role="patient")
    browser, ticket, half = sign_in(ana), sessions.issue_ticket(ana), check_password("ana@example.org", GOOD)
    secret = tokens.make_token(ana, "Script", ("read",), 7, GOOD).secret
    reset = token_in(links.reset_link("ana@example.org"))
    assert sessions.actor_of(browser) and tokens.admit(secret) and links.look(reset)

    managing.switch_off(nina, ana.account_id)

    assert sessions.actor_of(browser) is None and tokens.admit(secret) is None
    assert sessions.redeem_ticket(ticket) is None
    with pytest.raises(NotFound):
        links.look(reset)
    for way in (lambda: check_password("ana@example.org", GOOD), lambda: sessions.issue_ticket(half)):
        with pytest.raises(NotAllowed, match="switched off"):
            way()
    with pytest.raises(InvalidInput, match="is wrong"):
        check_password("ana@example.org", "not the password")  # a stranger is not told that it is off
    assert admin.main(["reset-link", "--email", "ana@example.org"]) == 1 and "switched off" in capsys.readouterr().err
    with pytest.raises(InvalidInput, match="switched off"):
        managing.give_link(nina, ana.account_id)
    admin.main(["list-accounts"])
    assert "Ana (switched off)" in capsys.readouterr().out
    off = listed(nina, ana.account_id).off_since
    managing.switch_off(nina, ana.account_id)
    assert off is not None and listed(nina, ana.account_id).off_since == off
    assert [one.name for one in list_accounts(nina, only="off").rows] == ["Ana"]

    managing.switch_on(nina, ana.account_id)

    again = check_password("ana@example.org", GOOD)
    assert again.person_ids == ana.person_ids and sessions.actor_of(sign_in(again)) is not None
    assert sessions.actor_of(browser) is None and tokens.admit(secret) is None, "what was ended does not come back"


def test_rows_that_came_back_open_nothing_while_it_is_off(nina: Actor) -> None:
    """Sign-ins and tokens of a backup, or of anybody who writes at the very moment."""
    ana = create_account(email="ana@example.org", password=GOOD, name="Ana", role="patient")
    browser, secret = sign_in(ana), tokens.make_token(ana, "Script", ("read",), 7, GOOD).secret
    reset = token_in(links.reset_link("ana@example.org"))
    ask(f"UPDATE account SET disabled_at = '{now():%Y-%m-%d %H:%M:%S}' WHERE email = 'ana@example.org'")
    assert sessions.actor_of(browser) is None and tokens.admit(secret) is None
    with pytest.raises(NotAllowed):
        links.choose_password(reset, NEW)
    with pytest.raises(NotAllowed):
        signing_in.second_step(signing_in.HalfWay(ana.account_id, now() + signing_in.PATIENCE, ana.password_mark), "123456")


def test_half_way_in_it_is_too_late(nina: Actor) -> None:
    lena = create_account(email="lena@example.org", password=GOOD, name="Lena", role="doctor")
    proposal = second_factor.propose(lena)
    codes = second_factor.enable(lena, proposal, GOOD, second_factor.pyotp.TOTP(proposal.secret).now())
    half = signing_in.first_step("lena@example.org", GOOD)
    assert isinstance(half, signing_in.HalfWay)
    managing.switch_off(nina, lena.account_id)
    with pytest.raises(NotAllowed):
        signing_in.second_step(half, codes[0])
    managing.switch_on(nina, lena.account_id)
    assert signing_in.second_step(half, codes[0]).account_id == lena.account_id, "the code was not used up"


def test_nobody_lets_in_a_doctor_who_is_switched_off(nina: Actor) -> None:
    lena, ana = somebody("Lena", "doctor", persons=0), somebody("Ana")
    code = consent.make_code(lena)
    assert [one.name for one in consent.doctors(ana)] == ["Lena"] and consent.doctor_of_code(ana, code).name == "Lena"
    managing.switch_off(nina, lena.account_id)
    assert consent.doctors(ana) == []
    with pytest.raises(InvalidInput):
        consent.doctor_of_code(ana, code)
    with pytest.raises(NotFound):
        consent.let_in(ana, own(ana), lena.account_id)
    managing.switch_on(nina, lena.account_id)
    assert consent.let_in(ana, own(ana), lena.account_id).doctor == "Lena"


def test_a_forgotten_password_brings_no_mail_while_it_is_off(post: Post, nina: Actor) -> None:
    ana = create_account(email="ana@example.org", password=GOOD, name="Ana", role="patient")
    managing.switch_off(nina, ana.account_id)
    links.ask_for_password("ana@example.org")
    links.send_to(ana.account_id, first=False)
    assert mail.wait_until_sent() and post.letters == []
    managing.switch_on(nina, ana.account_id)
    links.ask_for_password("ana@example.org")
    assert mail.wait_until_sent() and len(post.letters) == 1


def test_never_oneself(nina: Actor) -> None:
    with pytest.raises(InvalidInput, match="your own"):
        managing.switch_off(nina, nina.account_id)
    somebody("Omar", "admin", persons=0)
    with pytest.raises(InvalidInput, match="your own"):
        managing.switch_off(nina, nina.account_id)
    assert check_password("nina@example.org", GOOD)


def test_of_administrators_who_switch_each_other_off_one_stays(house: Path) -> None:
    for round in range(6):
        three = [somebody(f"Admin{round}{letter}", "admin", persons=0) for letter in "abc"]

        def off(number: int, three: list[Actor] = three) -> bool:
            try:
                managing.switch_off(three[number], three[(number + 1) % 3].account_id)
            except NotAllowed:
                return False
            return True

        done = together(3, off)
        ids = ",".join(f"'{one.account_id.hex if _sqlite() else one.account_id}'" for one in three)
        ((left,),) = ask(f"SELECT count(*) FROM account WHERE disabled_at IS NULL AND id IN ({ids})")
        assert left >= 1 and left == 3 - sum(done), (done, left)


def _sqlite() -> bool:
    return settings().database_url.startswith("sqlite")


def test_an_administrator_who_was_switched_off_a_moment_ago_does_nothing_more(nina: Actor) -> None:
    omar = somebody("Omar", "admin", persons=0)
    ana = somebody("Ana")
    managing.switch_off(nina, omar.account_id)
    before = everything()
    for name in sorted(set(ACTS) - {"list"}):  # the list asks at the page's door, as every list does
        with pytest.raises(NotAllowed):
            ACTS[name](omar, ana.account_id)
    assert everything() == before


def test_open_pages_are_told(nina: Actor) -> None:
    ana, heard = somebody("Ana"), []
    leave = HUB.join(topic_of(ana.account_id), heard.append)
    managing.switch_off(nina, ana.account_id)
    leave()
    assert heard == [""]


def test_the_log_says_who_did_what_and_no_name(nina: Actor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "carelens.accounts"):
        made = make_account(nina, "lena@example.org", "Lena Osei", "doctor").account_id
        managing.give_link(nina, made)
        managing.rename(nina, made, "Dr Osei")
        managing.switch_off(nina, made)
        managing.switch_on(nina, made)
        with pytest.raises(InvalidInput):
            managing.switch_off(nina, nina.account_id)
    lines = [record.getMessage() for record in caplog.records if record.name == "carelens.accounts"]
    assert [line.split(":")[0] for line in lines] == [
        "an account was made, with the role doctor",
        "an account was given a link to choose a password",
        "an account was given another name",
        "an account was switched off",
        "an account was switched on",
    ]
    assert all(str(made) in line and str(nina.account_id) in line for line in lines)
    assert not any(word in caplog.text for word in ("Lena", "Osei", "Nina", "@", "token="))


@embedded
def test_a_password_that_nobody_chose_takes_as_long_as_a_wrong_one(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work is done for it: what is slow is counted, not timed."""
    make_account(somebody("Nina", "admin", persons=0), "new@example.org", "New", "doctor")
    real, asked = passwords.hasher(), []

    class Counting:
        def verify_and_update(self, password: str, stored: str) -> tuple[bool, str | None]:
            asked.append(stored)
            return real.verify_and_update(password, stored)

        def hash(self, password: str) -> str:
            return real.hash(password)

    monkeypatch.setattr(passwords, "hasher", Counting)
    with pytest.raises(InvalidInput, match="is wrong"):
        check_password("new@example.org", GOOD)
    with pytest.raises(InvalidInput, match="is wrong"):
        check_password("nobody@example.org", GOOD)
    assert len(asked) == 2 and asked[0] == asked[1] and asked[0].startswith("$argon2id$")
    assert accounts.by_email("new@example.org") is not None
