"""Letting a doctor in on the Account page: from the list or by a code, for everything or some kinds, and back at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.people import consent
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.photo import read_photo
from core.records import openings
from core.records.appointments import appointments, book, cancel
from core.records.consent_tables import OPENED
from core.records.findings import save_finding
from core.records.times import now
from core.ui import account_sharing, watching
from tests.pages.conftest import text
from tests.pages.toys import Patches, patch, standing_in

PATH = "pages/Account.py"


def own(actor):
    (one,) = actor.person_ids
    return one


def anew(who):
    return actor_of(redeem_ticket(issue_ticket(who)))


def button(app, label):
    return next(one for one in app.button if one.label == label)


def test_a_code_lets_its_doctor_in_for_what_was_chosen_until_a_day(open_page, someone):
    ana, lena = someone("patient"), someone("doctor")
    desk = button(open_page(PATH, lena), "Make a code").click().run()
    code = desk.code[0].value
    app = open_page(PATH, ana)
    key = f"let_in_{own(ana)}"
    next(one for one in app.button_group if one.label == "Let a doctor in").set_value(account_sharing.BY_CODE).run()
    app.text_input(key=f"{key}_code").set_value("AAAA-AAAA-AAAA")
    app = button(app, "Let in").click().run()
    assert "This code does not work." in text(app) and anew(lena).sees == frozenset()
    app.text_input(key=f"{key}_code").set_value(code.lower())
    app.multiselect(key=f"{key}_kinds").set_value(["skin", "diary"])
    app.selectbox(key=f"{key}_until").set_value("1 week")
    app = button(app, "Let in").click().run()
    assert not app.exception and "skin check and scores and treatments; until" in text(app)
    assert anew(lena).sees == {(own(ana), "skin"), (own(ana), "diary")}
    app = button(app, "Take back").click().run()
    assert anew(lena).sees == frozenset() and "sees nothing of yours any more" in app.success[0].value


def test_beforehand_it_says_which_appointments_go_with_a_consent(open_page, someone):
    ana, lena = someone("patient"), someone("doctor")
    consent.let_in(ana, own(ana), lena.account_id)
    assert "cancelled too" not in text(open_page(PATH, ana))
    starts = now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
    made = [book(anew(lena), own(ana), lena.account_id, starts + timedelta(days=at), minutes=30) for at in (1, 0)]
    named = f"{starts:%A} {starts.day} {starts:%B %Y}, 10:00 to 10:30"
    app = open_page(PATH, ana)
    assert f"Your 2 appointments with them, the first on {named}, are cancelled too" in text(app)
    cancel(ana, made[0].id)
    app = open_page(PATH, ana)
    assert f"Your appointment on {named} is cancelled too" in text(app)
    app = button(app, "Take back").click().run()
    assert not app.exception and "cancelled too" not in text(app)
    assert {one.status for one in appointments(ana)} == {"cancelled"} and anew(lena).sees == frozenset()


def test_a_day_without_a_day_and_nobody_are_refused(open_page, someone):
    ana, lena = someone("patient"), someone("doctor")
    app = open_page(PATH, ana)
    key = f"let_in_{own(ana)}"
    app = button(app, "Let in").click().run()
    assert "No doctor is chosen yet." in text(app)
    app.selectbox(key=f"doctor_{own(ana)}").set_value(lena.account_id)
    app.selectbox(key=f"{key}_until").set_value(account_sharing.OWN_DAY)
    app = button(app, "Let in").click().run()
    assert "passed already" in text(app) and anew(lena).sees == frozenset()


def test_only_doctors_make_codes(open_page, someone):
    assert "Make a code" not in [one.label for one in open_page(PATH, someone("patient")).button]


@pytest.mark.parametrize("how", ["taken back", "for another kind"])
def test_an_open_page_of_the_doctor_shows_nothing_more_by_itself(open_page, someone, monkeypatch, how):
    """The page is only looked at, as its own timer does: no click."""
    ana, lena = someone("patient"), someone("doctor")
    photo = read_photo(patch())
    with standing_in(Patches()) as toy:
        save_finding(ana, own(ana), photo, toy.run(photo, None), region="trunk")
    consent.let_in(ana, own(ana), lena.account_id)
    before = anew(lena)
    asked = []
    monkeypatch.setattr(watching.st, "rerun", lambda: asked.append(how))
    token = redeem_ticket(issue_ticket(lena))
    monkeypatch.setattr(watching.session, "token", lambda: token)
    watching._look(before, own(ana))
    assert asked == [], "nothing changed"
    if how == "taken back":
        consent.take_back(ana, own(ana), lena.account_id)
    else:
        consent.let_in(ana, own(ana), lena.account_id, kinds=["retina"])
    watching._look(before, own(ana))
    assert asked == [how]
    app = open_page("pages/Ratings.py", lena)
    assert not app.exception and "Photo to rate" not in [box.label for box in app.selectbox]


def test_every_opening_can_be_read_however_many_there_are(open_page, someone, monkeypatch):
    ana, lena = someone("patient"), someone("doctor")
    consent.let_in(ana, own(ana), lena.account_id)
    for what in OPENED:
        openings.note(anew(lena), own(ana), what)
    monkeypatch.setattr(account_sharing, "PER_PAGE", 2)
    app = open_page(PATH, ana)
    told = []
    for page in (1, 2, 3):
        app.session_state[f"openings_{own(ana)}"] = page
        told += list(app.run().table[0].value["What"])
        assert not app.exception
    assert told == [account_sharing.OPENED[what] for what in reversed(OPENED)]
