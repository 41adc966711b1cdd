"""Security headers on every answer, as pure ASGI: websockets and streamed answers pass untouched."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.settings import settings
from core.web.proxies import over_https

COMPONENTS = "/component/"
"""Where Streamlit serves elements that live in a frame (components v1): static files, nothing of anybody."""
INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


@cache
def inline_hashes() -> tuple[str, ...]:
    """`'sha256-...'` of the scripts written into Streamlit's own page, so that no other inline script runs."""
    scripts = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), flags=re.DOTALL)
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)


@cache
def content_security_policy(framed: bool = False) -> str:
    """Everything from this server only. `blob:` scripts are the house's own elements (components v2);

    inline styles are how Streamlit and Plotly place things; nothing may frame the app. `framed`: for
    what lives in a frame of our own pages (the guided camera), and in no other.
    """
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(("'self'", "blob:", "'wasm-unsafe-eval'", *inline_hashes())),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'" if framed else "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def security_headers(https: bool, framed: bool = False) -> dict[str, str]:
    """The headers, by name. Strict-Transport-Security only by https that others vouch for. `framed`: see `content_security_policy`."""
    headers = {
        "Content-Security-Policy": content_security_policy(framed),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    # Not with the certificate of a local network: once promised, a browser would insist on https for this name for a year.
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if https and not settings().lan_url else {})


class SecurityHeaders:
    """ASGI middleware that adds the headers where the app has not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        framed = scope["path"].startswith(COMPONENTS)
        extra = security_headers(over_https(scope["scheme"], Headers(scope=scope)), framed)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in extra.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, add)
