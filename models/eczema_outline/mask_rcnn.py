"""Mask R-CNN (He et al. 2017) beside the U-Net on affected skin: every patch a box, the boxes' masks laid together.

python -m models.eczema_outline.mask_rcnn --data DIR [--work DIR]

Both see the outlined photos of `train` with the same augmentation; the row goes into the card's `metrics.alternatives`.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from core.vision.networks import start_from_imagenet
from models.eczema_outline.recipe import batch_of, iou, samples
from models.eczema_outline.report import FOLDER
from models.eczema_outline.tones import outlines
from models.lesion_outline.mask_rcnn import LEAST_SIDE, mask_rcnn
from models.training.clinical import Outlined, eczema
from models.training.data import data_folder
from models.training.loop import Plan, device, fit
from models.training.metrics import bootstrap
from models.training.publish import write_card

log = logging.getLogger("carelens.training")

SIDE = 256
ANCHORS = ((16, 32, 56), (96, 150, 220))
"""Sides of the boxes that are tried, in pixels, at strides 8 and 16: patches come in all sizes."""
MOST = 30
"""Patches looked for in one photo."""
BATCH = 8
PLAN = Plan(stages=[(SIDE, 350)], rate=6e-4, weight_decay=0.02, average=0.99, seed=8, warmup=40)


def patches(masks: Tensor) -> list[dict[str, Tensor]]:
    """What torchvision wants to know of each photo: the largest patches as boxes and masks; masks (N, H, W) 0-1."""
    wanted = []
    for mask in masks:
        count, pieces, facts, _ = cv2.connectedComponentsWithStats((mask.numpy() > 0.5).astype(np.uint8))
        own = [i for i in range(1, count) if min(facts[i, cv2.CC_STAT_WIDTH], facts[i, cv2.CC_STAT_HEIGHT]) >= LEAST_SIDE]
        own = sorted(own, key=lambda i: -int(facts[i, cv2.CC_STAT_AREA]))[:MOST]
        boxes = torch.tensor([[x, y, x + w, y + h] for x, y, w, h in (facts[i, :4].tolist() for i in own)], dtype=torch.float32)
        drawn = np.stack([pieces == i for i in own]) if own else np.zeros((0, SIDE, SIDE), bool)
        wanted.append(
            {
                "boxes": boxes.reshape(-1, 4).to(device()),
                "labels": torch.ones(len(own), dtype=torch.int64, device=device()),
                "masks": torch.from_numpy(drawn).to(device(), torch.uint8),
            }
        )
    return wanted


@torch.inference_mode()
def outline(network: nn.Module, pixels: np.ndarray, sure: float = 0.5) -> np.ndarray:
    """Chance of affected skin per pixel (H, W) float32: the largest over the boxes it is at least so sure of."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    found = network([torch.from_numpy(small).permute(2, 0, 1).float().div(255).to(device())])[0]
    masks = found["masks"][found["scores"] >= sure, 0]
    chance = masks.max(0).values.cpu().numpy() if len(masks) else np.zeros((SIDE, SIDE), np.float32)
    return cv2.resize(chance, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def train(data: Outlined, pretrained: Path, work: Path, plan: Plan = PLAN) -> nn.Module:
    """Train on the outlined photos of `train`; resumes in `work`."""
    own = samples(data, data.rows("train"))
    network = mask_rcnn(SIDE, SIDE, ANCHORS, MOST)
    start_from_imagenet(network.backbone, torch.load(pretrained, weights_only=True))

    def loss(net: nn.Module, size: int, rng: torch.Generator) -> Tensor:
        draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        images, target, weight = batch_of([own[i] for i in draw.integers(0, len(own), BATCH)], SIDE, rng)
        losses: dict[str, Tensor] = net(list(images.to(device())), patches(target[:, 0] * weight[:, 0]))
        return torch.stack([value.float() for value in losses.values()]).sum()

    return fit(network, loss, plan, work)


def row(network: nn.Module, data: Outlined, groups: np.ndarray) -> dict[str, Any]:
    """IoU of affected skin and processor time a photo, of Mask R-CNN and of what ships, on the photos of `data`."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    for name, draw in (("mask_rcnn", lambda p: outline(network, p) > 0.5), ("unet_shipped", lambda p: outlines(p)[0] > 0)):
        draw(data.photos[0])
        index, seconds = [], []
        for photo, true in zip(data.photos, data.first, strict=True):
            began = time.process_time()
            drawn = draw(photo)
            seconds.append(time.process_time() - began)
            index.append(iou(drawn, true > 0))
        values = np.array(index)
        found[name] = {
            "affected_iou": bootstrap(len(values), lambda r, values=values: float(values[r].mean()), groups=groups),
            "seconds_per_photo": round(float(np.median(seconds)), 6),
        }
    torch.set_num_threads(threads)
    return found


def main() -> None:
    """Command line: train, measure beside what ships, write the row into the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, default=Path.home() / "carelens-work" / "eczema_mask_rcnn")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    cv2.setNumThreads(1)
    pretrained = options.data / "pretrained" / "mobilenet_v2_imagenet.pth"
    network = train(eczema(options.data, ("train",)), pretrained, options.work).cpu().eval()
    test = eczema(options.data, ("test",))
    facts = json.loads((FOLDER / "card.json").read_text(encoding="utf-8"))
    facts["metrics"]["alternatives"] = row(network, test, test.table["person_group"].fillna(test.table["image_id"]).to_numpy())
    log.info("%s", json.dumps(facts["metrics"]["alternatives"]))
    write_card(FOLDER, facts)


if __name__ == "__main__":
    main()
