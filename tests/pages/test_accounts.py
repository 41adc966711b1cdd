"""The Accounts page: who may open it, what it makes and asks, and that nothing medical is on it."""

from __future__ import annotations

import re

import pytest

from core.errors import NotAllowed
from core.people import accounts, links, mail, managing, sessions, tokens
from core.people.accounts import check_password
from core.people.managing import list_accounts
from core.people.policy import ROLES
from core.records import findings
from core.settings import ROOT, settings
from core.ui import menu
from core.ui.accounts_new import ROLE_HELP, at_this_house
from tests.core.house import a_finding, a_photo, ask, own
from tests.core.people.test_mail import use
from tests.core.reading import GRADE, grade
from tests.pages.conftest import PASSWORD, text
from tests.smtp import Post

PATH = "pages/Accounts.py"
REFUSED = "This page is not for your account."


def make(app, name="Lena Osei", email="lena@example.org", role="doctor"):
    number = next(one.key for one in app.text_input if one.key.startswith("new_name_")).removeprefix("new_name_")
    app.text_input(key=f"new_name_{number}").set_value(name)
    app.text_input(key=f"new_email_{number}").set_value(email)
    app.selectbox(key=f"new_role_{number}").set_value(role)
    return app.button(key="new_account_go").click().run()


def keys(app):
    return {one.key for kind in (app.button, app.text_input, app.checkbox) for one in kind}


def change(app, who):
    return app.button(key=f"account_{who.account_id}_open").click().run()


@pytest.mark.parametrize("role", ROLES)
def test_administrators_alone_open_it(open_page, someone, role):
    actor = someone(role)
    app = open_page(PATH, actor)
    assert not app.exception
    assert (REFUSED in text(app)) is (role != "admin") and ("new_account_go" in keys(app)) is (role == "admin")
    assert (menu.ACCOUNTS in menu.entries(role)) is (role == "admin")
    assert ("example.org" in text(app).replace("\u200b", "").replace("\\", "")) is (role == "admin"), "nobody else reads an address"


def test_a_visitor_signs_in_first(open_page):
    app = open_page(PATH)
    assert not app.exception and app.title[0].value == "Please sign in" and "new_account_go" not in keys(app)


def test_home_leads_there(open_page, someone):
    app = open_page("Home.py", someone("admin"))
    assert not app.exception and "You see nothing medical" in text(app)
    app = app.button(key="go_accounts").click().run()
    assert not app.exception


def test_an_administrator_gets_nothing_medical_anywhere(open_page, someone):
    ana, nina = someone(), someone("admin")
    findings.save_finding(ana, own(ana), a_photo(1), a_finding(1), site="secret place")
    for path in sorted(f"pages/{one.name}" for one in (ROOT / "pages").glob("*.py")):
        app = open_page(path, nina)
        assert not app.exception, path
        open_to = path in {PATH, menu.ACCOUNT.path, menu.EVIDENCE.path, "pages/Open_link.py"}
        assert (REFUSED in text(app)) is not open_to, path
        assert "ecret place" not in text(app), path
        assert not (path == PATH and app.get("image")), path


def test_a_link_is_handed_over_once(open_page, someone):
    nina = someone("admin")
    app = make(open_page(PATH, nina))
    assert not app.exception and not app.warning
    (link,) = [one.value for one in app.code]
    assert "Lena Osei" in text(app) and "30 minutes" in text(app) and "new_account_go" not in keys(app)
    app = app.button(key="account_link_seen").click().run()
    assert [one.value for one in app.code] == [] and "No password yet" in str([one.value for one in app.markdown])
    assert all(one.value == "" for one in app.text_input if one.key.startswith("new_")), "the form is empty again"
    assert link.split("token=")[1] not in text(open_page(PATH, nina))
    lena = links.choose_password(link.split("token=")[1], PASSWORD)
    assert lena.role == "doctor" and check_password("lena@example.org", PASSWORD).name == "Lena Osei"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"email": "lena.example.org"}, "does not look like an e-mail address"),
        ({"email": ""}, "does not look like an e-mail address"),
        ({"email": " TAKEN@example.org"}, "already an account"),
        ({"name": "  "}, "give a name"),
        ({"role": None}, "choose what they are"),
    ],
)
def test_what_was_typed_stays_until_it_is_right(open_page, someone, wrong, says):
    accounts.create_account(email="taken@example.org", password=PASSWORD, name="Taken", role="patient")
    nina = someone("admin")
    typed = {"name": "Lena Osei", "email": "lena@example.org", "role": "doctor"} | wrong
    app = make(open_page(PATH, nina), **typed)
    assert not app.exception and says in app.warning[0].value
    assert (app.text_input(key="new_name_0").value, app.text_input(key="new_email_0").value) == (typed["name"], typed["email"])
    assert app.selectbox(key="new_role_0").value == typed["role"]
    assert list_accounts(nina).count == 2
    app = make(app)
    assert len(app.code) == 1 and list_accounts(nina).count == 3


def test_switching_off_asks_first_and_ends_everything(open_page, someone):
    nina, ana = someone("admin"), someone()
    token = sessions.redeem_ticket(sessions.issue_ticket(ana))
    secret = tokens.make_token(ana, "Script", ("read",), 7, PASSWORD).secret
    key = f"account_{ana.account_id}"
    app = change(open_page(PATH, nina), ana)
    app = app.button(key=f"{key}_off_go").click().run()
    assert "Tick the box first" in app.warning[0].value and sessions.actor_of(token) and tokens.admit(secret)
    app.checkbox(key=f"{key}_sure").check()
    app = app.button(key=f"{key}_off_go").click().run()
    assert "switched off" in app.success[0].value and sessions.actor_of(token) is None and tokens.admit(secret) is None
    with pytest.raises(NotAllowed):
        check_password(ana.email, PASSWORD)
    assert f"{key}_off_go" not in keys(app) and f"{key}_link" not in keys(app)
    app = app.button(key=f"{key}_on").click().run()
    assert "They can sign in again" in app.success[0].value and check_password(ana.email, PASSWORD)


