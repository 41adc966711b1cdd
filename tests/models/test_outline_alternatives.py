"""Mask R-CNN beside the U-Net: both learn to find a drawn spot, from the same photos in the same order."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.vision.networks import OutlineNet, start_from_imagenet
from models.lesion_outline import alternatives, mask_rcnn
from models.lesion_outline.recipe import jaccard
from models.training.data import Lesions
from models.training.loop import Plan

HEIGHT, WIDTH = 96, 128


def spots(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Brown ellipses on pink noise with their masks, both uint8."""
    rng = np.random.default_rng(seed)
    images, masks = np.zeros((n, HEIGHT, WIDTH, 3), np.uint8), np.zeros((n, HEIGHT, WIDTH), np.uint8)
    for image, mask in zip(images, masks, strict=True):
        middle = (int(rng.integers(44, 84)), int(rng.integers(36, 60)))
        cv2.ellipse(mask, middle, (int(rng.integers(18, 32)), int(rng.integers(16, 28))), float(rng.integers(180)), 0, 360, 255, -1)
        flat = np.where(mask[..., None] > 0, (110, 70, 45), (225, 180, 165))
        image[:] = np.clip(flat + rng.normal(0, 6, flat.shape), 0, 255)
    return images, masks


def trained(
    network: nn.Module, loss: alternatives.Loss, size: int | tuple[int, int], work: Path, steps: int
) -> tuple[nn.Module, list[float]]:
    """The averaged network after some steps, and the loss at each."""
    losses: list[float] = []

    def kept(net: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
        value = loss(net, images, masks)
        losses.append(float(value.detach()))
        return value

    how = Plan(stages=[(HEIGHT, steps)], rate=2e-3, average=0.9, warmup=5, seed=4)
    return alternatives.train(network, kept, size, *spots(32, 0), work, how), losses


def test_mask_rcnn_learns_to_find_a_spot(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alternatives, "BATCH", 4)
    torch.manual_seed(0)
    network = mask_rcnn.mask_rcnn(HEIGHT, WIDTH)
    start_from_imagenet(network.backbone, torch.load(data_folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True))
    network, losses = trained(network, mask_rcnn.detection_loss, (HEIGHT, WIDTH), tmp_path, 30)
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[1:6])
    images, masks = spots(8, 1)
    found = np.stack([mask_rcnn.outline(network.cpu(), image) for image in images])
    assert found.shape == masks.shape and found.min() >= 0 and found.max() <= 1
    assert jaccard(found > 0.5, masks > 0).mean() > 0.65


def test_an_empty_mask_asks_for_no_box_and_an_outline_is_its_box() -> None:
    masks = torch.zeros(3, 1, 20, 30)
    masks[1, 0, 4:14, 6:22] = 1
    masks[2, 0, 4:6, 6:22] = 1  # two pixels high: pushed out of the picture
    empty, whole, sliver = mask_rcnn.targets(masks)
    assert len(empty["boxes"]) == len(empty["masks"]) == len(sliver["boxes"]) == 0
    assert whole["boxes"].tolist() == [[6, 4, 21, 13]] and whole["masks"].sum() == 160
    network = mask_rcnn.mask_rcnn(HEIGHT, WIDTH).train()
    assert torch.isfinite(mask_rcnn.detection_loss(network, torch.rand(3, 3, HEIGHT, WIDTH), torch.zeros(3, 1, HEIGHT, WIDTH)))


def test_both_see_the_same_photos_and_the_measure_is_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alternatives, "BATCH", 2)
    seen: dict[str, list[float]] = {}
    for name in ("one", "other"):
        network = nn.Conv2d(3, 1, 1)

        def loss(net: nn.Module, images: Tensor, masks: Tensor, name: str = name) -> Tensor:
            seen.setdefault(name, []).append(float(masks.mean()))
            out: Tensor = (net(images) * masks).mean()
            return out

        alternatives.train(network, loss, 32, *spots(16, 2), tmp_path / name, Plan(stages=[(32, 6)], warmup=1))
    assert seen["one"] == seen["other"] and len(set(seen["one"])) == 6

    import pandas as pd

    images, masks = spots(6, 3)
    data = Lesions(pd.DataFrame({"lesion_id": list("aabbcd")}), images, masks)
    truth = {image.tobytes(): mask for image, mask in zip(images, masks, strict=True)}
    right = alternatives.measured(lambda pixels: (truth[pixels.tobytes()] > 0).astype(np.float32), data)
    wrong = alternatives.measured(lambda pixels: np.zeros(pixels.shape[:2], np.float32), data)
    assert right["jaccard"]["value"] == 1 and right["under_065"]["value"] == 0 and right["seconds_per_photo"] > 0
    assert wrong["jaccard"]["value"] == 0 and wrong["under_065"]["value"] == 1


def test_the_networks_start_from_the_imagenet_weights(data_folder: Path) -> None:
    path = data_folder / "pretrained" / "mobilenet_v2_imagenet.pth"
    state = torch.load(path, weights_only=True)
    for network, _, _ in alternatives.networks(path).values():
        features = network.features if isinstance(network, OutlineNet) else network.backbone.features
        torch.testing.assert_close(features.state_dict()["1.conv.0.0.weight"], state["features.1.conv.0.0.weight"].float().flip(2, 3))
