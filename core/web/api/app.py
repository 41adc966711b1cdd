"""The API as an application of its own: mounted at `/api` beside the pages, or alone (`__main__.py`)."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from core.errors import CareLensError
from core.examinations.registry import examinations
from core.web.api import examine, house, own
from core.web.api.docs import page
from core.web.api.line import Line
from core.web.api.problems import DOCS, Faults, FieldError, Problem, house_error, http_error, invalid

ROOT = "/api"
VERSION = "1.0"
ABOUT = (
    "Examine photos of skin and of the back of the eye, and read one's own saved findings. It gives hints and never a diagnosis. "
    "Every request needs an access token, made on the Account page, in the header `Authorization: Bearer`."
)


class Api(FastAPI):
    """FastAPI with a description that follows the examinations there are, and tells the security and the problems."""

    def openapi(self) -> dict[str, Any]:
        """The description; made anew when an examination came or went."""
        known = tuple(examinations())
        if self.openapi_schema is None or self.openapi_schema["info"]["x-examinations"] != list(known):
            self.openapi_schema = _described(self, known)
        return self.openapi_schema


def _described(api: FastAPI, known: tuple[str, ...]) -> dict[str, Any]:
    told = get_openapi(title=api.title, version=api.version, description=ABOUT, routes=api.routes, servers=[{"url": ROOT}])
    told["info"]["x-examinations"] = list(known)
    _, problems = models_json_schema(
        [(Problem, "serialization"), (FieldError, "serialization")], ref_template="#/components/schemas/{model}"
    )
    parts = told.setdefault("components", {})
    parts["schemas"] = {**parts.get("schemas", {}), **problems["$defs"]}
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": "An access token of the Account page"}}
    for path in told["paths"].values():
        for operation in path.values():
            needs = operation.get("x-scope")
            operation["security"] = [{"token": [needs] if needs else []}]
            for form in operation.get("requestBody", {}).get("content", {}).values():
                form["schema"] = parts["schemas"].pop(form["schema"]["$ref"].rpartition("/")[2])  # named after a function, for one address
                form["schema"]["additionalProperties"] = False
                form["schema"]["properties"]["photo"]["format"] = "binary"  # the older word for a file, which more tools know
            for parameter in operation.get("parameters", ()):
                if (parameter["in"], parameter["name"]) == ("path", "examination"):
                    parameter["schema"]["enum"] = list(known)
    return told


async def description(request: Request) -> Response:
    """GET /api/openapi.json: the API in the form of OpenAPI 3.1."""
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": "no-cache"})


async def docs(request: Request) -> Response:
    """GET /api/docs: the same for people, a page without a script that asks nobody else for anything."""
    return HTMLResponse(page(request.app.openapi()), headers={"Cache-Control": "no-cache"})


@cache
def api() -> Api:
    """The application; one for the process."""
    made = Api(
        title="CareLens API",
        version=VERSION,
        docs_url=None,  # FastAPI's own pages load scripts from other machines
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Faults)],
        exception_handlers={CareLensError: house_error, HTTPException: http_error, RequestValidationError: invalid},
    )
    made.state.line = Line()
    for router in (house.router, examine.router, own.router):
        made.include_router(router)
    made.add_route("/openapi.json", description, include_in_schema=False)
    made.add_route("/docs", docs, include_in_schema=False)
    return made


async def to_docs(_: Request) -> Response:
    """The bare address leads to the docs."""
    return RedirectResponse(DOCS)


def routes() -> list[BaseRoute]:
    """The API below ROOT, and ROOT itself."""
    return [Route(ROOT, to_docs, methods=["GET", "HEAD"]), Mount(ROOT, app=api())]
