"""CareLens in a local network: started as `make run-lan` does, met by https, with its own certificate."""

from __future__ import annotations

import re
import socket
import ssl
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.web.lan import addresses
from tests.browser.helpers import Server, open_page, sign_in_demo


class LanServer(Server):
    """The server of `make run-lan`."""

    def __init__(self, home: Path) -> None:
        ours = {"CARELENS_TRUSTED_PROXIES": "127.0.0.1,::1", "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none"}
        super().__init__(home, demo=True, environment=ours)
        self.url = f"https://localhost:{self.port}"
        self.authority = self.home / "lan" / "authority.pem"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "core.web.lan", "--port", str(self.port)]

    def verify(self) -> str:
        return str(self.authority)


@pytest.fixture(scope="module")
def lan(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanServer]:
    """The server in the local network."""
    server = LanServer(tmp_path_factory.mktemp("lan"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_every_address_of_the_machine_is_vouched_for(lan: LanServer) -> None:
    trusting = ssl.create_default_context(cafile=str(lan.authority))
    own = [str(one) for one in addresses() if one.version == 4]
    for host in ("localhost", "127.0.0.1", *own):
        with socket.create_connection((host, lan.port), 5) as line, trusting.wrap_socket(line, server_hostname=host) as scrambled:
            names = {value for _, value in scrambled.getpeercert()["subjectAltName"]}
        assert {"localhost", "127.0.0.1", *own} <= names
        answer = requests.get(f"https://{host}:{lan.port}/healthz", verify=str(lan.authority), timeout=10)
        assert answer.json()["status"] == "ok" and "Strict-Transport-Security" not in answer.headers
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{lan.url}/healthz", timeout=10)
    assert stat.S_IMODE((lan.home / "lan" / "key.pem").stat().st_mode) == 0o600
    told = lan.log.read_text()
    assert f"https://{own[0] if own else '127.0.0.1'}:{lan.port} " in told and re.search(r"(?:[0-9A-F]{2}:){31}", told)


def test_a_phone_gets_the_camera_and_a_secure_cookie(lan: LanServer, new_page: Callable[..., Page]) -> None:
    page = new_page(390, 844, ignore_https_errors=True)
    lines: list[str] = []
    page.on("websocket", lambda line: lines.append(line.url))
    sign_in_demo(page, lan)
    assert lines and all(line.startswith("wss://") for line in lines)
    assert page.evaluate("isSecureContext && 'getUserMedia' in navigator.mediaDevices")
    cookies = [one for one in page.context.cookies() if "carelens" in one["name"]]
    assert cookies and all(one["secure"] and one["httpOnly"] and one["sameSite"] == "Strict" for one in cookies)
    page.reload()
    expect(page.get_by_text("Latest findings")).to_be_visible(timeout=30_000)  # and the cookie is known again


def test_the_picture_is_on_the_screen_that_presents_alone(lan: LanServer, new_page: Callable[..., Page]) -> None:
    at_the_desk = new_page(ignore_https_errors=True)
    open_page(at_the_desk, lan)
    expect(at_the_desk.get_by_role("img", name="QR code")).to_be_visible()
    seen = cv2.imdecode(np.frombuffer(at_the_desk.screenshot(full_page=True), np.uint8), cv2.IMREAD_COLOR)
    address = cv2.QRCodeDetector().detectAndDecode(seen)[0]
    assert (
        re.fullmatch(rf"https://[\d.]+:{lan.port}", address)
        and requests.get(f"{address}/healthz", verify=str(lan.authority), timeout=10).ok
    )
    expect(at_the_desk.get_by_text("warns once")).to_be_visible()
    # The proxy that this server trusts is this very machine, so the header is what makes a visitor one from elsewhere. Chromium sends
    # no header of ours with its socket, so this visitor speaks for itself what Streamlit's page speaks.
    assert b"warns once" in home(lan, {})
    assert b"warns once" not in home(lan, {"X-Forwarded-For": "198.51.100.7"})


def home(lan: LanServer, headers: dict[str, str]) -> bytes:
    """All that the server sends of Home over its socket until the page stands."""
    address = lan.url.replace("https", "wss", 1) + "/_stcore/stream"
    trusting = ssl.create_default_context(cafile=str(lan.authority))
    asked, said = BackMsg(), b""
    asked.rerun_script.page_name = ""
    asked.rerun_script.context_info.url = lan.url
    with connect(address, origin=lan.url, subprotocols=["streamlit"], ssl=trusting, additional_headers=headers, max_size=None) as line:
        line.send(asked.SerializeToString())
        while True:
            piece = line.recv(timeout=30)
            assert isinstance(piece, bytes)
            said += piece
            if ForwardMsg.FromString(piece).WhichOneof("type") == "script_finished":
                return said


def test_a_second_start_keeps_the_certificate(lan: LanServer) -> None:
    before = Path(lan.authority).read_bytes()
    lan.restart()
    assert Path(lan.authority).read_bytes() == before
