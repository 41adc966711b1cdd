"""The skin check under AppTest: questions first, every photo for itself, nothing saved twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.demo.pictures import lesion
from core.people import sessions
from core.photo import encode_jpeg, read_photo
from core.records import database
from core.records.findings import count_records, list_records, open_record
from core.records.spots import create_spot, list_spots
from core.ui import camera
from core.ui.checking import MOST_PHOTOS, QUESTIONS
from tests.pages.toys import Toy, spot, toy

QUESTION_IDS = [name for name, _ in QUESTIONS]


@pytest.fixture(autouse=True)
def examination() -> Iterator[Toy]:
    with toy() as one:
        yield one


@pytest.fixture
def page(open_page, ana) -> AppTest:
    app = open_page("pages/Skin_check.py", ana)
    assert not app.exception
    return app


def person(actor):
    (one,) = actor.person_ids
    return one


def control(app: AppTest, label: str):
    return next(one for one in app.button_group if one.label == label)


def answer(app: AppTest, *words: str) -> AppTest:
    for (_, question), word in zip(QUESTIONS, words or ("No", "No", "No"), strict=True):
        control(app, question).set_value(word)
    return app.run()


def site(app: AppTest, where: str = "back") -> AppTest:
    return control(app, "Where on the body?").set_value(where).run()


def upload(app: AppTest, *files: bytes) -> AppTest:
    return app.file_uploader[0].set_value([(f"photo{at}.jpg", data, "image/jpeg") for at, data in enumerate(files)]).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def texts(app: AppTest) -> str:
    shown = (*app.markdown, *app.info, *app.warning, *app.error, *app.success, *app.subheader, *app.title)
    return "\n".join(str(element.value) for element in shown)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_no_answer_is_given_in_advance_and_photos_wait_for_all_three(page, examination):
    assert [control(page, question).value for _, question in QUESTIONS] == [None, None, None]
    assert control(page, "Where on the body?").value is None
    upload(page, spot())
    assert "Answer the three questions above" in texts(page) and not examination.runs
    control(page, QUESTIONS[0][1]).set_value("No")
    control(page, QUESTIONS[1][1]).set_value("Not sure").run()
    assert not examination.runs, "two of three answers are not enough"
    control(page, QUESTIONS[2][1]).set_value("No").run()
    assert sum(examination.runs.values()) == 1
    assert "It looks like a **small disc**" in texts(page) or "It looks like a **large disc**" in texts(page)


@pytest.mark.parametrize("asked", range(3))
def test_any_yes_reaches_the_examination(page, asked):
    upload(answer(page, *["Yes" if at == asked else "No" for at in range(3)]), spot())
    assert "within two weeks" in texts(page)


def test_not_sure_is_an_answer_but_not_a_yes(page):
    upload(answer(page, "Not sure", "Not sure", "Not sure"), spot())
    assert "Keep an eye on it." in texts(page)


def test_the_card_asks_in_the_order_people_do(page):
    upload(answer(page), spot())
    said = texts(page)
    order = ["What it looks like", "How sure", "What cannot be excluded", "What to do next", "How we know", "not a diagnosis"]
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_examined_once_whatever_is_rerun(page, examination):
    upload(answer(page), spot())
    for _ in range(3):
        page.run()
    site(page, "arm")
    assert list(examination.runs.values()) == [1]
    answer(page, "Yes", "No", "No")
    assert list(examination.runs.values()) == [2], "other answers may change the next step"
    answer(page, "No", "No", "No")
    assert list(examination.runs.values()) == [2], "answers seen before are remembered"


def test_one_bad_photo_never_stops_the_others(page, ana, examination):
    flat = encode_jpeg(np.full((240, 320, 3), 120, np.uint8))
    blue = spot(brown=(20, 20, 250), radius=0.49)
    upload(answer(page), b"this is no photo at all", flat, blue, spot(seed=4))
    pills = control(page, "Which photo?")
    assert [option.split(": ")[1] for option in pills.options] == ["take it again", "take it again", "not examined", "not saved yet"]
    assert len(examination.runs) == 3, "what is no photo never reached the examination"
    assert "The photo is too blurred." in texts(choose(page, 1)) and "Nothing was examined and nothing was saved." in texts(page)
    assert "Something went wrong on our side with this photo." in texts(choose(page, 2))
    choose(page, 3)
    press(site(page), "Save to my history")
    assert count_records(ana, person(ana)) == 1


def choose(app: AppTest, at: int) -> AppTest:
    pills = control(app, "Which photo?")
    return pills.set_value(app.session_state["skin_desk"].checks[at].id).run()


def test_a_wrong_kind_says_what_it_looks_like_and_where_it_belongs(page):
    page_of_text = np.full((300, 400, 3), 250, np.uint8)
    page_of_text[40:260:12, 40:360] = 20
    upload(answer(page), encode_jpeg(page_of_text))
    said = texts(page)
    assert "This looks like something other than skin." in said and "Photograph a spot on your skin." in said
    assert "Save to my history" not in labels(page)
    assert not page.error, "red is for today only"


def test_saving_keeps_finding_photo_outline_and_place_together(page, ana):
    data = spot(seed=7)
    upload(site(answer(page, "Yes", "No", "Not sure"), "leg"), data)
    control(page, "Does the outline fit the spot?").set_value("It is wrong").run()
    assert "it is left out, and so is the size" in texts(page)
    press(page, "Save to my history")
    (record,) = list_records(ana, person(ana))
    opened = open_record(ana, record.id)
    assert opened.photo_bytes == read_photo(data).original
    assert (record.site, record.outline_accepted, record.step) == ("leg", False, "soon")
    assert opened.finding.answers.new_or_changed is True and opened.finding.answers.unlike_the_others is None
    assert opened.finding.masks["lesion"].any()
    (followed,) = list_spots(ana, person(ana))
    assert (record.spot_id, followed.name) == (followed.id, "Spot on the leg")
    assert page.toast and "Saved" in page.toast[0].value and "Save to my history" not in labels(page)


def test_a_second_click_and_a_second_photo_make_no_second_spot(page, ana):
    upload(site(answer(page)), spot(seed=1), spot(seed=2))
    desk = page.session_state["skin_desk"]
    first = desk.checks[0]
    press(page, "Save to my history")
    desk.save(first, ana, "back", None, "")  # the second of two quick clicks
    first.record_id = None
    desk.save(first, ana, "back", desk.spot_id, "")  # even one that forgot the first: the token knows it
    assert count_records(ana, person(ana)) == 1
    press(choose(page, 1), "Save to my history")
    assert count_records(ana, person(ana)) == 2 and len(list_spots(ana, person(ana))) == 1


def test_place_and_name_stand_once_a_photo_is_saved_to_them(page):
    upload(site(answer(page)), spot(seed=1), spot(seed=2))
    assert not page.text_input[0].disabled
    press(page, "Save to my history")
    assert page.text_input[0].disabled and control(page, "Where on the body?").disabled
    assert "The next photos are saved to the same spot." in texts(page)


def test_the_next_photo_is_shown_as_soon_as_it_is_there(page):
    """After a saved one the person sees the new finding, not the old."""
    press(site(upload(answer(page), spot(3))), "Save to my history")
    assert "Save to my history" not in labels(page)
    upload(page, spot(5))
    assert "Save to my history" in labels(page)


def test_saving_to_a_spot_that_is_followed(open_page, ana):
    known = create_spot(ana, person(ana), "arm", "Old *friend*")
    page = open_page("pages/Skin_check.py", ana)
    next(box for box in page.selectbox if box.label == "A new spot, or one you follow").set_value(str(known.id)).run()
    upload(answer(page), spot())
    assert r"**Old \*friend\***" in texts(page), "a person's own words are no markup"
    press(page, "Save to my history")
    (record,) = list_records(ana, person(ana))
    assert (record.spot_id, record.site) == (known.id, "arm") and len(list_spots(ana, person(ana))) == 1


def test_where_it_is_has_to_be_said_before_saving(page, ana):
    press(upload(answer(page), spot()), "Save to my history")
    assert "is not answered yet" in texts(page) and not count_records(ana, person(ana))
    press(site(page), "Save to my history")
    assert count_records(ana, person(ana)) == 1 and "is not answered yet" not in texts(page)


def test_an_unsaved_finding_survives_other_inputs(page, examination):
    upload(answer(page), spot())
    for way in ("Camera", "Guided camera", "Upload"):
        control(page, "How do you add a photo?").set_value(way).run()
        assert not page.exception
        assert "Save to my history" in labels(page)
    assert sum(examination.runs.values()) == 1


def test_the_camera_is_one_more_way_in(page, examination):
    control(answer(page), "How do you add a photo?").set_value("Camera").run()
    page.camera_input[0].set_value(("camera.jpg", spot(seed=9), "image/jpeg")).run()
    assert sum(examination.runs.values()) == 1 and "Save to my history" in labels(page)


def test_the_guided_camera_leads_into_the_same_check(page, examination, ana, monkeypatch):
    """Only the stream of the browser is stood in for: the frames are real ones, judged and taken by the guide."""
    guide = camera.Guide()
    for at in range(camera.HOLD):
        guide.look(lesion(5, "plain", size=(640, 480)).pixels, now=1.0 + at)
    assert guide.ready
    monkeypatch.setattr(camera, "guided_camera", lambda _key, _kind: guide.take() if guide.ready else None)
    control(answer(page), "How do you add a photo?").set_value("Guided camera").run()
    assert sum(examination.runs.values()) == 1 and "Save to my history" in labels(page)
    press(site(page), "Save to my history")
    assert count_records(ana, person(ana)) == 1


def test_discard_leaves_nothing(page, ana):
    press(upload(answer(page), spot()), "Discard")
    assert "Save to my history" not in labels(page) and not count_records(ana, person(ana))
    page.run()
    assert "Save to my history" not in labels(page), "the uploader does not bring it back"
    desk = page.session_state["skin_desk"]
    assert not desk.checks and not desk._results


def test_a_tab_left_open_saves_nothing_once_its_session_has_ended(page, ana):
    upload(site(answer(page)), spot())
    sessions.end_all(ana.account_id)
    press(page, "Save to my history")
    assert not count_records(ana, person(ana)) and not list_spots(ana, person(ana)) and "Please sign in" in texts(page)


def test_without_the_networks_this_check_says_so_and_can_be_tried_again(page, examination):
    examination.unavailable = True
    upload(answer(page), spot())
    assert "The weights of the network skin_lesion are missing." in texts(page) and not page.exception and not page.error
    examination.unavailable = False
    press(page, "Try again")
    assert "Save to my history" in labels(page)


def test_a_locked_database_loses_nothing(page, ana, monkeypatch):
    upload(site(answer(page)), spot())
    monkeypatch.setattr(database, "LOCK_WAIT", 0.3)
    with database.transaction():
        press(page, "Save to my history")
        assert "Nothing you saved is lost." in texts(page) and "Save to my history" in labels(page)
    press(page, "Save to my history")
    assert count_records(ana, person(ana)) == 1


def test_the_desk_has_room_for_so_many_photos(page, examination):
    upload(answer(page), *[spot(seed=at, size=(96, 72)) for at in range(MOST_PHOTOS + 2)])
    assert len(examination.runs) == MOST_PHOTOS
    assert "Not added: 2." in texts(page)


def test_the_next_spot_starts_empty(page):
    press(upload(site(answer(page)), spot()), "Save to my history")
    press(page, "Check another spot")
    assert [control(page, question).value for _, question in QUESTIONS] == [None, None, None]
    assert "Saved." not in texts(page)


def test_two_patients_never_share_a_desk(open_page, someone):
    first = upload(answer(open_page("pages/Skin_check.py", someone("patient"))), spot())
    assert "Save to my history" in labels(first)
    second = open_page("pages/Skin_check.py", someone("patient"))
    assert "Save to my history" not in labels(second)


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_only_patients_come_in(open_page, someone: Callable, role):
    app = open_page("pages/Skin_check.py", someone(role))
    assert "This page is not for your account." in texts(app) and not app.file_uploader
