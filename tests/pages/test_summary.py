"""The letter to another doctor, on the timeline and in the history: made by a button, fetched by its own account, not after taking back."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from fhir.resources.R4B.bundle import Bundle
from pypdf import PdfReader
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.people import consent, sessions
from core.records import medicines, notes
from core.records.findings import save_finding
from core.records.times import now
from core.ui import summary
from core.web import downloads
from core.web.cookie import COOKIE
from tests.core.house import a_finding, a_photo, own
from tests.pages.conftest import text


@pytest.fixture
def ana(someone):
    made = someone("patient")
    save_finding(made, own(made), a_photo(), a_finding(), site="back", taken_at=now() - timedelta(days=200))
    medicines.add_allergy(made, own(made), "Nickel")
    return made


def fetch(actor, address):
    client = TestClient(Starlette(routes=downloads.routes()))
    client.cookies.set(COOKIE, sessions.redeem_ticket(sessions.issue_ticket(actor)))
    return client.get(address)


def ready(app, person):
    (link,) = app.get("link_button")
    address, name, _ = app.session_state[f"summary_{person}_ready"]
    assert link.proto.url == address and name in link.proto.label
    return address, name


def test_a_doctor_takes_the_letter_until_the_patient_takes_it_back(open_page, someone, ana):
    lena, omar = someone("doctor"), someone("doctor")
    consent.let_in(ana, own(ana), lena.account_id)
    doctor = sessions.actor_of(sessions.redeem_ticket(sessions.issue_ticket(lena)))
    notes.write_note(doctor, own(ana), diagnosis="only a thought")
    app = open_page("pages/Patient.py", lena)
    app.query_params["patient"] = str(own(ana))
    app = app.run()
    app = app.button(key=f"summary_{own(ana)}_pdf").click().run()
    assert not app.exception
    address, name = ready(app, own(ana))
    answer = fetch(lena, address)
    assert name.endswith(".pdf") and answer.headers["content-type"] == "application/pdf"
    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "Nickel" in said and "not a medical device" in said and "only a thought" not in said
    assert {"finding", "chart", "photos"} <= {one.what for one in consent.openings(ana, own(ana))}
    assert fetch(omar, address).status_code == fetch(ana, address).status_code == 404
    consent.take_back(ana, own(ana), lena.account_id)
    assert fetch(lena, address).status_code == 404


def test_a_patient_takes_the_file_for_another_system_of_the_days_they_choose(open_page, ana):
    app = open_page("pages/History.py", ana)
    key = f"summary_{own(ana)}"
    app = app.button(key=f"{key}_fhir").click().run()
    made = fetch(ana, ready(app, own(ana))[0])
    assert made.headers["content-type"] == "application/json"
    kinds = [one.resource.get_resource_type() for one in Bundle.model_validate(json.loads(made.content)).entry]
    assert "Media" in kinds and "AllergyIntolerance" in kinds
    app.selectbox(key=f"{key}_period").set_value("3 months")
    app = app.button(key=f"{key}_fhir").click().run()
    later = json.loads(fetch(ana, ready(app, own(ana))[0]).content)
    assert "Media" not in [one["resource"]["resourceType"] for one in later["entry"]], "the finding is older"
    app.selectbox(key=f"{key}_period").set_value(summary.CHOSEN)
    app = app.run()
    day = now().date()
    app.date_input(key=f"{key}_since").set_value(day)
    app.date_input(key=f"{key}_until").set_value(day - timedelta(days=3))
    app = app.button(key=f"{key}_pdf").click().run()
    assert not app.exception and "The last day is before the first." in text(app)
