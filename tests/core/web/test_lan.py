"""The certificate of a local network, judged by openssl, and the server with it."""

from __future__ import annotations

import ipaddress
import re
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from core.settings import settings
from core.ui.lan import presenting
from core.ui.parts import qr_code
from core.web.headers import security_headers
from core.web.lan import LIFE, Certificate, addresses, certificate, names_of, url_of

OWN = [ipaddress.ip_address("192.0.2.7")]
NAMES = names_of("My PC.lan", OWN)


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture
def made(tmp_path: Path) -> Certificate:
    return certificate(tmp_path / "lan", NAMES)


def test_openssl_agrees(made: Certificate) -> None:
    for name in (
        ["-verify_ip", "192.0.2.7"],
        ["-verify_ip", "127.0.0.1"],
        ["-verify_hostname", "mypc.local"],
        ["-verify_hostname", "localhost"],
    ):
        assert "OK" in openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(made.authority), *name, str(made.chain))
    told = openssl("x509", "-in", str(made.chain), "-noout", "-text")
    assert "DNS:mypc, DNS:mypc.local, DNS:localhost, IP Address:192.0.2.7, IP Address:127.0.0.1" in told
    assert "TLS Web Server Authentication" in told and "CA:FALSE" in told
    assert openssl("x509", "-in", str(made.chain), "-noout", "-fingerprint", "-sha256").strip().endswith("=" + made.fingerprint)
    with pytest.raises(AssertionError):
        openssl("verify", "-CAfile", str(made.authority), "-verify_ip", "192.0.2.8", str(made.chain))
    with pytest.raises(AssertionError):
        openssl("verify", str(made.chain))


def test_the_key_is_private_and_the_authoritys_key_is_nowhere(made: Certificate) -> None:
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600 and stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700
    keys = [path for path in made.key.parent.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == [made.key]
    public = openssl("pkey", "-in", str(made.key), "-pubout")
    assert (
        public
        == openssl("x509", "-in", str(made.chain), "-noout", "-pubkey")
        != openssl("x509", "-in", str(made.authority), "-noout", "-pubkey")
    )
    assert "CA:TRUE, pathlen:0" in openssl("x509", "-in", str(made.authority), "-noout", "-text")


def test_it_lasts_no_longer_than_phones_accept(made: Certificate) -> None:
    for one in (made.leaf, x509.load_pem_x509_certificate(made.authority.read_bytes())):
        assert one.not_valid_after_utc - one.not_valid_before_utc <= LIFE == timedelta(days=397)


def test_it_stays_until_it_no_longer_fits(made: Certificate) -> None:
    folder, first = made.key.parent, made.fingerprint
    assert certificate(folder, NAMES).fingerprint == first
    assert certificate(folder, NAMES, datetime.now(UTC) + timedelta(days=380)).fingerprint == first
    seen = {first}

    def anew(names: x509.SubjectAlternativeName = NAMES, moment: datetime | None = None) -> None:
        again = certificate(folder, names, moment)
        assert again.fingerprint not in seen and stat.S_IMODE(again.key.stat().st_mode) == 0o600
        seen.add(again.fingerprint)

    anew(moment=datetime.now(UTC) + timedelta(days=391))
    anew()  # that one is not valid yet
    anew(names_of("My PC.lan", [ipaddress.ip_address("192.0.2.9")]))
    anew()
    made.key.chmod(0o644)
    anew()
    made.key.write_text("broken")
    anew()
    made.authority.unlink()
    anew()
    other = certificate(folder.parent / "other", NAMES)
    made.key.write_bytes(other.key.read_bytes())
    anew()
    assert certificate(folder, NAMES).fingerprint in seen


def test_a_machine_with_an_odd_name() -> None:
    for name in ("", "…", "---", "büro_1", "x" * 70):
        names = names_of(name, [])
        assert "localhost" in names.get_values_for_type(x509.DNSName)


def test_addresses_and_the_one_that_is_told() -> None:
    assert all(not one.is_loopback and not one.is_link_local for one in addresses())
    assert url_of(OWN, 8501) == "https://192.0.2.7:8501" and url_of([], 1) == "https://127.0.0.1:1"


def test_the_picture_is_for_the_screen_that_presents() -> None:
    assert presenting(None) and presenting("127.0.0.1") and presenting("::1") and presenting("::ffff:127.0.0.1")
    assert all(presenting(str(one)) for one in addresses())
    assert not presenting("198.51.100.7") and not presenting("no address")


def test_the_picture_says_the_address() -> None:
    import cv2
    import numpy as np
    import segno

    drawn = qr_code("https://192.0.2.7:8501")
    assert drawn.startswith("<svg") and not re.search(r"<script|href|\son\w+=", drawn)
    # The modules of the picture, read by OpenCV's own reader.
    matrix = np.array([list(row) for row in segno.make("https://192.0.2.7:8501", error="m").matrix_iter(scale=8, border=4)], np.uint8)
    assert cv2.QRCodeDetector().detectAndDecode((1 - matrix) * np.uint8(255))[0] == "https://192.0.2.7:8501"


def test_nothing_is_promised_for_a_year_in_a_local_network(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Strict-Transport-Security" in security_headers(True)
    monkeypatch.setenv("CARELENS_LAN_URL", "https://192.0.2.7:8501")
    settings.cache_clear()
    try:
        assert "Strict-Transport-Security" not in security_headers(True)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
