"""The network of the signs in an eye: its data, its patches, its figures, and a recipe that runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from core.vision.card import input_of, read_card
from core.vision.field import MARGIN
from core.vision.signs import DISC, SIGNS
from models.retina_lesions import crossval, recipe, report, small
from models.retina_lesions.data import FOLDS, OUTLINED, Eye, eyes, folds, healthy
from models.retina_lesions.patches import batch_of, places
from models.training import dice
from models.training.crossval import EPOCHS
from models.training.loop import Plan
from models.training.publish import save_weights, write_card
from tests.core.toy_networks import kinds_alone

PLAN = Plan(stages=[(96, 3)], rate=1e-3, warmup=1, seed=5, frozen=2)


@pytest.fixture(scope="module")
def few(data_folder: Path) -> list[Eye]:
    """Two photos of train and two of val, levelled to 480 pixels."""
    return eyes(data_folder, input_of(recipe.INPUT | {"size": 480}), limit=2)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with a copy of one network, to add this one to."""
    yield from kinds_alone(tmp_path, monkeypatch)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 255))
def test_the_dice_of_counts_is_that_of_scikit_learn(seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, (20, 30)).astype(np.uint8)
    chances = rng.random((2, 20, 30)).astype(np.float32)
    curve = dice.dice(dice.counts(chances, truth))
    for c in range(2):
        expected = f1_score((truth >> c & 1).ravel(), (chances[c] >= cut / 256).ravel(), zero_division=1)
        assert curve[c, cut] == pytest.approx(expected)


def test_figures_pool_the_photos_with_the_sign_and_tell_of_those_without() -> None:
    truth = np.zeros((3, 10, 10), np.uint8)
    truth[0, :4], truth[1, :1] = 1, 1
    chances = np.zeros((3, 1, 10, 10), np.float32)
    chances[0, 0, :4], chances[1, 0, 5:6], chances[2, 0, :2] = 0.9, 0.9, 0.9
    found = np.stack([dice.counts(c, t) for c, t in zip(chances, truth, strict=True)])
    told = dice.figures(found, np.full((3, 1), 128), ("sign",))["sign"]
    assert told == {"pooled": 0.8, "per_photo": 0.5, "pooled_all": round(80 / 120, 4), "photos": 2, "clean": 0.0}


def test_the_interval_of_a_pooled_dice_is_as_wide_as_the_photos_differ() -> None:
    rng = np.random.default_rng(1)
    truth = (rng.random((40, 20, 20)) < 0.3).astype(np.uint8)

    def told(wrong: np.ndarray) -> dict[str, float]:
        said = [np.where(rng.random((20, 20)) < w, 1 - t, t)[None].astype(np.float32) for w, t in zip(wrong, truth, strict=True)]
        found = np.stack([dice.counts(s, t) for s, t in zip(said, truth, strict=True)])
        return dice.intervals(found, np.full((40, 1), 128), ("sign",))["sign"]

    even, uneven = told(np.full(40, 0.2)), told(rng.choice([0.0, 0.4], 40))
    for one in (even, uneven):
        assert one["low"] < one["value"] < one["high"] and one["n"] == 40
    assert uneven["high"] - uneven["low"] > 2 * (even["high"] - even["low"])


def test_the_best_threshold_is_found() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((4, 50, 50)) < 0.2).astype(np.uint8)
    chances = np.clip(0.3 * rng.random((4, 1, 50, 50)) + 0.4 * truth[:, None], 0, 1).astype(np.float32)
    cut = dice.best(np.stack([dice.counts(c, t) for c, t in zip(chances, truth, strict=True)]))[0] / 256
    assert 0.3 <= cut <= 0.4


def test_the_loss_is_least_for_the_truth_and_ignores_no_class() -> None:
    target = torch.zeros(2, 4, 16, 16)
    for c in range(4):
        target[0, c, 2 + c : 6 + c, 4:9] = 1
    right = (target * 2 - 1) * 9
    least = recipe.signs_loss(right, target)
    assert least < 0.02
    for c in range(4):
        wrong = right.clone()
        wrong[:, c] *= -1
        assert recipe.signs_loss(wrong, target) > least + 0.15


def test_eyes_and_their_masks_lie_over_each_other(few: list[Eye]) -> None:
    assert [e.split for e in few].count("train") == 2
    for eye in few:
        image, disc = eye.levelled.image.astype(float), (eye.masks >> OUTLINED.index(DISC) & 1) > 0
        assert image[disc].mean() > 1.2 * image[~disc].mean()  # nothing in an eye is as light as the disc
        share = (eye.truth >> 4 & 1).sum() * eye.levelled.matrix[0, 0] ** 2 / disc.sum()
        assert share == pytest.approx(1, abs=0.03)


def test_squares_show_signs_and_differ(few: list[Eye]) -> None:
    about = [places(eye) for eye in few]
    images, targets = batch_of(few, about, 24, 96, torch.Generator().manual_seed(1))
    assert images.shape == (24, 3, 96, 96) and targets.shape == (24, 4, 96, 96)
    assert images.min() >= 0 and images.max() <= 1 and set(targets.unique().tolist()) == {0.0, 1.0}
    assert targets.flatten(1).any(1).float().mean() > 0.7
    again, _ = batch_of(few, about, 24, 96, torch.Generator().manual_seed(1))
    assert torch.equal(images, again)
    assert (images[0] - images[1]).abs().mean() > 0.01


def test_folds_are_even_in_photos_and_in_the_rarest_sign() -> None:
    blank = np.zeros((2, 2), np.uint8)
    photos = [Eye(f"{i:02}", "train", None, blank, blank | np.uint8(8 * (i % 2))) for i in range(50)]  # type: ignore[arg-type]
    fold = folds(photos)
    assert np.bincount(fold).tolist() == [10] * FOLDS
    assert np.bincount(fold[1::2]).tolist() == [5] * FOLDS


