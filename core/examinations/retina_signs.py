"""The second stage of the retina check: signs of diabetes outlined in the photo, counted about the disc, and what they say of the eye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.examinations import retina_disc
from core.examinations.finding import Eye
from core.examinations.retina_disc import Look, field_of
from core.instruments import icdr
from core.vision.card import card, card_ids
from core.vision.engine import engine, levelled
from core.vision.field import Levelled, find_field, unlevel
from core.vision.registry import HINT
from core.vision.signs import DISC, Signs, masks_of, read_signs

NETWORK = "retina_lesions"
MASKS: Mapping[str, str] = {
    "ma": "microaneurysms",
    "he": "haemorrhages",
    "ex": "hard_exudates",
    "se": "soft_exudates",
    "disc": DISC,
}
"""What a mask is called, and what its network calls it."""


@dataclass(frozen=True, eq=False)
class Outlined:
    """What was outlined. `masks` uint8 (H, W) 0/255 of the photo; `numbers`: see `numbers_of`; `counted`: for the scale, None where
    the network's signs are shown and prove nothing (see `evidence`)."""

    masks: Mapping[str, NDArray[np.uint8]]
    numbers: Mapping[str, float]
    counted: icdr.Signs | None

    @property
    def macular(self) -> bool:
        """Hard exudates lie near the middle of the retina, where they stand for swelling."""
        return self.counted is not None and self.numbers.get("ex_macular", 0) > 0


def installed() -> bool:
    """The network of the signs is part of this house. Without it a photo is graded all the same."""
    return NETWORK in card_ids()


def thresholds(facts: Mapping[str, Any]) -> dict[str, float]:
    """The chance from which a pixel counts, for each class of the network's card; 0.5 where it says none."""
    known = facts.get("thresholds", {})
    return {name: float(known.get(name, {}).get("value", 0.5)) for name in facts["classes"]}


def enough(facts: Mapping[str, Any]) -> dict[str, int]:
    """How many pieces of a sign it takes to speak for a grade, by class: `enough` of the network's card, 1 where it says none.

    Fewer are drawn and counted all the same: where a network draws a speck or two in a healthy eye, they are no evidence against
    a grade.
    """
    known = facts.get("enough", {})
    return {name: int(known.get(name, 1)) for name in facts["classes"]}


def evidence(facts: Mapping[str, Any]) -> bool:
    """Whether what the network outlines speaks for a grade: `evidence` of its card, true where it says nothing.

    Not before it was measured how often it draws signs in healthy eyes: until then they are shown, and move neither the grades that
    cannot be excluded nor the advice.
    """
    return bool(facts.get("evidence", True))


def across(pixels: NDArray[np.uint8]) -> float:
    """How many pixels the eye in a photo, uint8 RGB (H, W, 3), measures across; 0 where no field is to be seen."""
    field = find_field(pixels)
    return 0.0 if field is None else 2 * max(field.rx, field.ry)


def fewest(facts: Mapping[str, Any]) -> float:
    """Pixels across the eye from which signs are looked for: `fewest_pixels` of the network's card, 0 where it says none.

    A microaneurysm is seven pixels wide where the eye measures 1,280; in a much smaller photo it is not there to be found.
    """
    return float(facts.get("fewest_pixels", 0))


def outline(pixels: NDArray[np.uint8], eye: Eye | None = None, disc: Look | None = None) -> Outlined:
    """Outline the signs of a photo, uint8 RGB (H, W, 3), about its disc. Unavailable without the network.

    `eye`: as said; else as the disc suggests. Without a disc nothing is told of quadrants.
    """
    own = card(NETWORK)
    chances = engine().outline(NETWORK, pixels)
    seen = masks_of(chances, own.classes, thresholds(own.facts))
    frame = levelled(pixels, own.input)
    if frame is None:
        raise Unavailable(f"The network {NETWORK} does not look at the field of an eye.", HINT)
    field = field_of(frame, pixels.shape, own.input.crop == "field")
    seen = {name: np.where(field > 0, mask, 0).astype(np.uint8) for name, mask in seen.items()}
    if disc is not None:
        seen[DISC] = disc.mask(len(frame.image))
    read = read_signs(seen, field, eye or (disc.side if disc is not None else ""))
    masks = {short: _over_photo(seen[name], frame, pixels.shape) for short, name in MASKS.items() if name in seen}
    numbers = numbers_of(read)
    if not evidence(own.facts):
        return Outlined(masks, numbers, None)
    found = counted(read, enough(own.facts))
    return Outlined(masks, numbers | {"least_grade": float(icdr.least_grade(found))}, found)


def disc_alone(pixels: NDArray[np.uint8], disc: Look) -> Mapping[str, NDArray[np.uint8]]:
    """The mask of the disc over a photo, uint8 RGB (H, W, 3): it is large enough to be seen where single signs are not."""
    frame = levelled(pixels, card(retina_disc.NETWORK).input)
    return {} if frame is None else {"disc": _over_photo(disc.mask(len(frame.image)), frame, pixels.shape)}


def numbers_of(read: Signs) -> dict[str, float]:
    """The numbers of a finding: for each sign its count (`ma`), its share of the visible field 0-1 (`ma_area`) and its count in each
    quadrant about the disc (`ma_superior_temporal`); `ex_macular`, hard exudates near the fovea. What cannot be told without a disc
    is left out. `outline` adds `least_grade`, what the scale needs for these signs."""
    found: dict[str, float] = {}
    for short, name in MASKS.items():
        if name == DISC:
            continue
        sign = read[name]
        found |= {short: float(sign.count), f"{short}_area": sign.share}
        found |= {f"{short}_{quadrant}": float(count) for quadrant, count in sign.quadrants.items()}
    if (near := read["hard_exudates"].macular) is not None:
        found["ex_macular"] = float(near)
    return found


def counted(read: Signs, least: Mapping[str, int] | None = None) -> icdr.Signs:
    """What the scale counts; `least`: see `enough`. Without a disc all haemorrhages are in one quadrant, which meets no rule of four."""
    number = {sign.name: sign.count if sign.count >= (least or {}).get(sign.name, 1) else 0 for sign in read.signs}
    blood = list(read["haemorrhages"].quadrants.values()) or [number["haemorrhages"], 0, 0, 0]
    where = (blood[0], blood[1], blood[2], blood[3]) if number["haemorrhages"] else (0, 0, 0, 0)
    return icdr.Signs(number["microaneurysms"], where, number["hard_exudates"], number["soft_exudates"])


def _over_photo(mask: NDArray[np.uint8], frame: Levelled, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A mask (h, w) of what the network saw as a mask (H, W) over the photo, with a smooth edge."""
    return (unlevel(mask.astype(np.float32), frame, shape, nearest=False) > 127).astype(np.uint8) * np.uint8(255)
