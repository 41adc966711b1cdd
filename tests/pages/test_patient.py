"""The timeline page under AppTest: everything in one stream, only as far as it was let in; notes, sign-off, outcome, tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.examinations.finding import Context
from core.insight.timeline import Event
from core.people import consent
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.photo import read_photo
from core.records import appointments, conversations, medicines, messages, notes, offers, openings, scores, sign_offs, tasks, treatments
from core.records.appointment_tables import OfferCreate
from core.records.consent_tables import Opening
from core.records.database import transaction
from core.records.findings import save_finding
from core.records.times import now
from core.ui import timeline_sources
from core.words import written
from tests.pages.conftest import text, writes
from tests.pages.toys import Eyes, Toy, patch, spot, standing_in

PATH = "pages/Patient.py"


def own(actor):
    (one,) = actor.person_ids
    return one


def anew(who):
    return actor_of(redeem_ticket(issue_ticket(who)))


def photograph(actor, toy, urgent=False, days_ago=0, seed=0):
    photo = read_photo(spot(seed) if toy.examination.id == "skin" else patch(seed))
    with standing_in(toy):
        found = toy.run(photo, Context())
    found = replace(found, step="soon" if urgent else "watch")
    return save_finding(actor, own(actor), photo, found, site="back", taken_at=now() - timedelta(days=days_ago))


@pytest.fixture
def at(open_page, monkeypatch):
    """`at(doctor, person)`: the timeline of a person, by its address."""

    def go(actor, person=None, **query) -> AppTest:
        app = open_page(PATH, actor)
        if person is not None:
            app.query_params["patient"] = str(person)
        for name, value in query.items():
            app.query_params[name] = str(value)
        return app.run()

    return go


def button(app, label):
    return next(one for one in app.button if one.label.startswith(label))


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_nobody_else_has_a_timeline(open_page, someone, role):
    app = open_page(PATH, someone(role))
    assert "This page is not for your account." in text(app) and not app.exception


def test_photos_seen_again_after_ten_minutes_are_another_opening(at, ana, lena):
    with standing_in(Toy()):
        photograph(ana, Toy())
        photograph(ana, Toy(), seed=1)

        def look() -> int:
            assert sum(str(one.key).startswith("open_") for one in at(lena, own(ana)).button) == 2
            return [one.what for one in consent.openings(ana, own(ana))].count("photos")

        assert (look(), look()) == (1, 1)
        with transaction() as session:
            session.execute(update(Opening).values(created_at=now() - openings.AGAIN))
        assert (look(), look()) == (2, 2)


def test_the_day_to_come_again_outlives_an_amendment_without_one(at, ana, lena):
    doctor, day = anew(lena), date.today() + timedelta(days=30)
    first = notes.sign_note(doctor, notes.write_note(doctor, own(ana), plan="Zinc", follow_up_on=day).id)
    notes.sign_note(doctor, notes.write_note(doctor, own(ana), plan="Zinc cream", amends=first.id).id)
    assert f"To come again: {written(day)}." in text(at(lena, own(ana)))


def test_everything_is_in_one_stream(at, ana, lena):
    with standing_in(Toy()):
        photograph(ana, Toy(), urgent=True, days_ago=3)
        scores.save_score(
            ana, own(ana), "poem", date.today(), dict.fromkeys(("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry"), 2)
        )
        treatments.add_treatment(ana, own(ana), "Zinc cream", "emollient", date.today() - timedelta(days=9))
        doctor = anew(lena)
        notes.sign_note(doctor, notes.write_note(doctor, own(ana), diagnosis="Eczema *of* the arms", follow_up_on=date.today()).id)
        notes.write_note(doctor, own(ana), plan="still thinking")
        medicines.add_allergy(ana, own(ana), "Nickel", "rash")
        tasks.add_task(doctor, own(ana), "Write the letter", date.today() - timedelta(days=1))
        app = at(lena, own(ana))
        assert not app.exception
        said = text(app)
        for words in (
            "large disc",
            "14 of 28",
            "Zinc cream begins",
            "Eczema",
            "Allergies: Nickel",
            "Write the letter",
            "late",
            "No visit within two weeks",
        ):
            assert words in said, words
        assert said.index("No visit within two weeks") < said.index("Write the letter"), "what is urgent is on top"
        assert "\\*of\\*" in said, "a doctor's words are no Markdown"
        patient = at(ana)
        assert not patient.exception and "Write the letter" not in text(patient) and "Nickel" in text(patient)
        assert "still thinking" not in text(patient) and not [one for one in patient.text_area if one.label == "Diagnosis"]


def test_a_stranger_and_who_was_shut_out_see_nothing(at, ana, lena, someone):
    with standing_in(Toy()):
        record = photograph(ana, Toy())
        for address in ({}, {"record": record.id}):
            app = at(someone("doctor"), own(ana), **address)
            assert "does not let you in" in text(app) and "large disc" not in text(app) and not app.exception
        assert "large disc" in text(at(lena, own(ana)))
        consent.take_back(ana, own(ana), lena.account_id)
        app = at(lena, own(ana), record=record.id)
        assert "does not let you in" in text(app) and "large disc" not in text(app)
        for wrong in ("nonsense", uuid4()):
            assert "does not let you in" in text(at(lena, wrong))


def test_of_some_kinds_only_those_and_none_by_their_address(at, ana, someone):
    eyes = someone("doctor")
    consent.let_in(ana, own(ana), eyes.account_id, kinds=["retina"])
    with standing_in(Toy()), standing_in(Eyes()):
        skin = photograph(ana, Toy())
        photograph(ana, Eyes())
        medicines.add_allergy(ana, own(ana), "Nickel")
        app = at(eyes, own(ana))
        assert not app.exception and "You see: retina check." in text(app).replace("toy retina check", "retina check")
        assert "large disc" not in text(app) and "Nickel" not in text(app) and "Allergies" not in text(app)
        app = at(eyes, own(ana), record=skin.id)
        assert "does not exist any more" in text(app) and "large disc" not in text(app)


def test_a_note_is_kept_signed_and_amended(at, ana, lena):
    app = at(lena, own(ana))
    key = f"note_{own(ana)}_None"
    app.text_area(key=f"{key}_diagnosis").set_value("eczema")
    app = button(app, "Keep as a draft").click().run()
    assert "Kept as your draft." in app.success[0].value and notes.list_notes(ana, own(ana)) == []
    (draft,) = notes.list_notes(anew(lena), own(ana))
    assert app.text_area(key=f"note_{own(ana)}_{draft.id}_diagnosis").value == "eczema"
    app = button(app, "Sign").click().run()
    (signed,) = notes.list_notes(ana, own(ana))
    assert signed.diagnosis == "eczema" and "Note by Some Doctor" in text(app)
    app = button(app, "Amend").click().run()
    assert "An amendment to the note" in text(app)
    app.text_area(key=f"note_{own(ana)}_{signed.id}_diagnosis").set_value("psoriasis")
    app = button(app, "Sign").click().run()
    assert [(one.diagnosis, one.amends_id) for one in notes.list_notes(ana, own(ana))] == [("eczema", None), ("psoriasis", signed.id)]
    assert not app.exception and "There is a later amendment" in text(app)


def test_a_finding_is_signed_and_its_outcome_said(at, ana, lena):
    with standing_in(Toy()):
        record = photograph(ana, Toy(), urgent=True)
        app = at(lena, own(ana), record=record.id)
        assert not app.exception and "No doctor has signed this finding yet." in text(app) and "What the network says" in text(app)
        app.selectbox(key=f"sign_label_{record.id}").set_value("large")
        app.text_area(key=f"sign_says_{record.id}").set_value("Nothing to fear.")
        app = button(app, "Sign this finding").click().run()
        assert [(one.label, one.says) for one in sign_offs.sign_offs_of(ana, own(ana))] == [("large", "Nothing to fear.")]
        assert "**Large**" in text(app)
        app.selectbox(key=f"outcome_label_{record.id}").set_value("small")
        app = button(app, "Save the outcome").click().run()
        assert [one.label for one in sign_offs.outcomes_of(ana, own(ana))] == ["small"] and not app.exception
        patient = at(ana, record=record.id)
        assert "Nothing to fear." in text(patient) and "Sign this finding" not in [one.label for one in patient.button]
        assert "No visit within two weeks" not in text(at(lena, own(ana))), "who signed it settled it"


def test_messages_and_appointments_are_in_the_stream_and_in_the_doctors_list(at, ana, lena, someone, open_page):
    """A visit settles what is urgent. Another doctor of the same patient sees neither of them."""
    with standing_in(Toy()):
        photograph(ana, Toy(), urgent=True)
        lena, omar = anew(lena), someone("doctor")
        consent.let_in(ana, own(ana), omar.account_id)
        assert "No visit within two weeks" in text(at(lena, own(ana)))
        talk = conversations.begin(ana, own(ana), lena.account_id)
        messages.send_message(ana, talk, "It itches *again*.", token=uuid4())
        first = now().date() - timedelta(days=2)
        for weekday in range(7):
            offer = OfferCreate(weekday=weekday, starts=540, ends=600, length=30, zone="UTC", from_day=first, place="video")
            offers.add_offer(lena, offer)
        free = appointments.free_times(ana, own(ana), lena.account_id, now() + timedelta(days=1), now() + timedelta(days=4))
        appointments.book(ana, own(ana), lena.account_id, free[0].starts_at, wish="The mole, please.")
        for who in (lena, ana):
            app = at(who, own(ana) if who is lena else None)
            said = text(app)
            assert not app.exception and "It itches" in said and "By video." in said and "The mole, please." in said
            assert "No visit within two weeks" not in said
        said = text(open_page("pages/Clinic.py", lena))
        assert "1 unread message" in said and f"Visit at {free[0].starts_at:%H:%M}, " in said
        app = at(anew(omar), own(ana))
        assert not app.exception and "It itches" not in text(app) and "By video." not in text(app)


@pytest.mark.parametrize(("confirm", "says"), [(True, "Asked for a visit"), (False, "Visit")])
def test_the_doctors_list_says_what_is_only_asked_for(ana, lena, open_page, confirm, says):
    lena, first = anew(lena), now().date() - timedelta(days=2)
    for weekday in range(7):
        offer = OfferCreate(weekday=weekday, starts=540, ends=600, length=30, zone="UTC", from_day=first, confirm=confirm)
        offers.add_offer(lena, offer)
    free = appointments.free_times(ana, own(ana), lena.account_id, now() + timedelta(days=1), now() + timedelta(days=4))
    made = appointments.book(ana, own(ana), lena.account_id, free[0].starts_at)
    at_hour = f"at {free[0].starts_at:%H:%M}, "
    told = [badge for badge in text(open_page("pages/Clinic.py", lena)).split("\n") if at_hour in badge]
    assert len(told) == 1 and f"{says} {at_hour}" in told[0] and ("Visit at" in told[0]) is not confirm
    if confirm:
        appointments.confirm(lena, made.id)
        assert f"Visit {at_hour}" in text(open_page("pages/Clinic.py", lena))


def test_what_is_only_asked_for_is_no_visit(at, ana, lena):
    with standing_in(Toy()):
        photograph(ana, Toy(), urgent=True)
        for weekday in range(7):
            offer = OfferCreate(weekday=weekday, starts=540, ends=600, length=30, zone="UTC", from_day=now().date(), confirm=True)
            offers.add_offer(anew(lena), offer)
        free = appointments.free_times(ana, own(ana), lena.account_id, now() + timedelta(days=1), now() + timedelta(days=4))
        asked = appointments.book(ana, own(ana), lena.account_id, free[0].starts_at)
        said = text(at(anew(lena), own(ana)))
        assert "No visit within two weeks" in said and "At the clinic. Asked for, not confirmed." in said
        appointments.confirm(anew(lena), asked.id)
        said = text(at(anew(lena), own(ana)))
        assert "No visit within two weeks" not in said and "At the clinic." in said and "not confirmed" not in said


def test_a_visit_is_on_one_page_and_what_is_closed_was_not_read(at, ana, lena, someone):
    """The timeline, what is written and the call. Messages count as read when they are seen, so not while the panel is closed."""
    omar = someone("doctor")
    consent.let_in(ana, own(ana), omar.account_id)
    lena = anew(lena)
    talk = conversations.begin(ana, own(ana), lena.account_id)
    messages.send_message(ana, talk, "It itches.", token=uuid4())
    app = at(lena, own(ana))
    (panel,) = [one for one in app.expander if one.label.startswith("Messages and video")]
    assert panel.label == "Messages and video (1 new)" and not writes(app) and not app.exception
    assert conversations.talks(lena, own(ana))[0].unread == 1
    app.session_state[f"talk_here_{own(ana)}"] = True
    app.run()
    assert writes(app) and not app.exception and any(one.label == "Video visit" for one in app.toggle)
    assert conversations.talks(lena, own(ana))[0].unread == 0
    app = at(ana)
    app.session_state[f"talk_here_{own(ana)}"] = True
    app.run()
    assert writes(app) and "With whom?" in [one.label for one in app.selectbox]


def test_a_kind_without_a_drawing_is_shown_all_the_same(at, ana, lena, monkeypatch):
    with standing_in(Toy()):
        event, asked = Event(datetime.now(UTC) - timedelta(days=3), "house_call", uuid4(), None), []
        monkeypatch.setattr(timeline_sources, "FURTHER", [lambda actor, person: asked.append((actor.role, person)) or [event]])
        app = at(lena, own(ana))
        assert not app.exception and "House call" in text(app) and set(asked) == {("doctor", own(ana))}