def test_the_cross_validation_keeps_within_twenty_epochs() -> None:
    assert crossval.epochs(crossval.CROSS, 40) <= EPOCHS


def test_thresholds_of_a_fold_come_from_the_others() -> None:
    """Two folds whose best thresholds differ: each is judged at the other's."""
    truth = np.zeros((10, 10), np.uint8)
    truth[:3] = 31
    found = np.stack(
        [dice.counts(np.where(truth[None] > 0, top, low).repeat(4, 0).astype(np.float32), truth) for top, low in ((0.9, 0.6), (0.4, 0.1))]
    )
    told = crossval.STUDY.measured(found, np.array([0, 1]))["dice"]["haemorrhages"]
    # At the first's threshold (0.75) nothing of the second is outlined, at the second's (0.25) everything of the first.
    assert told["pooled"] == pytest.approx(2 * 30 / (100 + 0 + 60), abs=1e-4)


def test_the_recipe_trains_and_a_fold_is_not_trained_twice(few: list[Eye], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "BATCH", 2)
    study, fold = replace(crossval.STUDY, folder=tmp_path, plan=PLAN), np.array([0, 0, 1, 1])
    first = study.fold_counts(0, few, fold, tmp_path)
    assert first.shape == (2, 4, 2, 256) and (first[:, :, 1].sum(-1) == few[0].truth.size).all()
    assert (tmp_path / "fold0" / "checkpoint.pt").exists()
    again = replace(study, learn=lambda *_: pytest.fail("the fold was trained again"))
    np.testing.assert_array_equal(again.fold_counts(0, few, fold, tmp_path), first)
    other = replace(again, plan=replace(PLAN, seed=9))
    for photos, one in ((few[1:] + few[:1], again), (few, other)):
        with pytest.raises(ValueError, match="another plan"):
            one.fold_counts(0, photos, fold, tmp_path)
    with pytest.raises(ValueError, match="longer than 20 epochs"):
        replace(study, epochs=lambda *_: 20.5).run(few, fold, tmp_path)
    told = study.run(few, fold, tmp_path)
    assert told["photos"] == 4 and told["folds"] == 2 and set(told["dice"]) == set(SIGNS)
    kept = study.metrics()
    assert told.items() <= kept["crossval"].items(), "the same again from what was kept, without training"
    assert kept["crossval"]["plan"] == study.named() and kept["crossval"]["epochs"] == round(study.epochs(PLAN, 2), 1)
    other_plan = replace(study, plan=replace(PLAN, seed=9)).metrics()["crossval"]
    assert "epochs" not in other_plan and other_plan["plan"] == study.named(), "what another plan gave is said to be of that plan"
    measured = [sign for sign in SIGNS if told["dice"][sign]["photos"]]
    assert {f"dice_{sign}" for sign in measured} | {"crossval"} == set(kept) and len(measured) >= 3
    for sign in measured:
        figure = kept[f"dice_{sign}"]
        assert (
            figure["low"] <= figure["value"] == told["dice"][sign]["pooled"] <= figure["high"]
            and figure["n"] == told["dice"][sign]["photos"]
        )


def test_the_card_is_complete_and_measured_through_the_engine(house: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine, with the weights as they ship, says of a photo what the recipe says of it."""
    folder = house / "retina_lesions"
    folder.mkdir()
    way = recipe.INPUT | {"size": 256}
    monkeypatch.setattr(report, "INPUT", way)
    torch.manual_seed(0)
    network = recipe.start().eval()
    write_card(folder, report.facts(save_weights(network, folder), {}))
    assert read_card(folder).classes == SIGNS
    figures = report.measure(data_folder, limit=1)
    found = recipe.counted(network, eyes(data_folder, input_of(way), ("val",), limit=1))
    cut = np.array([[round(figures["thresholds"][c]["value"] * 256) for c in SIGNS]])
    for name, told in dice.figures(found, cut, SIGNS).items():
        assert figures["metrics_val"]["dice"][name]["pooled"] == pytest.approx(told["pooled"], abs=0.02)


def test_signs_are_looked_for_from_the_size_at_which_the_smallest_are_still_found() -> None:
    told = {across: {"microaneurysms": index} for across, index in zip(small.ACROSS, (0.5, 0.48, 0.43, 0.3, 0.45), strict=True)}
    assert small.fewest(told) == 800, "what comes back below it is chance"
    assert small.fewest({1400: {"microaneurysms": 0.5}}) == 1400


def test_a_photo_is_made_smaller_by_its_eye_and_never_larger(few: list[Eye]) -> None:
    pixels = few[0].levelled.image
    half = small.smaller(pixels, 240)
    assert half.shape[0] == pytest.approx(240 * MARGIN, abs=3) and small.smaller(pixels, 4000) is pixels


def test_a_third_of_the_squares_are_healthy(few: list[Eye], data_folder: Path) -> None:
    without = healthy(data_folder, input_of(recipe.INPUT | {"size": 480}), limit=1)
    assert len(without) == 3 and {image.shape for image in without} == {(480, 480, 3)}
    about = [places(eye) for eye in few]
    images, targets = batch_of(few, about, 6, 96, torch.Generator().manual_seed(2), without)
    assert images.shape == (6, 3, 96, 96) and targets.shape == (6, 4, 96, 96) and images.std((1, 2, 3)).min() > 0
    assert targets[:4].any() and not targets[4:].any()
    said = torch.full((6, 4, 96, 96), -3.0)
    other = said.clone()
    other[4:, 0] += 3
    assert recipe.signs_loss(said, targets) < recipe.signs_loss(other, targets), "a sign in a healthy eye costs"
