"""The rating screen under AppTest: who may, whose photos, nothing chosen in advance, and what is called an EASI."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.instruments import easi, scorad
from core.people import consent, persons
from core.people.policy import ROLES
from core.photo import read_photo
from core.records.findings import save_finding
from core.records.ratings import list_ratings, ratings_of, save_rating
from core.records.times import now
from core.ui import rated, rating
from tests.pages.conftest import links, text
from tests.pages.toys import Patches, patch, standing_in

PATH = "pages/Ratings.py"
FOUR = dict(zip(easi.SIGNS, (2.0, 1.5, 0.0, 3.0), strict=True))


def own(actor):
    (one,) = actor.person_ids
    return one


def photograph(actor, region="trunk", share=0.25, days_ago=0, **more):
    photo = read_photo(patch(days_ago, share))
    with standing_in(Patches()) as toy:
        found = toy.run(photo, None)
    return save_finding(actor, own(actor), photo, found, region=region, taken_at=now() - timedelta(days=days_ago), **more)


def control(app, label):
    return next(one for one in app.button_group if one.label == label)


def give(app, names, grades, save="easi_go_"):
    for sign, grade in grades.items():
        control(app, names[sign]).set_value(grade)
    return next(button for button in app.button if button.key and button.key.startswith(save)).click().run()


@pytest.mark.parametrize("role", [role for role in ROLES if role != "doctor"])
def test_a_deep_link_is_refused_for_everybody_but_doctors(open_page, someone, role):
    app = open_page(PATH, someone(role))
    assert "This page is not for your account." in text(app) and not app.selectbox and not app.exception
    assert "Rate eczema" not in links(app)


def test_a_doctor_whom_nobody_let_in_sees_nobody(open_page, someone, ana):
    photograph(ana)
    app = open_page(PATH, someone("doctor"))
    assert "Nobody has let you in yet" in text(app) and not app.exception and not app.button_group and "Rate eczema" in links(app)


def test_nothing_is_chosen_in_advance_and_a_rating_needs_all_four_signs(open_page, ana, lena):
    record = photograph(ana, whole_region=True, share=0.4)
    app = open_page(PATH, lena)
    assert not app.exception
    assert [control(app, name).value for name in rated.EASI_NAMES.values()] == [None] * 4
    (area,) = [box for box in app.selectbox if box.label.startswith("Area of trunk as a whole")]
    assert area.value is None, "the photo's band is a hint, the area is the doctor's"
    assert "There CareLens measured band 3 (30-49 %)." in text(app)
    give(app, rated.EASI_NAMES, {"redness": 2.0})
    assert "not complete" in text(app) and list_ratings(ana, record.id) == []
    give(app, rated.EASI_NAMES, FOUR)
    (saved,) = list_ratings(ana, record.id)
    assert (saved.signs, saved.area) == (FOUR, None) and "EASI" not in [metric.label for metric in app.metric]
    assert [control(app, name).value for name in rated.EASI_NAMES.values()] == [None] * 4, "the next rating begins empty"


def test_a_patch_gives_no_hint(open_page, ana, lena):
    photograph(ana)
    assert "measured band" not in text(open_page(PATH, lena))


def test_one_region_has_its_score_and_only_four_have_an_easi(open_page, ana, lena):
    records = {region: photograph(ana, region, days_ago=at, side="both" if region in ("arms", "legs") else None)
               for at, region in enumerate(easi.REGIONS)}  # fmt: skip
    app = open_page(PATH, lena)
    control(app, "Part").set_value("legs").run()
    next(box for box in app.selectbox if box.label.startswith("Area of both legs")).set_value(4)
    give(app, rated.EASI_NAMES, FOUR)
    assert f"{4 * 6.5:g} of 72 for legs" in text(app) and "One part of an EASI, and no EASI score." in text(app)
    assert not app.metric and "Still to rate: head and neck, arms and trunk." in text(app)
    doctor = sessions_actor(lena)
    for region in easi.REGIONS[:3]:
        save_rating(doctor, records[region].id, FOUR, area=1)
    app.run()
    assert not app.metric, "the age is not known yet"
    control(app, "How old was the patient then? The parts weigh differently in young children.").set_value("Under 8 years").run()
    child, adult = 6.5 * (0.7 * 1 + 0.3 * 4), 6.5 * (0.6 * 1 + 0.4 * 4)
    assert [(metric.label, metric.value) for metric in app.metric] == [("EASI", f"{child + 1e-9:.1f} of 72")]
    persons.change_person(ana, own(ana), "Ana", birth_year=1980)
    app.run()
    assert app.metric[0].value.endswith(" of 72")
    assert float(app.metric[0].value.split()[0]) == pytest.approx(adult, abs=0.06)


def sessions_actor(who):
    from core.people.sessions import actor_of, issue_ticket, redeem_ticket

    return actor_of(redeem_ticket(issue_ticket(who)))


def test_six_signs_and_the_extent_make_an_objective_scorad(open_page, ana, lena):
    record = photograph(ana)
    app = open_page(PATH, lena)
    control(app, "What do you rate?").set_value(rating.SIX).run()
    names = rated.SCORAD_NAMES | {"dryness": "Dryness, of skin without eczema"}
    give(app, names, dict.fromkeys(scorad.SIGNS, 1), "scorad_go_")
    assert list_ratings(ana, record.id)[0].extent is None and "Objective SCORAD" not in text(app).replace("an objective", "")
    app.number_input[0].set_value(20.0)
    give(app, names, dict.fromkeys(scorad.SIGNS, 2), "scorad_go_")
    assert f"Objective SCORAD {20 / 5 + 7 * 12 / 2:.1f} of 83" in text(app) and not app.metric


def test_the_patient_reads_it_beside_the_photo_and_nobody_else_does(open_page, ana, lena, someone):
    record = photograph(ana, share=0.25)
    save_rating(sessions_actor(lena), record.id, FOUR, area=2)
    with standing_in(Patches()):
        for path, query in (("pages/History.py", {"record": str(record.id)}), ("pages/Progress.py", {})):
            app = open_page(path, ana)
            for name, value in query.items():
                app.query_params[name] = value
            said = text(app.run())
            assert not app.exception and "What your doctor rated" in said, path
            words = said + str([one.value.to_dict() for one in app.table])
            assert "13 of 72 for trunk" in words and "Some Doctor" in words and "25" in words
            assert not [metric for metric in app.metric if metric.label == "EASI"]
        assert "What your doctor rated" not in text(open_page("pages/Progress.py", someone("patient")))
    assert [one.share for one in ratings_of(ana, own(ana))] == [pytest.approx(0.25, abs=0.01)]


def test_taken_back_on_the_account_page_the_next_click_sees_nothing(open_page, ana, lena, monkeypatch):
    photograph(ana)
    doctor = open_page(PATH, lena)
    assert "Some Patient" in doctor.selectbox[0].options
    app = open_page("pages/Account.py", ana)
    assert "Who may see my records" in text(app) and "Some Doctor" in text(app)
    opened = next(table.value for table in app.table if "Who" in table.value.columns)
    assert set(opened["What"]) == {"The list of findings", "One finding"} and set(opened["Who"]) == {"Some Doctor"}
    app.button(key=f"shut_{own(ana)}_{lena.account_id}").click().run()
    assert "sees nothing of yours any more" in app.success[0].value and "Nobody but the people of this account." in text(app)
    assert "Nobody has let you in yet" in text(open_page(PATH, lena))
    app = open_page("pages/Account.py", ana)
    app.selectbox(key=f"doctor_{own(ana)}").set_value(lena.account_id)
    app.button(key=f"let_in_{own(ana)}_go").click().run()
    assert sessions_actor(lena).let_in_by == {own(ana)} and "Let in on" in text(app)


def test_with_several_patients_nobody_is_opened_unasked(open_page, ana, lena, someone):
    ben = someone("patient")
    consent.let_in(ben, own(ben), lena.account_id)
    persons.change_person(ben, own(ben), "Ben", birth_year=1990)
    photograph(ana)
    app = open_page(PATH, lena)
    assert app.selectbox[0].value is None and consent.openings(ana, own(ana)) == []
    assert app.selectbox[0].options == ["Ben, born 1990", "Some Patient"]
    app.selectbox[0].set_value(own(ben)).run()
    assert "No eczema photos yet" in text(app)
    app.selectbox[0].set_value(own(ana)).run()
    assert {one.what for one in consent.openings(ana, own(ana))} == {"list", "finding"}
