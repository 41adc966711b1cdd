"""Progress under AppTest: the week in words, charts with treatments, photos in order, nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.demo.eczema import finding_of
from core.photo import encode_jpeg, read_photo
from core.records.corrections import save_correction
from core.records.findings import delete_record, list_records, save_finding
from core.records.scores import save_score
from core.records.treatments import KINDS, add_treatment, list_treatments
from core.ui import progress, progress_photos
from tests.core.house import own
from tests.pages.conftest import text

PAGE = "pages/Progress.py"
NOW = datetime.now(UTC)
TODAY = NOW.date()


def week(actor, ago: int, total: int) -> None:
    full, rest = divmod(total, 7)
    answers = {item: full + (at < rest) for at, item in enumerate(("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry"))}
    save_score(actor, own(actor), "poem", TODAY - timedelta(weeks=ago), answers)


def patch(actor, days: int, share: float, region: str | None = "arms", side: str | None = "left", whole: bool = False):
    """A photo of a pale square with a red part of it: `share` of the skin, which fills the middle of the picture."""
    pixels = np.full((120, 160, 3), (90, 110, 130), np.uint8)
    skin, lesion = np.zeros((120, 160), np.uint8), np.zeros((120, 160), np.uint8)
    skin[10:110, 30:130] = 255
    lesion[10:110, 30 : 30 + round(share * 100)] = 255
    pixels[skin > 0], pixels[lesion > 0] = (222, 176, 152), (190, 90, 85)
    noise = np.random.default_rng(days).normal(0, 3, pixels.shape)
    photo = read_photo(encode_jpeg(np.clip(pixels + noise, 0, 255).astype(np.uint8), quality=95))
    when = NOW - timedelta(days=days)
    return save_finding(
        actor, own(actor), photo, finding_of(photo.pixels, lesion, skin), region=region, side=side, whole_region=whole, taken_at=when
    )


def control(app: AppTest, label: str):
    return next(one for one in (*app.button_group, *app.selectbox) if one.label == label)


def press(app: AppTest, label: str, at: int = 0) -> AppTest:
    return [button for button in app.button if button.label == label][at].click().run()


def elements(app: AppTest, holding: str) -> list[dict]:
    """What the house's own elements were given, of those that hold a word."""
    found = [json.loads(one.proto.json) for one in app.get("bidi_component") if getattr(one.proto, "json", "")]
    return [data for data in found if holding in data]


def figures(app: AppTest) -> list[dict]:
    return [json.loads(one.proto.spec) for one in app.get("plotly_chart")]


def marked(figure: dict) -> list[str]:
    return [note["text"] for note in figure["layout"].get("annotations", []) if note.get("yref") == "paper"]


def test_nothing_yet_says_what_to_do_first(open_page, ana):
    app = open_page(PAGE, ana)
    assert not app.exception and "Nothing here yet" in text(app)
    assert not app.get("plotly_chart")
    control(app, "What do you use?").set_value("emollient").run()
    press(app, "Started yesterday")
    assert list_treatments(ana, own(ana))[0].started_on == TODAY - timedelta(days=1)


def test_the_week_in_points_band_and_change(open_page, ana):
    for ago, total in ((5, 22), (4, 20), (1, 14), (0, 9)):
        week(ana, ago, total)
    app = open_page(PAGE, ana)
    assert not app.exception
    assert (app.metric[0].label, app.metric[0].value) == ("POEM this week", "9 of 28")
    said = text(app)
    assert "Moderate eczema" in said, "8 to 16 (Charman 2013)"
    assert "Since last time: 5 points better. This is very likely an important change." in said
    assert "In four weeks: 11 points better." in said
    assert "Score this week" not in [button.label for button in app.button]
    assert "University of Nottingham" in said, "whose questionnaire it is"


def test_a_week_without_its_score_asks_for_it(open_page, ana):
    week(ana, 1, 14)
    app = open_page(PAGE, ana)
    assert app.metric[0].label.startswith("Last POEM, ")
    assert "Score this week" in [button.label for button in app.button]


