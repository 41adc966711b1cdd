"""Mail over SMTP: the few plain texts the house sends, never anything medical, never a name.

Mail goes out from a thread of its own, so that nobody can tell by the time an answer takes whether
there was anyone to write to. Addresses and texts never reach the log.
"""

from __future__ import annotations

import logging
import queue
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import cache
from urllib.parse import unquote, urlsplit

from core.errors import CareLensError, Unavailable
from core.settings import settings

log = logging.getLogger("carelens.mail")

TIMEOUT = 10.0
"""Seconds for each answer of the mail server."""
PAUSES = (2.0, 10.0)
"""Seconds before the second and the third try, when the server is down or says "later"."""
MOST_WAITING = 200
"""Mails that wait; more are dropped, so that a flood cannot fill the memory."""
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Mail:
    """One mail in plain text."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)


class NotDelivered(Unavailable):
    """The mail server did not take the mail. `again`: another try may help."""

    def __init__(self, why: str, again: bool) -> None:
        super().__init__(f"The mail could not be sent ({why}).", "Whoever runs CareLens can check CARELENS_SMTP_URL.")
        self.again = again


def configured() -> bool:
    """Whether mail can be sent at all."""
    return bool(settings().smtp_url.get_secret_value())


def _compose(mail: Mail) -> EmailMessage:
    domain = urlsplit(settings().base_url).hostname or "localhost"
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = settings().mail_from
    message["To"] = mail.to
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(mail.text)
    return message


def send(mail: Mail) -> None:
    """Send one mail now. NotDelivered when the server is out of reach, refuses it, or offers no encryption.

    `smtps://` speaks TLS from the start; `smtp://` changes to TLS before anything is said, and only does
    without on this very machine.
    """
    parts = urlsplit(settings().smtp_url.get_secret_value())
    host, encrypted = parts.hostname or "", parts.scheme == "smtps"
    port = parts.port or (465 if encrypted else 587)
    greeting = urlsplit(settings().base_url).hostname or "localhost"
    tls = ssl.create_default_context()
    try:
        server = (
            smtplib.SMTP_SSL(host, port, greeting, timeout=TIMEOUT, context=tls)
            if encrypted
            else smtplib.SMTP(host, port, greeting, timeout=TIMEOUT)
        )
        with server:
            server.ehlo()
            if not encrypted and (server.has_extn("starttls") or host not in LOCAL):
                server.starttls(context=tls)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(_compose(mail), settings().mail_from, [mail.to])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotDelivered(f"refused with {codes[0] if codes else 'no code'}", all(code < 500 for code in codes)) from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"answer {error.smtp_code}", error.smtp_code < 500) from None
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        raise NotDelivered(type(error).__name__, False) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotDelivered(type(error).__name__, isinstance(error, (OSError, smtplib.SMTPServerDisconnected))) from None


Job = Callable[[], Mail | None]
"""Makes the mail, or None when there is nothing to send; it may look things up, nobody waits for it."""


class _Postman:
    """A queue and the thread that empties it, one mail after the other."""

    def __init__(self) -> None:
        self.jobs: queue.Queue[Job] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._work, name="carelens-mail", daemon=True).start()

    def _work(self) -> None:
        while True:
            job = self.jobs.get()
            try:
                mail = job()
                if mail is not None and configured():
                    _patiently(mail)
            except CareLensError as error:
                log.error("a mail was not sent: %s", error.reason)
            except Exception as error:  # noqa: BLE001 - the next mail must still go out, and a traceback could quote an address
                log.error("a mail could not be made: %s", type(error).__name__)
            finally:
                self.jobs.task_done()


def _patiently(mail: Mail) -> None:
    for pause in (*PAUSES, None):
        try:
            send(mail)
            log.info("a mail was sent")
            return
        except NotDelivered as error:
            if pause is None or not error.again:
                raise
            time.sleep(pause)


@cache
def _postman() -> _Postman:
    return _Postman()


def send_later(job: Job) -> None:
    """Make and send a mail in the background; what goes wrong is in the log. Dropped where mail is not set up."""
    if not configured():
        return
    try:
        _postman().jobs.put_nowait(job)
    except queue.Full:
        log.error("a mail was dropped: too many are waiting")


def wait_until_sent(seconds: float = 30.0) -> bool:
    """Wait until nothing is under way, for the command line and for tests. Whether that came in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _postman().jobs.unfinished_tasks == 0:
            return True
        time.sleep(0.02)
    return False
