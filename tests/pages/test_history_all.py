"""History of all kinds under AppTest: findings and scores in one order, filtered, opened, and on a sheet to print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.demo.eczema import finding_of
from core.photo import encode_jpeg, read_photo
from core.records.corrections import list_corrections, save_correction
from core.records.findings import list_records, save_finding
from core.records.record_tables import RecordPublic
from core.records.scores import list_scores, save_score
from core.records.treatments import add_treatment
from core.ui import history_all, history_print
from core.ui.history_all import Filter
from tests.core.house import own
from tests.pages.conftest import text
from tests.pages.test_history import buttons, control, dates, press, save
from tests.pages.toys import Toy, toy

PAGE = "pages/History.py"
ITEMS = ("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry")


@pytest.fixture(autouse=True)
def examination() -> Iterator[Toy]:
    with toy() as one:
        yield one


def poem(actor, day: date, each: int = 2):
    return save_score(actor, own(actor), "poem", day, dict.fromkeys(ITEMS, each))


def patch(actor, day: int, share: float = 0.3) -> RecordPublic:
    pixels = np.full((120, 160, 3), (222, 176, 152), np.uint8)
    skin, lesion = np.full((120, 160), 255, np.uint8), np.zeros((120, 160), np.uint8)
    lesion[:, : round(160 * share)] = 255
    pixels[lesion > 0] = (190, 90, 85)
    photo = read_photo(encode_jpeg(pixels))
    when = datetime(2026, 1, day, 9, tzinfo=UTC)
    return save_finding(
        actor, own(actor), photo, finding_of(photo.pixels, lesion, skin), region="arms", side="left", site="Left arm", taken_at=when
    )


def all_kinds(actor, examination: Toy) -> None:
    """A mole on 12 January, scores on 5, 12 and 19 January, an eczema photo on 15 January."""
    save(actor, examination)
    for day in (5, 12, 19):
        poem(actor, date(2026, 1, day))
    patch(actor, 15)


def test_everything_is_in_one_order_the_newest_first(open_page, ana, examination):
    all_kinds(ana, examination)
    app = open_page(PAGE, ana)
    assert not app.exception and "2 findings and 3 scores, the newest first." in text(app)
    assert dates(app) == ["19 January 2026", "15 January 2026", "12 January 2026", "12 January 2026", "5 January 2026"]
    said = text(app)
    assert "14 of 28, moderate" in said and "**Left arm**" in said


def test_filtered_by_kind_also_to_scores_alone(open_page, ana, examination):
    all_kinds(ana, examination)
    app = open_page(PAGE, ana)
    assert "POEM scores" in control(app, "Check").options and "PO-SCORAD scores" not in control(app, "Check").options
    for kind, expected in (("poem", 3), ("eczema", 1), ("skin", 1), ("condition", 0)):
        control(app, "Check").set_value(kind).run()
        assert not app.exception and buttons(app).count("Open") == expected, kind


def test_a_score_is_opened_with_its_answers_and_deleted_after_asking(open_page, ana, examination):
    all_kinds(ana, examination)
    app = press(open_page(PAGE, ana), "Open")
    assert not app.exception and app.metric[0].value == "14 of 28"
    assert list(app.table[0].value["Answer"]) == ["3-4 days (2)"] * 7
    assert "University of Nottingham" in text(app)
    assert "None" not in [part.value.strip("`") for part in app.markdown], "nothing but what is meant to be there"
    press(app, "Delete")
    assert len(list_scores(ana, own(ana), "poem")) == 3
    press(app, "Delete for good")
    assert not app.exception and len(list_scores(ana, own(ana), "poem")) == 2
    assert dates(app)[0] == "15 January 2026" and "score" not in app.query_params


def test_nobody_opens_the_score_of_another(open_page, someone, ana):
    score = poem(ana, date(2026, 1, 5))
    app = open_page(PAGE, someone("patient"))
    app.query_params["score"] = str(score.id)
    app.run()
    assert not app.exception and "does not exist any more" in text(app) and not app.metric


def test_scores_alone_are_a_history_too(open_page, ana):
    poem(ana, date(2026, 1, 5))
    app = open_page(PAGE, ana)
    assert "1 score, the newest first." in text(app) and "Nothing here yet" not in text(app)


def test_pages_of_findings_and_scores_together_leave_nothing_out_and_show_nothing_twice(house, someone, examination):
    actor = someone("patient")
    for day in (1, 1, 2, 5, 9, 9, 14, 20, 27):
        patch(actor, day)
    for week in range(7):
        poem(actor, date(2025, 12, 14) + timedelta(weeks=week))
    known = list_scores(actor, own(actor))
    records = list_records(actor, own(actor))
    naive = sorted([*records, *known], key=lambda entry: history_all.moment(entry, UTC), reverse=True)
    for chosen, expected in (
        (Filter(), naive),
        (Filter(kind="poem"), [one for one in naive if not isinstance(one, RecordPublic)]),
        (Filter(kind="eczema"), records),
    ):
        for length in (1, 3, 4, 12, 50):
            got = [history_all.some(actor, own(actor), chosen, known, start, length, UTC) for start in range(0, len(expected), length)]
            assert [one.id for page in got for one in page] == [one.id for one in expected], (chosen, length)


def test_an_eczema_finding_offers_the_brush_and_what_was_said_of_training(open_page, ana):
    record = patch(ana, 15)
    mask = np.zeros((120, 160), np.uint8)
    mask[:, :16] = 255
    save_correction(ana, record.id, "lesion", mask, {"affected_fraction": 0.1}, for_training=True)
    app = press(open_page(PAGE, ana), "Open")
    assert not app.exception and "Does the outline fit" not in text(app)
    assert [toggle.label for toggle in app.toggle][0] == "Correct the outline"
    training = next(toggle for toggle in app.toggle if "train" in toggle.label)
    assert training.value is True
    training.set_value(False).run()
    assert [one.for_training for one in list_corrections(ana, record.id)] == [False]


def sheet(app: AppTest) -> str:
    return next(one.proto.body for one in app.get("html") if "carelens-sheet" in one.proto.body)


def test_the_sheet_to_print_holds_everything_and_nothing_to_press(open_page, ana, examination):
    all_kinds(ana, examination)
    add_treatment(ana, own(ana), "Cream <b>x</b>", "steroid", date(2026, 1, 10))
    app = open_page(PAGE, ana)
    control(app, "View").set_value("To print").run()
    assert not app.exception and not app.button
    body = sheet(app)
    assert body.count("<tr>") == 1 + 5
    found = re.findall(r"<tr><td>([^<]+)</td>", body)
    assert found == ["19 January 2026", "15 January 2026", "12 January 2026", "12 January 2026", "5 January 2026"]
    assert body.count("/thumbnail/") == 4, "two photos, each with its outlined twin"
    assert "14 of 28" in body and "Left arm" in body and "Some Patient" in body and "not a doctor" in unescape(body)
    assert "Cream &lt;b&gt;x&lt;/b&gt;, since 10 January 2026" in body, "what a person wrote is no markup"
    assert not re.search(r"<(button|input|a|script)\b", body)


def test_the_sheet_is_filtered_like_the_page(open_page, ana, examination):
    all_kinds(ana, examination)
    app = open_page(PAGE, ana)
    control(app, "View").set_value("To print").run()
    control(app, "Check").set_value("poem").run()
    assert sheet(app).count("<tr>") == 1 + 3 and "POEM scores." in sheet(app) and "/thumbnail/" not in sheet(app)


def test_a_sheet_too_long_says_what_it_leaves_out(open_page, ana, examination, monkeypatch):
    all_kinds(ana, examination)
    monkeypatch.setattr(history_all, "LONGEST", 2)
    app = open_page(PAGE, ana)
    control(app, "View").set_value("To print").run()
    assert sheet(app).count("<tr>") == 1 + 2 and "Only the newest 2 are on the page." in text(app)


@pytest.mark.parametrize(
    ("marked", "plain"), [("It looks like a **small disc**.", "It looks like a small disc."), (r"A \*name\* of _it_", "A *name* of it")]
)
def test_words_for_paper_have_no_markup(marked, plain):
    assert history_print.unmarked(marked) == plain
