"""The made-up findings of the demo clinic: drawn pictures with values written by hand, no network asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import cv2
import numpy as np
from numpy.typing import NDArray

from core.examinations.finding import Answers, Finding, Step, most_urgent
from core.people.policy import Actor
from core.photo import encode_jpeg, read_photo
from core.records.findings import save_finding
from core.records.spots import create_spot, list_spots
from core.records.times import now

if TYPE_CHECKING:
    from core.demo.pictures import Drawn

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
STEP: dict[str, Step] = {"mel": "soon", "bcc": "soon", "akiec": "soon", "bkl": "watch", "df": "watch", "nv": "watch", "vasc": "watch"}
URGENT = ("mel", "bcc", "akiec")

_NAMESPACE = UUID("6f0a3f0e-5d2f-4c0b-9b53-0d6c1f6f8a11")


@dataclass(frozen=True)
class Visit:
    """One saved check. `growth` is the lesion's; `zoom` and `light` make the photos of one spot differ as real ones do.

    `spot`: (site, name) of a spot that is followed; None: only a `site`. `set`: worst first.
    `probabilities`: the classes worth a number; the rest share what is left.
    """

    days_ago: int
    seed: int
    label: str
    set: tuple[str, ...]
    probabilities: dict[str, float]
    spot: tuple[str, str] | None = None
    site: str | None = None
    look: str = "plain"
    growth: float = 1.0
    zoom: float = 1.0
    light: float = 1.0
    changed: bool = False


SIZE = (400, 300)
"""Width and height of the photos: drawn in a third of a second each."""
TONE = "light"
BACK = ("back", "Mole between the shoulders")
FOREARM = ("arm", "Spot on the left forearm")

VISITS = (
    Visit(176, 23, "nv", ("nv",), {"nv": 0.93, "bkl": 0.03, "mel": 0.02}, BACK, growth=0.86),
    Visit(151, 42, "bkl", ("bkl", "nv"), {"bkl": 0.71, "nv": 0.2, "mel": 0.04}, FOREARM, look="keratosis", growth=0.9, zoom=1.06),
    Visit(118, 23, "nv", ("nv",), {"nv": 0.91, "bkl": 0.04, "mel": 0.03}, BACK, growth=0.88, zoom=1.05, light=0.95),
    Visit(97, 31, "df", ("df",), {"df": 0.84, "nv": 0.08, "bkl": 0.04}, site="leg", look="pink"),
    Visit(83, 42, "bkl", ("bkl",), {"bkl": 0.82, "nv": 0.11, "mel": 0.03}, FOREARM, look="keratosis", growth=0.92, light=1.04),
    Visit(61, 23, "nv", ("nv", "bkl"), {"nv": 0.86, "bkl": 0.06, "mel": 0.05}, BACK, growth=0.92, zoom=1.1, light=1.05),
    Visit(20, 42, "bkl", ("bkl",), {"bkl": 0.85, "nv": 0.09, "mel": 0.02}, FOREARM, look="keratosis", growth=0.92, light=0.92),
    Visit(4, 23, "nv", ("mel", "nv"), {"nv": 0.66, "mel": 0.22, "bkl": 0.08}, BACK, growth=1.2, changed=True),
)
"""From the oldest to the newest: about six months."""


_drawn: dict[tuple[int, str, tuple[int, int], str, float], Drawn] = {}
"""The picture that was drawn last."""


def token(visit: Visit) -> UUID:
    """The same for the same visit, so that seeding twice saves once."""
    return uuid5(_NAMESPACE, f"{visit.days_ago} {visit.seed}")


def _closer(array: NDArray[np.uint8], zoom: float) -> NDArray[np.uint8]:
    """The middle of the picture, as if the camera were `zoom` times closer; same size."""
    height, width = array.shape[:2]
    h, w = round(height / zoom), round(width / zoom)
    middle = array[(height - h) // 2 : (height - h) // 2 + h, (width - w) // 2 : (width - w) // 2 + w]
    flag = cv2.INTER_LINEAR if array.ndim == 3 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(np.ascontiguousarray(middle), (width, height), interpolation=flag), dtype=np.uint8)


def _heat(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A soft hill over the lesion, float32 (48, 64) 0-1: made up like everything here."""
    small = cv2.resize(mask, (64, 48), interpolation=cv2.INTER_AREA).astype(np.float32)
    hill = np.asarray(cv2.GaussianBlur(small, (0, 0), 5), dtype=np.float32)
    return hill / max(float(hill.max()), 1.0)


def finding_of(visit: Visit, mask: NDArray[np.uint8]) -> Finding:
    """The finding of a visit; its step is that of the worst member of its set, raised by a yes."""
    answers = Answers(new_or_changed=visit.changed, bleeds_or_does_not_heal=False, unlike_the_others=False)
    steps = [STEP[name] for name in visit.set]
    if visit.changed:
        steps.append("soon")
    rest = (1.0 - sum(visit.probabilities.values())) / (len(CLASSES) - len(visit.probabilities))
    return Finding(
        examination="skin",
        kind="dermatoscopic",
        status="ok",
        label=visit.label,
        probabilities={name: round(visit.probabilities.get(name, rest), 4) for name in CLASSES},
        cannot_exclude=visit.set,
        refer=any(name in URGENT for name in visit.set),
        step=most_urgent(*steps),
        step_reasons=(f"set:{visit.set[0]}", *(("answers",) if visit.changed else ())),
        answers=answers,
        masks={"lesion": mask},
        heat=_heat(mask),
        versions={"skin_lesion": "made up", "lesion_outline": "made up"},
    )


def save_visit(actor: Actor, visit: Visit, size: tuple[int, int] = SIZE) -> None:
    """Draw the picture and save the finding for the actor's first person, unless it is there."""
    from core.demo.pictures import lesion  # drawing is only needed while seeding

    (person_id,) = actor.person_ids
    spot_id: UUID | None = None
    if visit.spot is not None:
        site, name = visit.spot
        known = {spot.name: spot.id for spot in list_spots(actor, person_id)}
        spot_id = known.get(name) or create_spot(actor, person_id, site, name).id
    look = (visit.seed, visit.look, size, TONE, visit.growth)
    drawn = _drawn.get(look) or lesion(*look)  # the photos of one spot often follow each other
    _drawn.clear()
    _drawn[look] = drawn
    pixels = np.clip(_closer(drawn.pixels, visit.zoom).astype(np.float32) * visit.light, 0, 255).astype(np.uint8)
    save_finding(
        actor,
        person_id,
        read_photo(encode_jpeg(pixels)),
        finding_of(visit, _closer(drawn.mask, visit.zoom)),
        site=visit.site,
        spot_id=spot_id,
        outline_accepted=True,
        taken_at=now() - timedelta(days=visit.days_ago),
        token=token(visit),
    )
