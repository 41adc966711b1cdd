"""The network of the quality of photos of eyes: how they are spoiled, and a recipe that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from core.vision.card import read_card
from core.vision.networks import Classifier
from models.retina_quality import recipe, report
from models.retina_quality.data import CLASSES, LIMITS, POOREST, good, measured, measured_photos, poorest
from models.retina_quality.spoil import FINE, HIDDEN, POOR, poorness, spoiled
from models.training.loop import Plan
from models.training.publish import save_weights, write_card
from models.training.retina import Fundus
from tests.core.toy_networks import kinds_alone


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with a copy of one network, to add this one to."""
    yield from kinds_alone(tmp_path, monkeypatch)


def eye(width: int = 200, height: int = 160) -> np.ndarray:
    """A round field with vessels and a disc, drawn."""
    pixels = np.zeros((height, width, 3), np.uint8)
    cv2.circle(pixels, (width // 2, height // 2), 76, (170, 90, 40), cv2.FILLED)
    for x in range(40, 161, 12):
        cv2.line(pixels, (x, 30), (width - x, height - 30), (110, 45, 20), 1)
    cv2.circle(pixels, (width // 2 + 40, height // 2), 10, (240, 200, 120), cv2.FILLED)
    inside = cv2.circle(np.zeros((height, width), np.uint8), (width // 2, height // 2), 76, 1, cv2.FILLED)
    return pixels * inside[..., None]


@pytest.mark.parametrize("seed", range(3))
def test_more_strength_is_worse_as_measured(seed: int) -> None:
    """Blur takes sharpness, dark and bright take and give light, in order of strength; the same draw for each."""
    pixels = eye()
    facts = {
        what: [measured(spoiled(pixels, what, s, np.random.default_rng(seed))) for s in (0.1, 0.5, 0.8)]
        for what in ("blurred", "dark", "bright")
    }
    sharp, dark, light = [f[0] for f in facts["blurred"]], [f[1] for f in facts["dark"]], [f[1] for f in facts["bright"]]
    assert sharp[0] > sharp[1] > sharp[2] and dark[0] > dark[1] > dark[2] and light[0] < light[1] <= light[2]


@pytest.mark.parametrize("seed", range(6))
def test_the_hidden_share_is_what_the_strength_says(seed: int) -> None:
    pixels = eye()
    lit = (pixels.max(2) > 60).sum()
    worse = spoiled(pixels, "field", 0.6, np.random.default_rng(seed))
    assert 1 - (worse.max(2) > 60).sum() / lit == pytest.approx(0.6 * HIDDEN, abs=0.08)


def test_what_counts_as_poor_rises_from_fine_to_poor() -> None:
    assert [poorness(s) for s in (0, FINE, (FINE + POOR) / 2, POOR, 1)] == [0, 0, 0.5, 1, 1]


def test_an_unknown_fault_is_an_error() -> None:
    with pytest.raises(ValueError, match="what"):
        spoiled(eye(), "good", 0.5, np.random.default_rng(0))


def test_examples_have_targets_that_sum_to_one_and_follow_the_strength() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        for kind in CLASSES:
            image, target = recipe.example(eye(), kind, rng)
            assert image.shape == (3, recipe.SIZE, recipe.SIZE) and image.min() >= 0 and image.max() <= 1
            assert target.sum() == pytest.approx(1) and target[0] + target[CLASSES.index(kind)] >= 1


def test_good_and_poorest_are_told_by_their_sources_limits() -> None:
    sharp, dark, light = LIMITS["eyepacs2015"]
    rows = [
        ("eyepacs2015", sharp + 0.1, (dark + light) / 2, True, -1),
        ("eyepacs2015", POOREST["blurred"] - 0.1, (dark + light) / 2, False, 1),
        ("eyepacs2015", POOREST["blurred"] - 0.1, POOREST["dark"] - 1, False, 2),
        ("eyepacs2015", sharp + 0.1, POOREST["bright"] + 1, False, 3),
        ("idrid", 0.5, 10.0, False, -1),
        ("aptos2019", LIMITS["aptos2019"][0] + 0.1, 150.0, True, -1),
    ]
    table = pd.DataFrame(rows, columns=["source", "sharpness", "light", "fine", "kind"])
    assert good(table).tolist() == table["fine"].tolist()
    assert poorest(table).tolist() == table["kind"].tolist()


def test_the_recipe_trains_from_real_photos(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "BATCH", 6)
    network = recipe.train(data_folder, tmp_path, Plan(stages=[(96, 2)], warmup=1, seed=1, frozen=3), limit=6)
    assert (tmp_path / "checkpoint.pt").exists() and all(torch.isfinite(p).all() for p in network.parameters())


def test_photos_are_read_and_measured_once(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = measured_photos(data_folder, ("val",), limit=2, kept=tmp_path / "measured.csv")
    assert set(data.table["source"]) == set(LIMITS) and len(data.photos) == 6
    assert all(p.ndim == 3 and p.size for p in data.photos)
    assert (data.table["sharpness"] > 0).all() and data.table["light"].between(5, 255).all()
    monkeypatch.setattr("models.retina_quality.data.measured", lambda pixels: pytest.fail("measured again"))
    pd.testing.assert_frame_equal(measured_photos(data_folder, ("val",), limit=2, kept=tmp_path / "measured.csv").table, data.table)


def test_the_card_is_complete_and_measured_through_the_engine(house: Path, data_folder: Path) -> None:
    """A network that says good of every photo: nothing is stopped, and the threshold is its own answer."""
    folder = house / "retina_quality"
    folder.mkdir()
    network = Classifier(len(CLASSES)).eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.tensor([2.0, 0, 0, 0, 0]))
    write_card(folder, report.facts(save_weights(network, folder), {}))
    assert read_card(folder).input.crop == "field"
    figures = report.measure(data_folder, limit=4, each=1)
    assert figures["thresholds"]["gradable"]["value"] == pytest.approx(np.exp(2) / (np.exp(2) + 4), abs=1e-3)
    for group in ("metrics", "metrics_val"):
        assert figures[group]["good_pass"]["value"] == 1 and figures[group]["poor_stopped"]["value"] == 0
        assert set(figures[group]["gradable_by_strength"]) == set(CLASSES[1:]) and "grade" not in figures[group]
    assert [sum(row) for row in figures["confusion"]][1:] == [3] * 4 and all(row[0] == sum(row) for row in figures["confusion"])


def test_the_grade_is_told_apart_for_photos_that_pass_and_those_that_do_not() -> None:
    """Against scikit-learn: right on all that pass, a coin on the others."""
    rng = np.random.default_rng(0)
    grade = rng.integers(0, 5, 60)
    passes = rng.random(60) < 0.5
    said = np.where(passes, grade, rng.integers(0, 5, 60))
    blank = np.zeros((4, 6, 20, 5))
    found = report.Said(
        Fundus(pd.DataFrame({"grade": grade}), []), np.zeros((60, 5)), passes, grade, np.arange(20), blank, said, np.zeros((4, 6, 20), int)
    )
    told = report.grading(found, passes, np.ones((4, 6, 20), bool))["grade"]
    assert told["as_they_come_gradable"]["kappa"] == told["as_they_come_gradable"]["accuracy"]["value"] == 1
    assert told["as_they_come_poor"]["accuracy"]["value"] == pytest.approx((said == grade)[~passes].mean(), abs=1e-4)
    assert told["spoiled_gradable"]["accuracy"]["value"] == pytest.approx((grade[:20] == 0).mean(), abs=1e-4)
    assert "spoiled_poor" not in told
