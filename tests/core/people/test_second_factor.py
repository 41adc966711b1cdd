"""The second step of a sign-in, against a code calculated here by RFC 6238 and with the clock in our hands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import ANY
from urllib.parse import parse_qs, urlsplit

import pytest

from core import admin
from core.errors import InvalidInput, Unavailable
from core.people import accounts, devices, second_factor, sessions, signing_in
from core.people.policy import Actor
from core.people.second_factor import Proposal
from core.people.signing_in import HalfWay, first_step, second_step
from core.people.throttle import TooManyTries
from core.settings import settings
from tests.core.house import ask
from tests.core.together import together

GOOD, NEW = "seven green bottles", "eight brown bottles"
EMAIL = "ana@example.org"


class Clock:
    """The time the house goes by; `code` is what an app shows then."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def code(self, secret: str, steps: int = 0) -> str:
        """RFC 4226, section 5.3, at the step of RFC 6238, section 4.2."""
        counter = int(self.now.timestamp()) // 30 + steps
        digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(house: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in ("second_factor", "signing_in", "throttle"):
        monkeypatch.setattr(f"core.people.{module}.now", made)
    return made


def with_app(clock: Clock) -> tuple[Actor, str, list[str]]:
    """Ana with a second step, the secret in her app, her recovery codes; a minute has passed."""
    actor = accounts.sign_up(EMAIL, GOOD, "Ana")
    proposal = second_factor.propose(actor)
    codes = second_factor.enable(actor, proposal, GOOD, clock.code(proposal.secret))
    clock.later(minutes=1)
    return actor, proposal.secret, codes


def half(password: str = GOOD) -> HalfWay:
    found = first_step(EMAIL, password)
    assert isinstance(found, HalfWay)
    return found


def test_it_is_what_an_app_expects(clock: Clock) -> None:
    actor = accounts.sign_up(EMAIL, GOOD, "Ana")
    one, other = second_factor.propose(actor), second_factor.propose(actor)
    assert one.secret != other.secret and len(base64.b32decode(one.secret)) == 20
    parts = urlsplit(one.uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [one.secret], "issuer": ["CareLens"]}
    assert one.secret not in repr(one)
    assert first_step(EMAIL, GOOD) == actor, "a proposal changes nothing"


def test_turning_it_on_needs_the_password_and_a_code(clock: Clock) -> None:
    actor = accounts.sign_up(EMAIL, GOOD, "Ana")
    proposal = second_factor.propose(actor)
    right = clock.code(proposal.secret)
    for password, code in (
        ("wrong", right),
        (GOOD, "000000" if right != "000000" else "000001"),
        (GOOD, ""),
        (GOOD, clock.code(proposal.secret, -3)),
    ):
        with pytest.raises(InvalidInput):
            second_factor.enable(actor, proposal, password, code)
    assert second_factor.state(actor.account_id).since is None
    codes = second_factor.enable(actor, proposal, GOOD, f"{right[:3]} {right[3:]}")
    assert len(set(codes)) == 10 and second_factor.state(actor.account_id).codes_left == 10
    with pytest.raises(InvalidInput, match="already"):
        second_factor.enable(actor, Proposal(proposal.secret, ""), GOOD, clock.code(proposal.secret))


def test_turning_it_on_ends_the_sign_ins_made_without_it(clock: Clock) -> None:
    ana = accounts.sign_up(EMAIL, GOOD, "Ana")
    other, own = (sessions.redeem_ticket(sessions.issue_ticket(ana)) for _ in range(2))
    waiting = sessions.issue_ticket(ana)
    actor = sessions.actor_of(own)
    assert actor
    proposal = second_factor.propose(actor)
    with pytest.raises(InvalidInput):
        second_factor.enable(actor, proposal, "wrong", clock.code(proposal.secret))
    assert sessions.actor_of(other) == replace(actor, session_id=ANY), "nothing was turned on, nobody is signed out"
    second_factor.enable(actor, proposal, GOOD, clock.code(proposal.secret))
    assert (sessions.actor_of(own), sessions.actor_of(other), sessions.redeem_ticket(waiting)) == (actor, None, None)


def test_the_database_knows_neither_secret_nor_codes(clock: Clock) -> None:
    _, secret, codes = with_app(clock)
    stored = str(ask("SELECT * FROM second_factor")) + str(ask("SELECT * FROM recovery_code"))
    assert secret not in stored and not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_a_sign_in_takes_both(clock: Clock) -> None:
    actor, secret, _ = with_app(clock)
    waiting = half()
    with pytest.raises(InvalidInput, match="does not fit"):
        second_step(waiting, "123")
    assert second_step(waiting, clock.code(secret)) == actor
    with pytest.raises(InvalidInput, match="password is wrong"):
        first_step(EMAIL, "wrong")


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(clock: Clock, steps: int, good: bool) -> None:
    _, secret, _ = with_app(clock)
    code = clock.code(secret, steps)
    if good:
        assert second_step(half(), code)
    else:
        with pytest.raises(InvalidInput):
            second_step(half(), code)


def test_a_code_works_once_and_none_before_it(clock: Clock) -> None:
    _, secret, _ = with_app(clock)
    code = clock.code(secret)
    assert second_step(half(), code)
    for again in (code, clock.code(secret, -1)):
        with pytest.raises(InvalidInput):
            second_step(half(), again)
    clock.later(seconds=30)
    with pytest.raises(InvalidInput):
        second_step(half(), code)
    assert second_step(half(), clock.code(secret))


def test_the_code_that_turned_it_on_signs_nobody_in(clock: Clock) -> None:
    actor = accounts.sign_up(EMAIL, GOOD, "Ana")
    proposal = second_factor.propose(actor)
    code = clock.code(proposal.secret)
    second_factor.enable(actor, proposal, GOOD, code)
    with pytest.raises(InvalidInput):
        second_step(half(), code)


def test_of_many_with_one_code_at_once_one_gets_in(clock: Clock) -> None:
    _, secret, _ = with_app(clock)
    waiting, code, got = half(), clock.code(secret), []

    def enter(_: int) -> None:
        with suppress(InvalidInput):
            got.append(second_step(waiting, code))

    together(5, enter)
    assert len(got) == 1


def test_each_recovery_code_works_once(clock: Clock) -> None:
    actor, _, codes = with_app(clock)
    assert second_step(half(), codes[3].lower().replace("-", " ")) == actor
    with pytest.raises(InvalidInput):
        second_step(half(), codes[3])
    assert second_factor.state(actor.account_id).codes_left == 9
    other = accounts.sign_up("ben@example.org", GOOD, "Ben")
    with pytest.raises(InvalidInput):
        second_factor.check(other.account_id, codes[4])


def test_turning_it_off_needs_the_password_and_a_code(clock: Clock) -> None:
    actor, secret, codes = with_app(clock)
    for password, code in (("wrong", clock.code(secret)), (GOOD, "000000"), (GOOD, "")):
        with pytest.raises(InvalidInput):
            second_factor.disable(actor, password, code)
    assert isinstance(first_step(EMAIL, GOOD), HalfWay)
    second_factor.disable(actor, GOOD, codes[0])
    assert first_step(EMAIL, GOOD) == actor
    assert ask("SELECT count(*) FROM recovery_code") == [(0,)]


def test_from_the_command_line(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    actor, _, _ = with_app(clock)
    assert admin.main(["disable-totp", "--email", "eve@example.org"]) == 1
    assert admin.main(["disable-totp", "--email", "ANA@example.org"]) == 0 and first_step(EMAIL, GOOD) == actor
    capsys.readouterr()
    assert admin.main(["disable-totp", "--email", EMAIL]) == 0 and "nothing was changed" in capsys.readouterr().out


def test_it_is_turned_off_while_somebody_is_half_way(clock: Clock) -> None:
    _, secret, codes = with_app(clock)
    waiting = half()
    assert second_factor.disable_for(EMAIL)
    for code in (clock.code(secret), codes[0]):
        with pytest.raises(InvalidInput, match="turned off"):
            second_step(waiting, code)


def test_a_right_password_does_not_wait_for_ever(clock: Clock) -> None:
    actor, secret, _ = with_app(clock)
    waiting = half()
    clock.later(minutes=5, seconds=1)
    with pytest.raises(InvalidInput, match="too long"):
        second_step(waiting, clock.code(secret))
    waiting = half()
    accounts.replace_password(actor.account_id, EMAIL, NEW, None)
    with pytest.raises(InvalidInput, match="too long"):
        second_step(waiting, clock.code(secret))


def test_guessing_codes_has_to_wait_but_not_on_the_owners_browser(clock: Clock) -> None:
    """From many addresses, by somebody who knows the password."""
    actor, secret, _ = with_app(clock)
    own_browser = devices.remember(None, actor.account_id)
    waiting = half()
    wrong = next(code for code in ("111111", "222222", "333333", "444444") if code not in {clock.code(secret, n) for n in (-1, 0, 1)})
    tried = []
    for number in range(200):
        try:
            second_step(waiting, wrong, f"198.51.100.{number}")
        except TooManyTries:
            tried.append(False)
        except InvalidInput:
            tried.append(True)
    assert sum(tried) == 5
    with pytest.raises(TooManyTries):
        second_step(waiting, clock.code(secret), "192.0.2.1")
    assert second_step(waiting, clock.code(secret), "192.0.2.1", own_browser) == actor
    total = 5
    for _ in range(24 * 12):  # a try every five minutes for a day
        clock.later(minutes=5)
        try:
            second_factor.check(actor.account_id, "12345", "198.51.100.1")
        except TooManyTries:
            continue
        except InvalidInput:
            total += 1
    assert total < 45, "of a million codes, three of which fit"


def test_a_new_password_brings_no_new_guesses_of_codes(clock: Clock) -> None:
    """Somebody who has the mailbox, or the password and a browser that was left open, guesses on from ever new addresses."""
    from core.people import links

    actor, _, codes = with_app(clock)
    tried = 0
    for number in range(8):
        waiting = links.choose_password(links.reset_link(EMAIL).partition("token=")[2], f"{NEW} {number}")
        assert isinstance(waiting, HalfWay)
        sessions.change_password(actor, f"{NEW} {number}", f"{GOOD} {number}")
        waiting = half(f"{GOOD} {number}")
        for guess in range(6):
            try:
                second_step(waiting, "12345", f"198.51.{number}.{guess}")
            except TooManyTries:
                continue
            except InvalidInput:
                tried += 1
    assert tried == 5
    accounts.set_password(EMAIL, NEW)
    assert second_step(half(NEW), codes[0]) == actor, "whoever runs CareLens ends that wait"


def test_with_another_secret_key_it_says_so(clock: Clock) -> None:
    _, secret, codes = with_app(clock)
    waiting = half()
    settings().secret_key = type(settings().secret_key)("another secret that is long enough too")
    with pytest.raises(Unavailable, match="cannot be checked"):
        second_factor.check(waiting.account_id, clock.code(secret))
    with pytest.raises(InvalidInput):
        second_factor.check(waiting.account_id, codes[0])


def test_a_forgotten_password_does_not_go_round_it(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.people import links

    actor, secret, _ = with_app(clock)
    found = links.choose_password(links.reset_link(EMAIL).partition("token=")[2], NEW)
    assert isinstance(found, HalfWay) and second_step(found, clock.code(secret)) == actor
    assert sessions.list_sessions(actor) == [] and timedelta(minutes=5) == signing_in.PATIENCE
