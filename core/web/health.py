"""`/healthz`: what works now, for whoever watches the server. No secrets, paths or counts of people."""

from __future__ import annotations

import logging
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.errors import CareLensError
from core.records import database
from core.records.photos import store

log = logging.getLogger("carelens.web")


def _well(what: str, check: Any) -> bool:
    try:
        return bool(check())
    except (CareLensError, OSError, ValueError, LookupError, TypeError) as error:  # a broken card must not break the answer
        log.warning("%s is not well: %s", what, type(error).__name__)
        return False


def _networks() -> dict[str, dict[str, str]]:
    """Every network with a card, and every one that an examination needs: one whose card is missing is told, not left out."""
    from core.examinations.registry import examinations
    from core.vision import registry

    known = registry.states()
    for id in sorted({id for one in examinations().values() for id in one.networks} - set(known)):
        known[id] = registry.State(id, "unavailable", f"The description of the network {id} is missing.")
    return {id: {"state": state.state, "version": state.version, "reason": state.reason} for id, state in known.items()}


def report() -> tuple[bool, dict[str, Any]]:
    """Whether database and store are well, and the answer: `database`, `store`, `networks` by id.

    A network that is missing is told but does not make the house unwell: the rest works without it.
    """
    parts = {"database": _well("the database", database.healthy), "store": _well("the photo store", lambda: store().healthy())}
    networks: dict[str, dict[str, str]] = {}

    def read() -> bool:
        networks.update(_networks())
        return True

    known = _well("the list of networks", read)
    answer: dict[str, Any] = {name: "ok" if well else "unavailable" for name, well in parts.items()}
    answer["networks"] = networks if known else "unknown"
    well = all(parts.values())
    return well, {"status": "ok" if well else "unavailable", **answer}


async def healthz(request: Request) -> JSONResponse:
    """GET /healthz: 200 when database and store are well, else 503."""
    well, answer = await run_in_threadpool(report)
    return JSONResponse(answer, 200 if well else 503, headers={"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """The health route."""
    return [Route("/healthz", healthz, methods=["GET", "HEAD"])]
