"""The demo clinic as a presenter sees it: the tour on Home, and every page of the people who live there."""

from __future__ import annotations

import re

import pytest

from core.demo.people import demo_people, demo_somebody, seed
from core.people import consent
from core.settings import ROOT, settings
from core.ui import menu, tour
from tests.pages.conftest import text


@pytest.fixture
def demo(house, monkeypatch):
    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    return house


@pytest.mark.parametrize(
    ("seen", "patient", "doctor"),
    [
        ("http://localhost:8501/", "http://localhost:8501/", "http://127.0.0.1:8501/"),
        ("http://127.0.0.1:8501/History?record=1", "http://localhost:8501/", "http://127.0.0.1:8501/"),
        ("https://localhost/", "https://localhost/", "https://127.0.0.1/"),
        ("https://192.168.0.7:8501/", "/", "/"),
        ("http://localhost.evil.example/", "/", "/"),
        ("javascript://localhost/", "/", "/"),
        (None, "/", "/"),
    ],
)
def test_both_sides_are_this_machine_and_nothing_else(seen, patient, doctor):
    assert tour.bases(seen) == {tour.PATIENT: patient, tour.DOCTOR: doctor}


def test_the_tour_has_eight_steps_to_pages_that_there_are():
    assert len(tour.STEPS) == 8
    for step in tour.STEPS:
        for who, page in step.where:
            assert not page or (ROOT / "pages" / f"{page}.py").exists(), page
            assert not page or any(entry.path == f"pages/{page}.py" for entry in menu.entries(who)), (who, page)


def test_outside_the_demo_there_is_no_tour_and_nobody_to_be(open_page):
    app = open_page("Home.py")
    assert not app.exception and "tour" not in " ".join(one.label for one in app.expander) and not app.get("link_button")


def words(app) -> str:
    """Everything on a page that can be read or pressed."""
    parts = [*app.button, *app.toggle, *app.expander, *app.selectbox, *app.get("button_group")]
    options = [option for one in app.get("button_group") for option in one.options]
    return "\n".join([text(app), *(one.label for one in parts), *options, *(one.proto.label for one in app.get("page_link"))])


@pytest.mark.timeout(600)  # some 25 pages
def test_every_page_opens_for_those_who_live_there_and_has_what_the_tour_says(demo, open_page):
    seed()
    app = open_page("Home.py")
    assert not app.exception and "8. Take it back" in text(app)
    assert len(app.get("link_button")) == sum(len(step.where) for step in tour.STEPS)
    assert app.selectbox(key="demo_who").options == [f"{name} ({role})" for _, name, role in demo_people()]
    seen = {(tour.PATIENT, ""): words(app), (tour.DOCTOR, ""): words(app)}
    homes = {
        "ana": menu.entries("patient"),
        "petra": [menu.PROGRESS, menu.HISTORY, menu.TIMELINE],  # she has a child
        "lena": menu.entries("doctor"),
        "noor": menu.entries("admin"),
        "tomas": [menu.CLINIC, menu.TIMELINE, menu.APPOINTMENTS],  # of most patients he sees the eyes alone
    }
    for name, pages in homes.items():
        who = demo_somebody(f"{name}@demo.example")
        role = who.role
        for entry in pages:
            app = open_page(entry.path, who)
            if role == "doctor" and entry is menu.TIMELINE:
                app.query_params["patient"] = str(next(one.id for one in consent.patients(who) if one.display_name == "Ana Ruiz"))
                app = app.run()
                seen[role, "Clinic"] += words(app)
            assert not app.exception and not app.error, (name, entry.path, app.exception, app.error)
            seen.setdefault((role, entry.path.removeprefix("pages/").removesuffix(".py")), words(app))
    for step in tour.STEPS:
        for label in re.findall(r"\*\*(.+?)\*\*", step.press):
            assert any(label in seen[place] for place in step.where), (step.title, label)
