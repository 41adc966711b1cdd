"""Account: one's own, and nobody else's."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from core.people import accounts, sessions
from tests.pages.conftest import PASSWORD, text


def button(app, label):
    return next(b for b in app.button if b.label == label)


def test_a_visitor_is_asked_to_sign_in_first(open_page):
    app = open_page("pages/Account.py")
    assert app.title[0].value == "Please sign in" and "“Account”" in text(app)
    assert "What is kept" not in text(app)


@pytest.mark.parametrize("role", ["patient", "doctor", "staff", "admin"])
def test_everyone_has_one(open_page, someone, role):
    app = open_page("pages/Account.py", someone(role))
    assert not app.exception and app.title[0].value == "Account"
    assert ("Your photos" in text(app)) == (role == "patient")


def test_the_name_can_be_changed(open_page, someone):
    actor = someone()
    app = open_page("pages/Account.py", actor)
    app.text_input(key="account_name").set_value("Mia Lind")
    app = button(app, "Save name").click().run()
    assert app.success[0].value == "Your name is saved."
    assert accounts.own_account(actor).name == "Mia Lind"
    app.text_input(key="account_name").set_value("  ")
    app = button(app, "Save name").click().run()
    assert app.warning and accounts.own_account(actor).name == "Mia Lind"


def change_password(app, old, new, again):
    for key, value in (("old", old), ("new", new), ("again", again)):
        app.text_input(key=f"password_{key}").set_value(value)
    return button(app, "Change password").click().run()


def test_the_password_can_be_changed_and_signs_the_others_out(open_page, someone):
    actor = someone()
    elsewhere = sessions.redeem_ticket(sessions.issue_ticket(actor))
    app = open_page("pages/Account.py", actor)
    for old, new, again in (
        ("wrong one", "new words to sign in", "new words to sign in"),
        (PASSWORD, "new words to sign in", "another one"),
        (PASSWORD, "a", "a"),
    ):
        app = change_password(app, old, new, again)
        assert app.warning and not app.success
    assert accounts.check_password(actor.email, PASSWORD).account_id == actor.account_id
    app = change_password(app, PASSWORD, "new words to sign in", "new words to sign in")
    assert app.success[0].value == "Your password is changed."
    assert accounts.check_password(actor.email, "new words to sign in").account_id == actor.account_id
    with pytest.raises(InvalidInput):
        accounts.check_password(actor.email, PASSWORD)
    assert sessions.actor_of(elsewhere) is None


def test_other_browsers_are_listed_and_can_be_signed_out(open_page, someone):
    actor = someone()
    phone = sessions.redeem_ticket(
        sessions.issue_ticket(actor), "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
    )
    tablet = sessions.redeem_ticket(sessions.issue_ticket(actor), "Mozilla/5.0 (Android 16; Mobile) Firefox/141.0")
    app = open_page("pages/Account.py", actor)
    assert all(name in text(app) for name in ("Firefox on Linux", "Safari on iPhone", "Firefox on Android", "This browser"))
    phone_id = next(one.id for one in sessions.list_sessions(actor) if "iPhone" in one.user_agent)
    app = app.button(key=f"end_{phone_id}").click().run()
    assert sessions.actor_of(phone) is None and sessions.actor_of(tablet) is not None
    app = button(app, "Sign out everywhere else").click().run()
    assert sessions.actor_of(tablet) is None
    assert not app.exception and app.title[0].value == "Account"


def test_signing_out_ends_the_session_and_shows_the_form(open_page, someone):
    actor = someone()
    app = open_page("pages/Account.py", actor)
    app = button(app, "Sign out").click().run()
    assert sessions.list_sessions(actor) == []
    assert [tab.label for tab in app.tabs] == ["Sign in", "Create an account"] and "What is kept" not in text(app)
    assert len(app.get("bidi_component")) == 1, "the element that clears the cookie"


def test_a_session_ended_elsewhere_closes_the_page_at_its_next_step(open_page, someone):
    actor = someone()
    app = open_page("pages/Account.py", actor)
    app.session_state["private"] = "what the page remembered"
    sessions.end_all(actor.account_id)
    app = app.run()
    assert "What is kept" not in text(app) and app.title[0].value == "Please sign in"
    assert "private" not in app.session_state
