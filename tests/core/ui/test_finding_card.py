"""The finding card: its order, its layers, and what a rejected outline leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.errors import PhotoRejected
from core.examinations.finding import STEPS, Finding
from core.examinations.words import Words
from core.ui import finding_card, parts
from core.ui.finding_card import LAYERS, Shown, layers, size_line
from core.ui.pictures import Picture

MASK = np.zeros((60, 80), np.uint8)
MASK[:30, :40] = 255
WORDS = Words(
    looks_like="It looks like a **disc**.",
    how_sure="Quite sure.",
    sure=0.83,
    cannot_exclude="A square.",
    step="soon",
    what_next="Show it to a doctor.",
    how_we_know="Tested on discs.",
    disclaimer="This is not a diagnosis.",
    possibilities=(("Disc", 0.83), ("Square", 0.168), ("Star", 0.002)),
    links=(("About discs", "https://discs.example/"),),
)
FINDING = Finding(
    examination="skin", kind="dermatoscopic", status="ok", label="nv", probabilities={"nv": 0.83}, cannot_exclude=("nv",), refer=False,
    step="soon", masks={"lesion": MASK}, heat=np.ones((6, 8), np.float32),
)  # fmt: skip
PICTURE = Picture("data:image/jpeg;base64,AAAA", 80, 60, "A disc")
SHOWN = Shown(WORDS, FINDING, PICTURE, "Left *arm*", "Examined today, 09:41")


def show(shown: Shown) -> AppTest:
    def page(shown):
        from core.ui import finding_card as card  # runs as a script of its own

        card.finding_card(shown, "card")

    return AppTest.from_function(page, args=(shown,)).run()


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.markdown, *app.error, *app.warning, *app.info))


@pytest.fixture(autouse=True)
def _evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_card, "EVIDENCE", "https://localhost/")  # a link to a page needs the app's pages around it


def test_it_answers_in_the_order_people_ask():
    app = show(SHOWN)
    assert not app.exception
    order = [element.value for element in app.main if hasattr(element, "value")]
    said = "\n".join(str(value) for value in order)
    questions = ["What it looks like", "How sure", "What cannot be excluded", "What to do next", "How we know", "not a diagnosis"]
    assert [said.index(words) for words in questions] == sorted(said.index(words) for words in questions)
    assert r"Left \*arm\*" in said
    assert app.warning[0].value == "Show it to a doctor." and not app.error
    assert app.expander[0].label == "All 3 possibilities"
    table = app.table[0].value
    assert [cell.replace("\u00a0", " ") for cell in table["Chance"]] == ["83 %", "17 %", "under 1 %"]


@pytest.mark.parametrize("step", STEPS)
def test_red_is_for_today_and_nothing_else(step):
    app = show(replace(SHOWN, words=replace(WORDS, step=step)))
    assert bool(app.error) == (step == "today")
    badge = next(one.value for one in app.markdown if "-badge[" in str(one.value))
    assert (":red-badge[" in badge) == (step == "today") and parts.URGENCY[step].patient in badge


def test_without_an_answer_there_is_no_bar():
    plain = replace(WORDS, looks_like="I can't tell from this photo.", sure=None, possibilities=())
    app = show(replace(SHOWN, words=plain))
    assert not app.get("progress") and not app.expander and "I can't tell" in texts(app)
    assert len(show(SHOWN).get("progress")) == 1


def test_a_wrong_outline_takes_its_size_with_it():
    assert layers(SHOWN) == LAYERS and "25\u00a0%" in size_line(SHOWN) and "millimetres cannot be told" in size_line(SHOWN)
    wrong = replace(SHOWN, outline_accepted=False)
    assert layers(wrong) == LAYERS[1:] and "25" not in size_line(wrong) and "left out" in size_line(wrong)
    assert layers(replace(SHOWN, outline_accepted=True)) == LAYERS


def test_a_finding_without_pictures_shows_the_photo_alone():
    bare = replace(SHOWN, finding=replace(FINDING, masks={}, heat=None))
    assert layers(bare) == () and size_line(bare) == ""
    app = show(bare)
    assert not app.exception and not app.button_group


def test_an_empty_outline_is_none():
    nothing = replace(SHOWN, finding=replace(FINDING, masks={"lesion": np.zeros_like(MASK)}))
    assert layers(nothing) == LAYERS[1:] and size_line(nothing) == ""


@pytest.mark.parametrize(
    ("error", "bullets"),
    [
        (PhotoRejected("The photo is blurred.", "Clean the lens. Hold still.", code="blurred"), 2),
        (PhotoRejected("This looks like a letter.", "Letters go to the post. Spots go here.", code="wrong_kind"), 0),
        (PhotoRejected("The file is empty."), 0),
    ],
)
def test_a_rejected_photo_has_a_reason_and_hints_in_neutral_colours(error, bullets):
    def page(error):
        from core.ui import finding_card as card

        card.rejected_card(error, None, "photo *1*.jpg")

    app = AppTest.from_function(page, args=(error,)).run()
    assert not app.exception and not app.error and not app.warning
    said = texts(app)
    assert error.reason in said and "Nothing was examined and nothing was saved." in said and r"photo \*1\*.jpg" in said
    assert said.count("\n- ") + said.startswith("- ") == bullets
