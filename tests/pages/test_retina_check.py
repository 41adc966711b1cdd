"""The retina check under AppTest: one photo of an eye from the file to the history, which eye it is, and both eyes over time.

The networks say what a test tells them (`tests.core.drawn_eyes`); the eyes are drawn.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.examinations import retina
from core.examinations.finding import Context
from core.photo import encode_png
from core.records.findings import list_records, save_finding, thumbnail
from core.records.thumbnails import outlined_thumbnail
from core.settings import ROOT, settings
from core.vision import registry
from tests.core.drawn_eyes import Told, eye, photo_of
from tests.core.drawn_eyes import told as told_of
from tests.core.house import own
from tests.pages.conftest import text

PAGE = "pages/Retina_check.py"
START = datetime(2026, 1, 12, 10, 30, tzinfo=UTC)


@pytest.fixture
def told(house, tmp_path, monkeypatch) -> Told:
    """A house whose only networks are those that a test speaks for."""
    monkeypatch.setenv("CARELENS_MODELS", str(tmp_path / "networks"))
    settings.cache_clear()
    registry.forget()
    kinds = tmp_path / "networks" / "photo_kind"
    kinds.mkdir(parents=True)
    (kinds / "card.json").write_bytes((ROOT / "models" / "photo_kind" / "card.json").read_bytes())
    return told_of(tmp_path / "networks", monkeypatch)


OUTLINE = "Outline single signs too"


def switches(app: AppTest) -> list[object]:
    """The switches of outlined signs."""
    return [group.proto for group in app.button_group if group.label == "Outlined"]


def upload(app: AppTest, *eyes, name: str = "eye") -> AppTest:
    files = [(f"{name}{at}.png", encode_png(one.pixels), "image/png") for at, one in enumerate(eyes)]
    return app.file_uploader[0].set_value(files).run()


def which(app: AppTest):
    return next(group for group in app.button_group if group.label == "Which eye is it?")


def save_button(app: AppTest):
    return next(button for button in app.button if button.label == "Save to my history")


def saved(actor, told: Told, side: str, days: int, grade: int):
    told.grade = grade
    finding = retina.examine(photo_of(eye(side=side)), Context(eye=side))  # type: ignore[arg-type]
    place = {"site": f"{side.capitalize()} eye", "region": "eye", "side": side}
    return save_finding(actor, own(actor), photo_of(eye(side=side)), finding, taken_at=START + timedelta(days=days), **place)


def test_an_empty_page_says_what_it_is_for_and_what_the_grades_mean(open_page, ana, told):
    app = open_page(PAGE, ana)
    said = text(app)
    assert not app.exception and "eye camera" in said
    assert "No photo of the left eye is saved yet." in said and "No photo of the right eye is saved yet." in said
    assert all(f"Grade {grade}" in said for grade in range(5)) and len(app.get("image")) == 5 and "drawn" in said


def test_a_photo_is_graded_its_eye_asked_and_the_finding_saved(open_page, ana, told):
    told.install("lesions").signs, told.grade = eye(side="left"), 2
    app = upload(open_page(PAGE, ana), eye(side="left"))
    said = text(app)
    assert not app.exception and "Moderate changes from diabetes" in said and "macular oedema" in said
    assert "It looks like a **left eye**" in said and which(app).value is None, "the guess is told, and nothing is chosen"
    app = save_button(app).click().run()
    assert not list_records(ana, own(ana)), "not before the eye was said"
    assert "Which eye it is, is not answered yet." in text(app)
    app = which(app).set_value("left").run()
    assert "Left eye" in text(app)
    app = save_button(app).click().run()
    assert not app.exception
    (record,) = list_records(ana, own(ana))
    assert (record.examination, record.label, record.site, record.region, record.side) == ("retina", "2", "Left eye", "eye", "left")
    assert record.facts["eye"] == "left" and record.has_mask and record.facts["numbers"]["left_eye"] > 0.9
    assert "This is the first grade of this eye." in text(app)


def test_in_an_eye_without_a_change_single_signs_are_outlined_when_they_are_asked_for(open_page, ana, told):
    told.install("lesions").signs, told.grade = eye(), 0
    app = upload(open_page(PAGE, ana), eye(grade=0))
    assert not app.exception and "Signs were not outlined in this photo." in text(app)
    assert "Outlined:" not in text(app) and not switches(app), "nothing is outlined that nobody asked for"
    app = which(app).set_value("left").run()
    app = next(button for button in app.button if button.label == OUTLINE).click().run()
    assert not app.exception and "Outlined:" in text(app) and "Small bleeds" in str(switches(app))
    assert which(app).value == "left" and OUTLINE not in [button.label for button in app.button], "what was said stays; asked once"
    app = save_button(app).click().run()
    (record,) = list_records(ana, own(ana))
    assert (record.label, record.side) == ("0", "left") and record.has_mask and record.facts["numbers"]["he"] > 0


def test_from_the_first_grade_on_signs_are_outlined_without_a_question(open_page, ana, told):
    told.install("lesions").signs, told.grade = eye(), 1
    app = upload(open_page(PAGE, ana), eye())
    assert "Small bleeds" in str(switches(app)) and OUTLINE not in [button.label for button in app.button]


def test_another_eye_than_it_looks_like_is_asked_about_and_still_saved(open_page, ana, told):
    told.install("lesions").signs, told.grade = eye(side="left"), 2
    app = which(upload(open_page(PAGE, ana), eye(side="left"))).set_value("right").run()
    assert "You said **right eye**. Please check" in text(app)
    save_button(app).click().run()
    assert list_records(ana, own(ana))[0].side == "right"


def test_without_the_outlines_no_eye_is_guessed_and_the_grade_comes_all_the_same(open_page, ana, told):
    told.install().grade = 1
    app = upload(open_page(PAGE, ana), eye())
    assert "Mild changes from diabetes" in text(app) and "does not show which eye it is" in text(app)
    assert "Signs were not outlined in this photo." in text(app)


def test_a_blurred_photo_is_turned_away_in_a_sentence(open_page, ana, told):
    told.install()
    app = upload(open_page(PAGE, ana), eye(grade=0, fault="blurred"))
    assert "The photo is blurred." in text(app) and "Take it again" in [button.label for button in app.button]
    assert not [group for group in app.button_group if group.label == "Which eye is it?"]


def test_while_it_is_not_installed_the_page_says_so(open_page, ana, told):
    app = upload(open_page(PAGE, ana), eye())
    assert not app.exception and "The retina check is not installed here yet." in text(app)


def test_every_photo_of_an_eye_keeps_its_grade_beside_the_others(open_page, ana, told):
    told.install("lesions").signs = eye()
    first = saved(ana, told, "left", 0, 1)
    saved(ana, told, "right", 0, 0)
    second = saved(ana, told, "left", 0, 2)
    saved(ana, told, "left", 340, 3)
    records = list_records(ana, own(ana), examination="retina")
    assert len(records) == 4 and {one.id: one.label for one in records}[first.id] == "1" and second.label == "2"
    app = open_page(PAGE, ana)
    said = text(app)
    assert not app.exception and "All 3 photos of this eye" in [box.label for box in app.expander]
    assert "One grade higher than last time. A step of one can also come from the photo." in said
    assert len(app.get("plotly_chart")) == 1
    (table,) = [one for one in app.table if "Eye" in one.value.columns]
    assert len(table.value) == 4 and sorted(table.value["Eye"]) == ["Left eye"] * 3 + ["Right eye"]
    assert sum("Grade 1" in cell for cell in table.value["Grade"]) == 1


def test_a_photo_without_an_answer_is_kept_and_has_no_grade(open_page, ana, told):
    told.install().distance = 9.0
    saved(ana, told, "right", 0, 2)
    app = open_page(PAGE, ana)
    assert "No clear answer" in text(app) and "This eye has no grade yet." in text(app) and not app.get("plotly_chart")


def test_the_history_knows_eyes_in_its_filter_on_paper_and_opened(open_page, ana, told):
    told.install("lesions").signs = eye()
    record = saved(ana, told, "left", 0, 2)
    app = open_page("pages/History.py", ana)
    assert "Left eye" in text(app) and "Moderate changes" in text(app)
    kinds = next(box for box in app.selectbox if box.label == "Check")
    assert "Retina check" in kinds.options
    kinds.set_value("retina").run()
    assert "Left eye" in text(app)
    next(group for group in app.button_group if group.label == "View").set_value("To print").run()
    sheet = next(one.proto.body for one in app.get("html") if "carelens-sheet" in one.proto.body)
    assert "Left eye" in sheet and "Eye doctor" in sheet and sheet.count("/thumbnail/") == 2
    assert thumbnail(ana, record.id) != outlined_thumbnail(ana, record.id), "the twin on paper has rings round the signs"
    app = open_page("pages/History.py", ana)
    app.query_params["record"] = str(record.id)
    app.run()
    assert not app.exception and "Does the outline fit" not in text(app) and "Small bleeds" in str([one.proto for one in app.button_group])


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_only_patients_come_in(open_page, someone, role):
    app = open_page(PAGE, someone(role))
    assert "This page is not for your account." in text(app) and not app.file_uploader
