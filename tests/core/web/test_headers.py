"""Security headers: on every answer, and none in the way of a websocket."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from core.web import app
from core.web.headers import INDEX, SecurityHeaders, content_security_policy


async def fails(request):
    raise RuntimeError("no")


async def plain(request):
    return PlainTextResponse("hello")


async def own(request):
    return PlainTextResponse("hello", headers={"Referrer-Policy": "no-referrer"})


async def echo(socket):
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


@pytest.fixture
def site() -> TestClient:
    routes = [Route("/", plain), Route("/own", own), Route("/fails", fails), WebSocketRoute("/echo", echo)]
    return TestClient(Starlette(routes=routes, middleware=app.middleware()), raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/", "/own", "/nothing-here"])
def test_every_answer_carries_them(site, path):
    headers = site.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "camera=(self)" in headers["permissions-policy"] and "microphone=(self)" in headers["permissions-policy"]
    assert headers["referrer-policy"] == ("no-referrer" if path == "/own" else "same-origin")
    assert "strict-transport-security" not in headers


def test_only_elements_that_live_in_a_frame_may_be_framed_and_only_by_us(site):
    headers = site.get("/component/streamlit_webrtc.webrtc_streamer/index.html").headers
    assert headers["x-frame-options"] == "SAMEORIGIN" and "frame-ancestors 'self'" in headers["content-security-policy"]
    for path in ("/", "/components", "/x/component/y"):
        assert site.get(path).headers["x-frame-options"] == "DENY"


def test_https_is_kept_where_it_was_used(site):
    assert "max-age=" in site.get("/", headers={"X-Forwarded-Proto": "https"}).headers["strict-transport-security"]
    assert "strict-transport-security" in TestClient(site.app, base_url="https://testserver").get("/").headers


def test_nothing_foreign_and_no_inline_script_is_allowed():
    rules = dict(rule.split(" ", 1) for rule in content_security_policy().split("; "))
    assert "'unsafe-inline'" not in rules["script-src"] and "'unsafe-eval'" not in rules["script-src"]
    assert not any(scheme in content_security_policy() for scheme in ("http:", "https:", "*"))
    assert rules["object-src"] == "'none'" and rules["connect-src"] == "'self'"


def test_the_one_inline_script_of_the_page_is_allowed_by_its_hash():
    page = INDEX.read_text()
    script = page.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in content_security_policy()


def test_websockets_pass(site):
    with site.websocket_connect("/echo") as socket:
        socket.send_text("hi")
        assert socket.receive_text() == "hi"


def test_a_streamed_answer_is_not_held_back():
    sent: list[dict] = []
    at_first_piece: list[int] = []

    async def streams(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        at_first_piece.append(len(sent))
        await send({"type": "http.response.body", "body": b"b"})

    async def send(message):
        sent.append(message)

    asyncio.run(SecurityHeaders(streams)({"type": "http", "path": "/", "headers": [], "scheme": "http"}, None, send))
    assert at_first_piece == [2] and [m.get("body") for m in sent[1:]] == [b"a", b"b"]
