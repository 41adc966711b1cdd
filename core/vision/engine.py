"""One interface to run networks; in this process here, on other machines later."""

from __future__ import annotations

import gc
import logging
import threading
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import CareLensError
from core.settings import settings
from core.vision.card import Card, Input, card_ids
from core.vision.field import Levelled, find_field, level
from core.vision.light import gain
from core.vision.runners import Forward, runners

log = logging.getLogger("carelens.vision")


@dataclass(frozen=True)
class Classified:
    """What a classifier says of one photo.

    `logits` (classes,) float64, the mean over mirrored views; `maps` (classes, h, w) float32, the class
    activation maps over the input's window; `distance`: squared distance from the training photos
    (Mahalanobis, nearest class) where the network carries the statistics, else NaN. `card`: of the very
    weights that ran, to read the answer with. `levelled`: what it saw, where its card crops to the `field` of an eye.
    An ordinal network has one logit, its score: `core.vision.ordinal` makes grades of it.
    """

    logits: NDArray[np.float64]
    maps: NDArray[np.float32]
    distance: float
    card: Card
    levelled: Levelled | None = None


class Engine(Protocol):
    """Runs networks by the id of their card; raises Unavailable when one cannot be used."""

    def classify(self, id: str, pixels: NDArray[np.uint8]) -> Classified:
        """Logits and maps of one photo, uint8 RGB (H, W, 3)."""
        ...

    def outline(self, id: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Chance per pixel and class (classes, size, size) float32 0-1 over the whole photo.

        With a card that crops to the `field` of an eye, or the `eye`, it is over the levelled square: `unlevel` it with
        `levelled(pixels, card.input)`.
        """
        ...


def window(shape: tuple[int, ...], way: Input) -> tuple[int, int, int, int]:
    """The part of the photo the network sees: x, y, width, height in pixels of the photo. Of an eye the whole: `levelled` knows."""
    height, width = shape[:2]
    if way.crop != "middle_square":
        return 0, 0, width, height
    side = min(height, width)
    return (width - side) // 2, (height - side) // 2, side, side


def levelled(pixels: NDArray[np.uint8], way: Input) -> Levelled | None:
    """The field of an eye as the network sees it, of a photo uint8 RGB (H, W, 3); None unless the card crops to it."""
    if way.crop not in ("field", "eye"):
        return None
    return level(pixels, find_field(pixels), way.size, blank=way.crop == "field")


def prepare(pixels: NDArray[np.uint8], way: Input, field: Levelled | None = None) -> NDArray[np.float32]:
    """Input (3, size, size) float32, normalised, of a photo uint8 RGB (H, W, 3); `field`: as levelled already."""
    if (field := field or levelled(pixels, way)) is not None:
        small = field.image
    else:
        x, y, width, height = window(pixels.shape, way)
        crop = pixels[y : y + height, x : x + width]
        shrinks = min(crop.shape[:2]) >= way.size
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(crop, (way.size, way.size), interpolation=how), np.uint8)
    factor = gain(small, way.least_light) if any(way.least_light) else 1.0
    # There are 256 values a colour can have: they are normalised, and the pixels look theirs up.
    values = np.minimum(np.arange(256, dtype=np.float32)[:, None] / 255 * factor, 1)
    values = (values - np.array(way.mean, np.float32)) / np.array(way.std, np.float32)
    return np.stack([values[:, colour][small[..., colour]] for colour in range(3)])


class InProcess:
    """The engine of a single machine: PyTorch on the processor, in this process."""

    def classify(self, id: str, pixels: NDArray[np.uint8]) -> Classified:
        """See `Engine`."""
        return runners().run(classify_with, id, pixels)

    def outline(self, id: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Engine`."""
        return runners().run(outline_with, id, pixels)


def classify_with(id: str, pixels: NDArray[np.uint8], forward: Forward) -> Classified:
    """See `Engine.classify`; `forward` runs the network."""
    from core.vision.registry import network

    known = network(id)
    import torch

    field = levelled(pixels, known.card.input)
    with torch.inference_mode():
        x = torch.from_numpy(prepare(pixels, known.card.input, field))[None]
        if known.card.input.flips:
            x = torch.cat((x, x.flip(3), x.flip(2), x.flip(2, 3)))
        logits, pooled, maps = forward(known, x.contiguous(memory_format=torch.channels_last))
        if known.card.input.flips:
            maps = (maps[0] + maps[1].flip(2) + maps[2].flip(1) + maps[3].flip(1, 2))[None] / 4
        distance = float("nan")
        if "means" in known.support:
            part = (pooled.mean(0) - known.support["centre"]) @ known.support["whiten"]
            distance = float(((part[None] - known.support["means"]) ** 2).sum(1).min())
        return Classified(logits.mean(0).double().numpy(), maps[0].numpy(), distance, known.card, field)


def outline_with(id: str, pixels: NDArray[np.uint8], forward: Forward) -> NDArray[np.float32]:
    """See `Engine.outline`; `forward` runs the network."""
    from core.vision.registry import network

    known = network(id)
    import torch

    with torch.inference_mode():
        x = torch.from_numpy(prepare(pixels, known.card.input))[None]
        if known.card.input.flips:
            x = torch.cat((x, x.flip(3)))
        chance = forward(known, x.contiguous(memory_format=torch.channels_last))
        if known.card.input.flips:
            chance = (chance[:1] + chance[1:].flip(3)) / 2
        out: NDArray[np.float32] = chance[0].numpy()
        return out


@cache
def engine() -> Engine:
    """The engine of this process: its own networks, or those behind Ray Serve where the settings say so (then it can be Unavailable)."""
    if settings().engine == "ray":
        from core.vision.on_serve import Served

        return Served()
    return InProcess()


def warm() -> None:
    """Load every network and run it once; one that cannot be used leaves its state in the registry."""
    from core.vision.card import card

    blank = np.full((240, 320, 3), 128, np.uint8)
    for id in card_ids():
        try:
            if card(id).task == "segmentation":
                engine().outline(id, blank)
            else:
                engine().classify(id, blank)
        except CareLensError as error:
            log.warning("network %s did not warm up: %s", id, error.reason)
    log.info("networks are warm")


def warm_in_background() -> threading.Thread:
    """Start `warm` in a daemon thread, so that the first page never waits for torch."""
    thread = threading.Thread(target=_warm_for_good, name="carelens-warm", daemon=True)
    thread.start()
    return thread


def _warm_for_good() -> None:
    """Warm up, then take what was loaded out of the collector's sight.

    It looks through all of PyTorch at every full collection, so it takes a second and hardly ever happens; the
    photos in what pages leave behind would wait for it. Of what comes from now on it takes milliseconds.
    """
    warm()
    gc.collect()
    gc.freeze()
