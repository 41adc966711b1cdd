"""What the API says of itself is so: schemathesis sends it what it says it takes, and much that it says it does not."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from core.examinations import registry
from core.records.findings import save_finding
from core.settings import settings
from core.web import app
from core.web.api.app import api
from core.web.api.problems import TYPES
from tests.core.house import a_finding, a_photo, own
from tests.core.web.api.conftest import jpeg, post

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip
OPERATIONS = [
    ("GET", "/v1/token"), ("GET", "/v1/persons"), ("GET", "/v1/examinations"), ("GET", "/v1/models"), ("GET", "/v1/models/{model}"),
    ("POST", "/v1/examinations/{examination}"), ("GET", "/v1/records"), ("GET", "/v1/records/{record}"),
    ("GET", "/v1/records/{record}/photo"), ("GET", "/v1/records/{record}/masks/{name}"), ("GET", "/v1/records/{record}/heat"),
]  # fmt: skip
THERE = {"model": "skin_lesion", "name": "lesion"}
"""What there is of things that only have a name."""
STRANGE = {"person": None, "picture": "lesion"}
"""What a query names by chance is not there or somebody else's, which the other tests look at: left out, or one that is there."""
PLACES = ("person", "spot", "region", "side", "whole_region", "taken_at", "eye")
"""Fields of a form that must fit together."""
BOUNDED = hypothesis_settings(
    max_examples=6, phases=[Phase.generate], deadline=None, database=None, derandomize=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def described(monkeypatch, program, patient):
    """The schema as schemathesis loads it from the running application; requests without a limit; one record to be found."""
    monkeypatch.setenv("CARELENS_API_PER_MINUTE", "100000")
    settings.cache_clear()

    record = save_finding(patient, own(patient), a_photo(), a_finding())
    for id in [one for one in registry.examinations() if one != "toy"]:  # networks that take seconds are tested elsewhere
        monkeypatch.setitem(registry._known, id, replace(registry._known["toy"], id=id))
    site = Starlette(routes=app.routes(), middleware=app.middleware())
    return schemathesis.openapi.from_asgi("/api/openapi.json", site), record


def test_every_address_is_tried(program):
    paths = program.get("/api/openapi.json").json()["paths"]
    assert sorted((way.upper(), path) for path, ways in paths.items() for way in ways) == sorted(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_it_answers_as_it_says(described, key, method, path):
    schema, record = described
    operation = schema[path][method]
    answered = []

    def call(case, real):
        if real:
            case.path_parameters |= {name: value for name, value in THERE.items() if name in case.path_parameters}
            case.path_parameters |= {"record": str(record.id)} if "{record}" in path else {}
            for name, value in STRANGE.items():
                if name in (case.query or {}):
                    case.query = {**case.query, name: value} if value else {k: v for k, v in case.query.items() if k != name}
            if isinstance(case.body, dict) and "photo" in case.body:
                given = {name: value for name, value in case.body.items() if value is not None and name not in PLACES}
                case.body = given | {"photo": jpeg()}
        response = case.call(headers={"Authorization": f"Bearer {key}"}, timeout=120)
        case.validate_response(response, checks=CHECKS[:-1] if real else CHECKS)
        answered.append(response.status_code)

    @seed(1)
    @BOUNDED
    @given(operation.as_strategy(GenerationMode.POSITIVE))
    def what_it_takes(case):
        call(case, real=True)

    what_it_takes()
    assert set(answered) <= {200, 201, 422} and {200, 201} & set(answered)
    if operation.query or operation.path_parameters or operation.body:

        @seed(2)
        @BOUNDED
        @given(operation.as_strategy(GenerationMode.NEGATIVE))
        def what_it_does_not(case):
            call(case, real=False)

        what_it_does_not()


def test_the_toy_is_in_the_description_while_it_is_there(program):
    def told():
        (parameter,) = [
            one for one in program.get("/api/openapi.json").json()["paths"]["/v1/examinations/{examination}"]["post"]["parameters"]
            if one["name"] == "examination"
        ]  # fmt: skip
        return parameter["schema"]["enum"]

    assert told() == list(registry.examinations()) and "toy" in told() and "skin" in told()
    assert post(program).json()["finding"]["examination"] == "toy"
    registry.unregister("toy")
    assert "toy" not in told()


class Tags(HTMLParser):
    """What a page loads, leads to, and names."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.loads, self.leads, self.ids = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.tags.append(tag)
        self.loads += [known["src"]] if "src" in known else []
        self.leads += [known["href"]] if "href" in known else []
        self.ids += [known["id"]] if "id" in known else []


def test_the_docs_ask_nobody_else_for_anything(client, home):
    answer = client.get("/api/docs")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    found = Tags(answer.text)
    assert "script" not in found.tags and "link" not in found.tags and found.loads == []
    assert found.leads and all(address.startswith("/") for address in found.leads)
    assert "url(" not in answer.text and "@import" not in answer.text
    assert set(TYPES) <= set(found.ids), "the type of every problem leads to a line of this page"
    for _, path in OPERATIONS:
        assert f"/api{path}" in answer.text
    assert client.get("/api", follow_redirects=False).headers["location"] == "/api/docs"


def test_words_of_others_are_no_markup_in_the_docs(monkeypatch, home):
    from core.web.api.docs import page

    told = api().openapi()
    evil = {**told, "info": {**told["info"], "title": "<script>alert(1)</script>", "description": "<img src=x> `<b>`"}}
    assert "<script>" not in page(evil) and "<img" not in page(evil) and "&lt;b&gt;" in page(evil)
