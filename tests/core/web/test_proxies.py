"""Whose word is taken for where a visitor comes from; on a running server it is tried in tests/browser."""

from __future__ import annotations

import asyncio
import logging

import pytest

from core.settings import settings
from core.web.proxies import NamedProxies


def seen(peer, forwarded, proto="https"):
    """The address and scheme the app sees for a request."""
    found = {}

    async def app(scope, receive, send):
        found.update(scope)

    headers = [(b"x-forwarded-for", forwarded.encode()), (b"x-forwarded-proto", proto.encode())]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1234), "headers": headers}
    asyncio.run(NamedProxies(app, "*")(scope, None, None))
    return found["client"][0], found["scheme"]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ("", "127.0.0.1", "198.51.100.1", ("127.0.0.1", "http")),
        ("", "::1", "198.51.100.1", ("::1", "http")),
        ("127.0.0.1", "127.0.0.1", "198.51.100.1", ("198.51.100.1", "https")),
        ("127.0.0.1", "127.0.0.1", "203.0.113.9, 198.51.100.1", ("198.51.100.1", "https")),  # the first is what the visitor made up
        ("127.0.0.1", "192.0.2.1", "198.51.100.1", ("192.0.2.1", "http")),
        (" 10.0.0.0/8 , ::1 ", "10.1.2.3", "198.51.100.1, 10.9.9.9", ("198.51.100.1", "https")),
    ],
)
def test_only_named_proxies_are_believed(home, monkeypatch, caplog, trusted, peer, forwarded, expected):
    monkeypatch.setenv("CARELENS_TRUSTED_PROXIES", trusted)
    settings.cache_clear()
    with caplog.at_level(logging.WARNING, "carelens"):
        assert seen(peer, forwarded) == expected
    assert ("CARELENS_TRUSTED_PROXIES" in caplog.text) == (expected[1] == "http")
    assert "198.51" not in caplog.text
