"""The rash check under AppTest: what is asked for a spot and for a rash, and that its card is no diagnosis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.examinations.condition_texts import spots_by_phone
from core.records.findings import list_records
from core.ui.checking import QUESTIONS
from tests.pages.conftest import text
from tests.pages.toys import Toy, spot, toy

RASH, SPOT = "A rash or several patches", "One mole or spot"


@pytest.fixture(autouse=True)
def examination() -> Iterator[Toy]:
    with toy("condition", "Toy rash check") as one:
        yield one


@pytest.fixture
def page(open_page, ana) -> AppTest:
    app = open_page("pages/Rash_check.py", ana)
    assert not app.exception
    return app


def control(app: AppTest, label: str):
    return next(one for one in app.button_group if one.label == label)


def what(app: AppTest, said: str) -> AppTest:
    return control(app, "Show").set_value(said).run()


def upload(app: AppTest) -> AppTest:
    return app.file_uploader[0].set_value([("photo.jpg", spot(), "image/jpeg")]).run()


def questions(app: AppTest) -> list[str]:
    return [one.label for one in app.button_group if one.label in {question for _, question in QUESTIONS}]


def test_a_photo_waits_until_it_is_said_what_it_shows(page, examination):
    assert control(page, "Show").value is None and not questions(page)
    upload(page)
    assert not examination.runs and "Say above what the photo shows" in text(page)
    what(page, RASH)
    assert sum(examination.runs.values()) == 1 and not questions(page)
    assert "Keep an eye on it." in text(page), "a rash is not sent on because it is new"


@pytest.mark.parametrize("asked", range(3))
def test_a_spot_is_asked_the_three_questions_and_any_yes_counts(page, examination, asked):
    upload(what(page, SPOT))
    assert len(questions(page)) == 3 and not examination.runs
    for at, (_, question) in enumerate(QUESTIONS):
        control(page, question).set_value("Yes" if at == asked else "No")
    page.run()
    assert "within two weeks" in text(page)


def test_for_a_spot_the_dermatoscope_is_advised_before_any_photo(page):
    said = text(what(page, SPOT))
    assert all(paragraph in said for paragraph in spots_by_phone().paragraphs) and "dermatoscope" in said


def test_the_card_asks_what_can_look_like_it(page):
    said = text(upload(what(page, RASH)))
    assert "What can look like this" in said and "What it looks like" not in said and "never a diagnosis" in said


def test_it_is_saved_with_its_place(page, ana):
    upload(what(page, RASH))
    control(page, "Where on the body?").set_value("leg").run()
    next(button for button in page.button if button.label == "Save to my history").click().run()
    (record,) = list_records(ana, min(ana.person_ids))
    assert (record.examination, record.site, record.region) == ("condition", "leg", None)


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_only_patients_come_in(open_page, someone, role):
    app = open_page("pages/Rash_check.py", someone(role))
    assert "This page is not for your account." in text(app) and not app.file_uploader