def test_an_open_page_is_over_at_the_next_click(open_page, someone):
    ana, nina = someone(), someone("admin")
    app = open_page("pages/Account.py", ana)
    assert app.title[0].value == "Account"
    managing.switch_off(nina, ana.account_id)
    app = app.run()
    assert not app.exception and app.title[0].value == "Please sign in"
    app.text_input(key="sign_in_email").set_value(ana.email)
    app.text_input(key="sign_in_password").set_value(PASSWORD)
    app = app.button(key="sign_in_go").click().run()
    assert "This account is switched off." in app.warning[0].value


def test_an_administrator_who_was_switched_off_finds_the_door_shut(open_page, someone):
    nina, omar, ana = someone("admin"), someone("admin"), someone()
    app = change(open_page(PATH, omar), ana)
    managing.switch_off(nina, omar.account_id)
    app.checkbox(key=f"account_{ana.account_id}_sure").check()
    app = app.button(key=f"account_{ana.account_id}_off_go").click().run()
    assert not app.exception and app.title[0].value == "Please sign in" and check_password(ana.email, PASSWORD)


def test_what_is_not_offered(open_page, someone):
    """Oneself is not switched off, a patient not renamed, and no link to an account in use is shown where there is no mail."""
    nina, ana, lena = someone("admin"), someone(), someone("doctor")
    app = change(open_page(PATH, nina), nina)
    key = f"account_{nina.account_id}"
    assert f"{key}_name_go" in keys(app) and not {f"{key}_off_go", f"{key}_link"} & keys(app)
    app = change(app, ana)
    key = f"account_{ana.account_id}"
    assert f"{key}_off_go" in keys(app) and not {f"{key}_name_go", f"{key}_link"} & keys(app)
    assert "core.admin reset" in text(app).replace("\\", "")
    app = change(app, lena)
    key = f"account_{lena.account_id}"
    app.text_input(key=f"{key}_name").set_value("  ")
    app = app.button(key=f"{key}_name_go").click().run()
    assert "give a name" in app.warning[0].value
    app.text_input(key=f"{key}_name").set_value("Dr Lena Osei")
    app = app.button(key=f"{key}_name_go").click().run()
    assert app.success and "Dr Lena Osei" in text(app)
    assert ask(f"SELECT count(*) FROM account WHERE name = 'Dr Lena Osei' AND email = '{lena.email}'") == [(1,)]


def test_with_mail_a_link_is_sent_and_never_shown(open_page, someone, monkeypatch):
    nina, ana = someone("admin"), someone()
    with Post() as post:
        use(monkeypatch, post.url)
        app = make(open_page(PATH, nina))
        assert not app.exception and "on its way" in app.success[0].value and not app.code
        app = change(app, ana)
        app = app.button(key=f"account_{ana.account_id}_link").click().run()
        assert "on its way" in app.success[0].value and not app.code
        assert mail.wait_until_sent() and [letter["To"] for letter in post.letters] == ["lena@example.org", ana.email]
    settings.cache_clear()


@pytest.mark.parametrize(
    ("url", "base", "there"),
    [
        ("https://care.clinic/Accounts", "", "https://care.clinic/Open_link?token=x"),
        ("http://192.168.0.7:8501/Accounts?a=b", "", "http://192.168.0.7:8501/Open_link?token=x"),
        ("https://care.clinic/Accounts", "https://care.example.org", "https://care.example.org/Open_link?token=x"),
        ("javascript:alert(1)", "", "http://localhost:8501/Open_link?token=x"),
        (None, "", "http://localhost:8501/Open_link?token=x"),
    ],
)
def test_a_link_leads_to_where_the_page_was_opened(monkeypatch, url, base, there):
    monkeypatch.setenv("CARELENS_BASE_URL", base)
    settings.cache_clear()
    link = f"{base or 'http://localhost:8501'}/Open_link?token=x"
    assert at_this_house(link, url) == there


def test_search_filter_and_pages(open_page, someone):
    nina = someone("admin")
    for number in range(30):
        managing.make_account(nina, f"p{number:02}@example.org", f"Person {number:02}", "staff")
    app = open_page(PATH, nina)
    assert "31 accounts" in text(app) and sum("Person" in one.value for one in app.markdown) == managing.PER_PAGE
    app = app.text_input(key="find_account").set_value("person 17").run()
    assert "1 account" in text(app) and "31" not in text(app) and sum("Person" in one.value for one in app.markdown) == 1
    app = app.text_input(key="find_account").set_value("nobody like this").run()
    assert "No such account" in text(app)
    app = app.text_input(key="find_account").set_value("").run()
    (pills,) = [one for one in app.get("button_group") if one.key == "accounts_only"]
    app = pills.set_value("admin").run()
    assert "1 account" in text(app) and not any("Person" in one.value for one in app.markdown)


def test_plain_words(open_page, someone):
    """What the page says in whole sentences; addresses, labels and the command for the server are none."""
    nina, ana = someone("admin"), someone()
    app = change(open_page(PATH, nina), ana)
    lines = re.sub(r":\w+\[|\]|`[^`]*`|\\", "", text(app)).splitlines()
    said = " ".join([*(line for line in lines if line.rstrip().endswith(".")), ROLE_HELP])
    assert "Nothing is erased" in said and "names and addresses" in said
    assert grade(said) <= GRADE
