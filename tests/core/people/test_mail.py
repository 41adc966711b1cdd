"""Mail, against a real mail server on this machine and its faults."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import admin
from core.people import mail
from core.people.mail import Mail, NotDelivered, send, send_later, wait_until_sent
from core.settings import Settings, settings
from tests.core.house import SECRET
from tests.smtp import Post, certificate, text

LETTER = Mail("mia@example.org", "A subject", "Some words with ümlauts.")
ELSEWHERE = "127.0.0.2"
"""An address of this machine that is not one of those that may do without encryption."""


def use(patch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in (("SMTP_URL", url), ("MAIL_FROM", "care@example.org"), ("BASE_URL", "https://care.example.org/")):
        patch.setenv(f"CARELENS_{name}", value)
    patch.setenv("CARELENS_SECRET_KEY", SECRET)
    settings.cache_clear()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with Post() as server:
        use(monkeypatch, server.url)
        monkeypatch.setattr(mail, "PAUSES", (0.05, 0.05))
        yield server
    settings.cache_clear()


def test_a_letter_arrives_as_it_was_written(post: Post) -> None:
    send(LETTER)
    (letter,) = post.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == ("mia@example.org", "care@example.org", "A subject")
    assert text(letter).strip() == LETTER.text
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Date"] and "care.example.org" in letter["Message-ID"]


def test_without_encryption_nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Post(ELSEWHERE) as server:
        use(monkeypatch, server.url)
        with pytest.raises(NotDelivered, match="SMTPNotSupportedError") as told:
            send(LETTER)
        assert not told.value.again and not server.letters and not server.tries
    chain, context = certificate(tmp_path, ELSEWHERE)
    with Post(ELSEWHERE, context, ("ann", "p@ss word")) as server:
        use(monkeypatch, server.url.replace("//", "//ann:p%40ss%20word@"))
        with pytest.raises(NotDelivered, match="SSLCertVerificationError"):  # nobody vouches for this certificate
            send(LETTER)
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        send(LETTER)
        assert server.encrypted == [True]
        use(monkeypatch, server.url.replace("//", "//ann:wrong@"))
        monkeypatch.setattr(mail, "TIMEOUT", 1)
        with pytest.raises(NotDelivered) as told:
            send(LETTER)
        assert "wrong" not in str(told.value) and len(server.letters) == 1


def test_what_passes_is_tried_again(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "carelens")
    post.answers = ["451 come again", "421 busy"]
    send_later(lambda: LETTER)
    assert wait_until_sent() and len(post.letters) == 1 and post.tries == 3
    post.answers = ["550 nobody here", "250 OK"]
    send_later(lambda: LETTER)
    assert wait_until_sent() and len(post.letters) == 1 and post.tries == 4, "a no for good is taken as one"
    assert "550" in caplog.text
    assert "mia" not in caplog.text and "ümlauts" not in caplog.text and str(post.port) not in caplog.text


def test_a_broken_letter_does_not_stop_the_next(post: Post) -> None:
    send_later(lambda: Mail("mia@example.org", "two\nlines", "x"))
    send_later(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    send_later(lambda: None)
    send_later(lambda: LETTER)
    assert wait_until_sent() and [letter["Subject"] for letter in post.letters] == ["A subject"]


@pytest.mark.alone
def test_a_server_that_is_down_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    use(monkeypatch, f"smtp://127.0.0.1:{port}")
    monkeypatch.setattr(mail, "PAUSES", (0.5, 0.5))
    with pytest.raises(NotDelivered, match="ConnectionRefusedError") as told:
        send(LETTER)
    assert told.value.again
    started = time.monotonic()
    send_later(lambda: LETTER)
    assert time.monotonic() - started < 0.4
    assert wait_until_sent() and "a mail was not sent" in caplog.text


@pytest.mark.alone
def test_a_slow_server_is_given_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    post.delay = 1.5
    started = time.monotonic()
    with pytest.raises(NotDelivered, match="SMTPServerDisconnected"):
        send(LETTER)
    assert 0.25 < time.monotonic() - started < 1.4


def test_a_flood_does_not_fill_the_memory(post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(mail, "MOST_WAITING", 3)
    mail._postman.cache_clear()
    post.delay = 0.3
    for _ in range(20):
        send_later(lambda: LETTER)
    post.delay = 0
    assert wait_until_sent()
    assert len(post.letters) in (3, 4) and "dropped" in caplog.text
    mail._postman.cache_clear()


def test_the_command_that_tries_it(post: Post, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert admin.main(["mail-test", "--to", "mia@example.org"]) == 0 and len(post.letters) == 1
    post.answers = ["550 no"]
    assert admin.main(["mail-test", "--to", "mia@example.org"]) == 1 and "refused with 550" in capsys.readouterr().err
    monkeypatch.setenv("CARELENS_SMTP_URL", "")
    settings.cache_clear()
    assert admin.main(["mail-test", "--to", "mia@example.org"]) == 1 and "No mail server" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": "smtp://localhost"},
        {"smtp_url": "http://localhost", "mail_from": "a@b.org", "base_url": "https://x.org"},
        {"smtp_url": "localhost:25", "mail_from": "a@b.org", "base_url": "https://x.org"},
        {"smtp_url": "smtp://localhost:many", "mail_from": "a@b.org", "base_url": "https://x.org"},
        {"base_url": "x.org"},
        {"trusted_proxies": "10.0.0.0/8, proxy"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"CARELENS|proxy"):
        Settings(**wrong)  # type: ignore[arg-type]
