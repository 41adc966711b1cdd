"""The Appointments page under AppTest: a doctor offers, a patient takes, both see it, and Home reminds."""

from __future__ import annotations

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.people import consent
from core.people.policy import ROLES
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records.appointment_tables import OfferCreate
from core.records.appointments import appointments, book, free_times
from core.records.offers import add_offer, exceptions, offers
from core.records.times import now
from tests.core.house import own
from tests.pages.conftest import links, text

PATH = "pages/Appointments.py"


def fresh(who):
    return actor_of(redeem_ticket(issue_ticket(who)))


def offer(doctor, **more):
    given = {"starts": 540, "ends": 660, "length": 30, "zone": "Asia/Tokyo", "from_day": now().date() - timedelta(days=2)} | more
    for weekday in range(7):
        add_offer(fresh(doctor), OfferCreate(weekday=weekday, **given))


def box(app, label):
    return next(one for one in app.selectbox if one.label == label)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("patient", "doctor")])
def test_it_is_for_patients_and_doctors(open_page, someone, role):
    app = open_page(PATH, someone(role))
    assert "This page is not for your account." in text(app) and not app.selectbox and "Appointments" not in links(app)


def test_a_doctor_offers_times_every_week(open_page, ana, lena):
    app = open_page(PATH, lena)
    assert "You offer no times yet" in text(app) and not app.exception and "Appointments" in links(app)
    app.multiselect(key="offer_days").set_value([0, 3])
    app.time_input(key="offer_starts").set_value(time(8, 30))
    app.selectbox(key="offer_zone").set_value("Europe/Berlin")
    app.checkbox(key="offer_confirm").set_value(True)
    next(one for one in app.button if one.label == "Offer it").click().run()
    assert not app.exception and "Patients who let you in can take these times now." in app.success[0].value
    assert [(one.weekday, one.starts, one.ends, one.length, one.zone, one.confirm) for one in offers(fresh(lena))] == [
        (day, 510, 720, 30, "Europe/Berlin", True) for day in (0, 3)
    ]
    assert "Thursday, 08:30 to 12:00" in text(app) and "patients ask, you confirm" in text(app)
    next(one for one in app.button if one.label == "Offer it").click().run()
    assert "This overlaps a time you offer already." in text(app) and len(offers(fresh(lena))) == 2
    next(one for one in app.button if one.label == "Do not offer it").click().run()
    assert len(exceptions(fresh(lena))) == 1
    app.button(key=f"offer_end_{offers(fresh(lena))[0].id}").click().run()
    assert len(offers(fresh(lena))) == 1


def test_a_patient_takes_a_time_moves_it_and_calls_it_off(open_page, ana, lena):
    offer(lena)
    app = open_page(PATH, ana)
    assert "No appointments" in text(app) and not app.exception
    box(app, "Week from").set_value(1).run()
    pills = next(one for one in app.button_group if one.label == "Time")
    assert re.fullmatch(r"\d\d:\d\d", pills.options[0].content if hasattr(pills.options[0], "content") else pills.options[0])
    assert next(one for one in app.button if one.key == "take_go").disabled
    slots = free_times(ana, own(ana), lena.account_id, now() + timedelta(days=6), now() + timedelta(days=13))
    key = f"take_{own(ana)}_{lena.account_id}_hour_1_{box(app, 'Day').value}"
    chosen = next(one.starts_at for one in slots[::-1] if f"{one.starts_at:%A}" in box(app, "Day").value)
    app.session_state[key] = chosen
    app.run()
    assert f"{chosen.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M} on the clinic's clock (Asia/Tokyo)" in text(app).replace("\\", "")
    next(one for one in app.text_input if one.label.startswith("What is it about")).set_value("A *mole*")
    app.button(key="take_go").click().run()
    (made,) = appointments(ana)
    assert (made.starts_at, made.wish, made.status) == (chosen, "A *mole*", "booked") and "Booked." in app.success[0].value
    assert "“A \\*mole\\*”" in text(app) and f"{chosen:%A} {chosen.day}" in text(app)
    doctor = open_page(PATH, lena)
    assert "Some Patient" in text(doctor) and "“A \\*mole\\*”" in text(doctor)
    app = open_page(PATH, ana)
    app.button(key=f"cancel_{made.id}").click().run()
    assert [one.status for one in appointments(ana)] == ["cancelled"]
    assert "Next:" not in text(open_page("Home.py", ana))


def test_home_reminds_and_the_doctor_confirms(open_page, ana, lena):
    offer(lena, confirm=True)
    slot = free_times(ana, own(ana), lena.account_id, now() + timedelta(days=1), now() + timedelta(days=3))[0]
    made = book(ana, own(ana), lena.account_id, slot.starts_at)
    for who, name in ((ana, "Some Doctor"), (lena, "Some Patient")):
        home = open_page("Home.py", who)
        assert f"Next: {slot.starts_at:%A}" in text(home) and f"With {name}, at the clinic, asked for" in text(home)
    app = open_page(PATH, lena)
    app.button(key=f"confirm_{made.id}").click().run()
    assert appointments(ana)[0].status == "booked" and not app.exception
    assert app.button(key=f"move_go_{made.id}").disabled, "nothing is moved to where it is"
    day = app.date_input(key=f"move_day_{made.id}").value + timedelta(days=4)
    app.date_input(key=f"move_day_{made.id}").set_value(day).run()
    app.time_input(key=f"move_at_{made.id}").set_value(time(16, 45)).run()
    app.button(key=f"move_go_{made.id}").click().run()
    moved = appointments(ana)[0]
    assert (moved.starts_at.date(), moved.starts_at.time(), moved.id) == (day, time(16, 45), made.id) and not app.exception
    consent.take_back(ana, own(ana), lena.account_id)
    assert "Some Patient" not in text(open_page(PATH, lena)) and "Next:" not in text(open_page("Home.py", lena))


def test_with_nobody_let_in_it_says_what_to_do(open_page, someone):
    app = open_page(PATH, someone("patient"))
    assert "Let a doctor in on your Account page" in text(app) and not app.exception
