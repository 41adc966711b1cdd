"""The clinical photos and what is made of them to learn from."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from models.eczema_outline import recipe as outline
from models.eczema_outline.tones import outlines
from models.skin_condition import recipe as condition
from models.training.clinical import CONDITIONS, conditions, eczema


def test_outlines_belong_to_their_photos(data_folder: Path) -> None:
    data = eczema(data_folder, ("train",), 40)
    redder = []
    for photo, mask, skin in zip(data.photos, data.affected, data.skin, strict=True):
        assert photo.shape[:2] == mask.shape and max(mask.shape) == 512
        if skin is not None:
            inside, beside = mask > 127, (skin > 0) & (mask == 0)
            colour = photo[..., 0].astype(float) - photo[..., 1]
            if inside.any() and beside.any():
                redder.append(colour[inside].mean() > colour[beside].mean())
    assert len(redder) > 20 and np.mean(redder) > 0.8  # eczema is redder than the skin around it


def test_two_annotators_are_both_asked(data_folder: Path) -> None:
    data = eczema(data_folder)
    assert sum(second is not None for second in data.second) == 22
    for mean, first, second in zip(data.affected, data.first, data.second, strict=True):
        assert second is not None or (mean == first).all()
        assert second is None or (mean[(first > 0) & (second > 0)] == 255).all()


def test_no_person_is_in_two_splits_of_either_set(data_folder: Path) -> None:
    both = pd.concat([eczema(data_folder).table, conditions(data_folder).table])
    assert (both.dropna(subset="person_group").groupby("person_group")["split"].nunique() == 1).all()


def test_labels_are_those_of_the_table(data_folder: Path) -> None:
    data = conditions(data_folder, ("val",))
    assert len(data.images) == 371 and (np.array(CONDITIONS)[data.labels] == data.table["label"]).all()
    assert data.images.reshape(371, -1).max(1).min() > 60  # every one was found


@pytest.mark.parametrize("shape", [(300, 512), (512, 340)])
def test_a_window_keeps_shares_and_directions(shape: tuple[int, int]) -> None:
    """The photo's left half is marked; whatever the window, photo and target stay in step, and nothing outside the frame is made up."""
    photo = np.zeros((*shape, 3), np.uint8)
    photo[:, : shape[1] // 2] = 200
    mask = np.repeat((photo[..., :1] > 0).astype(np.float32), 2, 2)
    sample = outline.Sample(photo, mask, np.ones_like(mask))
    rng = np.random.default_rng(0)
    for _ in range(20):
        matrix = outline.window(shape, 64, rng)
        a = cv2.warpAffine(sample.photo, matrix, (64, 64), borderMode=cv2.BORDER_REFLECT_101)[..., 0] > 100
        b = cv2.warpAffine(sample.target, matrix, (64, 64), borderMode=cv2.BORDER_REFLECT_101)[..., 0] > 0.5
        assert (a == b).mean() > 0.97
        size = np.sqrt(abs(np.linalg.det(np.linalg.inv(matrix[:, :2]))) * 64 * 64 / (shape[0] * shape[1]))
        assert 0.45 < size < 1.35


def test_nothing_is_asked_under_a_painted_box() -> None:
    rng, hidden = np.random.default_rng(3), 0
    for _ in range(40):
        photo, weight = np.full((64, 64, 3), 0.5, np.float32), np.ones((64, 64, 2), np.float32)
        outline.cover(photo, weight, rng)
        boxes = weight[..., 0] == 0
        hidden += boxes.any()
        assert len(np.unique(photo[boxes], axis=0)) <= 1 and (weight[..., 0] == weight[..., 1]).all()
    assert 3 < hidden < 25


def test_the_outline_loss_ignores_what_has_no_weight() -> None:
    target = torch.zeros(2, 2, 16, 16)
    target[:, 0, 4:12, 4:12] = 1
    target[:, 1] = 1
    weight = torch.ones_like(target)
    right = (target * 2 - 1) * 9
    wrong = right.clone()
    wrong[:, :, :8] *= -1
    assert outline.outline_loss(right, target, weight) < 0.01 < 0.5 < outline.outline_loss(wrong, target, weight)
    weight[:, :, :8] = 0
    assert outline.outline_loss(wrong, target, weight) == pytest.approx(float(outline.outline_loss(right, target, weight)), abs=1e-3)


def test_only_corner_and_strip_are_painted_over() -> None:
    image = np.random.default_rng(0).integers(0, 256, (200, 100, 3), np.uint8)
    out = condition.painted_over(image, np.array((1, 2, 3)))
    changed = (out != image).any(2)
    assert changed[176:].mean() > 0.99 and changed[128:, :50].mean() > 0.99
    assert not changed[:128].any() and not changed[:176, 50:].any()


def test_a_covered_corner_changes_little_of_the_outlines(data_folder: Path) -> None:
    """Watermarks sit in the lower left corner. Elsewhere in the photo it must not matter what is seen there."""
    data = eczema(data_folder, ("val",))
    overlap, change = [], []
    for photo, skin in zip(data.photos, data.skin, strict=True):
        height, width = photo.shape[:2]
        corner = np.s_[height - height * 36 // 100 :, : width // 2]
        covered = photo.copy()
        covered[corner] = photo.mean((0, 1))
        seen = [[mask > 0 for mask in outlines(one)[:2]] for one in (photo, covered)]
        for mask in (mask for pair in seen for mask in pair):
            mask[corner] = False
        (before, shown), (after, shown_again) = seen
        overlap.append(outline.iou(before, after))
        if skin is not None:
            change.append(abs(before.sum() / (before | shown).sum() - after.sum() / (after | shown_again).sum()))
    assert len(overlap) >= 10 and np.mean(overlap) > 0.85 and np.mean(change) < 0.03, (np.mean(overlap), np.mean(change))


def test_the_share_loss_is_the_error_of_the_share() -> None:
    """A quarter of the skin is affected; half of it is said to be: the loss is a quarter, and 0 when the masks are right."""
    target = torch.zeros(2, 2, 40, 40)
    target[:, 0, :10] = 1
    target[:, 1] = 1
    weight, said = torch.ones_like(target), target.clone()
    said[:, 0, :20] = 1
    assert outline.share_loss((target * 2 - 1) * 30, target, weight) < 1e-4
    assert outline.share_loss((said * 2 - 1) * 30, target, weight) == pytest.approx(0.25, abs=1e-3)
    weight[0, 1] = 0  # nobody drew the first one's skin: it is not asked
    said[1] = target[1]
    assert outline.share_loss((said * 2 - 1) * 30, target, weight) < 1e-4


def test_averaged_weights_are_the_mean() -> None:
    nets = [torch.nn.Linear(3, 2) for _ in range(3)]
    mean = outline.averaged(nets)
    x = torch.randn(5, 3)
    torch.testing.assert_close(mean(x), torch.stack([net(x) for net in nets]).mean(0))
