"""The docs page, made from the OpenAPI description: plain HTML with its own style, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from core.people.rate import at_once
from core.settings import settings
from core.web.api.problems import TYPES

Told = Mapping[str, Any]
CURL = 'curl -H "Authorization: Bearer $TOKEN" -F photo=@mole.jpg https://carelens.example.org/api/v1/examinations/skin'
REFUSED = (
    "Every refusal is a problem (RFC 9457, `application/problem+json`): `detail` says what happened and `hint` what to do; "
    "`type` is one of these."
)

STYLE = Path(__file__).with_name("docs.css")


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


def page(told: Told) -> str:
    """The whole page for an OpenAPI description."""
    info, title = told["info"], escape(told["info"]["title"])
    operations = [(way.upper(), path, one) for path, ways in told["paths"].items() for way, one in ways.items()]
    kinds = ((_anchor(name), str(status), escape(text)) for name, (status, text) in TYPES.items())
    parts = [
        f"<h1>{title} <span class=quiet>version {escape(info['version'])}</span></h1><p>{_marked(info['description'])}</p>",
        _start(),
        "<h2>Addresses</h2>",
        *(_operation(*one) for one in operations),
        f"<h2>Refusals</h2><p>{_marked(REFUSED)}</p>{_table('', ('Problem', 'Status', 'Meaning'), kinds)}",
        "<h2>What is answered</h2>",
        *(_schema(name, schema) for name, schema in told["components"]["schemas"].items() if "properties" in schema),
    ]
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{title}</title><style>{_style()}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body><main>{''.join(parts)}</main></body></html>"


def _start() -> str:
    many = settings().api_per_minute
    text = (
        "It can examine photos, read saved findings, or save them, as you choose, for the account that made it and nobody else. "
        "Cookies are not looked at. A photo is sent as a file, never as an address, "
        f"and has at most {settings().max_upload_mb} MB. A token may make {many} requests a minute, {at_once(many)} of them at once."
    )
    links = "For machines: <a href='/api/openapi.json'>openapi.json</a>. Make a token on the <a href='/Account'>Account page</a>."
    return f"<pre>{escape(CURL)}</pre><p>{links} {_marked(text)}</p>"


def _operation(way: str, path: str, one: Told) -> str:
    scopes = next(iter(one["security"][0].values()))
    needs = f"Needs a token with the scope <code>{escape(scopes[0])}</code>." if scopes else "Any token will do."
    rows = [(p["name"], p["in"], p["schema"], p.get("required", False), p.get("description", "")) for p in one.get("parameters", ())]
    rows += [(name, "form", field, name in required, field.get("description", "")) for name, field, required in _fields(one)]
    fields = _table("Fields and parameters", ("Name", "In", "Type", "Meaning"), (_row(*row) for row in rows)) if rows else ""
    answers = _table(
        "Answers", ("Status", "Meaning"), ((status, _marked(told["description"])) for status, told in one["responses"].items())
    )
    said = f"<p>{_marked(one['summary'])}. {_marked(one.get('description', ''))}</p><p class=quiet>{needs}</p>"
    return f"<section><h3><b>{escape(way)}</b><code>/api{escape(path)}</code></h3>{said}{fields}{answers}</section>"


def _fields(one: Told) -> list[tuple[str, Told, list[str]]]:
    schema = one.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
    return [(name, field, schema.get("required", [])) for name, field in schema.get("properties", {}).items()]


def _row(name: str, where: str, schema: Told, required: bool, text: str) -> tuple[str, ...]:
    kind = escape(_kind(schema)) + (" <b>needed</b>" if required else "")
    return f"<code>{escape(name)}</code>", where, kind, _marked(text)


def _kind(schema: Told) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("contentMediaType"):
        return "file"
    kind = str(schema.get("format") or schema.get("type", "anything"))
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    inner = schema.get("additionalProperties")
    return f"names to {_kind(inner)}" if isinstance(inner, Mapping) else kind


def _schema(name: str, schema: Told) -> str:
    rows = (_row(field, "", one, False, one.get("description", "")) for field, one in schema["properties"].items())
    text = f"<p>{_marked(schema['description'])}</p>" if schema.get("description") else ""
    columns = ((field, kind, meaning) for field, _, kind, meaning in rows)
    return f"<section id='{escape(name)}'><h3>{escape(name)}</h3>{text}{_table('', ('Field', 'Type', 'Meaning'), columns)}</section>"


def _table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already."""
    top = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<div class=wide><table>{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _anchor(name: str) -> str:
    return f"<code id='{escape(name)}'>{escape(name)}</code>"


def _marked(text: str) -> str:
    """Text with `code` in it."""
    pieces = escape(" ".join(text.split())).split("`")
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))
