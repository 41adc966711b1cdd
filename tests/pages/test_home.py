"""Home as a visitor, a patient and a doctor see it."""

from __future__ import annotations

from core.ui import home


def text(app):
    return "\n".join([m.value for m in (*app.title, *app.markdown, *app.info, *app.warning)])


def test_a_visitor_reads_what_it_is_and_finds_both_forms(open_page):
    app = open_page("Home.py")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == ["Sign in", "Create an account"]
    assert "What CareLens is not" in text(app)
    assert "no diagnosis" in text(app)
    assert not app.sidebar.button
