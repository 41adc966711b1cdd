"""CareLens for phones in the same room: https in the local network, with a certificate of its own.

Browsers give a page the camera and the microphone only over https (or on the same machine). No public
authority can vouch for an address in a local network, so a small one is made here, vouches for this one
certificate, and its key is thrown away at once: whoever trusts it trusts nothing else with it.

`python -m core.web.lan` (make run-lan) makes the certificate and starts the server with it.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.settings import ROOT, settings

LIFE = timedelta(days=397)
"""The longest that phones accept."""
RENEW = timedelta(days=7)
# Phones are to reach it.
EVERYWHERE = "0.0.0.0"  # noqa: S104 # nosec B104
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Certificate:
    """Files of a certificate: `authority` who vouches for it, `chain` with the certificate first, `key` (mode 0600)."""

    authority: Path
    chain: Path
    key: Path

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate itself."""
        return x509.load_pem_x509_certificates(self.chain.read_bytes())[0]

    @property
    def fingerprint(self) -> str:
        """SHA-256, as browsers show it: `AB:CD:...`."""
        return self.leaf.fingerprint(hashes.SHA256()).hex(":").upper()


def addresses() -> list[Address]:
    """The addresses of this machine in its networks, the usual one first; without those that only it can reach."""
    found: list[Address] = []
    for family, somewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((somewhere, 9))  # sends nothing: it only asks which address would be used
            found.append(ipaddress.ip_address(probe.getsockname()[0].split("%")[0]))
    with suppress(OSError):
        names = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_DGRAM)
        found += [ipaddress.ip_address(str(name[4][0]).split("%")[0]) for name in names]
    return [one for one in dict.fromkeys(found) if not (one.is_loopback or one.is_link_local or one.is_unspecified)]


def names_of(machine: str, own: Sequence[Address]) -> x509.SubjectAlternativeName:
    """Everything the machine may be called: its addresses, its name with and without `.local`, and localhost."""
    plain = "".join(sign for sign in machine.split(".")[0] if sign.isascii() and (sign.isalnum() or sign == "-")).strip("-").lower()
    called = [*dict.fromkeys([*([plain, f"{plain}.local"] if plain else []), "localhost"])]
    here: list[Address] = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    return x509.SubjectAlternativeName(
        [*(x509.DNSName(name) for name in called), *(x509.IPAddress(one) for one in dict.fromkeys([*own, *here]))]
    )


def certificate(folder: Path, names: x509.SubjectAlternativeName, moment: datetime | None = None) -> Certificate:
    """The certificate in `folder`; a new one when there is none, it names other addresses, ends within a week, or does not fit its key."""
    now = moment or datetime.now(UTC)
    kept = Certificate(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    if not _good(kept, names, now):
        _make(kept, names, now)
    return kept


def _good(kept: Certificate, names: x509.SubjectAlternativeName, now: datetime) -> bool:
    try:
        leaf, authority = kept.leaf, x509.load_pem_x509_certificate(kept.authority.read_bytes())
        key = serialization.load_pem_private_key(kept.key.read_bytes(), None)
        leaf.verify_directly_issued_by(authority)
        told = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 - missing, broken or of another kind: whatever is wrong with it, a new one is made
        return False
    lasts = leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc - RENEW
    private = (kept.key.stat().st_mode & 0o077) == 0
    return lasts and private and set(told) == set(names) and key.public_key() == leaf.public_key()


def _make(files: Certificate, names: x509.SubjectAlternativeName, now: datetime) -> None:
    start = (now - timedelta(hours=1)).replace(microsecond=0)  # phones whose clock is a little late
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CareLens on {socket.gethostname()[:40]}, made {now:%Y-%m-%d %H:%M}")])

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(who).public_key(public).serial_number(x509.random_serial_number())
        )
        made = made.not_valid_before(start).not_valid_after(start + LIFE - timedelta(seconds=1))
        return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)

    def usage(sign: bool) -> x509.KeyUsage:
        return x509.KeyUsage(not sign, False, False, False, False, sign, sign, False, False)

    issuer = begun(who, authority_key.public_key())
    issuer = issuer.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(usage(True), critical=True)
    authority = issuer.sign(authority_key, hashes.SHA256())
    leaf = begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CareLens")]), key.public_key())
    leaf = leaf.add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(usage(False), critical=True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    pem = serialization.Encoding.PEM
    ours, theirs = leaf.sign(authority_key, hashes.SHA256()).public_bytes(pem), authority.public_bytes(pem)
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for path, data in ((files.key, secret), (files.authority, theirs), (files.chain, ours + theirs)):
        _write(path, data)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    aside.replace(path)


def url_of(own: Sequence[Address], port: int) -> str:
    """The address phones are to open: the usual one; this machine's own where it is in no network."""
    return f"https://{own[0] if own else '127.0.0.1'}:{port}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the certificate, say where to find the house, and become the server."""
    parser = argparse.ArgumentParser(prog="python -m core.web.lan", description="Serve CareLens with https in the local network.")
    parser.add_argument("--port", type=int, default=8501)
    port = parser.parse_args(arguments).port
    own = [one for one in addresses() if one.version == 4]  # it is served on those; the others change with every day
    made = certificate(settings().home / "lan", names_of(socket.gethostname(), own))
    url = url_of(own, port)
    print(f"CareLens in your network: {url} (Ctrl+C stops it)")
    print("A browser warns once, because this computer made the certificate itself. It is the right one when its SHA-256 fingerprint is")
    print(f"  {made.fingerprint}", flush=True)
    os.environ |= {"CARELENS_LAN_URL": url}
    os.chdir(ROOT)
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(port), "--server.headless", "true"]
    command += ["--server.address", EVERYWHERE, "--server.maxUploadSize", str(settings().max_upload_mb)]
    command += ["--server.sslCertFile", str(made.chain.resolve()), "--server.sslKeyFile", str(made.key.resolve())]
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
