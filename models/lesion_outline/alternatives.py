"""Train Mask R-CNN and a U-Net on the same few photos, measure both beside the U-Net that ships, and say so in the card."""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.vision.card import card
from core.vision.engine import InProcess, prepare
from core.vision.networks import OutlineNet, start_from_imagenet
from core.vision.outline import mask_of
from models.lesion_outline import mask_rcnn
from models.lesion_outline.recipe import SIZE, jaccard, outline_loss, varied
from models.lesion_outline.report import FOLDER, POOR
from models.training.data import Lesions, data_folder, ham10000
from models.training.loop import Plan, device, fit, normalise
from models.training.metrics import bootstrap
from models.training.publish import write_card

log = logging.getLogger("carelens.training")

PHOTOS, EPOCHS, BATCH, SEED = 2000, 5, 16, 17
"""Photos drawn from train, how often each is looked at on average, photos a step, and the seed of all of it."""
Loss = Callable[[nn.Module, Tensor, Tensor], Tensor]
Outline = Callable[[np.ndarray], np.ndarray]


def plan(photos: int = PHOTOS, rate: float = 6e-4) -> Plan:
    """So many steps that each photo is seen `EPOCHS` times on average."""
    return Plan(stages=[(SIZE, photos * EPOCHS // BATCH)], rate=rate, weight_decay=0.02, average=0.99, seed=SEED, warmup=40)


def unet_loss(network: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
    """The recipe's loss."""
    images = normalise(images.to(device())).contiguous(memory_format=torch.channels_last)
    return outline_loss(network(images), masks.to(device()))


def subset(data: Lesions, photos: int = PHOTOS) -> np.ndarray:
    """Rows of the photos that both learn from: drawn from train, the same at every run."""
    rows = data.rows("train")
    return np.sort(np.random.default_rng(SEED).permutation(rows)[:photos])


def train(
    network: nn.Module, loss: Loss, size: int | tuple[int, int], images: np.ndarray, masks: np.ndarray, work: Path, how: Plan
) -> nn.Module:
    """Train on photos (N, H, W, 3) and masks (N, H, W) uint8, at each step the same ones whatever the network; resumes in `work`."""

    def batch_loss(net: nn.Module, _: int, rng: torch.Generator) -> Tensor:
        draw = np.random.default_rng(int(torch.randint(2**62, (1,), generator=rng)))
        pick = draw.integers(0, len(images), BATCH)
        return loss(net, *varied(images[pick], masks[pick], size, rng))

    return fit(network, batch_loss, how, work)


def networks(pretrained: Path) -> dict[str, tuple[nn.Module, Loss, int | tuple[int, int]]]:
    """Both networks with the ImageNet weights in their encoders, their losses and the size at which they learn."""
    state = torch.load(pretrained, weights_only=True)
    unet, found = OutlineNet(), mask_rcnn.mask_rcnn()
    start_from_imagenet(unet, state)
    start_from_imagenet(found.backbone, state)
    return {
        "mask_rcnn": (found, mask_rcnn.detection_loss, (mask_rcnn.SHORTEST, mask_rcnn.LONGEST)),
        "unet_same_photos": (unet, unet_loss, SIZE),
    }


def by_unet(network: nn.Module) -> Outline:
    """A U-Net that is not installed, asked as the engine asks the one that is."""
    way = card("lesion_outline").input

    @torch.inference_mode()
    def outline(pixels: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(prepare(pixels, way))[None]
        x = torch.cat((x, x.flip(3))).contiguous(memory_format=torch.channels_last)
        chance = network(x).sigmoid()
        return np.asarray(((chance[:1] + chance[1:].flip(3)) / 2)[0, 0].numpy())

    return outline


def measured(outline: Outline, data: Lesions) -> dict[str, Any]:
    """Jaccard index on the photos of `data`, intervals by bootstrap over lesions, and the median time from photo to mask.

    The time is the processor's, which on one thread is the clock's on a quiet machine, and on a busy one still fair.
    """
    assert data.masks is not None
    lesions, masks, seconds = data.table["lesion_id"].to_numpy(), [], []
    for image in data.images:
        began = time.process_time()
        masks.append(mask_of(outline(image), image.shape))
        seconds.append(time.process_time() - began)
    index = jaccard(np.stack(masks) > 0, data.masks > 0)
    return {
        "jaccard": bootstrap(len(index), lambda r: float(index[r].mean()), groups=lesions),
        "under_065": bootstrap(len(index), lambda r: float((index[r] < POOR).mean()), groups=lesions),
        "seconds_per_photo": round(float(np.median(seconds)), 6),
    }


def alternatives(trained: dict[str, nn.Module], data: Lesions) -> dict[str, Any]:
    """The card's `metrics.alternatives`: network to figures, the U-Net that ships last. One thread each, one photo at a time."""
    engine, threads = InProcess(), torch.get_num_threads()
    asked: dict[str, Outline] = {
        "mask_rcnn": lambda pixels: mask_rcnn.outline(trained["mask_rcnn"], pixels),
        "unet_same_photos": by_unet(trained["unet_same_photos"]),
        "unet_shipped": lambda pixels: engine.outline("lesion_outline", pixels)[0],
    }
    found = {}
    for name, outline in asked.items():
        outline(data.images[0])  # loads and warms up
        torch.set_num_threads(1)
        found[name] = measured(outline, data)
        log.info("%s: %s", name, json.dumps(found[name]))
    torch.set_num_threads(threads)
    for name, network in trained.items():
        found[name] |= {"photos": PHOTOS, "looks": PHOTOS * EPOCHS, "parameters": sum(p.numel() for p in network.parameters())}
    return found


def run(about: str | None) -> None:
    """Command line: train both in turn, measure, write the figures into the card of `lesion_outline`."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, default=Path.home() / "carelens-work" / "outline_alternatives")
    parser.add_argument("--threads", type=int, default=1, help="threads to train with")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    data = ham10000(options.data, masks=True, splits=("train",))
    assert data.masks is not None
    pick = subset(data)
    images, masks = data.images[pick], data.masks[pick]
    del data
    trained = {}
    for name, (network, loss, size) in networks(options.data / "pretrained" / "mobilenet_v2_imagenet.pth").items():
        network = train(network, loss, size, images, masks, options.work / name, plan())
        trained[name] = network.cpu().eval()
    found = alternatives(trained, ham10000(options.data, masks=True, splits=("test",)))
    facts = json.loads((FOLDER / "card.json").read_text(encoding="utf-8"))
    facts["metrics"]["alternatives"] = found
    write_card(FOLDER, facts)
