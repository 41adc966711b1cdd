"""How we know under AppTest: the card's figures reach people as they were measured, and a missing card is no fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import settings

CLASSES = ["akiec", "bcc", "mel", "nv"]
CONFUSION = [[30, 4, 2, 1], [3, 60, 1, 2], [1, 0, 120, 23], [2, 5, 40, 900]]
CARD = {
    "id": "skin_lesion",
    "version": "9.8.7",
    "title": "What a spot looks like",
    "task": "classification",
    "architecture": "mobilenet_v2_classifier",
    "classes": CLASSES,
    "input": {"size": 224, "crop": "middle_square", "mean": [0, 0, 0], "std": [1, 1, 1], "flips": True},
    "sha256": "0" * 64,
    "parameters": 2228996,
    "licences": {"code": "MIT", "data": "CC BY-NC 4.0", "weights": "for research only"},
    "data": [{"name": "HAM10000", "source": "Vienna", "licence": "CC BY-NC 4.0"}],
    "split_rule": "by lesion",
    "metrics": {
        "balanced_accuracy": {"value": 0.8345, "low": 0.801, "high": 0.862, "n": 1508},
        "ece": {"value": 0.0231, "low": 0.015, "high": 0.031, "n": 1508},
        "set_size": {"value": 1.84, "low": 1.8, "high": 1.9, "n": 1508},
        "abstains_other": {"value": 0.94, "low": 0.9, "high": 0.97, "n": 160},
        "moon_phase": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 12},
    },
    "recall": {
        c: {"value": CONFUSION[i][i] / sum(CONFUSION[i]), "low": 0.5, "high": 0.98, "n": sum(CONFUSION[i])} for i, c in enumerate(CLASSES)
    },
    "confusion": CONFUSION,
    "reliability": [{"confidence": 0.45, "accuracy": 0.4, "n": 60}, {"confidence": 0.95, "accuracy": 0.94, "n": 700}],
    "calibration": {"temperature": 1.3},
    "thresholds": {
        "mel": {"value": 0.1, "sensitivity_val": 0.95, "specificity_val": 0.8, "sensitivity_test": 0.93, "specificity_test": 0.79}
    },
    "conformal": {"threshold": 0.2},
    "intended_use": "To help a person decide.",
    "limits": ["It knows four kinds only.", "It was not tested on dark skin."],
}


@pytest.fixture
def models(house: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "networks"
    folder.mkdir()
    monkeypatch.setenv("CARELENS_MODELS", str(folder))
    settings.cache_clear()
    return folder


def install(models: Path, **changes: object) -> None:
    facts = {**CARD, **changes}
    folder = models / str(facts["id"])
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps(facts))


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.title, *app.subheader, *app.markdown, *app.info))


def test_without_a_network_it_says_so(models, open_page, someone):
    app = open_page("pages/Evidence.py", someone("patient"))
    assert not app.exception and "No network is installed" in texts(app)


def test_the_figures_of_the_card_in_words_numbers_and_tables(models, open_page, someone):
    install(models)
    app = open_page("pages/Evidence.py", someone("patient"))
    assert not app.exception
    said = texts(app).replace("\u00a0", " ")
    assert "**1,508 photos**" in said
    assert "It names the right kind in **83 %** of the photos" in said
    assert "off by **2.3 %**" in said and "holds **1.8** kinds" in said and "Moon phase: **50 %**." in said
    assert [metric.value.replace("\u00a0", " ") for metric in app.metric][:3] == ["83 %", "2.3 %", "1.8"]
    tables = [table.value for table in app.table]
    mixed = next(table for table in tables if "said MEL" in table)
    assert list(mixed["said MEL"]) == ["2", "1", "120", "40"], "a column is what the network said, in the order of the rows"
    found = next(table for table in tables if "Found" in table)
    assert list(found["Photos"]) == ["37", "66", "144", "947"]
    assert [cell.split("\u00a0")[0] for cell in found["Found"]] == ["81", "91", "83", "95"]
    must = next(table for table in tables if "On the list when it is there" in table)
    assert must.iloc[0].tolist() == ["Melanoma", "93\u00a0%", "79\u00a0%"]
    assert "It does worst on **actinic keratosis" in said
    assert len(app.get("plotly_chart")) == 3


def test_every_chart_has_its_table_and_a_text(models, open_page, someone):
    install(models)
    app = open_page("pages/Evidence.py", someone("patient"))
    names = [expander.label for expander in app.expander]
    assert {"What it mixes up, as a table", "Its chances, as a table", "How many it finds, as a table"} <= set(names)


def test_limits_skin_tones_and_licences_are_always_there(models, open_page, someone):
    install(models)
    said = texts(open_page("pages/Evidence.py", someone("patient")))
    for words in (*CARD["limits"], "Skin tones", "no figures by skin tone", "CC BY-NC 4.0", "for research only", "version 9.8.7"):  # type: ignore[misc]
        assert words in said


FEW = {"value": 0.9, "low": 0.8, "high": 0.96, "n": 50}


def figures(**changes: float) -> dict[str, object]:
    return {"n": 60, **{name: {**FEW, "value": value} for name, value in changes.items()}}


def test_groups_spoiled_photos_and_repeats_are_told_with_the_weakest_named(models, open_page, someone):
    truth = {
        "groups": {
            "age": {"under_30": {"n": 12}, "30_to_49": figures(refer_sensitivity=0.93, refer_specificity=0.61)},
            "skin_tone": {
                "light": figures(refer_sensitivity=0.87, refer_specificity=0.5, accuracy=0.77),
                "dark": {"n": 40, "refer_sensitivity": {**FEW, "value": 0.2, "n": 5}},
            },
        },
        "robustness": {
            "clean": figures(balanced_accuracy=0.8, same_label=1.0, turned_away=0.01),
            "darker": figures(balanced_accuracy=0.68, same_label=0.83, turned_away=0.0),
            "blur_strong": figures(balanced_accuracy=0.3, same_label=0.5, turned_away=0.98),
        },
        "repeatability": {"n": 44, "photos": 99, "same_label": {**FEW, "value": 0.86}, "same_step": {**FEW, "value": 0.91}},
    }
    install(models, metrics={**CARD["metrics"], **truth})  # type: ignore[dict-item]
    app = open_page("pages/Evidence.py", someone("patient"))
    assert not app.exception
    said = texts(app).replace("\u00a0", " ")
    assert "fewest urgent spots here: **skin tone: light** (87 % of 50)" in said, "five photos are too few to be called the weakest"
    assert "worst here: **darker** (68 % right on average)" in said, "what is turned away is not answered"
    assert "**44 spots**" in said and "99 in all" in said
    assert "same name in **86 %** (80 % to 96 %)" in said and "next step in **91 %**" in said
    assert "not calibrated" in said and "no figures by skin tone" not in said
    ages = next(table.value for table in app.table if "Age (photos)" in table.value)
    assert list(ages["Age (photos)"]) == ["Under 30 (12)", "30 to 49 (60)"]
    assert [cell.replace("\u00a0", " ") for cell in ages["Urgent flagged"]] == ["too few photos", "93 %"]
    copies = next(table.value for table in app.table if "The photo" in table.value)
    assert list(copies["The photo"]) == ["As it was taken", "Darker", "Badly out of focus"]
    assert [cell.replace("\u00a0", " ") for cell in copies["Turned away"]] == ["1.0 %", "0 %", "98 %"]
    next(one for one in app.button_group if one.label == "By what?").set_value("skin_tone").run()
    tones = [table.value for table in app.table if "Skin tone (photos)" in table.value]
    assert [len(table.columns) for table in tones] == [3, 6], "a table for a phone, and all of it"
    assert "77\u00a0% (80\u00a0% to 96\u00a0%; 50 photos)" in list(tones[1]["Right in all"])


def test_a_card_with_little_in_it_still_shows(models, open_page, someone):
    install(models, metrics={}, recall={}, confusion=[], reliability=[], thresholds={})
    app = open_page("pages/Evidence.py", someone("patient"))
    assert not app.exception and "Nothing was measured for this network yet." in texts(app) and "What it cannot do" in texts(app)


def test_a_broken_card_spoils_only_itself(models, open_page, someone):
    install(models)
    (models / "photo_kind").mkdir()
    (models / "photo_kind" / "card.json").write_text("{ not json")
    app = open_page("pages/Evidence.py", someone("patient"))
    assert not app.exception and "version 9.8.7" in texts(app)
    next(one for one in app.button_group if one.label == "Which network?").set_value("photo_kind").run()
    assert not app.exception and "cannot be read" in texts(app)


def test_the_photos_of_the_test_are_told_not_those_of_the_building(models, open_page, someone):
    figure = {"value": 0.9, "low": 0.8, "high": 1.0, "n": 100}
    recall = {"clinical_val": {**figure, "n": 77}, "clinical_test": {**figure, "n": 88}, "other_val": {**figure, "n": 99}}
    install(models, id="photo_kind", classes=["clinical", "other"], recall=recall, confusion=[], reliability=[], thresholds={})
    app = open_page("pages/Evidence.py", someone("doctor"))
    found = next(table.value for table in app.table if "Found" in table.value)
    assert dict(zip(found["Kind"], found["Photos"], strict=True)) == {"Skin, camera alone": "88", "Something else (while building)": "99"}


def test_a_figure_of_photos_that_chose_the_network_says_so(models, open_page, someone):
    install(models)
    said = texts(open_page("pages/Evidence.py", someone("doctor")))
    assert "**94\u00a0%** of photos that show no skin, when it is made to look. These photos were also used while it was built." in said


def test_the_cards_of_this_house_show(open_page, someone):
    app = open_page("pages/Evidence.py", someone("patient"))
    assert not app.exception
    cards = list(settings().models.glob("*/card.json"))
    assert len(cards) >= 3
    for id in cards:
        next(one for one in app.button_group if one.label == "Which network?").set_value(id.parent.name).run()
        assert not app.exception and "What it cannot do" in texts(app)


@pytest.mark.parametrize("role", ["patient", "doctor", "staff", "admin"])
def test_everyone_who_is_signed_in_may_read_it(open_page, someone, role):
    assert "This page is not for your account." not in texts(open_page("pages/Evidence.py", someone(role)))


def test_networks_that_were_tried_and_not_taken_are_told(models, open_page, someone):
    tried = {
        "mask_rcnn": {"jaccard": {**FEW, "value": 0.84}, "seconds_per_photo": 0.1312, "photos": 2000},
        "unet_shipped": {"jaccard": {**FEW, "value": 0.89}, "seconds_per_photo": 0.021},
    }
    install(models, metrics={**CARD["metrics"], "alternatives": tried})  # type: ignore[dict-item]
    app = open_page("pages/Evidence.py", someone("patient"))
    table = next(table.value for table in app.table if "Network" in table.value)
    rows = [[cell.replace("\u00a0", " ") for cell in row] for row in table.to_numpy().tolist()]
    assert rows == [["Mask R-CNN", "84 %", "0.13 s", "2,000 photos"], ["U-Net, the one in use", "89 %", "0.02 s", "all photos"]]
