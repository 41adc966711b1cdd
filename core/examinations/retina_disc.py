"""Where the optic disc lies in a photo of an eye, and so which eye it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.examinations.retina_eye import chance_of
from core.vision.card import card, card_ids
from core.vision.engine import engine, levelled
from core.vision.field import Levelled, kept
from core.vision.field import seen as visible
from core.vision.registry import HINT
from core.vision.signs import DISC, Side, disc_of, eye_side

NETWORK = "retina_disc"
THRESHOLD = 0.5
"""Of a card that says none."""


@dataclass(frozen=True, eq=False)
class Look:
    """What the network saw. `chances` float32 (size, size) 0-1 over the levelled square; `side` and how sure it is, see `eye_side`."""

    chances: NDArray[np.float32]
    threshold: float
    side: Side
    sure: float

    def mask(self, size: int) -> NDArray[np.uint8]:
        """The disc uint8 (size, size) 0/255 over the same square levelled at another size."""
        return disc_of(np.asarray(cv2.resize(self.chances, (size, size), interpolation=cv2.INTER_LINEAR), np.float32), self.threshold)

    @property
    def numbers(self) -> Mapping[str, float]:
        """`left_eye`, the chance of a left eye; nothing where that cannot be told."""
        return chance_of(self.side, self.sure)


def installed() -> bool:
    """The network of the disc is part of this house. Without it no eye is guessed."""
    return NETWORK in card_ids()


def look(pixels: NDArray[np.uint8]) -> Look | None:
    """Look for the disc in a photo, uint8 RGB (H, W, 3). None without the network."""
    if not installed():
        return None
    own = card(NETWORK)
    if (frame := levelled(pixels, own.input)) is None:
        raise Unavailable(f"The network {NETWORK} does not look at the field of an eye.", HINT)
    chances = engine().outline(NETWORK, pixels)[own.classes.index(DISC)]
    threshold = float(own.facts.get("thresholds", {}).get(DISC, {}).get("value", THRESHOLD))
    field = field_of(frame, pixels.shape, own.input.crop == "field")
    chances = np.where(field > 0, chances, 0).astype(np.float32)
    side, sure = eye_side(disc_of(chances, threshold), field)
    return Look(chances, threshold, side, sure)


def field_of(frame: Levelled, shape: tuple[int, ...], blanked: bool) -> NDArray[np.uint8]:
    """Where in a levelled square there is an eye, uint8 (size, size), of a photo of `shape`; `blanked`: its rim was taken off."""
    return np.asarray(kept(len(frame.image)) if blanked else visible(frame, shape), np.uint8)
