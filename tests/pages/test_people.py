"""Several persons of one account: who a page is for, and that nothing of one shows up for another."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.people import persons, sessions
from core.records import findings
from core.ui import checking
from tests.core.house import a_finding, a_photo
from tests.pages.conftest import ROOT, text


def pills(app, label="Who is this for?"):
    return [group for group in app.get("button_group") if group.label == label]


def family(someone):
    """Eva with Tim: the actor, her person, his."""
    eva = someone()
    tim = persons.add_person(eva, "Tim", birth_year=2019)
    eva = sessions.actor_of(sessions.redeem_ticket(sessions.issue_ticket(eva)))
    return eva, persons.persons(eva)[0].id, tim.id


def test_one_person_is_asked_nothing(open_page, someone):
    actor = someone()
    for path in ("Home.py", "pages/Skin_check.py", "pages/History.py"):
        app = open_page(path, actor)
        assert not app.exception and not pills(app), path


def test_a_child_is_added_on_the_account_page_and_every_page_then_asks(open_page, someone):
    actor = someone()
    app = open_page("pages/Account.py", actor)
    app.text_input(key="add_person_name").set_value("Tim")
    app.number_input(key="add_person_year").set_value(2019)
    app = app.button(key="add_person_go").click().run()
    assert app.success and not app.exception
    child = persons.persons(sessions.actor_of(sessions.redeem_ticket(sessions.issue_ticket(actor))))[1]
    assert (child.display_name, child.birth_year) == ("Tim", 2019)
    app.text_input(key=f"person_{child.id}_name").set_value("Timm")
    app = app.button(key=f"person_{child.id}_go").click().run()
    assert app.success[0].value == "Saved." and "Timm · born 2019" in [expander.label for expander in app.expander]
    assert not pills(app), "the Account page is about the account"
    for path in ("Home.py", "pages/Skin_check.py", "pages/History.py"):
        app = open_page(path, actor)
        assert not app.exception and len(pills(app)) == 1, path
        assert "For Some Patient" in text(app), "at first the holder, and it says so"


def test_each_sees_their_own_and_the_choice_stays(open_page, someone):
    eva, own, tim = family(someone)
    findings.save_finding(eva, tim, a_photo(1), a_finding(1), site="left arm")
    app = open_page("Home.py", eva)
    assert "Left arm" not in text(app)
    app = pills(app)[0].set_value(tim).run()
    assert "Left arm" in text(app) and "For Tim" in text(app)
    app = app.switch_page("pages/History.py").run()
    assert "For Tim" in text(app) and "1 finding" in text(app)
    app = pills(app)[0].set_value(own).run()
    assert "Nothing here yet" in text(app)


def test_a_page_loaded_anew_knows_who_it_was_for(open_page, someone):
    eva, _, tim = family(someone)
    app = open_page("pages/Skin_check.py", eva)
    app = pills(app)[0].set_value(tim).run()
    again = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)  # as after a phone slept: the same sign-in, nothing remembered
    assert "For Tim" in text(again.run())


def test_a_finding_of_one_never_opens_under_the_name_of_another(open_page, someone):
    eva, own, tim = family(someone)
    saved = findings.save_finding(eva, tim, a_photo(1), a_finding(1), site="left arm")
    app = open_page("pages/History.py", eva)
    app.query_params["record"] = str(saved.id)
    app = app.run()
    assert "belongs to someone else of your account" in text(app)
    app = pills(app)[0].set_value(tim).run()
    assert "record" not in app.query_params, "what was open belonged to somebody else"
    app.query_params["record"] = str(saved.id)
    assert "belongs to someone else" not in text(app.run())


def test_photos_and_answers_wait_at_the_desk_of_the_person_they_were_given_for(open_page, someone):
    eva, own, tim = family(someone)
    app = open_page("pages/Skin_check.py", eva)
    question = checking.QUESTIONS[0][1]
    app = pills(app, question)[0].set_value("Yes").run()
    desk = app.session_state["skin_desk"]
    assert desk.person_id == own and desk.who == "Some Patient"
    desk.put([("one", "one.jpg", b"a photo")])
    app = pills(app)[0].set_value(tim).run()
    other = app.session_state["skin_desk"]
    assert (other.person_id, other.who, other.checks) == (tim, "Tim", [])
    assert pills(app, question)[0].value in (None, []), "an answer for one is none for the other"
    app = pills(app)[0].set_value(own).run()
    assert app.session_state["skin_desk"] is desk and len(desk.checks) == 1
