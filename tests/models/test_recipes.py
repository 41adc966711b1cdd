"""The recipes run from real photographs to weights, tiny and quick."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.lesion_outline import recipe as outline
from models.photo_kind import recipe as kind
from models.skin_lesion import recipe as skin
from models.training.data import ham10000
from models.training.loop import Plan

PLAN = Plan(stages=[(64, 4)], rate=1e-3, warmup=2, seed=5)


@pytest.mark.parametrize("recipe", [kind, skin, outline], ids=lambda r: r.__name__.split(".")[1])
def test_a_recipe_trains_from_the_imagenet_weights(recipe, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "BATCH", 8)
    network = recipe.train(data_folder, tmp_path, PLAN, limit=200 if recipe is skin else 24)
    assert (tmp_path / "checkpoint.pt").exists()
    assert all(torch.isfinite(p).all() for p in network.parameters())
    pretrained = torch.load(data_folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True)
    moved = (network.state_dict()["features.1.conv.0.0.weight"] - pretrained["features.1.conv.0.0.weight"].float().flip(2, 3)).abs().max()
    assert 0 < moved < 0.5  # it started there and learned


def test_the_data_are_read_whole_and_in_order(data_folder: Path) -> None:
    data = ham10000(data_folder, masks=True, splits=("val",), limit=40)
    assert data.images.shape == (40, 240, 320, 3) and data.images.reshape(40, -1).max(1).min() > 60
    assert data.masks is not None and set(np.unique(data.masks)) == {0, 255}
    assert ((data.masks > 0).reshape(40, -1).any(1)).all()
    assert (data.table["split"] == "val").all() and data.labels.max() < 7
    inside = np.array([image[mask > 0].mean() - image[mask == 0].mean() for image, mask in zip(data.images, data.masks, strict=True)])
    assert (inside < 0).mean() > 0.8  # lesions are darker than skin: masks belong to their photos


def test_no_group_is_in_two_splits(data_folder: Path) -> None:
    import pandas as pd

    table = pd.read_csv(data_folder / "ham10000" / "metadata.csv")
    assert (table.groupby("lesion_id")["split"].nunique() == 1).all()


def test_other_photos_are_split_by_every_fifth(data_folder: Path) -> None:
    val, train = (kind.load(data_folder, (s,), 700).by_kind[3] for s in ("val", "train"))
    assert (len(val), len(train)) == (160, 640)
    assert kind.load(data_folder, ("test",), 5).by_kind[3] == []