def test_poem_is_drawn_on_its_bands_and_a_form_without_a_score_is_left_out(open_page, ana):
    for ago, total in ((3, 21), (2, 18), (0, 9)):
        week(ana, ago, total)
    save_score(ana, own(ana), "poem", TODAY - timedelta(weeks=1), {"itch": 4})
    app = open_page(PAGE, ana)
    (figure,) = figures(app)
    assert list(figure["data"][0]["y"]) == [21, 18, 9]
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert names == ["Clear or almost clear", "Mild", "Moderate", "Severe", "Very severe"]
    assert "1 form was not scored, and is left out." in text(app)
    assert list(app.table[0].value["Result"])[:2] == ["9 of 28, moderate", "not scored"]


def test_a_treatment_takes_three_taps_and_marks_every_chart(open_page, ana):
    week(ana, 2, 20)
    patch(ana, 20, 0.3)
    patch(ana, 2, 0.1)
    app = open_page(PAGE, ana)  # the first tap opens the form, which the browser does alone
    control(app, "What do you use?").set_value("wet_wrap").run()
    press(app, "Started today")
    assert not app.exception
    (one,) = list_treatments(ana, own(ana))
    assert (one.kind, one.name, one.started_on, one.ended_on) == ("wet_wrap", KINDS["wet_wrap"], TODAY, None)
    assert control(app, "What do you use?").value is None, "the form is empty again"
    for what in (progress.SHARE, progress.REDNESS):
        control(app, "Show").set_value(what).run()
        assert len(figures(app)) == 2
        assert all(KINDS["wet_wrap"] in marked(figure) for figure in figures(app)), what


def test_a_treatment_with_its_own_name_and_day_ends_and_goes(open_page, ana):
    week(ana, 1, 20)
    app = open_page(PAGE, ana)
    control(app, "What do you use?").set_value("steroid").run()
    app.text_input[0].set_value("Cream *B*")
    app.date_input[0].set_value(TODAY - timedelta(days=9)).run()
    press(app, [button.label for button in app.button if button.label.startswith("Started on")][0])
    (one,) = list_treatments(ana, own(ana))
    assert (one.name, one.started_on) == ("Cream *B*", TODAY - timedelta(days=9))
    assert "Cream \\*B\\*" in text(app), "a name is no markup"
    press(app, "Ended today")
    assert list_treatments(ana, own(ana))[0].ended_on == TODAY
    assert marked(figures(app)[0]) == ["Cream *B*", "Cream *B* ends"]
    press(app, "Delete for good")
    assert not list_treatments(ana, own(ana)) and not app.exception


def test_photos_in_date_order_each_with_its_share_and_twin(open_page, ana):
    records = [patch(ana, days, share) for days, share in ((3, 0.06), (40, 0.3), (20, 0.12))]
    app = open_page(PAGE, ana)
    assert not app.exception
    (row,) = elements(app, "cards")
    assert [card["id"] for card in row["cards"]] == [str(records[at].id) for at in (1, 2, 0)]
    assert [card["value"].replace("\N{NO-BREAK SPACE}", " ") for card in row["cards"]] == ["30 %", "12 %", "6.0 %"]
    assert all(card["photo"] in card["outlined"] and card["outlined"] != card["photo"] for card in row["cards"])
    assert all("likely" in card["lines"][1] for card in row["cards"])
    (figure,) = figures(app)
    assert list(figure["data"][0]["y"]) == pytest.approx([0.3, 0.12, 0.06], abs=0.01)


def test_parts_of_the_body_are_kept_apart(open_page, ana):
    for days in (30, 2):
        patch(ana, days, 0.2)
        patch(ana, days, 0.4, "trunk", None, whole=True)
    patch(ana, 5, 0.1)
    app = open_page(PAGE, ana)
    assert control(app, "Part of the body").options == ["Left arm", "Trunk"]
    assert len(elements(app, "cards")[0]["cards"]) == 3
    control(app, "Part of the body").set_value("Trunk").run()
    assert len(elements(app, "cards")[0]["cards"]) == 2
    control(app, "Show").set_value(progress.EXTENT).run()
    (figure,) = figures(app)
    assert [line["name"] for line in figure["data"]] == ["Trunk"], "an arm alone is not the region, and no whole was said of it"
    assert list(figure["data"][0]["y"]) == [3, 3], "30 to 49 percent is band 3 (Hanifin 2001)"


