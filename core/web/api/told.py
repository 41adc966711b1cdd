"""What the description of the API (OpenAPI) says of answers that are no JSON: pictures and refusals."""

from __future__ import annotations

from typing import Any

from core.web.api.problems import BY_STATUS, MEDIA_TYPE, TYPES

PNG: dict[str, Any] = {"image/png": {"schema": {"type": "string", "contentMediaType": "image/png"}}}
ALWAYS = (401, 403, 429, 500, 503)
"""Refusals that every address behind the door may give."""
Told = dict[int | str, dict[str, Any]]


def refusals(*statuses: int, photo: bool = False) -> Told:
    """The refusals of an address, for `responses`: these and those of ALWAYS. `photo`: it takes one."""
    return {status: _refusal(status, photo) for status in sorted({*statuses, *ALWAYS})}


def _refusal(status: int, photo: bool) -> dict[str, Any]:
    names = [name for name, (usual, _) in TYPES.items() if usual == status] if photo else [BY_STATUS[status]]
    told: dict[str, Any] = {
        "description": " ".join(TYPES[name][1] for name in names),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}
    if status == 401:
        told["headers"] = {"WWW-Authenticate": {"description": "Bearer, and what is wrong with the token", "schema": {"type": "string"}}}
    return told
