"""My patients under AppTest: by urgency, found by name, opened by a link, nobody who did not let the doctor in."""

from __future__ import annotations

import pytest

from core.people import consent
from core.people.policy import ROLES
from core.ui import clinic
from tests.pages.conftest import links, text
from tests.pages.test_patient import own, photograph
from tests.pages.toys import Toy, standing_in

PATH = "pages/Clinic.py"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "doctor"])
def test_it_is_for_doctors(open_page, someone, role):
    app = open_page(PATH, someone(role))
    assert "This page is not for your account." in text(app) and "My patients" not in links(app) and not app.exception


def test_the_most_urgent_come_first_and_are_found_by_name(open_page, someone, monkeypatch):
    lena = someone("doctor")
    assert "Nobody has let you in yet" in text(open_page(PATH, lena))
    from core.people import persons

    people = {}
    for name, urgent in (("Ana Calm", False), ("Zoe Urgent", True), ("Eve Stranger", True)):
        one = people[name] = someone("patient")
        persons.change_person(one, own(one), name, birth_year=1984)
        with standing_in(Toy()):
            photograph(one, Toy(), urgent=urgent)
        if name != "Eve Stranger":
            consent.let_in(one, own(one), lena.account_id)
    app = open_page(PATH, lena)
    said = text(app)
    assert not app.exception and "2 patients let you in. Nothing is urgent for 1 of them." in said and "Eve" not in said
    assert said.index("Zoe Urgent, born 1984") < said.index("Ana Calm, born 1984")
    assert len([link for link in links(app) if link == "Open"]) == 2
    app.text_input(key="clinic_search").set_value("calm").run()
    assert "Ana Calm" in text(app) and "Zoe" not in text(app)
    app.text_input(key="clinic_search").set_value("").run()
    next(group for group in app.button_group if group.label == "Only").set_value(["cancer"]).run()
    assert "Zoe Urgent" in text(app) and "Ana Calm" not in text(app)
    monkeypatch.setattr(clinic, "PER_PAGE", 1)
    app = open_page(PATH, lena)
    assert "Zoe Urgent" in text(app) and "Ana Calm" not in text(app) and not app.exception
    assert "Go to my patients" in [button.label for button in open_page("Home.py", lena).button]
