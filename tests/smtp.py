"""A mail server for the tests: a real one, on this machine only, that keeps what it gets and can be made to fail."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import re
import socket
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class Post:
    """The server. `letters`: what it took; `answers`: what it says instead, one after the other; `delay`: seconds before it answers.

    `encrypted`: whether each letter came over TLS. `user`: name and password it wants, where it wants any.
    """

    def __init__(self, host: str = HOST, tls: ssl.SSLContext | None = None, user: tuple[str, str] | None = None) -> None:
        self.letters: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.answers: list[str] = []
        self.delay = 0.0
        self.tries = 0
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None} if tls else {}
        if user:
            wanted = LoginPassword(user[0].encode(), user[1].encode())
            options |= {"authenticator": lambda *given: AuthResult(success=given[-1] == wanted), "auth_required": True}
        self.controller = Controller(self, hostname=host, port=0, **options)

    def __enter__(self) -> Post:
        # The controller only knocks at the port it was given, so it is told the one the system chose.
        with socket.socket() as probe:
            probe.bind((self.controller.hostname, 0))
            self.controller.port = probe.getsockname()[1]
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop(no_assert=True)

    @property
    def port(self) -> int:
        return int(self.controller.port)

    @property
    def url(self) -> str:
        return f"smtp://{self.controller.hostname}:{self.port}"

    async def handle_RCPT(self, _s: SMTP, _x: Session, envelope: Envelope, address: str, _o: list[str]) -> str:  # noqa: N802
        self.tries += 1
        await asyncio.sleep(self.delay)
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert envelope.rcpt_tos == [letter["To"]]
        self.letters.append(letter)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


def text(letter: EmailMessage) -> str:
    """What a letter says."""
    return str(letter.get_content())


def link(letter: EmailMessage) -> str:
    """The one address in a letter."""
    (found,) = re.findall(r"https?://\S+", text(letter))
    return str(found)


def certificate(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for an address of this machine, and what a server does with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post for tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "post.pem", folder / "post.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return chain, context
