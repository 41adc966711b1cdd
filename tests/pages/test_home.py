"""Home as a visitor, a patient and a doctor see it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.runtime.context import ContextProxy

from core.examinations import registry
from core.records import findings
from core.ui.home import DERMATOSCOPE, PHONE
from tests.core.house import a_finding, a_photo, own
from tests.pages.conftest import links, text


def test_a_visitor_reads_what_it_is_and_finds_both_forms(open_page):
    app = open_page("Home.py")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == ["Sign in", "Create an account"]
    assert "What CareLens is not" in text(app) and "no diagnosis" in text(app)
    assert not app.sidebar.children
    assert "Continue as" not in str([button.label for button in app.button])


def test_an_empty_home_says_what_to_do_first(open_page, someone):
    app = open_page("Home.py", someone())
    assert not app.exception
    assert app.title[0].value.endswith(", Some")
    assert "Nothing here yet" in text(app) and "Make your first skin check" in [button.label for button in app.button]


def test_the_kind_of_photo_decides_the_way(open_page, someone):
    app = open_page("Home.py", someone())
    question = app.get("button_group")[0]
    assert question.label == "Is the photo taken with a dermatoscope, or with the phone alone?" and question.value in (None, [])
    assert not [button for button in app.button if button.key == "go_skin"]

    app = question.set_value(DERMATOSCOPE).run()
    assert app.button(key="go_skin").label == "Go to the skin check"

    app = app.get("button_group")[0].set_value(PHONE).run()
    assert not [button for button in app.button if button.key == "go_skin"]
    assert app.button(key="go_rash").label == "Go to the rash check"
    assert "through a dermatoscope" in text(app) and "to a doctor within two weeks" in text(app) and "bleeds" in text(app)


def test_the_latest_findings_are_the_persons_own_and_newest_first(open_page, someone):
    mine, other = someone(), someone()
    for seed, site in ((1, "back"), (2, "left arm")):
        findings.save_finding(mine, own(mine), a_photo(seed), a_finding(seed), site=site)
    findings.save_finding(other, own(other), a_photo(3), a_finding(3), site="secret place")
    app = open_page("Home.py", mine)
    assert not app.exception
    said = text(app)
    assert said.index("**Left arm**") < said.index("**Back**")
    assert "Secret place" not in said
    assert len(app.get("image")) == 2


def test_photos_are_in_the_page_and_days_are_those_of_the_reader(open_page, someone, monkeypatch):
    actor, when = someone(), datetime(2025, 3, 2, 3, 30, tzinfo=UTC)
    findings.save_finding(actor, own(actor), a_photo(), a_finding(), site="back", taken_at=when)
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda self: "America/New_York"))
    app = open_page("Home.py", actor)
    assert "1 March 2025" in text(app) and "2 March 2025" not in text(app)
    (image,) = app.get("image")
    assert str(image.proto).count("data:image/jpeg;base64,") == 1 and "/media/" not in str(image.proto)


def test_a_finding_of_an_examination_that_is_gone_does_not_break_home(open_page, someone):
    actor = someone()
    findings.save_finding(actor, own(actor), a_photo(), a_finding(examination="gone"), site="back")
    assert "gone" not in registry.examinations()
    app = open_page("Home.py", actor)
    assert not app.exception and "Open your history to read it" in text(app)


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_other_roles_have_a_home_without_anything_medical(open_page, someone, role):
    app = open_page("Home.py", someone(role))
    assert not app.exception
    assert "Latest findings" not in text(app) and "Skin check" not in links(app) and "History" not in links(app)
    assert "Home" in links(app) and "Account" in links(app)


def test_a_database_without_tables_is_told_in_a_sentence(open_page, someone, monkeypatch, tmp_path):
    from core.settings import settings

    actor = someone()
    app = open_page("Home.py", actor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARELENS_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
        settings.cache_clear()
        app = app.run()
    settings.cache_clear()
    assert not app.exception
    assert "database" in text(app) and "Nothing you saved is lost" in text(app)
    assert not app.get("page_link")
    assert app.run().title[0].value.endswith(", Some"), "and it is all there again afterwards"