def test_before_and_after_says_what_changed_and_when_it_may_be_nothing(open_page, ana):
    for days, share in ((60, 0.3), (30, 0.29), (1, 0.06)):
        patch(ana, days, share)
    app = open_page(PAGE, ana)
    control(app, "Look at").set_value("Before and after").run()
    assert not app.exception
    assert "It was 30 %. Less than before." in text(app).replace("\N{NO-BREAK SPACE}", " ")
    (slider,) = elements(app, "before")
    assert slider["before"].startswith("data:image/jpeg") and slider["before"] != slider["after"]
    control(app, "Second photo").set_value(1).run()
    assert "The ranges overlap: this may be no change." in text(app)


def test_the_time_lapse_has_every_photo_of_the_place_up_to_its_limit(open_page, ana, monkeypatch):
    monkeypatch.setattr(progress_photos, "FRAMES", 3)
    for days in range(0, 50, 10):
        patch(ana, days, 0.05 + days / 100)
    app = open_page(PAGE, ana)
    control(app, "Look at").set_value("Time-lapse").run()
    assert not app.exception
    (film,) = elements(app, "frames")
    assert len(film["frames"]) == 3 and "3 of 5 photos" in film["caption"]
    assert [frame["alt"].replace("\N{NO-BREAK SPACE}", " ").split(": ")[1][:4] for frame in film["frames"]] == ["45 %", "25 %", "5.0 "]


def test_a_drawn_outline_changes_the_number_and_its_picture(open_page, ana):
    record = patch(ana, 3, 0.3)
    mask = np.zeros((120, 160), np.uint8)
    mask[10:110, 30:50] = 255
    before = elements(open_page(PAGE, ana), "cards")[0]["cards"][0]
    save_correction(ana, record.id, "lesion", mask, {"affected_fraction": 0.2}, for_training=False)
    after = elements(open_page(PAGE, ana), "cards")[0]["cards"][0]
    assert after["value"].startswith("20") and "your own outline" in after["lines"]
    assert before["outlined"] != after["outlined"], "the browser must not show the old one"


def test_the_period_chooses_what_is_shown(open_page, ana):
    for days in (3, 200, 500):
        patch(ana, days, 0.1)
    app = open_page(PAGE, ana)
    shown: Callable[[], int] = lambda: len(elements(app, "cards")[0]["cards"])  # noqa: E731
    assert shown() == 1
    control(app, "Period").set_value("1 year").run()
    assert shown() == 2
    control(app, "Period").set_value("All").run()
    assert shown() == 3


def test_nobody_sees_anything_of_another(open_page, someone, ana):
    week(ana, 0, 9)
    patch(ana, 3, 0.3)
    add_treatment(ana, own(ana), "Secret salve", "other", TODAY)
    other = open_page(PAGE, someone("patient"))
    assert "Nothing here yet" in text(other) and "Secret salve" not in text(other)
    assert not elements(other, "cards") and not figures(other)


def test_a_photo_deleted_meanwhile_is_a_sentence_and_no_crash(open_page, ana, monkeypatch):
    records = [patch(ana, days, 0.2) for days in (30, 2)]
    listed = list_records(ana, own(ana), examination="eczema")
    app = open_page(PAGE, ana)
    delete_record(ana, records[0].id)
    monkeypatch.setattr(progress.findings, "list_records", lambda *_, **__: listed)
    control(app, "Look at").set_value("Before and after").run()
    assert not app.exception and "does not exist any more" in text(app)


@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_only_patients_come_in(open_page, someone, role):
    assert "This page is not for your account." in text(open_page(PAGE, someone(role)))
