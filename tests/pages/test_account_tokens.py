"""Access tokens on the Account page: made with a name, scopes and an end, shown once, listed with their last use, ended at once."""

from __future__ import annotations

import pytest

from core.people import tokens
from core.records.times import now
from core.ui.account_tokens import LIVES, MAY
from tests.core.house import ask
from tests.core.reading import GRADE, grade
from tests.pages.conftest import PASSWORD, text

ACCOUNT = "pages/Account.py"


def make(app, name="My script", scopes=("read",), days=30, password=PASSWORD):
    app.text_input(key="token_name").set_value(name)
    for scope in scopes:
        app.checkbox(key=f"token_{scope}").check()
    app.selectbox(key="token_days").set_value(days)
    app.text_input(key="token_password").set_value(password)
    return app.button(key="token_go").click().run()


def codes(app):
    return [one.value for one in app.code]


def test_a_token_is_shown_once_and_ended_at_once(open_page, someone):
    actor = someone()
    app = make(open_page(ACCOUNT, actor), scopes=("examine", "read"), days=7)
    assert not app.exception
    (secret,) = codes(app)
    caller = tokens.admit(secret)
    assert caller and caller.actor.account_id == actor.account_id and caller.scopes == {"examine", "read"}
    app = app.button(key="token_seen").click().run()
    assert codes(app) == [] and secret not in text(app)
    assert "My script" in text(app) and "May examine photos and read saved findings" in text(app) and "last used just now" in text(app)
    (one,) = tokens.list_tokens(actor)
    assert 6 <= (one.expires_at - now()).days <= 7
    app = app.button(key=f"end_token_{one.id}").click().run()
    assert app.success[0].value == "That token has ended." and tokens.admit(secret) is None
    assert secret not in text(open_page(ACCOUNT, actor))


@pytest.mark.parametrize("wrong", [{"name": " "}, {"scopes": ()}, {"password": "a wrong one"}])
def test_what_is_missing_makes_no_token(open_page, someone, wrong):
    app = make(open_page(ACCOUNT, someone()), **wrong)
    assert app.warning and codes(app) == [] and ask("SELECT count(*) FROM api_token") == [(0,)]


@pytest.mark.parametrize(("role", "scopes"), [("doctor", {"examine", "read"}), ("staff", {"examine"}), ("admin", None)])
def test_each_role_is_offered_what_it_may_have(open_page, someone, role, scopes):
    app = open_page(ACCOUNT, someone(role))
    offered = {box.key.removeprefix("token_") for box in app.checkbox if box.key and box.key.startswith("token_")}
    assert offered == (scopes or set()) and ("Programs that use your account" in text(app)) == (scopes is not None)


def test_every_life_and_scope_has_words():
    assert set(LIVES) == set(tokens.LIVES) and set(MAY) == {"examine", "read", "write"}


def test_it_is_easy_to_read(open_page, someone):
    app = open_page(ACCOUNT, someone())
    (about,) = [part.value for part in app.markdown if "access token, a long secret word" in part.value]
    assert grade(about) <= GRADE
