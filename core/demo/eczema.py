"""Twelve made-up weeks of eczema for the demo patient: scores, drawn photos with their measures, treatments. No network is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

import cv2
import numpy as np
from numpy.typing import NDArray

from core.examinations.eczema_rule import decision
from core.examinations.finding import Finding
from core.examinations.severity import Interval, severity
from core.instruments import poem
from core.people.policy import Actor
from core.photo import encode_jpeg, read_photo
from core.records.findings import list_records, save_finding
from core.records.ratings import ratings_of, save_rating
from core.records.scores import list_scores, save_score
from core.records.times import now
from core.records.treatments import add_treatment, list_treatments

_NAMESPACE = UUID("2f3c1d52-6a55-4f0e-9a53-8b1c7c1f4a90")

TOTALS = (18, 20, 21, 19, 21, 18, 17, 15, 13, 12, 10, 9)
"""POEM of each week, the oldest first; the last one is of the week before this one, so that one is due."""
WORST_FIRST = ("itch", "dry", "sleep", "flaking", "cracked", "bleeding", "weeping")
"""Where the points of a week go."""


@dataclass(frozen=True)
class Patch:
    """One photo: days ago, what is drawn (`core.demo.limbs`), its affected share, and how the camera was held.

    `region`, `side`, `whole`: as a person would say; a drawn arm bends the other way when it is the right one.
    """

    days_ago: int
    share: float
    part: str = "arm"
    region: str = "arms"
    side: str | None = "left"
    whole: bool = False
    light: str = "day"
    distance: float = 1.0


PATCHES = (
    Patch(83, 0.17),
    Patch(69, 0.19, light="lamp", distance=1.08),
    Patch(55, 0.20, distance=0.95),
    Patch(41, 0.16, light="cold", distance=1.1),
    Patch(27, 0.13, distance=1.04),
    Patch(13, 0.09, light="lamp"),
    Patch(2, 0.06, distance=1.06),
    Patch(80, 0.34, "trunk", "trunk", None, True),
    Patch(40, 0.26, "trunk", "trunk", None, True, "lamp", 1.05),
    Patch(6, 0.08, "trunk", "trunk", None, True, distance=1.03),
)
TREATMENTS = (("Moisturiser", "emollient", 84, None), ("Hydrocortisone 1 %", "steroid", 55, 34), ("Wet wraps", "wet_wrap", 27, None))
"""Name, kind, first day and last day in days ago."""
RATED = ({"redness": 2.0, "thickness": 1.5, "scratching": 1.0, "lichenification": 1.0}, 3)
"""What the demo doctor said of the trunk that was photographed first: four signs and the area band."""
SEED, TONE, SIZE = 5, "light", (272, 204)


def answers(total: int) -> dict[str, int]:
    """Seven answers 0-4 that add up to `total` 0-28."""
    given = dict.fromkeys(WORST_FIRST, 0)
    for point in range(total):
        item = WORST_FIRST[point % len(WORST_FIRST)]
        given[item] += 1
    return {item: given[item] for item in poem.ITEMS}


def finding_of(pixels: NDArray[np.uint8], lesion: NDArray[np.uint8], skin: NDArray[np.uint8]) -> Finding:
    """The finding of a drawn photo, measured on its true outlines; the interval is that of outlines a little wider and narrower."""
    kernel = np.ones((3, 3), np.uint8)
    views = [(np.asarray(change(lesion, kernel), np.uint8), skin) for change in (cv2.dilate, cv2.erode)]
    numbers = severity(pixels, lesion, skin, views, Interval(factor=1.0)).numbers()
    return Finding(
        examination="eczema",
        kind="clinical",
        probabilities={},
        masks={"lesion": lesion, "skin": skin},
        numbers=numbers,
        versions={"eczema_outline": "made up"},
        **decision(numbers),
    )


def save_patch(actor: Actor, person_id: UUID, patch: Patch) -> None:
    """Draw a photo and save its finding, unless it is there."""
    from core.demo.limbs import limb  # drawing is only needed while seeding

    drawn = limb(SEED, patch.part, patch.share, TONE, patch.light, patch.distance, size=SIZE)
    photo = read_photo(encode_jpeg(drawn.pixels))
    save_finding(
        actor,
        person_id,
        photo,
        finding_of(photo.pixels, drawn.lesion, drawn.skin),
        site=f"{patch.side} arm" if patch.side else patch.region,
        region=patch.region,
        side=patch.side,
        whole_region=patch.whole,
        taken_at=now() - timedelta(days=patch.days_ago),
        token=uuid5(_NAMESPACE, f"{patch.days_ago} {patch.part}"),
    )


def seed_eczema(actor: Actor) -> None:
    """The twelve weeks, for the actor's first person; what is there already stays as it is."""
    (person_id,) = actor.person_ids
    today = now().date()
    for patch in PATCHES:
        save_patch(actor, person_id, patch)
    if not list_scores(actor, person_id, "poem"):
        for week, total in enumerate(reversed(TOTALS), start=1):
            save_score(actor, person_id, "poem", today - timedelta(weeks=week), answers(total))
    if not list_treatments(actor, person_id):
        for name, kind, first, last in TREATMENTS:
            ended = None if last is None else today - timedelta(days=last)
            add_treatment(actor, person_id, name, kind, today - timedelta(days=first), ended)


def seed_ratings(doctor: Actor, person_id: UUID) -> None:
    """The demo doctor's one rating, unless it is there; the other parts are left for whoever looks around."""
    if not ratings_of(doctor, person_id):
        record = list_records(doctor, person_id, examination="eczema", region="trunk", newest_first=False, limit=1)[0]
        signs, area = RATED
        save_rating(doctor, record.id, signs, area=area)
