"""The screening desk: photos are added, graded, listed, corrected; patients are added, imported, linked and erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.examinations.registry import examinations, register, unregister
from core.people.policy import Actor
from core.photo import encode_jpeg
from core.records.screening_batches import list_batches
from core.records.screening_grades import list_photos
from core.records.screening_patients import list_patients
from core.screening.work import work_once
from tests.core.screening.desk import batch, file
from tests.core.toy_retina import RETINA
from tests.pages.conftest import OpenPage, text

PAGE = "pages/Screening.py"
pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(autouse=True)
def retina() -> Iterator[None]:
    before = examinations().get("retina")
    register(RETINA)
    yield
    unregister("retina")
    if before is not None:
        register(before)


def grey(level: int, seed: int = 0, spread: int = 30) -> bytes:
    """Noise about a level of grey: grade `level // 51` for the toy."""
    noise = np.random.default_rng(seed).integers(-spread, spread + 1, (96, 96, 3)) if spread else 0
    return encode_jpeg(np.clip(np.full((96, 96, 3), level) + noise, 0, 255).astype(np.uint8))


def graded(staff: Actor, *levels: int) -> None:
    batch(staff, [file(number, grey(level, number)) for number, level in enumerate(levels)], "retina")
    while work_once("one") != "idle":
        pass


def test_an_empty_desk_says_what_to_do(someone: Callable[..., Actor], open_page: OpenPage) -> None:
    app = open_page(PAGE, someone("staff"))
    assert not app.exception and "No photos here yet" in text(app) and "Add photos" in text(app)
    app = open_page(PAGE, someone("doctor"))
    assert not app.exception and "The people of the screening desk add them" in text(app)


@pytest.mark.parametrize("role", ["patient", "admin"])
def test_it_is_for_the_desk_and_doctors(role: str, someone: Callable[..., Actor], open_page: OpenPage) -> None:
    assert "not for your account" in text(open_page(PAGE, someone(role)))
    assert "Sign in" in str(open_page(PAGE).button)


def test_photos_are_dropped_read_by_name_and_graded(someone: Callable[..., Actor], open_page: OpenPage) -> None:
    staff = someone("staff")
    app = open_page(PAGE, staff)
    app.segmented_control(key="view").set_value("Add photos").run()
    files = [("P001_R.jpg", grey(120), "image/jpeg"), ("P001_L.jpg", grey(230), "image/jpeg"), ("P002_x.jpg", grey(30), "image/jpeg")]
    files += [("P002_R.jpg", b"no photo at all, just words", "image/jpeg")]
    app.get("file_uploader")[0].set_value(files).run()
    said = text(app)
    assert "3 of 4** names are clear" in said and "P002" in said and "does not fit the pattern" in said
    app.button(key="grade_all").click().run()
    assert not app.exception
    assert [one.code for one in list_patients(staff)] == ["P001", "P002"]
    (made,) = list_batches(staff)
    assert app.session_state["view"] == "Worklist" and "0 of 4 graded" in app.get("progress")[0].proto.text
    while work_once("one") != "idle":
        pass
    app = open_page(PAGE, staff)
    said = text(app)
    assert "3 of 4 graded** · 1 could not be read" in said and "text file" in said
    assert "4 Proliferative" in said and "Look at these first" in said
    rows = {one.photo.filename: one for one in list_photos(staff, made.id)}
    assert rows["P002_x.jpg"].photo.patient_id is None, "nothing is guessed"


def test_the_worst_comes_first_and_a_doctor_corrects_it(someone: Callable[..., Actor], open_page: OpenPage) -> None:
    staff, doctor = someone("staff"), someone("doctor")
    graded(staff, 30, 240, 130, 170)
    app = open_page(PAGE, doctor)
    assert not app.exception
    order = [part.value.split("**")[1] for part in app.markdown if part.value.startswith(":violet[") and "P00" in part.value]
    names = [name for name in order if name[0].isdigit()]
    assert names[-4:] == ["4 Proliferative", "3 Severe", "2 Moderate", "0 No retinopathy"]
    worst = next(one for one in list_photos(doctor) if one.photo.label == "4")
    app.button(key=f"open_{worst.photo.id}").click().run()
    key = str(worst.photo.id)
    assert not app.exception and "Your grade" in text(app)
    app.selectbox(key=f"chosen_{key}").set_value("3")
    app.button(key=f"save_{key}").click().run()
    assert "Say in a few words why" in text(app), "another grade needs a reason"
    app.text_input(key=f"reason_{key}").set_value("No new vessels")
    app.button(key=f"save_{key}").click().run()
    assert not app.exception and "Your grade is saved" in "".join(one.value for one in app.success)
    (one,) = [one for one in list_photos(doctor) if one.grade]
    assert (one.grade.grade, one.grade.network, one.grade.reason, one.grade.role) == ("3", "4", "No new vessels", "doctor")  # type: ignore[union-attr]
    assert one.photo.label == "4", "the network's grade stays"
    assert "agree on 0 of 1" in text(app)


def test_groups_and_search(someone: Callable[..., Actor], open_page: OpenPage) -> None:
    staff = someone("staff")
    graded(staff, *[30] * 5, 240, 5)
    app = open_page(PAGE, staff)
    group = app.get("button_group")
    assert group
    app.text_input(key="find").set_value("P002").run()
    assert "P002\\_R" in text(app) and "P000\\_R" not in text(app).split("Worklist")[-1]
    app.text_input(key="find").set_value("nobody").run()
    assert "Nothing here" in text(app)


def test_the_table_and_the_letters_are_made(someone: Callable[..., Actor], open_page: OpenPage) -> None:
    staff = someone("staff")
    graded(staff, 30, 240)
    app = open_page(PAGE, staff)
    app.button(key="make_table").click().run()
    app.button(key="make_letters").click().run()
    assert not app.exception
    made = app.session_state["_screening_file"]
    assert made[1].endswith("-letters.zip")


def test_patients_are_added_imported_linked_and_erased(someone: Callable[..., Actor], open_page: OpenPage, tmp_path: Path) -> None:
    staff = someone("staff")
    app = open_page(PAGE, staff)
    app.segmented_control(key="view").set_value("Patients").run()
    app.text_input(key="new_patient_code").set_value("P001")
    app.text_input(key="new_patient_name").set_value("Jan *Bakker*")
    app.button(key="new_patient_go").click().run()
    assert not app.exception and [(one.code, one.name) for one in list_patients(staff)] == [("P001", "Jan *Bakker*")]
    app.button(key="new_patient_go").click().run()
    assert "of this number already" in text(app)
    table = b"code,name,colour\nP002,Ana,red\nP001,Jan,blue\n,x,y\n"
    app.get("file_uploader")[0].set_value(("people.csv", table, "text/csv")).run()
    assert "colour" in text(app) and "Line 4 is left out" in text(app)
    app.button(key="import_go").click().run()
    assert [one.code for one in list_patients(staff)] == ["P001", "P002"]
    id = list_patients(staff)[0].id
    app = open_page(PAGE, staff)
    app.segmented_control(key="view").set_value("Patients").run()
    app.button(key=f"link_{id}").click().run()
    assert "It works once, for 30 days" in text(app)
    app.button(key=f"patient_{id}_gone").click().run()
    assert len(list_patients(staff)) == 2, "not without the tick"
    app.checkbox(key=f"patient_{id}_sure").check()
    app.button(key=f"patient_{id}_gone").click().run()
    assert [one.code for one in list_patients(staff)] == ["P002"]
