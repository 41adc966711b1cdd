"""How we know for the network that grades eyes: a card as `models/retina_grade` makes it, of made-up rows, reaches people whole."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np
import pytest

from core.ui import evidence
from core.ui.evidence_retina import METRICS, OUTLINES, OWN, TOPICS
from core.vision.ordinal import ordinal_probabilities
from models.retina_disc import report as disc
from models.retina_grade import measure, report
from models.retina_grade.calibrate import fit_rule
from models.training.metrics import bootstrap
from tests.core.reading import GRADE, grade
from tests.pages.test_evidence_clinical import nothing_odd, shown, table_of, texts  # noqa: F401

CUTS = np.array([-1.0, 0.5, 2.0, 3.0])


@pytest.fixture(scope="module")
def retina_card() -> dict[str, Any]:
    """300 photos of three sources, graded as the model behind the score would, round and cut."""
    rng, n = np.random.default_rng(0), 300
    scores = rng.normal(0.8, 2.5, n)
    rows = measure.Collected(
        labels=np.array([rng.choice(5, p=p) for p in ordinal_probabilities(scores, CUTS)]),
        sources=np.array(["aptos2019", "aptos2019", "idrid", "eyepacs2015"])[np.arange(n) % 4],
        groups=np.array([f"g{i}" for i in range(n)]),
        scores=scores,
        distance=rng.random(n),
        kind_chance=rng.uniform(0.9, 1, n),
        cut=rng.random(n) < 0.5,
        shape=rng.random((n, 8)),
        shape_levelled=rng.random((n, 100)),
    )
    rule = fit_rule(rows, CUTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "bootstrap", partial(bootstrap, repeats=20))
        patch.setattr(measure, "shape_chances", lambda *_: {"shape_auroc": rng.random(n), "shape_left_auroc": rng.random(n)})
        patch.setattr(measure, "out_of_distribution", lambda *_: {"abstains_other": {"value": 0.9, "low": 0.8, "high": 1.0, "n": 160}})
        found = measure.measure(rows, rows, rule, report.FOLDER)
    counts: dict[str, Any] = {source: {} for source in measure.SOURCES}
    return dict(json.loads(json.dumps(report.facts({"sha256": "0" * 64, "parameters": 2}, counts, rule, found))))


def test_every_figure_has_words_and_stands_with_its_source(retina_card, shown):  # noqa: F811
    app = shown(retina_card)
    said, metrics = texts(app), retina_card["metrics"]
    assert "**300 photos**" in said
    titles = table_of(app, "Figure", "Value")["Figure"]
    assert len(titles) == len(set(titles)) == len(metrics)
    assert not {name.replace("_", " ").capitalize() for name in metrics} & set(titles), "none is told by its name in the card"
    for name in ("kappa_idrid", "auroc_cut", "shape_auroc_aptos2019", "sensitivity_eyepacs2015"):
        assert METRICS[name].sentence.format(f"**{evidence.shown(name, metrics[name]['value'])}**").replace("\u00a0", " ") in said
    for topic in TOPICS:
        assert topic.title in said
    assert "grade" in OWN["set_size"].sentence and OWN["set_size"].sentence.split("{}")[0] in said
    nothing_odd(app)


def test_what_must_not_be_missed_and_what_it_cannot_do(retina_card, shown):  # noqa: F811
    app = shown(retina_card)
    must = table_of(app, "On the list when it is there")
    row = retina_card["thresholds"]["referable"]
    assert must["Kind"] == ["Eyes of grade 2 or more"]
    assert must["On the list when it is there"] == [f"{row['sensitivity_test'] * 100:.0f} %"]
    said = texts(app)
    assert "macular oedema" in said and "Severe diabetic retinopathy" in str(app.table) + said + str([t.value for t in app.table])


def test_a_network_of_few_photos_says_how_they_were_kept_from_it(shown):  # noqa: F811
    figure = {"value": 0.94, "low": 0.93, "high": 0.95, "n": 50}
    counts = {"photos": 50, "folds": 5, "dice": {"disc": {"pooled": 0.94}}}
    facts = disc.facts({"sha256": "0" * 64, "parameters": 2}, {"metrics": {"dice_disc": figure, "crossval": counts}})
    app = shown(json.loads(json.dumps(facts)))
    said = texts(app)
    assert "Skin tones" not in said and "Nothing is known of the people" in said
    assert "only **50 photos**" in said and "5 networks learned from all parts but one" in said and "kept **50" not in said
    assert OUTLINES["dice_disc"].sentence.format("**94\u00a0%**").replace("\u00a0", " ") in said.replace("\u00a0", " ")
    nothing_odd(app)


def test_it_is_put_in_plain_words() -> None:
    text = " ".join([*(topic.text for topic in TOPICS), *(says.sentence.format("90 %") for says in (*METRICS.values(), *OWN.values()))])
    assert grade(text) <= GRADE
