"""How right the networks were in this clinic: told to doctors from the outcomes, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.people import consent
from core.people.policy import ROLES
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import sign_offs
from core.records.findings import save_finding
from core.records.times import now
from core.vision.card import card_ids
from tests.core.house import a_finding, a_photo
from tests.pages.conftest import text

PATH = "pages/Evidence.py"

pytestmark = pytest.mark.skipif("skin_lesion" not in card_ids(), reason="the network of the skin check is not installed")


def test_doctors_read_what_became_of_the_findings(open_page, someone):
    ana, lena = someone("patient"), someone("doctor")
    (person,) = ana.person_ids
    assert "No outcome is known yet" in text(open_page(PATH, lena))
    consent.let_in(ana, person, lena.account_id)
    doctor = actor_of(redeem_ticket(issue_ticket(lena)))
    for at, was in enumerate(("nv", "nv", "mel", "bcc", "nv")):
        if at == 4:
            said = text(open_page(PATH, lena))
            assert "4 outcomes are known" in said and "network named" not in said, "so few are somebody's"
        record = save_finding(ana, person, a_photo(at, (80, 64)), a_finding(at, "skin", (80, 64)))  # it says nv, and excludes no mel
        sign_offs.save_outcome(doctor, record.id, "biopsy", now().date(), was)
    unsure = save_finding(ana, person, a_photo(9, (80, 64)), replace(a_finding(9, "skin", (80, 64)), status="abstained"))
    sign_offs.save_outcome(doctor, unsure.id, "biopsy", now().date(), "mel")
    app = open_page(PATH, lena)
    said = text(app)
    assert not app.exception and "Of 5 findings with a known outcome, the network named **3**" in said
    assert "could not be excluded in **4**" in said and "Fewer than 30 outcomes" in said
    consent.take_back(ana, person, lena.account_id)
    assert "Of 5 findings" in text(open_page(PATH, lena)), "numbers of the clinic, of nobody in particular"
    for role in ROLES:
        if role not in ("doctor", "admin"):
            assert "In this clinic" not in text(open_page(PATH, someone(role)))
