"""How we know for the two checks of phone photos: cards as `models/*/measure.py` makes them, of made-up rows, reach people whole."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.settings import settings
from core.ui.evidence_words import METRICS
from models.eczema_outline import measure as eczema
from models.skin_condition import measure as condition
from models.skin_condition.calibrate import fit_rule
from models.training.clinical import CONDITIONS
from models.training.metrics import bootstrap

HOUSE = {
    "version": "9.8.7",
    "title": "made up",
    "input": {"size": 224, "crop": "squash", "mean": [0, 0, 0], "std": [1, 1, 1], "flips": True},
    "sha256": "0" * 64,
    "parameters": 2228996,
    "licences": {"code": "MIT"},
    "data": [],
    "split_rule": "by person",
    "intended_use": "To follow a rash.",
    "limits": ["It knows little."],
}


@pytest.fixture(autouse=True, scope="module")
def few_draws() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for module in (eczema, condition):
            patch.setattr(module, "bootstrap", partial(bootstrap, repeats=20))
        yield


@pytest.fixture(scope="module")
def outline_card() -> dict[str, Any]:
    """31 photos, 23 of one source; skin not outlined on the others; 22 of light skin, 9 of dark skin."""
    n, rng = 31, np.random.default_rng(0)
    names = eczema.Measured.__dataclass_fields__
    rows = {name: rng.uniform(0.4, 0.9, n) for name in names}
    rows |= {
        name: np.where(np.arange(n) < 23, rows[name], np.nan) for name in ("skin", "true_fraction", "true_redness", "held", "red_held")
    }
    rows |= {"second": np.full(n, np.nan), "second_affected": np.full(n, np.nan)}
    rows["second"][:5], rows["second_affected"][:5] = 0.86, 0.75
    rows |= {"groups": np.array([f"g{i}" for i in range(n)]), "qualities": np.full(n, "clear")}
    rows |= {"sources": np.array(["dermnetnz"] * 23 + ["dermxdb"] * 8), "tones": np.array(["light"] * 22 + ["dark"] * 9)}
    rows |= {"redness": np.full(n, 10.0), "true_redness": np.where(np.arange(n) < 23, 12.5, np.nan)}
    made = eczema.Measured(**rows)
    tones = {"train": {"very_light": 40, "light": 93, "dark": 4, "not_seen": 0}}
    own = {"id": "eczema_outline", "task": "segmentation", "architecture": "mobilenet_v2_unet", "classes": ["affected", "skin"]}
    rule = {"thresholds": {"affected": {"value": 0.6}, "skin": {"value": 0.5}}, "interval": {"held_wanted": 0.9}, "tones": tones}
    return json.loads(json.dumps({**HOUSE, **own, **rule, **eczema.measure(made, made)}))


@pytest.fixture(scope="module")
def condition_card() -> dict[str, Any]:
    """200 photos of 18 kinds (none of scabies and vitiligo), 5 of impetigo, from two sources; the corner does no harm."""
    n, rng = 200, np.random.default_rng(1)
    usual = [i for i, name in enumerate(CONDITIONS) if name not in ("scabies", "vitiligo", "impetigo")]
    labels = np.array([usual[i % len(usual)] for i in range(n)])
    labels[:5] = CONDITIONS.index("impetigo")
    logits = rng.normal(0, 1, (n, 20))
    logits[np.arange(n), labels] += 2.0
    hidden = logits.copy()
    hidden[np.arange(n), labels] += 2.0
    rows = condition.Collected(
        labels=labels,
        groups=np.array([f"g{i}" for i in range(n)]),
        sources=np.where(np.arange(n) % 3 == 0, "sd198", "dermnetnz"),
        logits=logits,
        distance=rng.uniform(0, 1, n),
        kind_chance=rng.uniform(0.9, 1, n),
        hidden=hidden,
        tones=np.where(np.arange(n) < 190, "light", "brown"),
    )
    own = {"id": "skin_condition", "task": "classification", "architecture": "mobilenet_v2_classifier", "classes": CONDITIONS}
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning):
        rule = fit_rule(rows)
        made = condition.measure(rows, rows, rule)
    return json.loads(json.dumps({**HOUSE, **own, **rule, **made}))


@pytest.fixture
def shown(house: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, open_page: Any, someone: Any) -> Any:
    """The page with this card as the only one of the house."""

    def show(facts: Mapping[str, Any]) -> AppTest:
        folder = tmp_path / "networks" / str(facts["id"])
        folder.mkdir(parents=True)
        (folder / "card.json").write_text(json.dumps(facts))
        monkeypatch.setenv("CARELENS_MODELS", str(folder.parent))
        settings.cache_clear()
        app = open_page("pages/Evidence.py", someone("patient"))
        assert not app.exception
        return app

    return show


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.subheader, *app.markdown, *app.info)).replace("\u00a0", " ")


def table_of(app: AppTest, *columns: str) -> dict[str, list[str]]:
    """The first table with these columns, no-break spaces as plain ones."""
    found = next(one.value for one in app.table if set(columns) <= set(one.value))
    return {name: [str(cell).replace("\u00a0", " ") for cell in found[name]] for name in found}


def nothing_odd(app: AppTest) -> None:
    """No figure without a value reaches people as a word of Python, and none by its name in the card."""
    cells = [str(cell) for one in app.table for column in one.value for cell in (column, *one.value[column])]
    for text in [texts(app), *cells, *(str(tile.value) + str(tile.help) for tile in app.metric)]:
        assert not {"nan", "None", "inf"} & set(text.replace("\u00a0", " ").replace("*", " ").replace("(", " ").split()), text
        assert "_" not in re.sub("Network (skin_condition|eczema_outline|retina_grade|retina_disc)", "", text), text


@pytest.mark.parametrize("which", ["outline_card", "condition_card"])
def test_every_figure_of_the_card_has_a_title_and_a_sentence_of_its_own(which, request, shown):
    facts = request.getfixturevalue(which)
    app = shown(facts)
    said = texts(app)
    figures = {name: it for name, it in facts["metrics"].items() if isinstance(it, float) or (isinstance(it, dict) and "value" in it)}
    assert len(figures) >= 9 and set(figures) <= set(METRICS), "words for every figure that is measured"
    titles = table_of(app, "Figure", "Value")["Figure"]
    for name, it in figures.items():
        value = it["value"] if isinstance(it, dict) else it
        if value is not None and math.isfinite(value):
            assert METRICS[name].title in titles or "spared" in METRICS[name].title
    assert len(titles) == len(set(titles)), "no two figures of one card have one title"
    assert said.count("{}") == 0
    nothing_odd(app)


def test_affected_skin_in_points_and_redness_in_its_own_steps(outline_card, shown):
    app = shown(outline_card)
    said, metrics = texts(app), outline_card["metrics"]
    assert f"off by **{metrics['fraction_error']['value'] * 100:.1f} points** on average" in said
    assert "patches are is off by **2.5** on average" in said and "not in percent" in said
    assert "made to hold in 90 % of photos" in said
    assert "same **5 photos**" in said and "share **86 %** of the area" in said and "share **75 %**" in said and "as a hint" in said
    sources = table_of(app, "Photos from")
    assert sources["Photos from"] == ["DermNet NZ", "DermXDB"]
    first, second = sources["Affected overlap"]
    assert first == f"{metrics['by_source']['dermnetnz']['affected_iou'] * 100:.0f} % (23)" and second == "too few photos to say (8)"


def test_skin_tones_under_twenty_photos_have_no_figure(outline_card, shown):
    app = shown(outline_card)
    tones = table_of(app, "Skin tone (photos)")
    rows = dict(zip(tones["Skin tone (photos)"], zip(*list(tones.values())[1:], strict=True), strict=True))
    assert len(tones) == 3, "two figures fit a phone"
    assert set(rows["Dark (9)"]) == {"too few photos to say"}
    value = outline_card["metrics"]["by_skin_tone"]["light"]["affected_iou"]["value"]
    assert rows["Light (22)"][0] == f"{value * 100:.0f} %"
    assert "ITA" in texts(app) and "redness shows less there" in texts(app)
    learned = table_of(app, "Photos it learned from")
    assert dict(zip(*learned.values(), strict=True)) == {"Very light": "40", "Light": "93", "Dark": "4", "Too little skin seen": "0"}


def test_a_fall_below_zero_is_a_rise(condition_card, shown):
    fall = condition_card["metrics"]["fall_when_hidden"]["value"]
    assert fall < 0
    app = shown(condition_card)
    assert f"That is **{-fall * 100:.1f} points** more than with the whole photo" in texts(app)
    table = table_of(app, "Figure", "Value")
    assert table["Value"][table["Figure"].index("Fall when hidden")] == f"−{-fall * 100:.1f} points"


def test_figures_of_a_handful_of_photos_say_so(condition_card, shown):
    app = shown(condition_card)
    said = next(line for line in texts(app).splitlines() if "photos of impetigo to a doctor" in line)
    assert "only 5 photos" in said
    table = table_of(app, "Figure", "Value")
    assert table["Photos"][table["Figure"].index("Impetigo to a doctor")] == "5"
    must = table_of(app, "On the list when it is there")
    assert "Impetigo (only 5 photos)" in must["Kind"] and "Suspicious spots together" in must["Kind"]


def test_the_sources_of_twenty_kinds_and_all_of_them_together(condition_card, shown):
    app = shown(condition_card)
    assert table_of(app, "Kind", "SD-198")["Kind"] == ["All of these kinds"], "no kind has twenty photos of one source"
    sources = next(one.value for one in app.table if "SD-198" in one.value and len(one.value) > 1).replace("\u00a0", " ", regex=True)
    own = condition_card["metrics"]["by_source"]
    hits = {name: sum(row[name]["n"] * row[name]["recall"] for row in own.values()) for name in ("dermnetnz", "sd198")}
    photos = {name: sum(row[name]["n"] for row in own.values()) for name in hits}
    assert sources["Kind"][0] == "All of these kinds" and len(sources["Kind"]) == len(own) + 1
    assert sources["SD-198"][0] == f"{hits['sd198'] / photos['sd198'] * 100:.0f} % ({photos['sd198']})"
    assert all("too few photos to say" in cell for cell in sources["SD-198"][1:])


def test_twenty_kinds_are_mixed_up_in_words(condition_card, shown):
    app = shown(condition_card)
    confusion = condition_card["confusion"]
    most = max(confusion[i][j] for i in range(20) for j in range(20) if i != j)
    pairs = table_of(app, "It was", "It said")
    assert pairs["Photos"][0].startswith(f"{most} of ") and len(pairs["Photos"]) == 6
    whole = table_of(app, "It said (photos)")
    row = CONDITIONS.index("impetigo")
    assert f"impetigo {confusion[row][row]}" in whole["It said (photos)"][row]
    assert whole["It said (photos)"][CONDITIONS.index("scabies")] == "no photos"
    worst = next(line for line in texts(app).splitlines() if "It does worst on" in line)
    assert "impetigo" not in worst, "five photos do not make a kind the worst"


@pytest.mark.parametrize("which", ["outline_card", "condition_card"])
def test_figures_without_a_value_are_left_out(which, request, shown):
    facts = json.loads(json.dumps(request.getfixturevalue(which)))

    def emptied(it: Any) -> Any:
        if isinstance(it, dict):
            return {
                key: None if key in ("value", "low", "high", "each_other", "affected_iou", "recall") else emptied(v)
                for key, v in it.items()
            }
        return it

    facts["metrics"] = emptied(facts["metrics"])
    facts["recall"] = emptied(facts.get("recall", {}))
    for row in facts["thresholds"].values():
        row |= {"sensitivity_test": math.nan, "specificity_test": None}
    app = shown(facts)
    nothing_odd(app)
    assert "What it cannot do" in texts(app)
