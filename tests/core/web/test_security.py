"""The security pass: what holds for every door at once, walked from the list of doors, so that a new one is in it by itself.

Beside it, a point each: headers and framing (test_headers.py), cookies and tickets (test_session.py), guessing and rate limits
(../people/test_attack.py, test_session.py, api/test_door.py), who sees what (../people/test_policy.py, ../records/test_access.py),
sockets (test_live.py, test_call.py), the doors of Streamlit itself (../../browser/test_sign_in.py), known holes (.ci/audit.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from core.errors import CareLensError
from core.people import accounts, sessions
from core.records import medicines, notes
from core.records.conversations import begin
from core.records.findings import save_finding
from core.records.messages import send_message
from core.web import app, health
from core.web.cookie import COOKIE
from tests.core.clinic_people import SignedIn, two
from tests.core.house import a_finding, a_photo, dump, own

ORIGIN = {"Origin": "http://carelens.test"}
FOREIGN = {"Origin": "https://evil.test"}
OPEN = {"/api", *(route.path for route in health.routes() if isinstance(route, Route))}
"""Addresses that anybody may ask: whether the house is well, and the way to the description of the API."""


def doors(kind: type[BaseRoute]) -> Iterator[str]:
    """The address of every route of a kind beside the pages, with an id that is nobody's."""
    for route in app.routes():
        if isinstance(route, kind) and not isinstance(route, Mount):
            yield route.path.replace("{id}", str(uuid4()))  # type: ignore[attr-defined]


def test_a_sign_in_never_takes_over_a_cookie_that_was_there(client, patient):
    """Session fixation: who planted a token, their own or a made-up one, is not signed in by the victim's sign-in."""
    other = accounts.sign_up("eve@example.org", "four other words here", "Eve")
    planted = sessions.redeem_ticket(sessions.issue_ticket(other))
    for token in (planted, "x" * 43):
        client.cookies.clear()
        client.cookies.set(COOKIE, token)
        assert client.post("/session", content=sessions.issue_ticket(patient), headers=ORIGIN).status_code == 204
        fresh = [cookie.value for cookie in client.cookies.jar if cookie.name == COOKIE and cookie.value != token]
        assert len(fresh) == 1 and sessions.actor_of(fresh[0]).account_id == patient.account_id
    assert sessions.actor_of(planted).account_id == other.account_id and sessions.actor_of("x" * 43) is None


def test_no_page_of_another_site_changes_anything_at_any_door(client, patient, home):
    """CSRF: every door that takes something refuses a foreign Origin, and a link that is only followed changes nothing."""
    client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(patient)))
    before = dump()
    asked = 0
    for path in doors(Route):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = client.request(method, path, headers=FOREIGN, content=b"x")
            assert answer.status_code in (403, 404, 405), (method, path, answer.status_code)
            asked += 1
        client.get(path, headers=FOREIGN, follow_redirects=False)
    assert asked > 20 and dump() == before


def test_the_cookie_opens_no_door_of_the_api(client, patient):
    """The API takes tokens only: so nothing that a browser sends by itself counts there, and no Origin has to be looked at."""
    client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(patient)))
    assert client.get("/api/v1/records", headers=ORIGIN).status_code == 401
    assert client.post("/api/v1/examinations/skin", files={"photo": b"x"}, headers=ORIGIN).status_code == 401


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_no_door_opens_by_an_id_and_every_answer_stays_out_of_caches(client, patient, who):
    if who == "stranger":
        client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(patient)))
    asked = [path for path in doors(Route) if path not in OPEN]
    for path in asked:
        answer = client.get(path)
        assert answer.status_code in ({401, 405} if who == "nobody" else {404, 405}), (path, answer.status_code)
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store", path
    assert len(asked) >= 5


@pytest.mark.parametrize("origin", ["https://evil.test", "null", None])
def test_no_socket_opens_to_a_page_of_another_site(client, patient, origin):
    client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(patient)))
    asked = 0
    for path in doors(WebSocketRoute):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"ws://carelens.test{path}", headers={"origin": origin or ""}):
            pytest.fail(f"{path} opened")
        asked += 1
    assert asked >= 2


def test_no_id_can_be_guessed():
    """Every row is known by a random UUID (version 4, 122 bits), or by the ids and words of others; never by a number that counts."""
    for table in SQLModel.metadata.tables.values():
        for column in table.primary_key.columns:
            assert not isinstance(column.type, sa.Integer) or column.foreign_keys or len(table.primary_key.columns) > 1, (
                f"{table}.{column.name}"
            )
            if isinstance(column.type, sa.Uuid) and not column.foreign_keys and column.default is not None:
                made = {column.default.arg(None) for _ in range(50)}
                assert len(made) == 50 and all(isinstance(id, UUID) and id.version == 4 for id in made), table.name


def test_no_log_holds_what_a_patient_or_a_doctor_says(client, home, caplog):
    """A story with a word of its own in every field: whatever is logged on the way, at any level, has none of them and no token."""
    caplog.set_level(logging.DEBUG)
    word = "zebrafish"
    ana, lena = two()
    person = own(ana.actor)
    record = save_finding(ana.actor, person, a_photo(), a_finding(), new_spot=f"{word} spot", site="back")
    medicines.add_medicine(lena.actor, person, f"{word} ointment", f"{word} twice a day")
    medicines.add_allergy(lena.actor, person, f"{word} pollen")
    draft = notes.write_note(lena.actor, person, observed=f"{word} seen", diagnosis=word, advice=word, plan=word)
    notes.sign_note(lena.actor, draft.id)
    talk = begin(ana.actor, person, lena.id)
    send_message(ana.actor, talk, f"{word} hello", record_id=record.id)
    token = sessions.redeem_ticket(sessions.issue_ticket(ana.actor))
    client.cookies.set(COOKIE, token)
    for path in doors(Route):
        client.get(path)
    with pytest.raises(CareLensError):
        accounts.check_password(f"{word}@example.org", f"{word} is my password")
    with pytest.raises(CareLensError):
        notes.write_note(SignedIn("Omar", "doctor").actor, person, observed=f"{word} of another")
    for logger in ("carelens.web", "carelens.ui"):
        logging.getLogger(logger).warning("a line of each kind of place is caught")
    told = "\n".join(f"{entry.name} {entry.getMessage()} {entry.exc_text or ''}" for entry in caplog.records)
    assert told.count("is caught") == 2 and word in dump()
    assert word not in told.lower() and token not in told
