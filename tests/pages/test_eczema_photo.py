"""Photos of the eczema check under AppTest: part of the body, numbers, the area band, saving, and the PO-SCORAD."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.instruments import scorad
from core.records import corrections, scores
from core.records.findings import list_records, open_record
from core.ui import body
from core.ui.eczema_place import CONFIRM, WHOLE
from tests.pages.conftest import text
from tests.pages.toys import Patches, patch, standing_in

PATH = "pages/Eczema_check.py"


@pytest.fixture(autouse=True)
def examination() -> Iterator[Patches]:
    with standing_in(Patches()) as one:
        yield one


@pytest.fixture
def page(open_page, ana) -> AppTest:
    app = control(open_page(PATH, ana), "What do you want to do?").set_value("Photo").run()
    assert not app.exception
    return app


def own(actor):
    (one,) = actor.person_ids
    return one


def control(app: AppTest, label: str):
    return next(one for one in app.button_group if one.label == label)


def part(app: AppTest, region: str, side: str | None = None, whole: bool = False) -> AppTest:
    control(app, "Part").set_value(region).run()
    if side:
        control(app, "Left or right?").set_value(side).run()
    if whole:
        control(app, "What does the photo show?").set_value(WHOLE).run()
        for box in app.checkbox:
            if box.label in CONFIRM:
                box.set_value(True)
        app.run()
    return app


def upload(app: AppTest, *files: bytes) -> AppTest:
    return app.file_uploader[0].set_value([(f"photo{at}.jpg", data, "image/jpeg") for at, data in enumerate(files)]).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def numbers(app: AppTest) -> dict[str, tuple[str, str]]:
    """What the table of a card says: value and range by what was measured."""
    table = next(one.value for one in app.table if "Likely between" in one.value.columns)
    return {row["Measured"]: (row["Value"], row["Likely between"]) for _, row in table.iterrows()}


def test_a_photo_gets_its_share_with_a_range_and_is_saved_with_its_part(page, ana):
    press(upload(part(page, "arms", "left"), patch(share=0.25)), "Save to my history")
    assert not page.exception
    share, between = numbers(page)["Affected, of the skin in this picture"]
    assert share == "25\u00a0%" and " and " in between
    (record,) = list_records(ana, own(ana))
    assert (record.examination, record.region, record.side, record.whole_region, record.site) == (
        "eczema",
        "arms",
        "left",
        False,
        "Left arm",
    )
    assert record.spot_id is None and record.facts["numbers"]["affected_fraction"] == pytest.approx(0.25, abs=0.01)
    assert set(open_record(ana, record.id).finding.masks) == {"lesion", "skin"}


def test_the_part_has_to_be_said_before_saving(page, ana):
    press(upload(page, patch()), "Save to my history")
    assert "Which part of the body it is, is not answered yet." in text(page) and not list_records(ana, own(ana))
    press(part(page, "trunk"), "Save to my history")
    assert [record.region for record in list_records(ana, own(ana))] == ["trunk"]


def test_before_a_photo_of_the_face_it_says_what_to_do_and_the_person_may_go_on(page, ana):
    assert "nobody else, and not your face" in text(page) and "can be recognised" not in text(page)
    part(page, "head_neck")
    assert "A face can be recognised. Where you can, photograph the patch alone" in text(page)
    press(upload(page, patch()), "Save to my history")
    assert [record.region for record in list_records(ana, own(ana))] == ["head_neck"]


def test_a_patch_never_gets_an_area_band(page):
    upload(part(page, "trunk"), patch(share=0.4))
    assert not [name for name in numbers(page) if "EASI" in name]
    assert "needs a photo that shows all of it" in text(page)


def test_the_whole_part_gets_its_band_once_every_line_is_confirmed(page, ana):
    upload(part(page, "trunk"), patch(share=0.4))
    control(page, "What does the photo show?").set_value(WHOLE).run()
    for at, line in enumerate(CONFIRM):
        assert not [name for name in numbers(page) if "EASI" in name], at
        next(box for box in page.checkbox if box.label == line).set_value(True).run()
    assert numbers(page)["EASI area band of this part"][0] == "3 (30-49 %)"
    assert "this is no EASI score" in text(page)
    press(page, "Save to my history")
    assert [record.whole_region for record in list_records(ana, own(ana))] == [True]


def test_one_arm_is_not_both_arms(page, ana):
    press(upload(part(page, "arms", "left", whole=True), patch(1, 0.2)), "Save to my history")
    assert not [name for name in numbers(page) if "EASI" in name] and "Take the right one today as well." in text(page)
    upload(page, patch(2, 0.6))
    assert not [box for box in page.checkbox if box.label in CONFIRM], "what was confirmed for one photo is not for the next"
    part(page, "arms", "right", whole=True)
    assert numbers(page)["EASI area band of this part"][0] == "3 (30-49 %)", "0.2 and 0.6 are 0.4 of both"


def test_without_the_network_the_page_says_a_sentence(page, examination):
    examination.unavailable = True
    upload(part(page, "legs", "both"), patch())
    assert not page.exception and not page.error and "The eczema check is not there yet." in text(page)
    examination.unavailable = False
    press(page, "Try again")
    assert "Save to my history" in [button.label for button in page.button]


def test_the_outline_can_be_corrected_once_it_is_saved(page, ana):
    upload(part(page, "trunk"), patch())
    assert not [one for one in page.toggle if one.label == "Correct the outline"]
    press(page, "Save to my history")
    next(one for one in page.toggle if one.label == "Correct the outline").set_value(True).run()
    assert not page.exception and "Paint over the skin that is affected." in text(page)
    (record,) = list_records(ana, own(ana))
    assert not corrections.list_corrections(ana, record.id)


def test_a_corrected_finding_is_shown_as_such(page, ana):
    press(upload(part(page, "trunk"), patch(share=0.25)), "Save to my history")
    check = page.session_state["eczema_desk"].checks[0]
    mask = np.zeros_like(check.finding.masks["lesion"])
    mask[:48] = 255
    check.correct(
        type(check.finding)(
            **{**check.finding.__dict__, "masks": {**check.finding.masks, "lesion": mask}, "numbers": {"affected_fraction": 0.2}}
        )
    )
    page.run()
    assert numbers(page)["Affected, of the skin in this picture"] == ("20\u00a0%", "")
    assert "Measured with the outline that you drew" in text(page)


def test_two_checks_share_no_widget(open_page, ana):
    """What was chosen for a mole does not turn up for a rash."""
    skin = open_page("pages/Skin_check.py", ana)
    control(skin, "Where on the body?").set_value("back").run()
    rash = skin.switch_page("pages/Rash_check.py").run()
    assert control(rash, "Where on the body?").value is None


# PO-SCORAD


def scored(app: AppTest) -> AppTest:
    return control(app, "What do you want to do?").set_value("PO-SCORAD").run()


def test_po_scorad_has_nothing_chosen_and_needs_every_answer(open_page, ana):
    app, words = scored(open_page(PATH, ana)), scorad.wording()
    asked = [words.questions[item] for item in (*scorad.SIGNS, "itch", "sleep")]
    assert [control(app, question).value for question in asked] == [None] * 8
    save = next(button for button in app.button if button.label == "Save my PO-SCORAD")
    assert save.disabled
    for question in asked:
        control(app, question).set_value(2)
    app.run()
    assert next(button for button in app.button if button.label == "Save my PO-SCORAD").disabled, "where it is, is still open"
    next(box for box in app.checkbox if box.label == "No part of the body is affected").set_value(True).run()
    press(app, "Save my PO-SCORAD")
    (saved,) = scores.list_scores(ana, own(ana), "po_scorad")
    assert saved.total == pytest.approx(0 / 5 + 7 * 12 / 2 + 4) == 46
    assert app.metric[0].value == "46.0 of 103" and "Moderate eczema" in text(app)


def test_po_scorad_left_half_filled_goes_on(open_page, ana):
    scores.save_draft(ana, own(ana), "po_scorad", {"left_arm": 0.5, "itch": 7})
    app, words = scored(open_page(PATH, ana)), scorad.wording()
    assert control(app, words.questions["itch"]).value == 7 and "You began this form on" in text(app)
    assert "Left arm: about half" in text(app) and "4.5 % of the body" in text(app)


@pytest.mark.parametrize(
    ("told", "shares"),
    [
        (None, None),
        ({"id": "other", "shares": {"back": 0.5}}, None),
        ({"id": "k", "shares": {"back": 0.5, "tail": 1, "left_leg": 0.3, "left_arm": True}}, {"back": 0.5, "left_arm": 1.0}),
    ],
)
def test_the_body_takes_only_parts_and_shares_that_it_knows(told, shares):
    assert body.marked(told, "k") == shares
