"""Signing in with a second step, forgotten passwords and sign-ups by mail, on the pages themselves."""

from __future__ import annotations

import pytest

from core.people import accounts, links, mail, second_factor, sessions
from tests.core.people.test_mail import use
from tests.pages.conftest import PASSWORD, text
from tests.pages.test_account import button
from tests.smtp import Post, link


@pytest.fixture
def post(house, monkeypatch):
    with Post() as server:
        use(monkeypatch, server.url)
        yield server


def sign_in(app, email, password=PASSWORD):
    app.text_input(key="sign_in_email").set_value(email)
    app.text_input(key="sign_in_password").set_value(password)
    return app.button(key="sign_in_go").click().run()


def going_in(app):
    """The element that fetches the cookie is on the page."""
    return len(app.get("bidi_component")) == 1


def with_app(actor):
    """Recovery codes, and a code of the app that is good for a minute at least."""
    proposal = second_factor.propose(actor)
    step = int(second_factor.now().timestamp()) // 30
    app = second_factor.pyotp.TOTP(proposal.secret)
    return second_factor.enable(actor, proposal, PASSWORD, app.generate_otp(step)), app.generate_otp(step + 1)


def test_without_mail_the_page_says_whom_to_ask(open_page, someone):
    app = open_page("Home.py")
    app = app.button(key="forgot").click().run()
    assert "Ask the people who run CareLens" in text(app) and not app.text_input
    app = app.button(key="forgot_back").click().run()
    assert [tab.label for tab in app.tabs] == ["Sign in", "Create an account"]


def test_a_code_is_asked_for_before_anyone_is_in(open_page, someone):
    actor = someone()
    codes, right = with_app(actor)
    app = sign_in(open_page("Home.py"), actor.email)
    assert not app.exception and not going_in(app) and "One more step" in text(app)
    app.text_input(key="second_code").set_value("12345")
    app = app.button(key="second_go").click().run()
    assert "does not fit" in text(app) and not going_in(app)
    app.text_input(key="second_code").set_value(right)
    app = app.button(key="second_go").click().run()
    assert going_in(app)
    app = sign_in(open_page("Home.py"), actor.email)
    app = app.button(key="second_back").click().run()
    assert "One more step" not in text(app)
    app = sign_in(app, actor.email)
    app.text_input(key="second_code").set_value(codes[0])
    assert going_in(app.button(key="second_go").click().run())


def test_the_second_step_is_set_up_and_turned_off(open_page, someone):
    actor = someone()
    app = open_page("pages/Account.py", actor)
    app = app.button(key="second_start").click().run()
    secret = app.code[0].value.replace(" ", "")
    assert "data:image/svg+xml" in str(app.get("image")[0].proto)
    app.text_input(key="second_new_code").set_value("000")
    app.text_input(key="second_password").set_value(PASSWORD)
    app = app.button(key="second_on").click().run()
    assert "does not fit" in text(app) and second_factor.state(actor.account_id).since is None
    app.text_input(key="second_new_code").set_value(second_factor.pyotp.TOTP(secret).now())
    app.text_input(key="second_password").set_value(PASSWORD)
    app = app.button(key="second_on").click().run()
    codes = app.code[0].value.split()
    assert len(codes) == 10 and "shown this one time" in text(app)
    app = app.button(key="codes_seen").click().run()
    assert not app.code and "10 recovery codes left" in text(app)
    app.text_input(key="off_password").set_value(PASSWORD)
    app.text_input(key="off_code").set_value(codes[0])
    app = app.button(key="second_off_go").click().run()
    assert app.success[0].value == "The second step is off." and second_factor.state(actor.account_id).since is None


def test_the_address_is_changed(open_page, someone):
    actor, other = someone(), someone()
    app = open_page("pages/Account.py", actor)
    for new, password, why in ((other.email.upper(), PASSWORD, "already an account"), ("new@example.org", "wrong", "password is wrong")):
        app.text_input(key="email_new").set_value(new)
        app.text_input(key="email_password").set_value(password)
        app = app.button(key="email_go").click().run()
        assert why in text(app)
    app.text_input(key="email_new").set_value("New@example.org")
    app.text_input(key="email_password").set_value(PASSWORD)
    app = app.button(key="email_go").click().run()
    assert app.success and accounts.own_account(actor).email == "new@example.org"


def test_a_link_by_mail_brings_a_new_password(open_page, someone, post):
    actor = someone()
    elsewhere = sessions.redeem_ticket(sessions.issue_ticket(actor))
    app = open_page("Home.py")
    app = app.button(key="forgot").click().run()
    app.text_input(key="forgot_email").set_value(actor.email)
    app = app.button(key="forgot_go").click().run()
    assert "look into your mailbox" in text(app)
    assert mail.wait_until_sent()
    app = open_page("pages/Open_link.py")
    app.query_params["token"] = link(post.letters[0]).partition("token=")[2]
    app = app.run()
    assert app.title[0].value == "Choose a new password" and "token" not in app.query_params
    app.text_input(key="link_password_new").set_value("short")
    app = app.button(key="link_go").click().run()
    assert "too short" in text(app)
    app.text_input(key="link_password_new").set_value("eight brown bottles")
    app = app.button(key="link_go").click().run()
    assert going_in(app) and sessions.actor_of(elsewhere) is None
    assert accounts.check_password(actor.email, "eight brown bottles")


def test_a_link_does_not_go_round_the_second_step(open_page, someone, post):
    actor = someone()
    _, right = with_app(actor)
    app = open_page("pages/Open_link.py")
    app.query_params["token"] = links.reset_link(actor.email).partition("token=")[2]
    app = app.run()
    app.text_input(key="link_password_new").set_value("eight brown bottles")
    app = app.button(key="link_go").click().run()
    assert not going_in(app) and "One more step" in text(app)
    app.text_input(key="second_code").set_value(right)
    assert going_in(app.button(key="second_go").click().run())


def test_a_link_that_does_not_work_says_so(open_page, someone):
    app = open_page("pages/Open_link.py")
    assert app.title[0].value == "Please sign in"
    app.query_params["token"] = "made-up"
    app = app.run()
    assert app.title[0].value == "This link does not work" and "ask for a new one" in text(app)
    app = open_page("pages/Open_link.py", someone())
    assert not app.exception and "no link to open" in text(app)


@pytest.mark.parametrize("taken", [False, True])
def test_a_sign_up_looks_the_same_whoever_it_is(open_page, someone, post, taken):
    email = someone().email if taken else "new@example.org"
    app = open_page("Home.py")
    assert not [field for field in app.text_input if field.key == "sign_up_password"], "it is chosen by whoever reads the mail"
    app.text_input(key="sign_up_name").set_value("Mia")
    app.text_input(key="sign_up_email").set_value(email)
    app.checkbox(key="sign_up_agreed").set_value(True)
    app = button(app, "Create my account").click().run()
    assert "look into your mailbox" in text(app) and not going_in(app)
    assert mail.wait_until_sent() and post.letters[0]["To"] == email


def test_names_are_words_and_nothing_else(open_page, someone):
    actor = someone()
    accounts.rename(actor, "*Mia* [x](http://evil.example)")
    app = open_page("Home.py", actor)
    assert app.title[0].value.endswith(r"\*Mia\*") and "](http" not in str(app.get("menu_button")[0].proto)


@pytest.mark.parametrize(("route", "said"), [("/session", "Signing in did not work"), ("/session/end", "You are signed out on our side")])
def test_what_got_lost_on_the_way_is_named(open_page, route, said):
    app = open_page("Home.py")
    app.session_state["_session_failed"] = route
    assert said in text(app.run()) and said not in text(app.run())
