"""`python -m core.web.api [--port PORT] [--host HOST]`: the API alone, without the pages, on the same house."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from core.web import health
from core.web.api.app import routes, to_docs
from core.web.api.problems import DOCS, http_error
from core.web.app import middleware, open_house, refuse_to_start_unsafe
from core.web.proxies import trust_named_proxies


def site() -> Starlette:
    """The API and `/healthz`; everything else is nowhere."""
    return Starlette(
        routes=[*routes(), *health.routes(), Route("/", to_docs)],
        middleware=middleware(),
        lifespan=open_house,
        exception_handlers={HTTPException: http_error},
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Start it."""
    parser = argparse.ArgumentParser(prog="python -m core.web.api", description="Serve the API of CareLens alone.")
    parser.add_argument("--port", type=int, default=8502)
    parser.add_argument("--host", default="127.0.0.1", help="the address it listens on (default: this machine alone)")
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    refuse_to_start_unsafe()
    trust_named_proxies()
    print(f"CareLens API: http://{asked.host}:{asked.port}{DOCS} (Ctrl+C stops it)", flush=True)
    # No list of requests: it would say who looked at which finding, and when.
    uvicorn.run(site(), host=asked.host, port=asked.port, server_header=False, access_log=False, timeout_graceful_shutdown=10)


if __name__ == "__main__":
    main()
