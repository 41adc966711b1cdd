"""The network of the disc: its data, its figures, and a recipe that runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.vision.card import input_of, read_card
from core.vision.signs import DISC, disc_of
from models.retina_disc import crossval, recipe, report
from models.retina_disc.one_piece import CUTS, one_piece
from models.retina_lesions.data import eyes
from models.retina_lesions.recipe import start
from models.training import dice
from models.training.crossval import EPOCHS
from models.training.loop import Plan
from models.training.publish import save_weights, write_card
from tests.core.toy_networks import kinds_alone

PLAN = Plan(stages=[(96, 3)], rate=1e-3, warmup=1, seed=5)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with a copy of one network, to add this one to."""
    yield from kinds_alone(tmp_path, monkeypatch)


@given(st.integers(0, 2**32 - 1), st.integers(1, CUTS - 1))
def test_at_every_cut_it_is_the_piece_that_the_app_outlines(seed: int, cut: int) -> None:
    chance = np.random.default_rng(seed).random((9, 12)).astype(np.float32)
    reached = one_piece(chance) >= cut / CUTS
    assert (reached >= (disc_of(chance, cut / CUTS) > 0)).all(), "what is outlined there is never lost"
    higher = [disc_of(chance, more / CUTS) > 0 for more in range(cut, CUTS)]
    np.testing.assert_array_equal(reached, np.any(higher, 0))


def test_the_cross_validation_looks_at_each_photo_twenty_times_at_most() -> None:
    assert crossval.epochs(recipe.PLAN, 40) <= EPOCHS


def test_the_recipe_trains_and_counts_at_the_size_of_the_photo(data_folder: Path, tmp_path: Path) -> None:
    few = eyes(data_folder, input_of(recipe.INPUT | {"size": 96}), limit=2)
    assert (recipe.masks_of(few) > 0).mean((1, 2)) == pytest.approx([0.015] * 4, abs=0.012), "a disc is a fiftieth of an eye"
    study, fold = replace(crossval.STUDY, folder=tmp_path, plan=PLAN), np.array([0, 0, 1, 1])
    found = study.fold_counts(0, few, fold, tmp_path)
    assert found.shape == (2, 1, 2, 256) and (found[:, 0, 1].sum(-1) == few[0].truth.size).all()
    assert (found[:, 0, 0].sum(-1) == [((eye.truth >> recipe.BIT) & 1).sum() for eye in few[:2]]).all()


def test_the_card_is_complete_and_measured_through_the_engine(house: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = house / "retina_disc"
    folder.mkdir()
    torch.manual_seed(0)
    network = start(1).eval()
    write_card(folder, report.facts(save_weights(network, folder), {}))
    assert read_card(folder).classes == (DISC,)
    figures = report.measure(data_folder, limit=1)
    found = recipe.counted(network, eyes(data_folder, input_of(recipe.INPUT), ("val",), limit=1))
    cut = np.array([[round(figures["thresholds"][DISC]["value"] * 256)]])
    told = dice.figures(found, cut, (DISC,))[DISC]["pooled"]
    assert figures["metrics_val"]["dice"][DISC]["pooled"] == pytest.approx(told, abs=0.02)
