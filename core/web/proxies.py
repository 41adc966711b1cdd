"""Where a visitor comes from, when another web server stands before this one.

The server under Streamlit (uvicorn) replaces a request's address and scheme by what X-Forwarded-For and
X-Forwarded-Proto say. Unasked it believes anybody on this machine, and Streamlit has no setting for it.
"""

from __future__ import annotations

import logging
from typing import Any

import uvicorn.config
from starlette.datastructures import Headers
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.settings import settings

log = logging.getLogger("carelens.web")


class NamedProxies(ProxyHeadersMiddleware):
    """Uvicorn's middleware, which believes the proxies of the settings and no others."""

    def __init__(self, app: Any, trusted_hosts: list[str] | str = "") -> None:
        del trusted_hosts  # uvicorn's own, chosen before our settings were read
        super().__init__(app, [part for part in settings().trusted_proxies.split(",") if part])
        self._warned = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As uvicorn's; says once when a proxy is at work that nobody named."""
        if not self._warned and any(name == b"x-forwarded-for" for name, _ in scope.get("headers", ())):
            peer = (scope.get("client") or ("",))[0]
            if peer not in self.trusted_hosts:
                self._warned = True
                log.warning("X-Forwarded-For comes from a server that CARELENS_TRUSTED_PROXIES does not name: it is ignored")
        await super().__call__(scope, receive, send)


def over_https(scheme: str, headers: Headers) -> bool:
    """Whether a request came by https to this server, or to a proxy before it that says so."""
    return "https" in (scheme, headers.get("x-forwarded-proto", "").split(",")[0].strip())


def trust_named_proxies() -> None:
    """Put it in uvicorn's place. Uvicorn builds its middleware right after it has imported the app that calls this."""
    uvicorn.config.ProxyHeadersMiddleware = NamedProxies  # type: ignore[attr-defined]
