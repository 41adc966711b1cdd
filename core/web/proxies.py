"""Where a visitor comes from, when another web server stands before this one.

The server under Streamlit (uvicorn) replaces a request's address and scheme by what X-Forwarded-For and
X-Forwarded-Proto say. Unasked it believes anybody on this machine, and Streamlit has no setting for it.
"""

from __future__ import annotations

from typing import Any

import uvicorn.config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.settings import settings


class NamedProxies(ProxyHeadersMiddleware):
    """Uvicorn's middleware, which believes the proxies of the settings and no others."""

    def __init__(self, app: Any, trusted_hosts: list[str] | str = "") -> None:
        del trusted_hosts  # uvicorn's own, chosen before our settings were read
        super().__init__(app, [part for part in settings().trusted_proxies.split(",") if part])


def trust_named_proxies() -> None:
    """Put it in uvicorn's place. Uvicorn builds its middleware right after it has imported the app that calls this."""
    uvicorn.config.ProxyHeadersMiddleware = NamedProxies  # type: ignore[attr-defined]
